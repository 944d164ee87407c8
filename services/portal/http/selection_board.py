"""The board as pages and files show it: who was asked what, rows in an order, the cut line, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from services.portal.clients.selection_records import Board, Entry, Refused, Waiting
from services.portal.http.page import Signed
from services.portal.pages import selection_words as words
from services.portal.pages.refusals import told

RANK, COMPANY, MEDIAN, SPREAD = "rank", "company", "median", "spread"
SORTS = (RANK, COMPANY, MEDIAN, SPREAD)
_NAMES = 100  # ids of one question for names


@dataclass(frozen=True, slots=True)
class Row:
    """An application of the board in words; ``cut``: the cut line is drawn below it."""

    entry: Entry
    name: str
    company: str
    normalised: float | None
    choice: str
    marked: str
    state: str
    cut: bool = False


async def names_of(page: Signed, ids: Iterable[str | None]) -> dict[str, str]:
    """What these people are called, as far as one may know."""
    asked, names = sorted({id for id in ids if id}), dict[str, str]()
    for start in range(0, len(asked), _NAMES):
        names |= await page.people.names(asked[start : start + _NAMES])
    return names


def refused_named(page: Signed, refused: Iterable[Refused], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Of whom nothing was done, by name as far as it is known, and why; ``names`` by application."""
    unknown = page.text("Somebody you do not see")
    return [(names.get(one.application_id) or unknown, told(one, page.language)) for one in refused]


def by_name(waiting: Iterable[Waiting], names: Mapping[str, str]) -> list[Waiting]:
    """Who has sheets open, by name; who has none that one may know stands last."""
    return sorted(waiting, key=lambda one: (one.assessor_id not in names, names.get(one.assessor_id, "").casefold()))


async def companies_of(page: Signed) -> dict[str, str]:
    """The names of the companies that one may know of."""
    return {company.id: company.name for company in await page.people.companies()}


def rows(page: Signed, board: Board, companies: Mapping[str, str]) -> list[Row]:
    """The ranked applications, best first; where places suffice for the first time, the cut line is drawn."""
    ranked = [entry for entry in board.entries if entry.rank is not None]
    cut = cut_line(board)
    return [_row(page, entry, companies, cut=place == cut) for place, entry in enumerate(ranked)]


def unranked(page: Signed, board: Board, companies: Mapping[str, str]) -> list[Row]:
    """The applications that are not ranked: withdrawn, not eligible, or without a counted sheet."""
    found = [entry for entry in board.entries if entry.rank is None]
    return [_row(page, entry, companies, cut=False) for entry in found]


def named(found: Sequence[Row], names: Mapping[str, str]) -> list[Row]:
    """The rows with the names that are known."""
    return [replace(row, name=names.get(row.entry.mentor_id, row.name)) for row in found]


def cut_line(board: Board) -> int | None:
    """The place, among the ranked from 0, after which the places suffice; None where they never do.

    Where they suffice in the midst of a tie, that is the last one of it: who of them is selected, people decide.
    """
    ranked, needed = [entry for entry in board.entries if entry.rank is not None], board.places.needed
    enough = [place for place, one in enumerate(ranked) if one.cumulated is not None and one.cumulated >= needed > 0]
    if not enough:
        return None
    reached = ranked[enough[0]]
    if "tie-at-cut" not in reached.flags:
        return enough[0]
    return max(place for place, one in enumerate(ranked) if one.rank == reached.rank)


def ordered(found: Sequence[Row], by: str) -> list[Row]:
    """The rows in another order; equal ones stay in the order of their ranks."""
    if by == COMPANY:
        return sorted(found, key=lambda row: row.company.casefold())
    if by == MEDIAN:
        return sorted(found, key=lambda row: row.entry.median or 0)
    if by == SPREAD:
        return sorted(found, key=lambda row: -(row.entry.spread or 0))
    return list(found)


def choice_of(entry: Entry) -> str:
    """What stands for an application at present: what was decided, what is pending, else what is proposed."""
    if entry.status in {"selected", "accepted"} and not entry.pending:
        return words.SELECTED
    return entry.word.decision if entry.word else entry.proposal or ""


def figures(board: Board) -> dict[str, Any]:
    """The figures above the board: people and places above the line, reserves, disagreements, waivers, what waits."""
    entries, places = board.entries, board.places
    above = [entry for entry in entries if choice_of(entry) == words.SELECTED and not entry.gone]
    return {
        "people": len(above),
        "places": sum(entry.places for entry in above),
        "more": sum(1 for entry in above if entry.places > 1),
        "tied": places.tied,
        "short": max(0, places.short - places.tied),
        "reserves": sum(1 for entry in entries if choice_of(entry) == words.RESERVED),
        "disagreeing": sum(1 for entry in entries if "disagreement" in entry.flags),
        "asking": sum(1 for entry in entries if "disagreement" in entry.flags and entry.assessable),
        "assessable": sum(1 for entry in entries if entry.assessable),
        "waivers": sum(1 for entry in entries if "waiver" in entry.flags),
        "pending": sum(1 for entry in entries if entry.pending),
        "undecided": sum(1 for entry in entries if undecided(entry) and entry.rank is not None),
    }


def undecided(entry: Entry) -> bool:
    """Whether somebody has to decide on it still, whatever is proposed: who was assessed too seldom counts too."""
    return entry.status == "applied" and not entry.pending


def header(page: Signed) -> list[str]:
    """The names of the columns of ``line``."""
    return [page.text(column) for column in words.COLUMNS]


def line(page: Signed, row: Row, names: Mapping[str, str]) -> list[object]:
    """A row of the file for the panel; numbers as programs read them."""
    entry, decided = row.entry, row.entry.word
    flags = ", ".join(page.text(words.FLAGS[flag][1]) if flag in words.FLAGS else flag for flag in entry.flags)
    return [
        entry.rank,
        page.text("yes") if entry.tied else page.text("no"),
        row.name,
        row.company,
        entry.median,
        entry.spread,
        entry.sheets,
        entry.places,
        entry.cumulated,
        row.normalised,
        " / ".join(str(one.total) for one in entry.totals),
        row.state,
        flags,
        decided.reason if decided else None,
        names.get(decided.decided_by or "", "") if decided else None,
    ]


def _row(page: Signed, entry: Entry, companies: Mapping[str, str], *, cut: bool) -> Row:
    set_against = [one.normalised for one in entry.totals if one.normalised is not None]
    marked, state = _state(page, entry)
    return Row(
        entry=entry,
        name=page.text("Somebody you do not see"),
        company=companies.get(entry.subsidiary, ""),
        normalised=round(median(set_against), 1) if set_against else None,
        choice=choice_of(entry),
        marked=marked,
        state=state,
        cut=cut,
    )


def _state(page: Signed, entry: Entry) -> tuple[str, str]:
    """How an application stands: the mark of a status, and words."""
    if entry.pending and entry.status != "withdrawn":
        return "part", page.text(words.PENDING.get(entry.pending.decision, entry.pending.decision))
    if entry.status != "applied":
        marked, text = words.STATUSES.get(entry.status, ("", entry.status))
        if entry.status == words.RESERVED and entry.reserve_number:
            number = page.formats.number(entry.reserve_number)
            if entry.proposal == words.SELECTED:
                return "due", page.text("number %(number)s on the reserve list, proposed: select", number=number)
            return marked, page.text("number %(number)s on the reserve list", number=number)
        return marked, page.text(text)
    if entry.proposal:
        return "wait", page.text(words.PROPOSED.get(entry.proposal, entry.proposal))
    return "open", page.text("undecided")
