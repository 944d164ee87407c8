"""The routes of participations and of coverage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.applications import access, store
from services.applications.domain import coverage, participation
from services.applications.handlers import Handlers
from services.applications.http.listing import listed
from services.applications.http.participation_bodies import Escalate, Exempt, Oblige
from services.applications.http.participation_views import (
    CoverageCounts,
    CoverageRow,
    CoverageView,
    ParticipationView,
)
from services.chassis.aggregate import Loaded
from services.chassis.http import Changing, Paged, Permitted, page_of, tagged


def routes(handlers: Handlers) -> APIRouter:
    """The router over participations."""
    router = APIRouter()
    router.include_router(_in_an_edition(handlers))
    router.include_router(_participations(handlers))
    return router


def _in_an_edition(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions/{edition_id}", tags=["participations"])
    participations = handlers.participations.participations

    @router.get("/participations")
    async def list_participations(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        state: Annotated[participation.Status | None, Query(description="Only those in this state")] = None,
    ) -> list[ParticipationView]:
        """The executives of one edition, those who left its scope too."""
        access.show_edition(permit, (await handlers.editions.editions.get(edition_id)).state)
        query = {**listed(edition_id, state), **permit.scope.query("state.subsidiary")}
        documents = await page_of(participations.collection, query, page, request, response)
        return [_participation(participations.loaded(document)) for document in documents]

    @router.get("/coverage")
    async def show_coverage(edition_id: str, permit: Permitted) -> CoverageView:
        """How many executives of each company are paired, escalated, exempt, or still without a mentor."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.show_edition(permit, edition)
        now = handlers.participations.clock.now()
        within = permit.scope.query("state.subsidiary")
        numbers = await store.count_by_company(participations.collection, edition_id, within)
        counted = coverage.coverage(permit.scope.narrowed(edition.subsidiaries), numbers)
        rows = tuple(CoverageRow(subsidiary=name, **_counts(one)) for name, one in counted.rows.items())
        return CoverageView(
            edition_id=edition_id, as_of=now, totals=CoverageCounts(**_counts(counted.totals)), rows=rows
        )

    return router


def _participations(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/participations/{participation_id}", tags=["participations"])
    commands = handlers.participations

    @router.get("")
    async def show_participation(participation_id: str, permit: Permitted, response: Response) -> ParticipationView:
        """One executive in one edition."""
        loaded = await commands.participations.get(participation_id)
        access.show_participation(permit, loaded.state)
        return _participation(tagged(response, loaded))

    @router.post("/exemption")
    async def exempt(
        participation_id: str, body: Exempt, command: Changing, permit: Permitted, response: Response
    ) -> ParticipationView:
        """Exempt an executive, with a reason of the list and an explanation, for good or until the end of a day."""
        access.decide_participation(permit, (await commands.participations.get(participation_id)).state)
        loaded = await commands.exempt(
            participation_id, command, reason=body.reason, explanation=body.explanation, until=body.until
        )
        return _participation(tagged(response, loaded))

    @router.post("/escalation")
    async def escalate(
        participation_id: str, body: Escalate, command: Changing, permit: Permitted, response: Response
    ) -> ParticipationView:
        """Give the case of an executive without a mentor to somebody who is to see to it."""
        access.decide_participation(permit, (await commands.participations.get(participation_id)).state)
        loaded = await commands.escalate(participation_id, command, to=body.to, reason=body.reason)
        return _participation(tagged(response, loaded))

    @router.post("/obligation")
    async def oblige(
        participation_id: str, body: Oblige, command: Changing, permit: Permitted, response: Response
    ) -> ParticipationView:
        """Put an exempt or escalated executive back among the obliged."""
        access.decide_participation(permit, (await commands.participations.get(participation_id)).state)
        loaded = await commands.lift(participation_id, command, reason=body.reason)
        return _participation(tagged(response, loaded))

    return router


def _participation(loaded: Loaded[participation.Participation]) -> ParticipationView:
    return ParticipationView.model_validate(loaded.state, from_attributes=True)


def _counts(one: coverage.Counts) -> dict[str, int]:
    return {name: getattr(one, name) for name in CoverageCounts.model_fields}
