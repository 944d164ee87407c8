"""The documents of rounds and sheets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.applications import contracts
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.applications.domain.application import SENT, Application
from services.applications.domain.ranking import Scored
from services.applications.domain.rules import RuleBroken
from services.applications.store.applications import APPLICATIONS
from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index

ROUNDS: AggregateKind[rounds.Round, rounds.Event] = AggregateKind(
    name="round",
    collection="rounds",
    source="/tandem/applications",
    state=TypeAdapter(rounds.Round),
    evolve=rounds.evolve,
    outgoing=contracts.of_round,
    rules=(RuleBroken,),
)
SHEETS: AggregateKind[sheets.Sheet, sheets.Event] = AggregateKind(
    name="sheet",
    collection="sheets",
    source="/tandem/applications",
    state=TypeAdapter(sheets.Sheet),
    evolve=sheets.evolve,
    outgoing=contracts.of_sheet,
    rules=(RuleBroken,),
)
_RUNNING = {"state.unfinished": True}
_CONFLICTED = {"state.state": "conflicted"}
ROUND_INDEXES: Sequence[Index] = (
    Index((("state.edition_id", 1), ("state.number", 1)), unique=True),
    Index((("state.edition_id", 1),), unique=True, partial=_RUNNING),
)
SHEET_INDEXES: Sequence[Index] = (
    Index((("state.edition_id", 1), ("state.assessor_id", 1), ("_id", 1))),
    Index((("state.round_id", 1), ("state.state", 1), ("state.assessor_id", 1))),
    Index((("state.application_id", 1), ("state.round_id", 1), ("state.state", 1))),  # open rounds cost nobody a look
    Index((("state.edition_id", 1), ("state.state", 1))),
    Index((("state.mentor_id", 1),), partial=_CONFLICTED),
)
_SCORED: TypeAdapter[list[Scored]] = TypeAdapter(list[Scored])
_STATES = {"_id": 0, "state": 1}
_SENT_ONCE = ("first_applied_at", "applied_at")  # what an earlier release kept has the second only
_COMPETING = {"$or": [{f"state.{name}": {"$ne": None}} for name in (*_SENT_ONCE, "admission")]}


async def rounds_of(collection: mongo.Collection, edition_id: str, **state: Any) -> list[mongo.Document]:
    """The documents of an edition's rounds, the first one first; ``state`` names further fields and their values."""
    query = {"state.edition_id": edition_id, **{f"state.{name}": value for name, value in state.items()}}
    with mongo.unavailable():
        found: list[mongo.Document] = await collection.find(query).sort("state.number", 1).to_list(None)
    return found


async def took_part(rounds_: mongo.Collection, sheets_: mongo.Collection, edition_id: str, person_id: str) -> bool:
    """Whether this person opened or closed a round of an edition, or wrote on a sheet that counts or still may."""
    steered = {"state.edition_id": edition_id, "$or": [{"state.opened_by": person_id}, {"state.closed_by": person_id}]}
    written = {"state.state": {"$in": ["open", "locked"]}, "state.saved_at": {"$ne": None}}
    judged = {"state.edition_id": edition_id, "state.assessor_id": person_id, **written}
    with mongo.unavailable():
        if await rounds_.find_one(steered, {"_id": 1}):
            return True
        return await sheets_.find_one(judged, {"_id": 1}) is not None


async def running_rounds(collection: mongo.Collection) -> list[mongo.Document]:
    """The documents of all rounds that are not closed."""
    with mongo.unavailable():
        found: list[mongo.Document] = await collection.find(_RUNNING).to_list(None)
    return found


async def own_sheet(collection: mongo.Collection, id: str, assessor_id: str) -> mongo.Document | None:
    """The document of a sheet if it is this assessor's; whose it is otherwise, and whether it is, costs the same."""
    with mongo.unavailable():
        found: mongo.Document | None = await collection.find_one({"_id": id, "state.assessor_id": assessor_id})
    return found


async def sheets_where(collection: mongo.Collection, query: Mapping[str, Any]) -> list[sheets.Sheet]:
    """The sheets whose fields match, without an order."""
    with mongo.unavailable():
        found = await collection.find({f"state.{name}": value for name, value in query.items()}, _STATES).to_list(None)
    return [SHEETS.state.validate_python(document["state"]) for document in found]


async def sheet_ids(
    collection: mongo.Collection, query: Mapping[str, Any], applications: Iterable[str] | None = None
) -> list[str]:
    """The ids of the sheets whose fields match, in their order; of these applications only where they are named."""
    wanted = {f"state.{name}": value for name, value in query.items()}
    chunks = [None] if applications is None else [*mongo.in_chunks(sorted(applications))]
    found: list[str] = []
    for chunk in chunks:
        within = {} if chunk is None else {"state.application_id": {"$in": chunk}}
        with mongo.unavailable():
            documents = await collection.find({**wanted, **within}, {"_id": 1}).to_list(None)
        found += [document["_id"] for document in documents]
    return sorted(found)


async def assigned_in(collection: mongo.Collection, round_id: str) -> dict[str, tuple[str, str]]:
    """The open sheets of a round by their ids: whose application it is, and who assesses it."""
    query, fields = {"state.round_id": round_id, "state.state": "open"}, {"state.mentor_id": 1, "state.assessor_id": 1}
    with mongo.unavailable():
        found = await collection.find(query, fields).to_list(None)
    return {one["_id"]: (one["state"]["mentor_id"], one["state"]["assessor_id"]) for one in found}


async def assessed_by(collection: mongo.Collection, edition_id: str) -> list[sheets.Sheet]:
    """All sheets of an edition, whatever became of them."""
    return await sheets_where(collection, {"edition_id": edition_id})


async def scored(
    sheets_: mongo.Collection, applications: mongo.Collection, edition_id: str, closed: Collection[str]
) -> list[Scored]:
    """The sheets of an edition that count, of these rounds of it, which the caller knows to be closed.

    Those of assessors who came to compete count nowhere.
    """
    query = {"state.round_id": {"$in": list(closed)}, "state.state": "locked"}
    fields = {f"state.{name}": 1 for name in ("sheet_id", "application_id", "assessor_id", "scores")}
    with mongo.unavailable():
        documents = await sheets_.find(query, {"_id": 0, **fields}).to_list(None)
    found = _SCORED.validate_python([document["state"] for document in documents])
    competing = await competing_among(applications, edition_id, {one.assessor_id for one in found})
    return [one for one in found if one.assessor_id not in competing]


async def counting(
    sheets_: mongo.Collection, applications: mongo.Collection, edition_id: str, query: Mapping[str, Any]
) -> list[sheets.Sheet]:
    """The sheets of an edition whose fields match and that count as in ``scored``; ``query`` names closed rounds."""
    found = await sheets_where(sheets_, {**query, "state": "locked"})
    competing = await competing_among(applications, edition_id, {one.assessor_id for one in found})
    return [one for one in found if one.assessor_id not in competing]


async def competing_among(collection: mongo.Collection, edition_id: str, persons: Collection[str]) -> set[str]:
    """Those of these persons who ever handed in an application in an edition: they are no judges of the others."""
    sent = {"state.edition_id": edition_id, "$or": [{f"state.{name}": {"$ne": None}} for name in _SENT_ONCE]}
    found: set[str] = set()
    for chunk in mongo.in_chunks(sorted(persons)):
        with mongo.unavailable():
            query = {**sent, "state.mentor_id": {"$in": chunk}}
            documents = await collection.find(query, {"state.mentor_id": 1}).to_list(None)
        found |= {one["state"]["mentor_id"] for one in documents}
    return found


async def conflicts_with(collection: mongo.Collection, mentors: Iterable[str]) -> set[tuple[str, str]]:
    """Which assessor declared a conflict for which person, in any edition: pairs of person and assessor."""
    found: set[tuple[str, str]] = set()
    for chunk in mongo.in_chunks(sorted(mentors)):
        with mongo.unavailable():
            documents = await collection.find({"state.mentor_id": {"$in": chunk}, **_CONFLICTED}, _STATES).to_list(None)
        found |= {(one["state"]["mentor_id"], one["state"]["assessor_id"]) for one in documents}
    return found


async def conflicted_in(collection: mongo.Collection, edition_id: str) -> dict[str, tuple[sheets.Sheet, ...]]:
    """The sheets of an edition that assessors gave back for a conflict, by application, in the order of their ids."""
    found = await sheets_where(collection, {"edition_id": edition_id, "state": "conflicted"})
    by_application: dict[str, tuple[sheets.Sheet, ...]] = {}
    for one in sorted(found, key=lambda one: one.sheet_id):
        by_application[one.application_id] = (*by_application.get(one.application_id, ()), one)
    return by_application


async def count_by_assessor(collection: mongo.Collection, round_id: str) -> dict[tuple[str, sheets.State], int]:
    """How many sheets of a round each assessor has in each state."""
    group = {"_id": {"assessor": "$state.assessor_id", "state": "$state.state"}, "number": {"$sum": 1}}
    with mongo.unavailable():
        rows = await mongo.aggregate(collection, [{"$match": {"state.round_id": round_id}}, {"$group": group}])
    return {(row["_id"]["assessor"], row["_id"]["state"]): row["number"] for row in rows}


async def sent_in(collection: mongo.Collection, edition_id: str) -> list[Application]:
    """All applications of an edition that were handed in, withdrawn ones too, without their answers."""
    sent = {"state.status": {"$in": [*sorted(SENT), "declined", "withdrawn"]}, "state.applied_at": {"$ne": None}}
    query = {"state.edition_id": edition_id, **sent}
    return await _applications(collection, query)


async def chosen_in(collection: mongo.Collection, edition_id: str) -> list[Application]:
    """The applications of an edition that were selected, accepted or not, without their answers."""
    return await _applications(
        collection, {"state.edition_id": edition_id, "state.status": {"$in": ["selected", "accepted"]}}
    )


async def candidates_in(
    collection: mongo.Collection, edition_id: str, ids: Collection[str] | None = None
) -> list[Application]:
    """The applications of an edition that can be assessed; of these only where they are named, without answers."""
    query = {
        "state.edition_id": edition_id,
        "state.status": {"$in": ["applied", "reserved"]},
        "state.eligibility": {"$in": ["met", "waived"]},
        "state.standing": {"$in": ["in", None]},  # what an earlier release kept does not say it
    }
    found = await _applications(collection, query)
    return found if ids is None else [one for one in found if one.application_id in set(ids)]


async def named(collection: mongo.Collection, ids: Collection[str]) -> dict[str, Application]:
    """These applications with all they say, by their ids."""
    found: dict[str, Application] = {}
    for chunk in mongo.in_chunks(sorted(ids)):
        with mongo.unavailable():
            documents = await collection.find({"_id": {"$in": chunk}}, _STATES).to_list(None)
        states = [APPLICATIONS.state.validate_python(document["state"]) for document in documents]
        found |= {one.application_id: one for one in states}
    return found


async def _applications(collection: mongo.Collection, query: Mapping[str, Any]) -> list[Application]:
    with mongo.unavailable():
        documents = await collection.find(query, {"_id": 0, "state": 1}).to_list(None)
    return [APPLICATIONS.state.validate_python({**one["state"], "answers": {}}) for one in documents]


async def gone_in(collection: mongo.Collection, edition_id: str) -> set[str]:
    """The applications of an edition that are withdrawn or declined."""
    query = {"state.edition_id": edition_id, "state.status": {"$in": ["withdrawn", "declined"]}}
    with mongo.unavailable():
        found = await collection.find(query, {"_id": 1}).to_list(None)
    return {document["_id"] for document in found}


async def applicants_among(
    collection: mongo.Collection, edition_id: str, persons: Collection[str], *, at: datetime
) -> set[str]:
    """Those of these persons who handed in an application in an edition, withdrawn or not, or are admitted to yet."""
    found: set[str] = set()
    for chunk in mongo.in_chunks(sorted(persons)):
        own = {"state.edition_id": edition_id, "state.mentor_id": {"$in": chunk}}
        for one in await _applications(collection, {**own, **_COMPETING}):
            admitted = one.admission is not None and at < one.admission.until
            if one.first_applied_at or one.applied_at or admitted:
                found.add(one.mentor_id)
    return found
