"""The documents of `applications`: editions, applications, participations, and its copies of two state topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from services.applications import contracts
from services.applications.domain import application, edition, participation
from services.applications.domain.rules import RuleBroken
from services.chassis import access, directory, mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.clock import Clock
from services.chassis.service import Index
from services.chassis.state_table import Entry, StateTable

_SOURCE = "/tandem/applications"
PROFILES = "profiles"

EDITIONS: AggregateKind[edition.Edition, edition.Event] = AggregateKind(
    name="edition",
    collection="editions",
    source=_SOURCE,
    state=TypeAdapter(edition.Edition),
    evolve=edition.evolve,
    outgoing=contracts.of_edition,
    rules=(RuleBroken,),
)
APPLICATIONS: AggregateKind[application.Application, application.Event] = AggregateKind(
    name="application",
    collection="applications",
    source=_SOURCE,
    state=TypeAdapter(application.Application),
    evolve=application.evolve,
    outgoing=contracts.of_application,
    rules=(RuleBroken,),
)
PARTICIPATIONS: AggregateKind[participation.Participation, participation.Event] = AggregateKind(
    name="participation",
    collection="participations",
    source=_SOURCE,
    state=TypeAdapter(participation.Participation),
    evolve=participation.evolve,
    outgoing=contracts.of_participation,
    rules=(RuleBroken,),
)
AGGREGATES = (EDITIONS.collection, APPLICATIONS.collection, PARTICIPATIONS.collection, access.COLLECTION)
_OF_AN_EDITION = (
    Index((("state.edition_id", 1), ("_id", 1))),
    Index((("state.edition_id", 1), ("state.status", 1), ("_id", 1))),
)
INDEXES: Mapping[str, Sequence[Index]] = {
    EDITIONS.collection: (Index((("state.ends_on", 1),)),),
    APPLICATIONS.collection: _OF_AN_EDITION,
    PARTICIPATIONS.collection: _OF_AN_EDITION,
    directory.COLLECTION: directory.INDEXES,
}


def profiles(database: mongo.Database, clock: Clock) -> StateTable:
    """This service's copy of the profiles topic."""
    entries = {type_: Entry(model, "person_id") for type_, model in contracts.READS.items()}
    return StateTable(database, PROFILES, entries, clock)


async def editions_not_over(collection: mongo.Collection, today: date) -> list[mongo.Document]:
    """The documents of the editions whose last day is today or later."""
    with mongo.unavailable():
        found: list[mongo.Document] = await collection.find({"state.ends_on": {"$gte": today.isoformat()}}).to_list(
            None
        )
    return found


async def mentees_of(collection: mongo.Collection, edition_id: str) -> set[str]:
    """The person ids of all who have a participation in this edition, exempt ones too."""
    with mongo.unavailable():
        found = await collection.find({"state.edition_id": edition_id}, {"state.mentee_id": 1}).to_list(None)
    return {document["state"]["mentee_id"] for document in found}


async def count_by_status(
    collection: mongo.Collection, edition_id: str, within: Mapping[str, Any]
) -> Mapping[str, int]:
    """How many documents of this edition that match ``within`` are in which status; one without any is left out."""
    group = {"_id": "$state.status", "number": {"$sum": 1}}
    with mongo.unavailable():
        rows = await mongo.aggregate(
            collection, [{"$match": {"state.edition_id": edition_id, **within}}, {"$group": group}]
        )
    return {row["_id"]: row["number"] for row in rows}
