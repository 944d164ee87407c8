"""The routes that show sheets of closed rounds: the board, the sheets of one application, feedback."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.applications import access
from services.applications.domain.application import Application
from services.applications.domain.edition import Edition
from services.applications.handlers import Handlers
from services.applications.http.applications import known
from services.applications.http.board_views import (
    BoardView,
    FeedbackView,
    JudgedView,
    board_view,
    feedback_view,
    judged_view,
)
from services.applications.http.impartiality import must_be_impartial, must_not_compete
from services.applications.http.selection_views import names_hidden
from services.chassis.auth.rules import Permit
from services.chassis.http import Permitted


def routes(handlers: Handlers) -> APIRouter:
    """The router over what came of the rounds."""
    router = APIRouter(tags=["selection"])

    @router.get("/editions/{edition_id}/board")
    async def show_board(edition_id: str, permit: Permitted) -> BoardView:
        """The selection: who still has sheets while a round is open, ranks and proposals when all are closed."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.change_edition(permit, edition)
        await must_be_impartial(handlers, permit, edition_id)
        return board_view(edition, await handlers.judging.overview(edition))

    @router.get("/applications/{application_id}/sheets")
    async def list_sheets_of_application(application_id: str, permit: Permitted) -> list[JudgedView]:
        """The sheets of an application that count, of closed rounds: for those responsible, and for who wrote one."""
        state = (await known(handlers, permit, application_id)).state
        edition = (await handlers.editions.editions.get(state.edition_id)).state
        await _must_see_sheets(handlers, permit, state, edition)
        return [judged_view(one) for one in await handlers.judging.of_application(state, edition)]

    @router.get("/applications/{application_id}/feedback")
    async def show_feedback(application_id: str, permit: Permitted, response: Response) -> FeedbackView:
        """What the applicant learns of the assessment once a decision was released: means by criterion."""
        state = (await known(handlers, permit, application_id)).state
        if not permit.is_one_of(state.mentor_id):
            raise permit.hidden("application", application_id)
        edition = (await handlers.editions.editions.get(state.edition_id)).state
        return feedback_view(*await handlers.judging.feedback(state, edition))

    return router


async def _must_see_sheets(handlers: Handlers, permit: Permit, state: Application, edition: Edition) -> None:
    """Let pass those responsible for the edition, and assessors of the application for whom no round is open.

    None of them competes. Where names are hidden from assessors they would learn them here.
    A draft is nobody's business.
    Raises ``Hidden``, ``OwnCase``.
    """
    if not state.told:
        raise permit.hidden("application", state.application_id)
    if access.is_responsible_for_all(permit, edition):
        await must_be_impartial(handlers, permit, edition.edition_id)
        return
    wrote = await handlers.judging.has_judged(permit.id, state.application_id, edition.edition_id)
    if not wrote or names_hidden(edition):
        raise permit.hidden("application", state.application_id)
    await must_not_compete(handlers, permit, edition.edition_id)
