"""The documents of participations, their timers, and who of the directory they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.applications import contracts
from services.applications.domain import participation
from services.applications.domain.rules import RuleBroken
from services.applications.store.counting import OF_AN_EDITION
from services.chassis import mongo, timers
from services.chassis.aggregate import AggregateKind
from services.chassis.directory import ACCOUNT, SUBSIDIARY, Person
from services.chassis.service import Index
from services.chassis.state_table import StateTable

PARTICIPATIONS: AggregateKind[participation.Participation, participation.Event] = AggregateKind(
    name="participation",
    collection="participations",
    source="/tandem/applications",
    state=TypeAdapter(participation.Participation),
    evolve=participation.evolve,
    outgoing=contracts.of_participation,
    rules=(RuleBroken,),
)
INDEXES = OF_AN_EDITION
_WAITING = Index((("data.edition_id", 1),), partial={"state": "waiting"})
TIMER_INDEXES: Sequence[Index] = (*timers.INDEXES, _WAITING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer that waits: whose it is, which turn of theirs it was set for, and when it is due."""

    participation_id: str
    turn: int
    due: datetime


async def running_editions(editions: mongo.Collection) -> list[mongo.Document]:
    """The documents of the editions that are neither drafts nor closed, so that their executives are obliged."""
    with mongo.unavailable():
        found: list[mongo.Document] = await editions.find({"state.stage": {"$nin": ["draft", "closed"]}}).to_list(None)
    return found


async def roll(participations: mongo.Collection, edition_id: str) -> dict[str, participation.Participation]:
    """All participations of an edition, by their executives."""
    with mongo.unavailable():
        found = await participations.find({"state.edition_id": edition_id}, {"state": 1}).to_list(None)
    states = [PARTICIPATIONS.state.validate_python(document["state"]) for document in found]
    return {state.mentee_id: state for state in states}


async def count_by_company(
    participations: mongo.Collection, edition_id: str, within: Mapping[str, Any]
) -> dict[tuple[str, participation.Status], int]:
    """How many participations of this edition that match ``within`` are of which company in which status."""
    group = {"_id": {"company": "$state.subsidiary", "status": "$state.status"}, "number": {"$sum": 1}}
    with mongo.unavailable():
        rows = await mongo.aggregate(
            participations, [{"$match": {"state.edition_id": edition_id, **within}}, {"$group": group}]
        )
    return {(row["_id"]["company"], row["_id"]["status"]): row["number"] for row in rows}


async def persons(table: StateTable, ids: Iterable[str]) -> dict[str, Person | None]:
    """What the directory says of these persons, None of those that it forgot; others are unknown and not named."""
    found: dict[str, Person | None] = {}
    for chunk in mongo.in_chunks(sorted(ids)):
        with mongo.unavailable():
            query = {"_id": {"$in": chunk}, "type": {"$nin": [ACCOUNT, SUBSIDIARY]}}
            documents = await table.collection.find(query, {"entry": 1}).to_list(None)
        for document in documents:
            entry = document["entry"]
            found[document["_id"]] = Person.model_validate(entry) if entry else None
    return found


async def active(table: StateTable, ids: Iterable[str]) -> frozenset[str]:
    """Those of these persons who belong to the group."""
    known = await persons(table, ids)
    return frozenset(id for id, person in known.items() if person and person.active)


async def waiting_timers(collection: mongo.Collection, edition_id: str) -> dict[str, Waiting]:
    """The timers of an edition's participations that wait, by their ids."""
    query = {"state": "waiting", "data.edition_id": edition_id}
    with mongo.unavailable():
        found = await collection.find(query, {"subject": 1, "due": 1, "data": 1}).to_list(None)
    return {one["_id"]: Waiting(one["subject"], one["data"]["turn"], one["due"]) for one in found}
