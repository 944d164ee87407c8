"""The documents of runs."""

from __future__ import annotations

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


def shown_to(person_id: str) -> dict[str, Any]:
    """The query for the runs that show a pair to this member of it."""
    members = [{f"state.proposal.pairs.{side}_id": person_id} for side in ("mentor", "mentee")]
    return {"state.state": str(run.State.PREVIEWED), "$or": members}
