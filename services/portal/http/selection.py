"""The selection of an edition: its board, one application with all its sheets, the list as a file."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.spreadsheet import csv_text
from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import Board, Round
from services.portal.http import selection_deciding, selection_extension, selection_rounds
from services.portal.http.assessing_queue import due_words
from services.portal.http.page import Signed
from services.portal.http.selection_board import (
    RANK,
    SORTS,
    Row,
    by_name,
    companies_of,
    figures,
    header,
    line,
    named,
    names_of,
    ordered,
    rows,
    undecided,
    unranked,
)
from services.portal.pages import selection_words as words

_PAGE = 200  # applications on one page of the board
_SINGLE = 3  # free places that have a notice each


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/editions/{id}/selection", include_in_schema=False)

    @router.get("")
    async def board(page: Signed, id: str, sort: str = RANK, start: int = 0) -> Response:
        edition = (await Editions(page.applications).show(id)).value
        try:
            found = await Selection(page.applications).board(id)
        except Refusal as refusal:
            if refusal.kind != "own-case":
                raise
            return page.show("selection/own_case.html", 403, edition=edition)
        by = sort if sort in SORTS else RANK
        return page.show("selection/board.html", **await _content(page, edition, found, by, max(start, 0)))

    @router.get("/list.csv")
    async def listed(page: Signed, id: str) -> Response:
        found = await Selection(page.applications).board(id)
        decided = [one.decided_by for entry in found.entries for one in (entry.pending, entry.decision) if one]
        names = await names_of(page, [*(entry.mentor_id for entry in found.entries), *decided])
        companies = await companies_of(page)
        all_rows = named(rows(page, found, companies) + unranked(page, found, companies), names)
        headers = {"Content-Disposition": 'attachment; filename="selection.csv"'}
        return Response(_csv(page, all_rows, names), media_type="text/csv; charset=utf-8", headers=headers)

    router.include_router(selection_rounds.routes())
    router.include_router(selection_deciding.routes())
    router.include_router(selection_extension.routes())
    return router


async def _content(page: Signed, edition: Edition, board: Board, by: str, start: int) -> dict[str, Any]:
    """What the board shows; names are asked for those on this page of it."""
    companies = await companies_of(page)
    shown = ordered(rows(page, board, companies), by)[start : start + _PAGE]
    aside = unranked(page, board, companies)[:_PAGE] if not start else []
    vacancies = [id for one in board.vacancies for id in (one.left, one.next) if id]
    mentors = {entry.application_id: entry.mentor_id for entry in board.entries}
    people = [one.entry.mentor_id for one in (*shown, *aside)] + [mentors[id] for id in vacancies if id in mentors]
    staff = [one.assessor_id for one in board.missing] + [one.closed_by for one in board.rounds]
    names = await names_of(page, [*people, *staff])
    current = await _current(page, board)
    beside = sorted(named(aside, names), key=lambda row: row.name.casefold())
    following = start + _PAGE if start + _PAGE < len(board.entries) else None
    return {
        "edition": edition,
        "board": board,
        "missing": by_name(board.missing, names),
        "by": by,
        "sorts": SORTS,
        "ranked": named(shown, names),
        "aside": beside,
        "beside": [one for one in beside if undecided(one.entry)],
        "grouped": len(board.vacancies) > _SINGLE,
        "names": names,
        "mentors": mentors,
        "figures": figures(board),
        "current": current,
        "due": due_words(page, current.due_at) if current and current.due_at else "",
        "following": following,
        "words": words,
        "as_of": board.as_of or page.now(),
    }


async def _current(page: Signed, board: Board) -> Round | None:
    """The round that is not closed, with how far it is, which a board does not tell."""
    found = next((one for one in board.rounds if not one.closed), None)
    if found is None or found.progress is not None:
        return found
    return (await Selection(page.applications).round(found.round_id)).value


def _csv(page: Signed, found: list[Row], names: dict[str, str]) -> bytes:
    """The rows as CSV; the mark before it tells spreadsheets the encoding."""
    return csv_text(header(page), (line(page, row, names) for row in found)).encode("utf-8-sig")
