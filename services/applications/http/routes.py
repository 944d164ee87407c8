"""The routes of `applications`: editions, what belongs to one, and the decisions of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.applications import store
from services.applications.domain import application, edition, participation
from services.applications.handlers import Handlers
from services.applications.http.bodies import Apply, DecideApplication, DecideWaiver, Exempt, OpenCall, OpenEdition
from services.applications.http.views import (
    ApplicationCounts,
    ApplicationView,
    EditionReport,
    EditionView,
    ParticipationCounts,
    ParticipationView,
)
from services.chassis.aggregate import Loaded
from services.chassis.http import Changing, Creating, Paged, page_of, tagged


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    for part in (_editions(handlers), _in_an_edition(handlers), _applications(handlers), _participations(handlers)):
        router.include_router(part)
    return router


def _editions(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions", tags=["editions"])

    @router.post("", status_code=201)
    async def open_edition(body: OpenEdition, creating: Creating, response: Response) -> EditionView:
        """Open an edition; every active executive of its subsidiaries is obliged to take part."""
        wanted = edition.OpenEdition(creating.id, body.name, body.starts_on, body.ends_on, body.subsidiaries)
        loaded = await handlers.open_edition(creating.command, wanted)
        response.headers["Location"] = f"/v1/editions/{loaded.id}"
        return _edition(tagged(response, loaded))

    @router.get("")
    async def list_editions(request: Request, response: Response, page: Paged) -> list[EditionView]:
        """The editions."""
        documents = await page_of(handlers.editions.collection, {}, page, request, response)
        return [_edition(handlers.editions.loaded(document)) for document in documents]

    @router.get("/{edition_id}")
    async def show_edition(edition_id: str, response: Response) -> EditionReport:
        """One edition, with the number of its participations and applications by state."""
        shown = _edition(tagged(response, await handlers.editions.get(edition_id)))
        mentees = await store.count_by_status(handlers.participations.collection, edition_id)
        mentors = await store.count_by_status(handlers.applications.collection, edition_id)
        return EditionReport(
            **dict(shown), participations=ParticipationCounts(**mentees), applications=ApplicationCounts(**mentors)
        )

    @router.post("/{edition_id}/call")
    async def open_call(edition_id: str, body: OpenCall, command: Changing, response: Response) -> EditionView:
        """Open the edition's one call for mentors."""
        wanted = edition.OpenCall(body.reference_date, body.maximum_age, body.languages, closes_at=body.closes_at)
        return _edition(tagged(response, await handlers.open_call(edition_id, command, wanted)))

    return router


def _in_an_edition(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions/{edition_id}")

    @router.post("/applications", status_code=201, tags=["applications"])
    async def apply(edition_id: str, body: Apply, creating: Creating, response: Response) -> ApplicationView:
        """Apply as a mentor, for oneself; the answer says of each rule of the call whether it is met."""
        loaded = await handlers.apply(edition_id, body.mentor_id, creating.command)
        response.headers["Location"] = f"/v1/applications/{loaded.id}"
        return _application(tagged(response, loaded))

    @router.get("/applications", tags=["applications"])
    async def list_applications(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        state: Annotated[application.Status | None, Query(description="Only those in this state")] = None,
    ) -> list[ApplicationView]:
        """The applications of one edition."""
        await handlers.editions.get(edition_id)
        query = _query(edition_id, state)
        documents = await page_of(handlers.applications.collection, query, page, request, response)
        return [_application(handlers.applications.loaded(document)) for document in documents]

    @router.get("/participations", tags=["participations"])
    async def list_participations(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        state: Annotated[participation.Status | None, Query(description="Only those in this state")] = None,
    ) -> list[ParticipationView]:
        """The executives in scope of one edition."""
        await handlers.editions.get(edition_id)
        query = _query(edition_id, state)
        documents = await page_of(handlers.participations.collection, query, page, request, response)
        return [_participation(handlers.participations.loaded(document)) for document in documents]

    return router


def _applications(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/applications/{application_id}", tags=["applications"])

    @router.get("")
    async def show_application(application_id: str, response: Response) -> ApplicationView:
        """One application: its rules with their calculations, its waiver, its decision."""
        return _application(tagged(response, await handlers.applications.get(application_id)))

    @router.post("/waiver")
    async def decide_waiver(
        application_id: str, body: DecideWaiver, command: Changing, response: Response
    ) -> ApplicationView:
        """Grant or refuse a waiver of the missed rules, with a reason."""
        loaded = await handlers.decide_waiver(application_id, command, decision=body.decision, reason=body.reason)
        return _application(tagged(response, loaded))

    @router.post("/decision")
    async def decide_application(
        application_id: str, body: DecideApplication, command: Changing, response: Response
    ) -> ApplicationView:
        """Select or decline, for good."""
        loaded = await handlers.decide_application(application_id, command, decision=body.decision, reason=body.reason)
        return _application(tagged(response, loaded))

    return router


def _participations(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/participations/{participation_id}", tags=["participations"])

    @router.get("")
    async def show_participation(participation_id: str, response: Response) -> ParticipationView:
        """One executive in one edition."""
        return _participation(tagged(response, await handlers.participations.get(participation_id)))

    @router.post("/exemption")
    async def exempt(participation_id: str, body: Exempt, command: Changing, response: Response) -> ParticipationView:
        """Exempt an executive, with a reason of the list and an explanation."""
        loaded = await handlers.exempt(participation_id, command, reason=body.reason, explanation=body.explanation)
        return _participation(tagged(response, loaded))

    return router


def _query(edition_id: str, status: str | None) -> Mapping[str, Any]:
    return {"state.edition_id": edition_id, **({"state.status": status} if status else {})}


def _edition(loaded: Loaded[edition.Edition]) -> EditionView:
    return EditionView.model_validate(loaded.state, from_attributes=True)


def _application(loaded: Loaded[application.Application]) -> ApplicationView:
    return ApplicationView.model_validate(loaded.state, from_attributes=True)


def _participation(loaded: Loaded[participation.Participation]) -> ParticipationView:
    return ParticipationView.model_validate(loaded.state, from_attributes=True)
