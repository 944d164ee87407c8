"""The routes of the programme boards."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.chassis.auth.rules import Permit
from services.chassis.errors import NotFound
from services.chassis.http import Paged, Permitted, page_of
from services.chassis.wire import Instant, Strict
from services.reporting import access, store
from services.reporting.domain import board, sources

Subsidiary = Annotated[str | None, Query(max_length=100, description="Only what belongs to this subsidiary")]


class EditionView(Strict):
    """An edition that has a board; ``call_closes_at`` is null until its call is open."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    call_closes_at: Instant | None


class CountsView(Strict):
    """How many executives, applications and sessions; ``paired`` are among the ``obliged``."""

    obliged: int
    paired: int
    exempt: int
    applications: int
    selected: int
    sessions_held: int


class RowView(CountsView):
    """The counts of one subsidiary."""

    subsidiary: str


class BoardView(Strict):
    """The board of an edition; ``as_of`` is the latest instant that any event counted in it names."""

    edition_id: str
    name: str
    subsidiaries: tuple[RowView, ...]
    totals: CountsView
    as_of: Instant | None


class HeldView(Strict):
    """The session that a pair held last."""

    number: int
    held_at: Instant


class NextView(Strict):
    """The earliest session that is planned and neither held nor cancelled; it may be overdue."""

    number: int
    planned_for: Instant


class PairView(Strict):
    """How a pair follows through; ``ended_at`` is when it ended, null while it goes on."""

    pair_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    sessions_held: int
    last_session: HeldView | None
    next_session: NextView | None
    ended_at: Instant | None


def routes(boards: store.Boards) -> APIRouter:
    """The router over these boards."""
    router = APIRouter(prefix="/v1/boards", tags=["boards"])

    @router.get("")
    async def list_boards(request: Request, response: Response, page: Paged, permit: Permitted) -> list[EditionView]:
        """The editions that have a board with subsidiaries of the caller."""
        query = {**store.EDITIONS, **access.editions(permit)}
        documents = await page_of(await boards.applications.collection(), query, page, request, response)
        return [_edition(store.edition_in(one), permit) for one in documents]

    @router.get("/{edition_id}")
    async def show_board(edition_id: str, permit: Permitted, subsidiary: Subsidiary = None) -> BoardView:
        """The board of one edition: per subsidiary of the caller, and these in all."""
        whole = await boards.of_edition(edition_id)
        access.show_edition(permit, whole.edition)
        shown = whole.narrowed(permit.scope.narrowed(tuple(whole.rows)))
        return _board(_narrowed(shown, subsidiary) if subsidiary is not None else shown)

    @router.get("/{edition_id}/pairs")
    async def list_pairs(
        edition_id: str,
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        subsidiary: Subsidiary = None,
    ) -> list[PairView]:
        """The pairs of one edition with a member for whom the caller is responsible, each with its sessions."""
        access.show_edition(permit, await boards.edition(edition_id))
        of_subsidiary = {"state.mentee_subsidiary": subsidiary} if subsidiary is not None else {}
        query = {"$and": [{"state.edition_id": edition_id, **of_subsidiary}, access.pairs(permit)]}
        documents = await page_of(await boards.pairs.collection(), query, page, request, response)
        return [_pair(one) for one in await boards.follow(documents)]

    return router


def _narrowed(shown: board.Board, subsidiary: str) -> board.Board:
    if subsidiary not in shown.rows:
        raise NotFound(f"This edition's board has no subsidiary {subsidiary}; it has {', '.join(shown.rows)}.")
    return shown.narrowed((subsidiary,))


def _edition(edition: sources.Edition, permit: Permit) -> EditionView:
    shown = EditionView.model_validate(edition, from_attributes=True)
    return shown.model_copy(update={"subsidiaries": permit.scope.narrowed(edition.subsidiaries)})


def _board(shown: board.Board) -> BoardView:
    return BoardView(
        edition_id=shown.edition.edition_id,
        name=shown.edition.name,
        subsidiaries=tuple(RowView(subsidiary=name, **asdict(counts)) for name, counts in shown.rows.items()),
        totals=CountsView(**asdict(shown.totals)),
        as_of=shown.as_of,
    )


def _pair(line: board.Follow) -> PairView:
    pair = line.pair
    return PairView(
        pair_id=pair.pair_id,
        mentor_id=pair.mentor_id,
        mentee_id=pair.mentee_id,
        mentor_subsidiary=pair.mentor_subsidiary,
        mentee_subsidiary=pair.mentee_subsidiary,
        sessions_held=line.sessions_held,
        last_session=_last(line.last),
        next_session=_next(line.next),
        ended_at=pair.ended_at,
    )


def _last(session: sources.Session | None) -> HeldView | None:
    return HeldView.model_validate(session, from_attributes=True) if session else None


def _next(session: sources.Session | None) -> NextView | None:
    return NextView.model_validate(session, from_attributes=True) if session else None
