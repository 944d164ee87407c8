"""The routes of what people decide on runs."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.http import Changing, Permitted
from services.matching.handlers import Handlers
from services.matching.http.run_bodies import CancelRun, Choose, PreviewRun, PublishRun, ReviewRun
from services.matching.http.run_views import RunReport
from services.matching.http.seen import reported, seen


def routes(handlers: Handlers) -> APIRouter:
    """The router over decisions."""
    router = APIRouter(prefix="/runs/{run_id}", tags=["runs"])
    _before(router, handlers)
    _last(router, handlers)
    return router


def _before(router: APIRouter, handlers: Handlers) -> None:
    @router.post("/cancellation")
    async def cancel_run(
        run_id: str, body: CancelRun, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Want no proposal any more; whoever solves the run stops."""
        await seen(handlers, permit, run_id)
        return await reported(handlers, response, await handlers.runs.cancel(run_id, command))

    @router.post("/choice")
    async def choose_alternative(
        run_id: str, body: Choose, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Choose among the alternatives of a re-match; another choice takes its place until the review."""
        await seen(handlers, permit, run_id)
        return await reported(handlers, response, await handlers.runs.choose(run_id, body.changes, command))

    @router.post("/preview")
    async def preview_run(
        run_id: str, body: PreviewRun, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Show the pairs to their members, who may object for as many working days as the policy says."""
        await seen(handlers, permit, run_id)
        return await reported(handlers, response, await handlers.runs.preview(run_id, command))


def _last(router: APIRouter, handlers: Handlers) -> None:
    @router.post("/review")
    async def review_run(
        run_id: str, body: ReviewRun, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Approve or reject a proposal."""
        await seen(handlers, permit, run_id)
        loaded = await handlers.runs.review(run_id, command, decision=body.decision, note=body.note or None)
        return await reported(handlers, response, loaded)

    @router.post("/publication", status_code=202)
    async def publish_run(
        run_id: str, body: PublishRun, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Publish an approved proposal, or what was kept back of one that is published.

        With `approve` a proposal that nobody has approved yet is approved by the same command, or nothing happens.
        Each pair says what became of it when the run's state is `published`.
        """
        await seen(handlers, permit, run_id)
        loaded = await handlers.runs.publish(run_id, command, body.mentee_ids, approve=body.approve)
        response.headers["Location"] = f"/v1/runs/{loaded.id}"
        return await reported(handlers, response, loaded)
