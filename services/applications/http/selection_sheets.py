"""The routes of an assessor's own sheets; whether somebody else has one is not to be told from any answer."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.applications import access, store
from services.applications.domain import sheet as sheets
from services.applications.domain.edition import Edition
from services.applications.handlers import Handlers
from services.applications.http.selection_bodies import DeclareConflict, LockSheet, SaveSheet
from services.applications.http.selection_views import SheetSummary, SheetView, sheet_summary, sheet_view
from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import Changing, Paged, Permitted, page_of, tagged


def routes(handlers: Handlers) -> APIRouter:
    """The router over sheets."""
    router = APIRouter(tags=["sheets"])
    router.include_router(_lists(handlers))
    router.include_router(_sheets(handlers))
    return router


def _lists(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/editions/{edition_id}")

    @router.get("/sheets")
    async def list_sheets(
        edition_id: str, request: Request, response: Response, page: Paged, permit: Permitted
    ) -> list[SheetSummary]:
        """One's own sheets, in an order that is another one for each assessor and never changes."""
        edition = (await handlers.editions.editions.get(edition_id)).state
        access.show_edition(permit, edition)
        repository = handlers.selection.assigning.sheets
        query = await handlers.judging.own_query(edition_id, permit.id)
        documents = await page_of(repository.collection, query, page, request, response)
        found = [repository.loaded(document).state for document in documents]
        return [sheet_summary(one, application, edition) for one, application in await handlers.judging.read(found)]

    return router


def _sheets(handlers: Handlers) -> APIRouter:
    router = APIRouter(prefix="/sheets/{sheet_id}")
    selection = handlers.selection

    async def shown(response: Response, loaded: Loaded[sheets.Sheet]) -> SheetView:
        [(sheet, application)] = await handlers.judging.read([tagged(response, loaded).state])
        edition: Edition = (await handlers.editions.editions.get(sheet.edition_id)).state
        return sheet_view(sheet, application, edition)

    @router.get("")
    async def show_sheet(sheet_id: str, permit: Permitted, response: Response) -> SheetView:
        """One of one's own sheets, with its application and the rubric."""
        return await shown(response, await _own(handlers, permit, sheet_id))

    @router.put("")
    async def save_sheet(
        sheet_id: str, body: SaveSheet, command: Changing, permit: Permitted, response: Response
    ) -> SheetView:
        """Save what stands on a sheet, complete or not; what is left out is no longer there."""
        sheet = await _own(handlers, permit, sheet_id)
        return await shown(response, await selection.save(sheet.state, command, body.scores, body.comment or None))

    @router.post("/lock")
    async def lock_sheet(
        sheet_id: str, body: LockSheet, command: Changing, permit: Permitted, response: Response
    ) -> SheetView:
        """Hand a complete sheet in; it does not change any more."""
        sheet = await _own(handlers, permit, sheet_id)
        return await shown(response, await selection.lock(sheet.state, command))

    @router.post("/conflict")
    async def declare_conflict(
        sheet_id: str, body: DeclareConflict, command: Changing, permit: Permitted, response: Response
    ) -> SheetView:
        """Give a sheet back because of a conflict of interest; somebody else gets one."""
        sheet = await _own(handlers, permit, sheet_id)
        return await shown(response, await selection.declare_conflict(sheet.state, command, body.reason))

    return router


async def _own(handlers: Handlers, permit: Permit, sheet_id: str) -> Loaded[sheets.Sheet]:
    """One of the caller's own sheets; somebody else's costs and says the same as one that is not there.

    Raises ``Hidden``.
    """
    repository = handlers.selection.assigning.sheets
    document = await store.own_sheet(repository.collection, sheet_id, permit.id)
    if document is None:
        raise permit.hidden("sheet", sheet_id)
    return repository.loaded(document)
