"""The routes of published pairs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import Changing, Paged, Permitted, page_of, tagged
from services.matching import access
from services.matching.domain.pair import Pair
from services.matching.handlers import Handlers
from services.matching.http.listing import Edition, both, of_edition
from services.matching.http.pair_views import EndPair, PairView, of_pair

Active = Annotated[bool | None, Query(description="Only those that go on, or only those that have ended")]


def routes(handlers: Handlers) -> APIRouter:
    """The router over pairs."""
    router = APIRouter(prefix="/pairs", tags=["pairs"])

    @router.get("")
    async def list_pairs(
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        edition_id: Edition = None,
        active: Active = None,
    ) -> list[PairView]:
        """The published pairs, of one edition if it is named, those that have ended included."""
        named = {**of_edition(edition_id), **({} if active is None else {"state.active": active})}
        query = both(named, access.pairs(permit))
        documents = await page_of(handlers.pairs.pairs.collection, query, page, request, response)
        return [_view(permit, handlers.pairs.pairs.loaded(document)) for document in documents]

    @router.get("/{pair_id}")
    async def show_pair(pair_id: str, permit: Permitted, response: Response) -> PairView:
        """One published pair."""
        loaded = await handlers.pairs.pairs.get(pair_id)
        access.show_pair(permit, loaded.state)
        return _view(permit, tagged(response, loaded))

    @router.post("/{pair_id}/end")
    async def end_pair(
        pair_id: str, body: EndPair, command: Changing, permit: Permitted, response: Response
    ) -> PairView:
        """End a pair: its executive and its mentor can be matched anew, its sessions to come are cancelled."""
        access.end_pair(permit, (await handlers.pairs.pairs.get(pair_id)).state)
        loaded = await handlers.pairs.end_by_hand(pair_id, command, reason=body.reason, note=body.note)
        return _view(permit, tagged(response, loaded))

    return router


def _view(permit: Permit, loaded: Loaded[Pair]) -> PairView:
    return of_pair(loaded.state, why=access.sees_why(permit, loaded.state))
