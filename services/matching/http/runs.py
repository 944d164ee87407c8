"""The routes of runs: requesting one, looking at it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.chassis.auth.rules import Permit
from services.chassis.http import Creating, Paged, Permitted, page_of
from services.matching import access
from services.matching.domain.policies import BY_ID
from services.matching.handlers import Asked, Handlers
from services.matching.http.listing import Edition, both, of_edition
from services.matching.http.run_bodies import RequestRun
from services.matching.http.run_views import RunReport, RunView, of_run
from services.matching.http.seen import reported, seen
from services.matching.store import progress_of

_LARGE = (
    "state.proposal.pairs",
    "state.proposal.standing",
    "state.proposal.mentors_left_out",
    "state.alternatives.pairs",
)


def routes(handlers: Handlers) -> APIRouter:
    """The router over runs."""
    router = APIRouter(prefix="/runs", tags=["runs"])
    runs = handlers.runs.runs

    @router.post("", status_code=202)
    async def request_run(body: RequestRun, creating: Creating, permit: Permitted, response: Response) -> RunReport:
        """Have an edition matched; the proposal is there when the run's state is `proposed`."""
        await access.run_edition(permit, handlers.candidates, body.edition_id, what="edition", id=body.edition_id)
        await _may_use(handlers, permit, body.policy_id)
        asked = Asked(body.policy_id, body.seed, body.trial, body.kind)
        loaded = await handlers.runs.request(creating.id, body.edition_id, creating.command, asked)
        response.headers["Location"] = f"/v1/runs/{loaded.id}"
        return await reported(handlers, response, loaded)

    @router.get("")
    async def list_runs(
        request: Request, response: Response, page: Paged, permit: Permitted, edition_id: Edition = None
    ) -> list[RunView]:
        """The runs, of one edition if it is named, without the people in them."""
        query = both(of_edition(edition_id), await access.runs(permit, handlers.candidates))
        documents = await page_of(runs.collection, query, page, request, response, without=_LARGE)
        return [of_run(runs.loaded(document).state, progress_of(document)) for document in documents]

    @router.get("/{run_id}")
    async def show_run(run_id: str, permit: Permitted, response: Response) -> RunReport:
        """One run: its pairs from the worst to the best, and everybody without a mentor, with the reason."""
        return await reported(handlers, response, await seen(handlers, permit, run_id))

    return router


async def _may_use(handlers: Handlers, permit: Permit, policy_id: str) -> None:
    """Let pass a policy that the caller may use, and one that there is none of, which the command refuses."""
    if policy_id not in BY_ID and (kept := await handlers.policies.policies.find(policy_id)):
        access.show_policy(permit, kept.state)
