"""The documents of runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.matching import contracts
from services.matching.domain import run
from services.matching.domain.rules import RuleBroken

RUNS: AggregateKind[run.Run, run.Event] = AggregateKind(
    name="run",
    collection="runs",
    source="/tandem/matching",
    state=TypeAdapter(run.Run),
    evolve=run.evolve,
    outgoing=contracts.of_run,
    rules=(RuleBroken,),
)
INDEXES = (
    Index((("state.edition_id", 1), ("_id", 1))),
    Index((("state.state", 1), ("_id", 1))),
    Index((("state.edition_id", 1), ("state.busy", 1)), unique=True, partial={"state.busy": True}),
    Index((("state.edition_id", 1), ("state.number", 1)), unique=True, partial={"state.number": {"$gt": 0}}),
)


async def due_runs(runs: mongo.Collection) -> list[str]:
    """The ids of the runs that are to be published, oldest request first."""
    query = {"state.state": str(run.State.PUBLISHING)}
    with mongo.unavailable():
        found = await runs.find(query, {"state.requested_at": 1}).to_list(None)
    return [document["_id"] for document in sorted(found, key=lambda one: (one["state"]["requested_at"], one["_id"]))]


async def busy_run(runs: mongo.Collection, edition_id: str) -> str | None:
    """The id of the edition's run that is being solved or published, if it has one."""
    with mongo.unavailable():
        found = await runs.find_one({"state.edition_id": edition_id, "state.busy": True}, {"_id": 1})
    return str(found["_id"]) if found else None


async def of_which(runs: mongo.Collection, run_id: str) -> tuple[str, run.Kind] | None:
    """The edition of a run and its kind, without reading its proposal; None where there is no such run."""
    with mongo.unavailable():
        found = await runs.find_one({"_id": run_id}, {"state.edition_id": 1, "state.kind": 1})
    return (found["state"]["edition_id"], found["state"].get("kind", "full")) if found else None


async def next_number(runs: mongo.Collection, edition_id: str) -> int:
    """The number of the edition's next run; whoever takes it first has it, by the unique index."""
    with mongo.unavailable():
        found = await runs.find({"state.edition_id": edition_id}, {"state.number": 1}).to_list(None)
    return 1 + max((document["state"].get("number") or 0 for document in found), default=0)


async def drafts(runs: mongo.Collection, edition_id: str) -> list[str]:
    """The ids of the edition's proposals on which the last word is not spoken."""
    query = {"state.edition_id": edition_id, "state.state": {"$in": sorted(run.DRAFTS)}}
    with mongo.unavailable():
        return [document["_id"] for document in await runs.find(query, {"_id": 1}).to_list(None)]


async def objections(runs: mongo.Collection, edition_id: str, conflicts: Sequence[str]) -> frozenset[str]:
    """Which of these conflicts objections to proposals of the edition name."""
    if not conflicts:
        return frozenset()
    query = {"state.edition_id": edition_id, "state.vetoes.override_id": {"$in": list(conflicts)}}
    with mongo.unavailable():
        found = await runs.find(query, {"state.vetoes": 1}).to_list(None)
    return frozenset(veto["override_id"] for one in found for veto in one["state"]["vetoes"]).intersection(conflicts)


async def previewed(runs: mongo.Collection, editions: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The runs that are shown to their members, by edition, the one that was shown last first."""
    query = {"state.state": str(run.State.PREVIEWED), "state.edition_id": {"$in": list(editions)}}
    fields = {"state.edition_id": 1, "state.preview.at": 1, "state.number": 1}
    with mongo.unavailable():
        found = await runs.find(query, fields).to_list(None)
    shown: dict[str, tuple[str, ...]] = {}
    for one in sorted(found, key=_shown_at, reverse=True):
        edition_id = one["state"]["edition_id"]
        shown[edition_id] = (*shown.get(edition_id, ()), one["_id"])
    return shown


def _shown_at(document: mongo.Document) -> tuple[datetime, int]:
    state = document["state"]
    return datetime.fromisoformat(state["preview"]["at"]), state.get("number") or 0


def shown_to(person_id: str) -> dict[str, Any]:
    """The query for the runs that show a pair to this member of it."""
    members = [{f"state.proposal.pairs.{side}_id": person_id} for side in ("mentor", "mentee")]
    return {"state.state": str(run.State.PREVIEWED), "$or": members}
