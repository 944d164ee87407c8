"""The documents of applications, and this service's copy of the profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from services.applications import contracts
from services.applications.contracts import personal
from services.applications.domain import application
from services.applications.domain.rules import RuleBroken
from services.applications.store.counting import OF_AN_EDITION
from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.clock import Clock
from services.chassis.service import Index
from services.chassis.state_table import Entry, StateTable

PROFILES = "profiles"


def _as_of_now(state: Any) -> Any:
    """An application that was kept before there were drafts: it was handed in as it was begun, and decisions told."""
    if not isinstance(state, dict) or "started_at" in state:
        return state
    at, waiver, decision = state["applied_at"], state.get("waiver"), state.get("decision")
    missed = [rule["rule"] for rule in state["rules"] if not rule["met"]]
    judges = [said["decided_by"] for said in (waiver, decision) if said]
    return {
        **state,
        "started_at": at,
        "changed_at": at,
        "first_applied_at": at,
        "standing": "in",
        "judges": list(dict.fromkeys(judges)),
        "waiver": waiver and {**waiver, "rules": missed},
        "decision": decision and {**decision, "released_at": decision["decided_at"]},
    }


APPLICATIONS: AggregateKind[application.Application, application.Event] = AggregateKind(
    name="application",
    collection="applications",
    source="/tandem/applications",
    state=TypeAdapter(Annotated[application.Application, BeforeValidator(_as_of_now)]),
    evolve=application.evolve,
    outgoing=contracts.of_application,
    rules=(RuleBroken,),
)
INDEXES = (
    *OF_AN_EDITION,
    Index((("state.mentor_id", 1),)),
    Index((("state.edition_id", 1), ("state.judges", 1))),  # everybody who applies is looked for
)
_PREPARED = {"state.pending": {"$ne": None}}
_ASKED = {"$or": [{"state.waiver_request": {"$ne": None}}, {"state.waiver": {"$ne": None}}]}


@dataclass(frozen=True, slots=True)
class Watched:
    """An application that is counted anew when something is learnt of its applicant."""

    application_id: str
    edition_id: str
    mentor_id: str


def profiles(database: mongo.Database, clock: Clock) -> StateTable:
    """This service's copy of the profiles topic."""
    entries = {type_: Entry(model, "person_id") for type_, model in personal.READS.items()}
    return StateTable(database, PROFILES, entries, clock)


def handed_in(edition_id: str, status: application.Status | None) -> Mapping[str, Any]:
    """The query for those applications of an edition that were handed in, of one status where it is named."""
    wanted: dict[str, Any] = {"$ne": "draft"} if status is None else {"$eq": status, "$ne": "draft"}
    return {"state.edition_id": edition_id, "state.status": wanted, "state.applied_at": {"$ne": None}}


async def applied_by(collection: mongo.Collection, person_id: str) -> list[mongo.Document]:
    """The documents of a person's applications, one an edition."""
    with mongo.unavailable():
        found: list[mongo.Document] = await collection.find({"state.mentor_id": person_id}).sort("_id", 1).to_list(None)
    return found


def asking_waivers(edition_id: str) -> Mapping[str, Any]:
    """The query for those applications of an edition for which a waiver was asked or decided."""
    return {"state.edition_id": edition_id, **_ASKED}


async def prepared(
    collection: mongo.Collection, edition_id: str, within: Mapping[str, Any], *, after: str, limit: int
) -> list[str]:
    """The ids, beyond ``after``, of an edition's applications whose decision waits for its release."""
    query = {"$and": [{"state.edition_id": edition_id, **_PREPARED, "_id": {"$gt": after}}, dict(within)]}
    with mongo.unavailable():
        found = await collection.find(query, {"_id": 1}).sort("_id", 1).limit(limit).to_list(None)
    return [document["_id"] for document in found]


async def number_prepared(collection: mongo.Collection, edition_id: str, within: Mapping[str, Any]) -> int:
    """How many of an edition's applications have a decision that waits for its release."""
    query = {"$and": [{"state.edition_id": edition_id, **_PREPARED}, dict(within)]}
    with mongo.unavailable():
        number: int = await collection.count_documents(query)
    return number


async def watched_of(collection: mongo.Collection, person_ids: Sequence[str]) -> list[Watched]:
    """The applications of these persons that are counted anew when something is learnt of them."""
    return await _watched(collection, {"state.mentor_id": {"$in": list(person_ids)}})


async def moved_out_of(collection: mongo.Collection, edition_id: str) -> list[Watched]:
    """The applications of an edition whose applicants work for a company that does not take part."""
    return await _watched(collection, {"state.edition_id": edition_id, "state.standing": "moved_out"})


async def group_wide(editions: mongo.Collection) -> list[str]:
    """The ids of the running editions that take every company of the group."""
    query = {"state.group_wide": True, "state.stage": {"$nin": ["draft", "closed"]}}
    with mongo.unavailable():
        found = await editions.find(query, {"_id": 1}).to_list(None)
    return [document["_id"] for document in found]


async def _watched(collection: mongo.Collection, query: Mapping[str, Any]) -> list[Watched]:
    wanted = {**query, "state.status": {"$in": sorted(application.WATCHED)}}
    fields = {"state.edition_id": 1, "state.mentor_id": 1}
    with mongo.unavailable():
        found = await collection.find(wanted, fields).to_list(None)
    return [Watched(one["_id"], one["state"]["edition_id"], one["state"]["mentor_id"]) for one in found]
