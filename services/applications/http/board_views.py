"""What `applications` answers about sheets of closed rounds: the board, one application's sheets, feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from services.applications.domain import board, ranking
from services.applications.domain.application import Status
from services.applications.domain.edition import Edition
from services.applications.domain.sheet import Sheet
from services.applications.handlers import Judged, Mean, Overview
from services.applications.http.application_views import DecisionView
from services.applications.http.selection_views import OpenView, RoundView, open_by, round_view
from services.chassis.wire import Instant, Strict


class JudgedView(Strict):
    """A sheet of a closed round; ``normalised`` is its total as if all assessors were equally strict."""

    sheet_id: str
    round: int
    assessor_id: str
    scores: Mapping[str, int]
    comment: str | None
    total: float
    normalised: float


class MeanView(Strict):
    """The mean level of a criterion, of how many levels."""

    criterion_id: str
    title: Mapping[str, str]
    mean: float
    levels: int


class FeedbackView(Strict):
    """What an applicant learns of the assessment: means over all sheets, nobody's own opinion."""

    criteria: tuple[MeanView, ...]
    sheets: int


class TotalView(Strict):
    """The total of one sheet, 0 to 100 points, and beside it as if all assessors were equally strict."""

    sheet_id: str
    assessor_id: str
    total: float
    normalised: float


class ConflictView(Strict):
    """Which assessor gave a sheet back for a conflict, and why."""

    assessor_id: str
    reason: str | None


class EntryView(Strict):
    """An application on the board; whoever is not ranked has no rank, median, spread, and no places cumulated."""

    application_id: str
    mentor_id: str
    subsidiary: str
    places: int
    rank: int | None
    tied: bool
    median: float | None
    spread: float | None
    sheets: int
    totals: tuple[TotalView, ...]
    conflicts: tuple[ConflictView, ...]
    cumulated: int | None
    flags: tuple[board.Flag, ...]
    status: Status
    proposal: ranking.Proposal | None
    reserve_number: int | None
    pending: DecisionView | None
    decision: DecisionView | None


class PlacesView(Strict):
    """Places of mentors: needed, selected and still there, pending (noted to be selected), and proposed beside them.

    ``short`` are missing even if all is released and followed; ``tied`` of these are there once people decide the tie.
    """

    needed: int
    selected: int
    pending: int
    proposed: int
    tied: int
    short: int


class VacancyView(Strict):
    """A selected mentor who is gone, and the reserve who is next; null where nobody is, or a tie."""

    left: str
    cause: board.Cause
    next: str | None


class BoardView(Strict):
    """The selection of an edition; ``entries`` and ``vacancies`` are empty unless it is ranked."""

    edition_id: str
    as_of: Instant
    rounds: tuple[RoundView, ...]
    state: Literal["no-round", "round-open", "ranked"]
    missing: tuple[OpenView, ...]
    places: PlacesView
    spread: int
    entries: tuple[EntryView, ...]
    vacancies: tuple[VacancyView, ...]


def judged_view(judged: Judged) -> JudgedView:
    """A sheet of a closed round."""
    sheet = judged.sheet
    return JudgedView(
        sheet_id=sheet.sheet_id,
        round=judged.round,
        assessor_id=sheet.assessor_id,
        scores=sheet.scores,
        comment=sheet.comment,
        total=board.points(judged.total),
        normalised=judged.normalised,
    )


def feedback_view(means: list[Mean], number: int) -> FeedbackView:
    """What an applicant learns of the assessment."""
    criteria = [
        MeanView(
            criterion_id=one.criterion.criterion_id,
            title=one.criterion.title,
            mean=one.mean,
            levels=len(one.criterion.levels),
        )
        for one in means
    ]
    return FeedbackView(criteria=tuple(criteria), sheets=number)


def entry_view(entry: board.Entry, conflicts: Sequence[Sheet] = ()) -> EntryView:
    """An application on the board; ``conflicts`` are its sheets that were given back for one."""
    one, ranked, placed = entry.application, entry.ranked, entry.placed
    return EntryView(
        application_id=one.application_id,
        mentor_id=one.mentor_id,
        subsidiary=one.subsidiary,
        places=entry.places,
        rank=ranked.rank if ranked else None,
        tied=ranked.tied if ranked else False,
        median=board.points(ranked.median) if ranked else None,
        spread=board.points(ranked.spread) if ranked else None,
        sheets=len(entry.totals),
        totals=tuple(_total(total) for total in entry.totals),
        conflicts=tuple(ConflictView(assessor_id=one.assessor_id, reason=one.conflict_reason) for one in conflicts),
        cumulated=placed.cumulated if placed else None,
        flags=entry.flags,
        status=one.status,
        proposal=entry.proposal,
        reserve_number=placed.reserve_number if placed else None,
        pending=DecisionView.model_validate(one.pending, from_attributes=True) if one.pending else None,
        decision=DecisionView.model_validate(one.decision, from_attributes=True) if one.decision else None,
    )


def _total(one: board.Total) -> TotalView:
    return TotalView(
        sheet_id=one.sheet_id,
        assessor_id=one.assessor_id,
        total=board.points(one.total),
        normalised=one.normalised,
    )


def board_view(edition: Edition, overview: Overview) -> BoardView:
    """The board as it may be seen now."""
    return BoardView(
        edition_id=edition.edition_id,
        as_of=overview.as_of,
        rounds=tuple(round_view(one.state) for one in overview.rounds),
        state=overview.phase,
        missing=open_by(overview.missing),
        places=PlacesView.model_validate(overview.board.places, from_attributes=True),
        spread=edition.rubric.spread if edition.rubric else 0,
        entries=tuple(
            entry_view(entry, overview.conflicts.get(entry.application.application_id, ()))
            for entry in overview.board.entries
        ),
        vacancies=tuple(VacancyView.model_validate(one, from_attributes=True) for one in overview.board.vacancies),
    )
