"""The routes of those responsible for applications: waivers, admissions, decisions and their release."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.applications import access, store
from services.applications.domain.edition import Edition
from services.applications.handlers import Admittance, Handlers
from services.applications.http.application_bodies import (
    AdmitLate,
    DecideApplication,
    DecideWaiver,
    Empty,
    ExtendAcceptance,
)
from services.applications.http.application_views import (
    ApplicationView,
    ReleaseView,
    WaiverCaseView,
    release_view,
    waiver_case,
)
from services.applications.http.applications import answered, edition_of, known
from services.applications.http.impartiality import must_be_impartial, must_not_compete
from services.chassis.auth.rules import Permit
from services.chassis.http import Caller, Changing, Creating, Paged, Permitted, page_of


def routes(handlers: Handlers) -> APIRouter:
    """The router over what is decided on applications."""
    router = APIRouter(tags=["applications"])
    _waivers(router, handlers)
    _admissions(router, handlers)
    _decisions(router, handlers)
    return router


def _waivers(router: APIRouter, handlers: Handlers) -> None:
    repository = handlers.applications.applications

    @router.get("/editions/{edition_id}/waivers")
    async def list_waivers(
        edition_id: str, request: Request, response: Response, page: Paged, permit: Permitted
    ) -> list[WaiverCaseView]:
        """The waivers of an edition that were asked for or decided, with the rules that they are about."""
        access.show_edition(permit, (await handlers.editions.editions.get(edition_id)).state)
        await must_not_compete(handlers, permit, edition_id)
        query = {**store.asking_waivers(edition_id), **permit.scope.query("state.subsidiary")}
        documents = await page_of(repository.collection, query, page, request, response)
        return [waiver_case(repository.loaded(document).state) for document in documents]

    @router.post("/applications/{application_id}/waiver")
    async def decide_waiver(
        application_id: str, body: DecideWaiver, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Grant or refuse a waiver of the missed rules, with a reason; also unasked."""
        edition = await _deciding(handlers, permit, application_id)
        loaded = await handlers.decisions.decide_waiver(
            application_id, command, decision=body.decision, reason=body.reason
        )
        return answered(response, loaded, edition, permit)


def _admissions(router: APIRouter, handlers: Handlers) -> None:
    @router.post("/editions/{edition_id}/late-admissions", status_code=201)
    async def admit_late(
        edition_id: str, body: AdmitLate, creating: Creating, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Let a person apply until an instant ahead, whatever the deadline; a draft is made if there is none."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        await _may_decide(handlers, permit, edition)
        permit.not_own("edition", edition_id, body.person_id)
        await handlers.selection.must_not_have_judged(edition_id, body.person_id)
        wanted = Admittance(body.person_id, body.until, body.reason, within=permit.scope.covers)
        loaded = await handlers.decisions.admit(edition, wanted, creating.command)
        response.headers["Location"] = f"/v1/applications/{loaded.id}"
        return answered(response, loaded, edition, permit)

    @router.post("/applications/{application_id}/acceptance-extension")
    async def extend_acceptance(
        application_id: str, body: ExtendAcceptance, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Let somebody who was selected accept the place until the end of a later day."""
        edition = await _deciding(handlers, permit, application_id)
        loaded = await handlers.decisions.extend_acceptance(application_id, edition, command, body.until, body.reason)
        return answered(response, loaded, edition, permit)


def _decisions(router: APIRouter, handlers: Handlers) -> None:
    @router.post("/applications/{application_id}/decision")
    async def decide_application(
        application_id: str, body: DecideApplication, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Prepare a decision, which can be changed until it is released and of which the applicant learns nothing."""
        edition = await _deciding(handlers, permit, application_id)
        loaded = await handlers.decisions.decide(application_id, edition, command, body.decision, body.reason)
        return answered(response, loaded, edition, permit)

    @router.post("/editions/{edition_id}/release")
    async def release_decisions(edition_id: str, body: Empty, command: Caller, permit: Permitted) -> ReleaseView:
        """Tell applicants what was decided, about a thousand at a time; ask again while some remain."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        await _may_decide(handlers, permit, edition)
        within = permit.scope.query("state.subsidiary")
        done = await handlers.decisions.release(
            edition, within, command, allowed=lambda state: access.decide_application(permit, state)
        )
        return release_view(done)


async def _deciding(handlers: Handlers, permit: Permit, application_id: str) -> Edition:
    """The edition of an application that the caller may decide on. Raises ``Hidden``, ``OwnCase``, ``NotFound``."""
    loaded = await known(handlers, permit, application_id)
    access.decide_application(permit, loaded.state)
    edition = await edition_of(handlers, loaded)
    await _may_decide(handlers, permit, edition)
    return edition


async def _may_decide(handlers: Handlers, permit: Permit, edition: Edition) -> None:
    """Let pass whoever is responsible for an edition and no party to its selection. Raises ``Hidden``, ``OwnCase``."""
    access.manage_edition(permit, edition)
    await must_be_impartial(handlers, permit, edition.edition_id)
