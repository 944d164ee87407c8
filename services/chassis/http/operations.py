"""The operators' routes of every service: parked records, consumers, builds. For operators of the whole group."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from services.chassis.access import LONGEST_REASON
from services.chassis.aggregate import Command
from services.chassis.auth.rules import OPERATIONS, Rules
from services.chassis.http.pages import Paged, page_of
from services.chassis.http.protection import protected_read
from services.chassis.http.requests import Body, Caller
from services.chassis.operations.parked import ParkedRecords, Wanted
from services.chassis.operations.rebuilding import ReadModels
from services.chassis.operations.views import ParkedView, RecordView, facts, shown
from services.chassis.runtime import Runtime
from services.chassis.wire import Instant, Strict, Text

Reason = Annotated[Text, Field(min_length=1, max_length=LONGEST_REASON, description="Why; it is on record")]
RULES: Rules = dict.fromkeys(
    (
        "GET /v1/operations/parked",
        "GET /v1/operations/parked/{ref}",
        "POST /v1/operations/parked/{ref}/retry",
        "POST /v1/operations/parked/{ref}/drop",
        "GET /v1/operations/consumers",
        "POST /v1/operations/consumers/{consumer}/resume",
        "POST /v1/operations/projections/{name}/switch",
    ),
    OPERATIONS,
)
Narrow = Annotated[str | None, Query(max_length=200)]


class Dropping(Body):
    """Why a record is given up; with ``missing`` those before it that never came are, and it is applied."""

    reason: Reason
    missing: bool = False


class Because(Body):
    """Why an operator does so."""

    reason: Reason


class Switching(Body):
    """Which build is to be live: its collection, or ``back`` for the one that was live before."""

    reason: Reason
    to: str | None = None
    back: bool = False


class BuildView(Strict):
    """One build of a projection."""

    collection: str
    version: int
    begun_at: Instant
    ready_at: Instant | None


class ConsumerView(Strict):
    """One consumer: ``lag`` counts records behind the topic's end; ``stopped`` says why the park limit holds it."""

    consumer: str
    kind: str
    topic: str
    live: str
    previous: str | None
    builds: list[BuildView]
    documents: int | None
    lag: int | None
    parked: int
    stopped: str | None


def routes(runtime: Runtime) -> APIRouter:
    """The router over a service's parking and read models."""
    router = APIRouter(prefix="/v1/operations", tags=["operations"])
    router.include_router(_parked(ParkedRecords(runtime.database, runtime.access, runtime.clock)))
    router.include_router(_consumers(runtime))
    return router


def _parked(records: ParkedRecords) -> APIRouter:
    router = APIRouter(prefix="/parked")

    @router.get("")
    async def list_parked(
        request: Request,
        response: Response,
        page: Paged,
        caller: Caller,
        consumer: Narrow = None,
        subject: Narrow = None,
        reason: Narrow = None,
    ) -> list[ParkedView]:
        """The parked records of this service."""
        query = Wanted(consumer=consumer, subject=subject, reason=reason).query
        return [ParkedView(**facts(one)) for one in await page_of(records.collection, query, page, request, response)]

    @router.get("/{ref}")
    async def show_parked(
        ref: str, caller: Annotated[Command, Depends(protected_read("parked_record", "ref"))]
    ) -> RecordView:
        """One parked record with its bytes; reading it goes on record."""
        return RecordView(**shown(await records.get(ref)))

    @router.post("/{ref}/retry", status_code=202)
    async def retry_parked(ref: str, caller: Caller) -> ParkedView:
        """Have a parked record tried again; its flag is gone once that was done."""
        return ParkedView(**facts(await records.retry(ref, caller)))

    @router.post("/{ref}/drop", status_code=202)
    async def drop_parked(ref: str, body: Dropping, caller: Caller) -> ParkedView:
        """Give a parked record up for good."""
        dropped = await records.drop(ref, caller, reason=body.reason, missing=body.missing)
        return ParkedView(**facts(dropped))

    return router


def _consumers(runtime: Runtime) -> APIRouter:
    router = APIRouter()
    models = ReadModels(runtime)

    @router.get("/consumers")
    async def list_consumers(caller: Caller) -> list[ConsumerView]:
        """The consumers of this service, each with its lag, its parked records and its builds."""
        return [ConsumerView.model_validate(line, from_attributes=True) for line in await models.listed()]

    @router.post("/consumers/{consumer}/resume", status_code=204)
    async def resume_consumer(consumer: str, body: Because, caller: Caller) -> None:
        """Let a consumer go on that the park limit stopped."""
        records = ParkedRecords(runtime.database, runtime.access, runtime.clock)
        await records.resume(models.feed(consumer).build, caller, reason=body.reason)

    @router.post("/projections/{name}/switch")
    async def switch_projection(name: str, body: Switching, caller: Caller) -> list[BuildView]:
        """Make another build of a projection live; all builds, the live one first."""
        alias = await models.switch(name, caller, reason=body.reason, to=body.to, back=body.back)
        builds = sorted(alias.builds, key=lambda build: build.collection != alias.live)
        return [BuildView.model_validate(build, from_attributes=True) for build in builds]

    return router
