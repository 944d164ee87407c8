"""The routes of rounds, and of many decisions at once."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.applications import access
from services.applications.domain import round as rounds
from services.applications.handlers import Handlers, WantedRound
from services.applications.http.application_views import refused_views
from services.applications.http.impartiality import must_be_impartial
from services.applications.http.selection_bodies import CloseRound, DecideMany, HandIn, OpenRound
from services.applications.http.selection_views import (
    DecidedView,
    HandedInView,
    RoundView,
    own_round_view,
    round_view,
)
from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import Caller, Changing, Creating, Paged, Permitted, page_of, tagged


def routes(handlers: Handlers) -> APIRouter:
    """The router over rounds."""
    router = APIRouter()
    router.include_router(_in_an_edition(handlers))
    router.include_router(_rounds(handlers))
    return router


def _in_an_edition(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions/{edition_id}", tags=["selection"])

    @router.post("/rounds", status_code=201)
    async def open_round(
        edition_id: str, body: OpenRound, creating: Creating, permit: Permitted, response: Response
    ) -> RoundView:
        """Open a round; its sheets are assigned within seconds to assessors who are independent of the applicants."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.change_edition(permit, edition)
        await must_be_impartial(handlers, permit, edition_id)
        wanted = WantedRound(
            creating.id,
            body.per_application,
            body.due_at,
            assessors=body.assessors,
            applications=body.applications,
            reason=body.reason,
        )
        loaded = await handlers.selection.open_round(edition, wanted, creating.command)
        response.headers["Location"] = f"/v1/rounds/{loaded.id}"
        return round_view(tagged(response, loaded).state)

    @router.get("/rounds")
    async def list_rounds(
        edition_id: str, request: Request, response: Response, page: Paged, permit: Permitted
    ) -> list[RoundView]:
        """The rounds of an edition: all for those responsible, for assessors those that they have sheets in."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.show_edition(permit, edition)
        repository = handlers.judging.assigning.rounds
        query = {"state.edition_id": edition_id, **access.rounds(permit, edition)}
        documents = await page_of(repository.collection, query, page, request, response)
        return [await _shown(handlers, permit, repository.loaded(document)) for document in documents]

    @router.post("/decisions")
    async def decide_many(edition_id: str, body: DecideMany, caller: Caller, permit: Permitted) -> DecidedView:
        """Prepare decisions on many applications; nobody is told before they are released."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.change_edition(permit, edition)
        await must_be_impartial(handlers, permit, edition_id)
        verdicts = {one.application_id: (one.decision, one.reason or body.reason) for one in body.decisions}
        done = await handlers.decisions.decide_many(
            edition, verdicts, caller, allowed=lambda state: access.decide_application(permit, state)
        )
        return DecidedView(decided=len(verdicts) - len(done.refused), refused=refused_views(done.refused))

    return router


def _rounds(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/rounds/{round_id}", tags=["selection"])

    @router.get("")
    async def show_round(round_id: str, permit: Permitted, response: Response) -> RoundView:
        """One round: for those responsible how far it has come, for an assessor how far the own sheets have."""
        loaded = await handlers.judging.assigning.rounds.get(round_id)
        edition = (await handlers.editions.editions.get(loaded.state.edition_id)).state
        access.show_round(permit, edition, loaded.state)
        return await _shown(handlers, permit, tagged(response, loaded))

    @router.post("/closure")
    async def close_round(
        round_id: str, body: CloseRound, command: Changing, permit: Permitted, response: Response
    ) -> RoundView:
        """Close a round whatever is missing: complete sheets count, others do not, and scores can be seen."""
        state = (await handlers.judging.assigning.rounds.get(round_id)).state
        edition = (await handlers.editions.editions.get(state.edition_id)).state
        access.change_round(permit, edition, state)
        await must_be_impartial(handlers, permit, state.edition_id)
        return round_view(tagged(response, await handlers.selection.close_round(round_id, command, body.reason)).state)

    @router.post("/hand-in")
    async def hand_in(round_id: str, body: HandIn, caller: Caller, permit: Permitted) -> HandedInView:
        """Hand in all own complete sheets of a round; they do not change any more."""
        state = (await handlers.judging.assigning.rounds.get(round_id)).state
        access.assess(permit, state)
        done = await handlers.selection.hand_in(state, caller)
        return HandedInView(locked=done.locked, incomplete=done.incomplete)

    return router


async def _shown(handlers: Handlers, permit: Permit, loaded: Loaded[rounds.Round]) -> RoundView:
    """A round as the caller may see it; who has sheets still to hand in sees how far the own ones are, not others'."""
    state = loaded.state
    edition = (await handlers.editions.editions.get(state.edition_id)).state
    is_assessor = permit.is_one_of(*state.assessors)
    mine = await handlers.judging.own(state.round_id, permit.id) if is_assessor else {}
    if not access.is_responsible_for_all(permit, edition):
        return own_round_view(state, permit.id, mine)
    if await handlers.selection.is_partial(state.edition_id, permit.id):
        return own_round_view(state, permit.id, mine)
    view = round_view(state, await handlers.judging.progress(state.round_id))
    return view.model_copy(update={"mine": own_round_view(state, permit.id, mine).mine if is_assessor else None})
