"""The routes of what people ask of a proposal: its proof, why not another pair, what differs, what changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from services.chassis.http import Permitted
from services.matching.domain.proposal import Proposal
from services.matching.domain.run import Run
from services.matching.handlers import Handlers, RunNotProposed
from services.matching.http.finding_views import (
    ChangeView,
    ChoiceView,
    ComparisonView,
    ObstacleView,
    WhyNotView,
    of_change,
    of_choice,
    of_comparison,
    of_obstacle,
    of_why_not,
)
from services.matching.http.seen import seen

_Person = Annotated[str, Query(max_length=100)]
_Other = Annotated[str, Query(alias="with", max_length=100, description="The run to compare with")]

_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


def routes(handlers: Handlers) -> APIRouter:
    """The router over questions."""
    router = APIRouter(prefix="/runs/{run_id}", tags=["runs"])

    @router.get("/certificate", responses=_JSON, response_class=StreamingResponse)
    async def show_certificate(run_id: str, permit: Permitted) -> StreamingResponse:
        """The proof of a proposal, for `tandem matching verify`: allowed pairs with their points, and the prices."""
        loaded = await seen(handlers, permit, run_id)
        parts = await handlers.questions.certificate(loaded.state)
        named = {"Content-Disposition": f'attachment; filename="certificate-{run_id}.json"'}
        return StreamingResponse(parts, media_type="application/json", headers=named)

    @router.get("/why-not")
    async def why_not(run_id: str, mentee_id: _Person, mentor_id: _Person, permit: Permitted) -> WhyNotView:
        """Why a pair did not come about: the rules against it, or what the proposal would be with it."""
        state = (await seen(handlers, permit, run_id)).state
        found = await handlers.questions.why_not(state, mentee_id, mentor_id)
        return of_why_not(found, state.policy_used.units_per_point)

    @router.get("/mentors")
    async def list_mentors(run_id: str, mentee_id: _Person, permit: Permitted) -> list[ChoiceView]:
        """All mentors for an executive: the best first, those who are barred last.

        Asked of a draft as they are known now; of a run that was decided on as its proof has them.
        """
        state = (await seen(handlers, permit, run_id)).state
        units = state.policy_used.units_per_point
        return [of_choice(one, units) for one in await handlers.questions.mentors(state, mentee_id)]

    @router.get("/comparison")
    async def compare(run_id: str, other: _Other, permit: Permitted) -> ComparisonView:
        """Two drafts side by side: their figures, and the executives for whom they differ.

        Pairs that a proposal leaves as they are count like those that it proposes.
        """
        first, second = [(await seen(handlers, permit, id)).state for id in (run_id, other)]
        return of_comparison(first, second, _proposal(first), _proposal(second))

    @router.get("/changes")
    async def list_changes(run_id: str, permit: Permitted) -> list[ChangeView]:
        """Of whom something else is known than when the run was solved, and which proposed pairs that concerns."""
        state = (await seen(handlers, permit, run_id)).state
        return [of_change(one) for one in await handlers.questions.changes(state)]

    @router.get("/obstacles")
    async def list_obstacles(run_id: str, permit: Permitted) -> list[ObstacleView]:
        """Which pairs that are to be published still could not be now, and why: people, rules, places, overrides."""
        state = (await seen(handlers, permit, run_id)).state
        found = await handlers.questions.obstacles(state)
        return [of_obstacle(pair, found[pair.mentee_id]) for pair in _proposal(state).pairs if pair.mentee_id in found]

    return router


def _proposal(state: Run) -> Proposal:
    if state.proposal is None:
        raise RunNotProposed(f"Run {state.run_id} is {state.state} and has no proposal to compare.")
    return state.proposal
