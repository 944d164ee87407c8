"""The routes of applicants, and of those who look at applications."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.applications import access, store
from services.applications.domain import application
from services.applications.domain.edition import Edition
from services.applications.handlers import Handlers, application_id
from services.applications.handlers.applications import Loading
from services.applications.http.application_bodies import Apply, ChangeApplication, Empty, Explained, Withdraw
from services.applications.http.application_views import (
    ApplicationView,
    EligibilityView,
    MyApplicationView,
    eligibility_view,
    for_applicant,
    for_others,
    my_application_view,
)
from services.applications.http.impartiality import may_read_others, must_be_free_to_compete
from services.chassis.auth.rules import Permit
from services.chassis.directory import Person
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged

Closed = Annotated[bool, Query(description="Also those in editions that are closed")]


def routes(handlers: Handlers) -> APIRouter:
    """The router over applications, as applicants use it."""
    router = APIRouter(tags=["applications"])
    _applying(router, handlers)
    _looking(router, handlers)
    _changing(router, handlers)
    _standing(router, handlers)
    return router


def _applying(router: APIRouter, handlers: Handlers) -> None:
    @router.post("/editions/{edition_id}/applications", status_code=201)
    async def apply(
        edition_id: str, body: Apply, creating: Creating, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Begin an application as a draft, or hand it in at once, for oneself; what is there already is answered."""
        handlers.applications.must_be_oneself(edition_id, body.mentor_id, creating.command)
        edition = await handlers.applications.recent.get(edition_id)
        access.show_edition(permit, edition)
        if body.submit:
            await must_be_free_to_compete(handlers, edition, permit)
        commands, said, person = handlers.applications, body.said(), _signed_in(permit)
        loaded = await commands.apply(
            edition, body.mentor_id, said, creating.command, submit=body.submit, person=person
        )
        response.headers["Location"] = f"/v1/applications/{loaded.id}"
        return answered(response, loaded, edition, permit)

    @router.get("/editions/{edition_id}/eligibility")
    async def show_eligibility(edition_id: str, permit: Permitted) -> EligibilityView:
        """What would be found if the caller applied, rule by rule; nothing is kept of it."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.show_edition(permit, edition)
        return eligibility_view(await handlers.applications.chances(edition, permit.id))

    @router.get("/editions/{edition_id}/my-application")
    async def show_my_application(edition_id: str, permit: Permitted, response: Response) -> ApplicationView:
        """The caller's own application in an edition."""
        loaded = await handlers.applications.applications.get(application_id(edition_id, permit.id))
        return answered(response, loaded, await edition_of(handlers, loaded), permit)

    @router.get("/my-applications")
    async def list_my_applications(permit: Permitted, closed: Closed = False) -> list[MyApplicationView]:
        """The caller's own applications in all editions that are not closed, in short."""
        found = await handlers.applications.own(permit.id, closed=closed)
        return [my_application_view(state, edition) for state, edition in found]


def _looking(router: APIRouter, handlers: Handlers) -> None:
    repository = handlers.applications.applications

    @router.get("/editions/{edition_id}/applications")
    async def list_applications(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        state: Annotated[application.Status | None, Query(description="Only those in this state")] = None,
    ) -> list[ApplicationView]:
        """The applications of an edition that were handed in; drafts are nobody's business."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.show_edition(permit, edition)
        await may_read_others(handlers, permit, edition)
        query = {**store.handed_in(edition_id, state), **permit.scope.query("state.subsidiary")}
        documents = await page_of(repository.collection, query, page, request, response)
        return [_seen_by(permit, repository.loaded(document), edition) for document in documents]

    @router.get("/applications/{application_id}")
    async def show_application(application_id: str, permit: Permitted, response: Response) -> ApplicationView:
        """One application: its rules with their calculations, its waiver, its decision."""
        loaded = await known(handlers, permit, application_id)
        access.show_application(permit, loaded.state)
        edition = await edition_of(handlers, loaded)
        if not permit.is_one_of(loaded.state.mentor_id):
            await may_read_others(handlers, permit, edition)
        return answered(response, loaded, edition, permit)


def _changing(router: APIRouter, handlers: Handlers) -> None:
    commands = handlers.applications

    @router.patch("/applications/{application_id}")
    async def change_application(
        application_id: str, body: ChangeApplication, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Save parts; what was handed in stays so and must stay complete, what was withdrawn begins again."""
        known, edition = await _own(handlers, permit, application_id)
        return answered(response, await commands.change(known, edition, body.said(), command), edition, permit)

    @router.post("/applications/{application_id}/submission")
    async def submit_application(
        application_id: str, body: Empty, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Hand a draft in; each part that is missing is named."""
        known, edition = await _own(handlers, permit, application_id)
        await must_be_free_to_compete(handlers, edition, permit)
        return answered(response, await commands.submit(known, edition, command), edition, permit)

    @router.post("/applications/{application_id}/waiver-request")
    async def request_waiver(
        application_id: str, body: Explained, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Ask that the missed rules be waived; those responsible then see the calculation."""
        known, edition = await _own(handlers, permit, application_id)
        return answered(response, await commands.request_waiver(known, edition, body.reason, command), edition, permit)


def _standing(router: APIRouter, handlers: Handlers) -> None:
    commands = handlers.applications

    @router.post("/applications/{application_id}/withdrawal")
    async def withdraw_application(
        application_id: str, body: Withdraw, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Withdraw, at any time before being declined."""
        _, edition = await _own(handlers, permit, application_id)
        loaded = await commands.withdraw(application_id, body.reason or None, command)
        return answered(response, loaded, edition, permit)

    @router.post("/applications/{application_id}/acceptance")
    async def accept_place(
        application_id: str, body: Empty, command: Changing, permit: Permitted, response: Response
    ) -> ApplicationView:
        """Accept the place, until the end of the day that was set."""
        _, edition = await _own(handlers, permit, application_id)
        return answered(response, await commands.accept(application_id, edition, command), edition, permit)


def _signed_in(permit: Permit) -> Person | None:
    """What the directory said of the caller when they were let in; it remembers that for two seconds."""
    who = permit.principal
    if who.kind != "person" or who.subsidiary is None:
        return None
    return Person(person_id=who.id, subsidiary=who.subsidiary, executive=who.executive)


async def known(handlers: Handlers, permit: Permit, id: str) -> Loading:
    """An application; one that is not there costs as much as one that may not be seen. Raises ``Hidden``.

    Ids derive from persons, so anybody could ask for somebody's.
    """
    found = await handlers.applications.applications.find(id)
    if found is None:
        raise permit.hidden("application", id)
    return found


async def _own(handlers: Handlers, permit: Permit, id: str) -> tuple[Loading, Edition]:
    """The caller's own application and its edition. Raises ``Hidden``."""
    loaded = await known(handlers, permit, id)
    access.own_application(permit, loaded.state)
    return loaded, await edition_of(handlers, loaded)


async def edition_of(handlers: Handlers, loaded: Loading) -> Edition:
    """The edition of an application."""
    return (await handlers.editions.editions.get(loaded.state.edition_id)).state


def answered(response: Response, loaded: Loading, edition: Edition, permit: Permit) -> ApplicationView:
    """An application as the caller may see it, with the ETag of what they can see change."""
    tagged(response, loaded)
    state = loaded.state
    changes = state.shown if permit.is_one_of(state.mentor_id) else state.told_changes
    response.headers["ETag"] = f'"{changes}"'
    return _seen_by(permit, loaded, edition)


def _seen_by(permit: Permit, loaded: Loading, edition: Edition) -> ApplicationView:
    own = permit.is_one_of(loaded.state.mentor_id)
    return for_applicant(loaded.state, edition) if own else for_others(loaded.state, edition)
