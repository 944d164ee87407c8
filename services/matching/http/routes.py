"""The routes of `matching`: runs, their review and publication, and the pairs that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.chassis.aggregate import Loaded
from services.chassis.errors import NotFound
from services.chassis.http import Body, Changing, Creating, Paged, page_of, tagged
from services.chassis.wire import Id, Text
from services.matching.domain import run
from services.matching.domain.inputs import inputs
from services.matching.handlers import Handlers
from services.matching.http.views import (
    CandidatesView,
    PairView,
    RunReport,
    RunView,
    of_candidates,
    of_pair,
    of_run,
    report_of,
)

Edition = Annotated[str | None, Query(max_length=100, description="Only those of this edition")]


class RequestRun(Body):
    """The edition that is to be matched."""

    edition_id: Id


class ReviewRun(Body):
    """What is decided on a proposal; an approval can be taken back until the run is published."""

    decision: Literal["approved", "rejected"]
    note: Annotated[Text, Field(max_length=1000)] | None = None


class PublishRun(Body):
    """Nothing is asked of whoever publishes."""


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    for part in (_runs(handlers), _decisions(handlers), _pairs(handlers), _candidates(handlers)):
        router.include_router(part)
    return router


def _runs(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/runs", tags=["runs"])

    @router.post("", status_code=202)
    async def request_run(body: RequestRun, creating: Creating, response: Response) -> RunReport:
        """Have an edition matched; the proposal is there when the run's state is `proposed`."""
        loaded = await handlers.request(creating.id, body.edition_id, creating.command)
        response.headers["Location"] = f"/v1/runs/{loaded.id}"
        return _report(response, loaded)

    @router.get("")
    async def list_runs(request: Request, response: Response, page: Paged, edition_id: Edition = None) -> list[RunView]:
        """The runs, of one edition if it is named, without the people in them."""
        documents = await page_of(handlers.runs.collection, _of_edition(edition_id), page, request, response)
        return [of_run(handlers.runs.loaded(document).state) for document in documents]

    @router.get("/{run_id}")
    async def show_run(run_id: str, response: Response) -> RunReport:
        """One run: its pairs from the worst to the best, and everybody without a mentor, with the reason."""
        return _report(response, await handlers.runs.get(run_id))

    return router


def _decisions(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/runs/{run_id}", tags=["runs"])

    @router.post("/review")
    async def review_run(run_id: str, body: ReviewRun, command: Changing, response: Response) -> RunReport:
        """Approve or reject a proposal."""
        loaded = await handlers.review(run_id, command, decision=body.decision, note=body.note or None)
        return _report(response, loaded)

    @router.post("/publication", status_code=202)
    async def publish_run(run_id: str, body: PublishRun, command: Changing, response: Response) -> RunReport:
        """Publish an approved proposal; each pair says what became of it when the run's state is `published`."""
        loaded = await handlers.publish(run_id, command)
        response.headers["Location"] = f"/v1/runs/{loaded.id}"
        return _report(response, loaded)

    return router


def _pairs(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/pairs", tags=["pairs"])

    @router.get("")
    async def list_pairs(
        request: Request, response: Response, page: Paged, edition_id: Edition = None
    ) -> list[PairView]:
        """The published pairs, of one edition if it is named."""
        documents = await page_of(handlers.pairs.collection, _of_edition(edition_id), page, request, response)
        return [of_pair(handlers.pairs.loaded(document).state) for document in documents]

    @router.get("/{pair_id}")
    async def show_pair(pair_id: str, response: Response) -> PairView:
        """One published pair."""
        return of_pair(tagged(response, await handlers.pairs.get(pair_id)).state)

    return router


def _candidates(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/candidates", tags=["runs"])

    @router.get("")
    async def count_candidates(edition_id: Annotated[str, Query(max_length=100)]) -> CandidatesView:
        """How many people a run of this edition would go over now."""
        if await handlers.candidates.edition(edition_id) is None:
            raise NotFound(f"There is no edition {edition_id}, or its opening has not arrived here yet.")
        return of_candidates(edition_id, inputs(await handlers.candidates.facts(edition_id)))

    return router


def _of_edition(edition_id: str | None) -> Mapping[str, Any]:
    return {"state.edition_id": edition_id} if edition_id else {}


def _report(response: Response, loaded: Loaded[run.Run]) -> RunReport:
    return report_of(tagged(response, loaded).state)
