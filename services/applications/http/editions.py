"""The routes of editions: preparing one, and moving it on."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.applications import access, store
from services.applications.domain.edition import Edition
from services.applications.handlers import Handlers
from services.applications.http.edition_bodies import (
    AmendEdition,
    ChangeForm,
    ChangeRubric,
    DraftCall,
    OpenEdition,
    ReachStage,
)
from services.applications.http.edition_views import (
    ApplicationCounts,
    ClosingView,
    EditionView,
    EscalationView,
    NextView,
    ParticipationCounts,
    PlacesView,
    edition_view,
)
from services.applications.http.impartiality import must_not_compete
from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged


def routes(handlers: Handlers) -> APIRouter:
    """The router over editions."""
    router = APIRouter(prefix="/editions", tags=["editions"])
    _looking(router, handlers)
    _making(router, handlers)
    _preparing(router, handlers)
    return router


def _looking(router: APIRouter, handlers: Handlers) -> None:
    editions = handlers.editions.editions

    @router.get("")
    async def list_editions(request: Request, response: Response, page: Paged, permit: Permitted) -> list[EditionView]:
        """The editions of the caller's company and scope; drafts only for those responsible."""
        documents = await page_of(editions.collection, access.editions(permit), page, request, response)
        return [_shown(editions.loaded(document).state, permit) for document in documents]

    @router.get("/{edition_id}")
    async def show_edition(edition_id: str, permit: Permitted, response: Response) -> EditionView:
        """One edition; for those responsible with counts and with what blocks its next stage."""
        loaded = await editions.get(edition_id)
        access.show_edition(permit, loaded.state)
        return await _reported(handlers, tagged(response, loaded), permit)


def _making(router: APIRouter, handlers: Handlers) -> None:
    editions = handlers.editions.editions

    @router.post("", status_code=201)
    async def open_edition(body: OpenEdition, creating: Creating, permit: Permitted, response: Response) -> EditionView:
        """Begin to prepare an edition as a draft, which nobody but those responsible sees."""
        access.make_edition(permit, body.subsidiaries or (), group_wide=body.group_wide)
        template = (await editions.get(body.template)).state if body.template else None
        if template:
            access.manage_edition(permit, template)
        terms = body.terms(permit.id)
        loaded = await handlers.editions.draft(creating.id, creating.command, terms, template)
        response.headers["Location"] = f"/v1/editions/{loaded.id}"
        return await _reported(handlers, tagged(response, loaded), permit)

    @router.patch("/{edition_id}")
    async def amend_edition(
        edition_id: str, body: AmendEdition, command: Changing, permit: Permitted, response: Response
    ) -> EditionView:
        """Change what is said of an edition as a whole; from the opening of its call on only deadlines, escalation."""
        await _must_prepare(handlers, permit, edition_id)
        said = body.said()
        if {"subsidiaries", "group_wide"} & said.keys():
            access.make_edition(permit, body.subsidiaries, group_wide=bool(said["group_wide"]))
        loaded = await handlers.editions.amend(edition_id, command, said)
        return await _reported(handlers, tagged(response, loaded), permit)

    @router.post("/{edition_id}/stage")
    async def reach_stage(
        edition_id: str, body: ReachStage, command: Changing, permit: Permitted, response: Response
    ) -> EditionView:
        """Move an edition on to its next stage; a refusal lists as ``blockers`` what stands in the way."""
        await _must_prepare(handlers, permit, edition_id)
        loaded = await handlers.editions.reach(edition_id, command, body.to, body.reason)
        return await _reported(handlers, tagged(response, loaded), permit)


def _preparing(router: APIRouter, handlers: Handlers) -> None:
    @router.put("/{edition_id}/call")
    async def draft_call(
        edition_id: str, body: DraftCall, command: Changing, permit: Permitted, response: Response
    ) -> EditionView:
        """Write the whole call of an edition; once it is open only its texts may differ."""
        await _must_prepare(handlers, permit, edition_id)
        loaded = await handlers.editions.draft_call(edition_id, command, body.call())
        return await _reported(handlers, tagged(response, loaded), permit)

    @router.put("/{edition_id}/form")
    async def change_form(
        edition_id: str, body: ChangeForm, command: Changing, permit: Permitted, response: Response
    ) -> EditionView:
        """Write the questions of the call; each change makes a new version, earlier answers keep theirs."""
        await _must_prepare(handlers, permit, edition_id)
        loaded = await handlers.editions.change_form(edition_id, command, body.form())
        return await _reported(handlers, tagged(response, loaded), permit)

    @router.put("/{edition_id}/rubric")
    async def change_rubric(
        edition_id: str, body: ChangeRubric, command: Changing, permit: Permitted, response: Response
    ) -> EditionView:
        """Write the rubric, until selection begins."""
        await _must_prepare(handlers, permit, edition_id)
        loaded = await handlers.editions.change_rubric(edition_id, command, body.rubric())
        return await _reported(handlers, tagged(response, loaded), permit)


async def _must_prepare(handlers: Handlers, permit: Permit, edition_id: str) -> None:
    """Let pass those responsible for an edition, but from its call on nobody who applied.

    Raises ``Hidden``, ``OutsideScope``, ``OwnCase``.
    """
    edition = (await handlers.editions.editions.get(edition_id)).state
    access.change_edition(permit, edition)
    if edition.stage != "draft":
        await must_not_compete(handlers, permit, edition_id)


def _shown(state: Edition, permit: Permit) -> EditionView:
    """What the caller sees of an edition, counts aside."""
    shown = edition_view(state, lambda companies: access.known(permit, companies))
    if not access.is_responsible(permit, state):
        return shown
    escalation = EscalationView(to=state.escalation.to, after_days=state.escalation.after_days)
    closing = ClosingView.model_validate(state.closing, from_attributes=True) if state.closing else None
    more = {"template": state.template, "created_by": state.created_by, "escalation": escalation, "closing": closing}
    return shown.model_copy(update=more)


async def _reported(handlers: Handlers, loaded: Loaded[Edition], permit: Permit) -> EditionView:
    """What the caller sees of one edition, with the counts that are theirs to know."""
    state = loaded.state
    shown = _shown(state, permit)
    scope = access.counting(permit)
    if not (scope and scope.meets(state.subsidiaries)):
        return shown
    within = scope.query("state.subsidiary")
    mentees = await store.count_by_status(handlers.participations.participations.collection, loaded.id, within)
    mentors = await store.count_by_status(handlers.applications.applications.collection, loaded.id, within)
    more: dict[str, object] = {
        "participations": ParticipationCounts(**mentees),
        "applications": ApplicationCounts(**mentors),
    }
    competes = state.stage != "draft" and await handlers.applications.competes(loaded.id, permit.id)
    if access.is_responsible_for_all(permit, state) and not competes:
        following, facts = await handlers.editions.next_of(state)
        more["next"] = NextView.model_validate(following, from_attributes=True) if following else None
        more["places"] = PlacesView(needed=facts.needed, selected=facts.places)
    return shown.model_copy(update=more)
