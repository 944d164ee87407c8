"""The routes of `matching`: runs, their review and publication, and the pairs that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.errors import NotFound
from services.chassis.http import Body, Changing, Creating, Paged, Permitted, page_of, tagged
from services.chassis.wire import Id, Text
from services.matching import access
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
    async def request_run(body: RequestRun, creating: Creating, permit: Permitted, response: Response) -> RunReport:
        """Have an edition matched; the proposal is there when the run's state is `proposed`."""
        await access.run_edition(permit, handlers.candidates, body.edition_id, what="edition", id=body.edition_id)
        loaded = await handlers.request(creating.id, body.edition_id, creating.command)
        response.headers["Location"] = f"/v1/runs/{loaded.id}"
        return _report(response, loaded)

    @router.get("")
    async def list_runs(
        request: Request, response: Response, page: Paged, permit: Permitted, edition_id: Edition = None
    ) -> list[RunView]:
        """The runs, of one edition if it is named, without the people in them."""
        query = _both(_of_edition(edition_id), await access.runs(permit, handlers.candidates))
        documents = await page_of(handlers.runs.collection, query, page, request, response)
        return [of_run(handlers.runs.loaded(document).state) for document in documents]

    @router.get("/{run_id}")
    async def show_run(run_id: str, permit: Permitted, response: Response) -> RunReport:
        """One run: its pairs from the worst to the best, and everybody without a mentor, with the reason."""
        return _report(response, await _seen(handlers, permit, run_id))

    return router


def _decisions(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/runs/{run_id}", tags=["runs"])

    @router.post("/review")
    async def review_run(
        run_id: str, body: ReviewRun, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Approve or reject a proposal."""
        await _seen(handlers, permit, run_id)
        loaded = await handlers.review(run_id, command, decision=body.decision, note=body.note or None)
        return _report(response, loaded)

    @router.post("/publication", status_code=202)
    async def publish_run(
        run_id: str, body: PublishRun, command: Changing, permit: Permitted, response: Response
    ) -> RunReport:
        """Publish an approved proposal; each pair says what became of it when the run's state is `published`."""
        await _seen(handlers, permit, run_id)
        loaded = await handlers.publish(run_id, command)
        response.headers["Location"] = f"/v1/runs/{loaded.id}"
        return _report(response, loaded)

    return router


def _pairs(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/pairs", tags=["pairs"])

    @router.get("")
    async def list_pairs(
        request: Request, response: Response, page: Paged, permit: Permitted, edition_id: Edition = None
    ) -> list[PairView]:
        """The published pairs, of one edition if it is named."""
        query = _both(_of_edition(edition_id), access.pairs(permit))
        documents = await page_of(handlers.pairs.collection, query, page, request, response)
        return [of_pair(handlers.pairs.loaded(document).state) for document in documents]

    @router.get("/{pair_id}")
    async def show_pair(pair_id: str, permit: Permitted, response: Response) -> PairView:
        """One published pair."""
        loaded = await handlers.pairs.get(pair_id)
        access.show_pair(permit, loaded.state)
        return of_pair(tagged(response, loaded).state)

    return router


def _candidates(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/candidates", tags=["runs"])

    @router.get("")
    async def count_candidates(edition_id: Annotated[str, Query(max_length=100)], permit: Permitted) -> CandidatesView:
        """How many people a run of this edition would go over now."""
        await access.run_edition(permit, handlers.candidates, edition_id, what="edition", id=edition_id)
        if await handlers.candidates.edition(edition_id) is None:
            raise NotFound(f"There is no edition {edition_id}, or its opening has not arrived here yet.")
        return of_candidates(edition_id, inputs(await handlers.candidates.facts(edition_id)))

    return router


async def _seen(handlers: Handlers, permit: Permit, run_id: str) -> Loaded[run.Run]:
    """The run, if the caller may see it."""
    loaded = await handlers.runs.get(run_id)
    await access.run_edition(permit, handlers.candidates, loaded.state.edition_id, what="run", id=run_id)
    return loaded


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"$and": [one, other]} if one and other else {**one, **other}


def _of_edition(edition_id: str | None) -> Mapping[str, Any]:
    return {"state.edition_id": edition_id} if edition_id else {}


def _report(response: Response, loaded: Loaded[run.Run]) -> RunReport:
    return report_of(tagged(response, loaded).state)
