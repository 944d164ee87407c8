"""What `applications` answers about rounds, sheets and the board."""

from __future__ import annotations

from collections.abc import Mapping

from services.applications.domain import board, ranking
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.applications.domain.application import Application
from services.applications.domain.edition import Edition
from services.applications.handlers import Progress, rubric_of
from services.applications.http.application_views import OfferView, RefusedView
from services.chassis.wire import Instant, Strict


class OpenView(Strict):
    """How many sheets an assessor has still to hand in."""

    assessor_id: str
    open: int


class ProgressView(Strict):
    """How far a round has come, counted over all applications.

    ``short`` are applications for which no further independent assessor was found.
    """

    sheets: int
    locked: int
    open_by: tuple[OpenView, ...]
    short: tuple[str, ...]


class MineView(Strict):
    """How far an assessor's own sheets of a round have come."""

    sheets: int
    locked: int
    open: int


class RoundView(Strict):
    """A round: for those responsible with ``progress``, for an assessor with ``mine`` and nothing of others."""

    round_id: str
    edition_id: str
    number: int
    state: rounds.State
    per_application: int
    due_at: Instant | None
    assessors: tuple[str, ...]
    applications: tuple[str, ...] | None
    opened_by: str
    opened_at: Instant
    reason: str | None
    closed_at: Instant | None
    closed_by: str | None
    closing_reason: str | None
    progress: ProgressView | None = None
    mine: MineView | None = None


class AnsweredView(Strict):
    """A question in the wording that was answered, and the answer."""

    question_id: str
    text: Mapping[str, str]
    answer: str


class AssessedView(Strict):
    """An application as assessors read it: no birth date, age or company; no person where names are hidden."""

    mentor_id: str | None
    name_hidden: bool
    waived: bool
    offer: OfferView | None
    questions: tuple[AnsweredView, ...]


class SheetSummary(Strict):
    """One's own sheet in a list; ``application`` is there while it is to be assessed, or was."""

    sheet_id: str
    round_id: str
    state: sheets.State
    complete: bool
    application: AssessedView | None


class CriterionView(Strict):
    """A criterion: its weight in percent, and its levels in words, the weakest (1) first."""

    criterion_id: str
    title: Mapping[str, str]
    weight: int
    levels: tuple[Mapping[str, str], ...]


class RubricOfSheetView(Strict):
    """How applications are scored."""

    criteria: tuple[CriterionView, ...]
    spread: int
    sheets: int


class SheetView(Strict):
    """One's own sheet; ``total`` (0 to 100 points) is of what is scored so far, ``application_id`` null as the name."""

    sheet_id: str
    round_id: str
    edition_id: str
    application_id: str | None
    assessor_id: str
    state: sheets.State
    complete: bool
    missing: tuple[str, ...]
    scores: Mapping[str, int]
    comment: str | None
    total: float | None
    saved_at: Instant | None
    locked_at: Instant | None
    conflict_reason: str | None
    application: AssessedView | None
    rubric: RubricOfSheetView


class HandedInView(Strict):
    """How many sheets were handed in, and which are not complete."""

    locked: int
    incomplete: tuple[str, ...]


class DecidedView(Strict):
    """How many decisions are prepared, and which could not be."""

    decided: int
    refused: tuple[RefusedView, ...]


def round_view(state: rounds.Round, progress: Progress | None = None) -> RoundView:
    """A round for those responsible."""
    view = RoundView.model_validate({name: getattr(state, name) for name in _ROUND})
    if progress is None:
        return view
    told = ProgressView(
        sheets=progress.sheets, locked=progress.locked, open_by=open_by(progress.open), short=state.short
    )
    return view.model_copy(update={"progress": told})


_ROUND = tuple(name for name in RoundView.model_fields if name not in {"progress", "mine"})


def own_round_view(state: rounds.Round, assessor_id: str, mine: Mapping[sheets.State, int]) -> RoundView:
    """A round for one of its assessors: nothing of others."""
    open_ones, locked = mine.get("open", 0), mine.get("locked", 0)
    own = MineView(sheets=open_ones + locked, locked=locked, open=open_ones)
    hidden = {"assessors": (assessor_id,), "applications": None, "reason": None, "closing_reason": None}
    return round_view(state).model_copy(update={**hidden, "mine": own})


def open_by(open_ones: Mapping[str, int]) -> tuple[OpenView, ...]:
    """Who has how many sheets still to hand in."""
    return tuple(OpenView(assessor_id=assessor, open=number) for assessor, number in sorted(open_ones.items()))


def assessed_view(sheet: sheets.Sheet, application: Application | None, edition: Edition) -> AssessedView | None:
    """The application of a sheet as its assessor reads it, while the sheet is open or counts."""
    if sheet.state not in {"open", "locked"} or application is None or not application.open_to_others:
        return None
    form = edition.form_of(application.form_version)
    hidden = names_hidden(edition)
    return AssessedView(
        mentor_id=None if hidden else application.mentor_id,
        name_hidden=hidden,
        waived=application.eligibility == "waived",
        offer=OfferView.model_validate(application.offer, from_attributes=True) if application.offer else None,
        questions=tuple(
            AnsweredView(
                question_id=one.question_id, text=one.text, answer=application.answers.get(one.question_id, "")
            )
            for one in (form.questions if form else ())
        ),
    )


def names_hidden(edition: Edition) -> bool:
    """Whether assessors must not learn whose applications they read."""
    return edition.call is not None and edition.call.names_hidden


def sheet_summary(sheet: sheets.Sheet, application: Application | None, edition: Edition) -> SheetSummary:
    """One's own sheet in a list."""
    return SheetSummary(
        sheet_id=sheet.sheet_id,
        round_id=sheet.round_id,
        state=sheet.state,
        complete=not sheets.missing(sheet, _criteria(edition)),
        application=assessed_view(sheet, application, edition),
    )


def sheet_view(sheet: sheets.Sheet, application: Application | None, edition: Edition) -> SheetView:
    """One's own sheet. Raises ``RubricMissing``."""
    rubric = rubric_of(edition)
    missing = sheets.missing(sheet, _criteria(edition))
    total = ranking.total(board.weighing_of(rubric), sheet.scores)
    return SheetView(
        sheet_id=sheet.sheet_id,
        round_id=sheet.round_id,
        edition_id=sheet.edition_id,
        application_id=None if names_hidden(edition) else sheet.application_id,
        assessor_id=sheet.assessor_id,
        state=sheet.state,
        complete=not missing,
        missing=tuple(missing),
        scores=sheet.scores,
        comment=sheet.comment,
        total=board.points(total) if sheet.scores else None,
        saved_at=sheet.saved_at,
        locked_at=sheet.locked_at,
        conflict_reason=sheet.conflict_reason,
        application=assessed_view(sheet, application, edition),
        rubric=RubricOfSheetView.model_validate(rubric, from_attributes=True),
    )


def _criteria(edition: Edition) -> list[str]:
    return [one.criterion_id for one in edition.rubric.criteria] if edition.rubric else []
