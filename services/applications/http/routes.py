"""The routes of `applications`: editions, what belongs to one, and the decisions of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.applications import access, store
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
from services.chassis.auth.rules import Permit
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    for part in (_editions(handlers), _in_an_edition(handlers), _applications(handlers), _participations(handlers)):
        router.include_router(part)
    return router


def _editions(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions", tags=["editions"])

    @router.post("", status_code=201)
    async def open_edition(body: OpenEdition, creating: Creating, permit: Permitted, response: Response) -> EditionView:
        """Open an edition; every active executive of its subsidiaries is obliged to take part."""
        permit.within("edition", body.subsidiaries)
        wanted = edition.OpenEdition(creating.id, body.name, body.starts_on, body.ends_on, body.subsidiaries)
        loaded = await handlers.open_edition(creating.command, wanted)
        response.headers["Location"] = f"/v1/editions/{loaded.id}"
        return _edition(tagged(response, loaded), permit)

    @router.get("")
    async def list_editions(request: Request, response: Response, page: Paged, permit: Permitted) -> list[EditionView]:
        """The editions of the caller's own company and of those the caller is responsible for."""
        query = access.editions(permit)
        documents = await page_of(handlers.editions.collection, query, page, request, response)
        return [_edition(handlers.editions.loaded(document), permit) for document in documents]

    @router.get("/{edition_id}")
    async def show_edition(edition_id: str, permit: Permitted, response: Response) -> EditionReport:
        """One edition; for those responsible with the number of participations and applications by state."""
        loaded = await handlers.editions.get(edition_id)
        access.show_edition(permit, loaded.state)
        shown = dict(_edition(tagged(response, loaded), permit))
        if not permit.scope.meets(loaded.state.subsidiaries):
            return EditionReport(**shown)
        within = permit.scope.query("state.subsidiary")
        mentees = await store.count_by_status(handlers.participations.collection, edition_id, within)
        mentors = await store.count_by_status(handlers.applications.collection, edition_id, within)
        return EditionReport(
            **shown, participations=ParticipationCounts(**mentees), applications=ApplicationCounts(**mentors)
        )

    @router.post("/{edition_id}/call")
    async def open_call(
        edition_id: str, body: OpenCall, command: Changing, permit: Permitted, response: Response
    ) -> EditionView:
        """Open the edition's one call for mentors."""
        access.change_edition(permit, (await handlers.editions.get(edition_id)).state)
        wanted = edition.OpenCall(body.reference_date, body.maximum_age, body.languages, closes_at=body.closes_at)
        return _edition(tagged(response, await handlers.open_call(edition_id, command, wanted)), permit)

    return router


def _in_an_edition(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions/{edition_id}")

    @router.post("/applications", status_code=201, tags=["applications"])
    async def apply(
        edition_id: str, body: Apply, creating: Creating, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Apply as a mentor, for oneself; the answer says of each rule of the call whether it is met."""
        if body.mentor_id == permit.id:
            access.show_edition(permit, (await handlers.editions.get(edition_id)).state)
        loaded = await handlers.apply(edition_id, body.mentor_id, creating.command)
        response.headers["Location"] = f"/v1/applications/{loaded.id}"
        return _application(tagged(response, loaded))

    @router.get("/applications", tags=["applications"])
    async def list_applications(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        state: Annotated[application.Status | None, Query(description="Only those in this state")] = None,
    ) -> list[ApplicationView]:
        """The applications of one edition."""
        access.show_edition(permit, (await handlers.editions.get(edition_id)).state)
        query = {**_query(edition_id, state), **permit.scope.query("state.subsidiary")}
        documents = await page_of(handlers.applications.collection, query, page, request, response)
        return [_application(handlers.applications.loaded(document)) for document in documents]

    @router.get("/participations", tags=["participations"])
    async def list_participations(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        state: Annotated[participation.Status | None, Query(description="Only those in this state")] = None,
    ) -> list[ParticipationView]:
        """The executives in scope of one edition."""
        access.show_edition(permit, (await handlers.editions.get(edition_id)).state)
        query = {**_query(edition_id, state), **permit.scope.query("state.subsidiary")}
        documents = await page_of(handlers.participations.collection, query, page, request, response)
        return [_participation(handlers.participations.loaded(document)) for document in documents]

    return router


def _applications(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/applications/{application_id}", tags=["applications"])

    @router.get("")
    async def show_application(application_id: str, permit: Permitted, response: Response) -> ApplicationView:
        """One application: its rules with their calculations, its waiver, its decision."""
        loaded = await handlers.applications.get(application_id)
        access.show_application(permit, loaded.state)
        return _application(tagged(response, loaded))

    @router.post("/waiver")
    async def decide_waiver(
        application_id: str, body: DecideWaiver, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Grant or refuse a waiver of the missed rules, with a reason."""
        access.decide_application(permit, (await handlers.applications.get(application_id)).state)
        loaded = await handlers.decide_waiver(application_id, command, decision=body.decision, reason=body.reason)
        return _application(tagged(response, loaded))

    @router.post("/decision")
    async def decide_application(
        application_id: str, body: DecideApplication, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Select or decline, for good."""
        access.decide_application(permit, (await handlers.applications.get(application_id)).state)
        loaded = await handlers.decide_application(application_id, command, decision=body.decision, reason=body.reason)
        return _application(tagged(response, loaded))

    return router


def _participations(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/participations/{participation_id}", tags=["participations"])

    @router.get("")
    async def show_participation(participation_id: str, permit: Permitted, response: Response) -> ParticipationView:
        """One executive in one edition."""
        loaded = await handlers.participations.get(participation_id)
        access.show_participation(permit, loaded.state)
        return _participation(tagged(response, loaded))

    @router.post("/exemption")
    async def exempt(
        participation_id: str, body: Exempt, command: Changing, permit: Permitted, response: Response
    ) -> ParticipationView:
        """Exempt an executive, with a reason of the list and an explanation."""
        access.exempt(permit, (await handlers.participations.get(participation_id)).state)
        loaded = await handlers.exempt(participation_id, command, reason=body.reason, explanation=body.explanation)
        return _participation(tagged(response, loaded))

    return router


def _query(edition_id: str, status: str | None) -> Mapping[str, Any]:
    return {"state.edition_id": edition_id, **({"state.status": status} if status else {})}


def _edition(loaded: Loaded[edition.Edition], permit: Permit) -> EditionView:
    shown = EditionView.model_validate(loaded.state, from_attributes=True)
    return shown.model_copy(update={"subsidiaries": access.visible(permit, loaded.state)})


def _application(loaded: Loaded[application.Application]) -> ApplicationView:
    return ApplicationView.model_validate(loaded.state, from_attributes=True)


def _participation(loaded: Loaded[participation.Participation]) -> ParticipationView:
    return ParticipationView.model_validate(loaded.state, from_attributes=True)
