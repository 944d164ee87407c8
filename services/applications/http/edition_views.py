"""What `applications` answers about editions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from services.applications.domain import edition
from services.applications.domain.call import Call, CallWording
from services.applications.domain.eligibility import (
    AgeRule,
    ContractRule,
    EntryRule,
    LanguageRule,
    SubsidiaryRule,
    TenureRule,
)
from services.chassis.wire import Instant, Strict

_SAID = (
    "edition_id",
    "name",
    "stage",
    "zone",
    "starts_on",
    "ends_on",
    "group_wide",
    "created_at",
    "opened_at",
    "decision_on",
    "accept_by",
    "reserve_until",
)


class CallTextView(Strict):
    """What a call says in one language."""

    title: str
    invitation: str


class CallView(Strict):
    """The call of an edition; what a template left open is null until it was said."""

    reference_date: date | None
    opens_at: Instant | None
    closes_at: Instant | None
    languages: tuple[str, ...]
    names_hidden: bool
    hours_a_month: int
    texts: dict[str, CallTextView]
    rules: tuple[AgeRule | EntryRule | TenureRule | SubsidiaryRule | ContractRule | LanguageRule, ...]


class QuestionView(Strict):
    """One question of the form."""

    question_id: str
    text: dict[str, str]
    most_words: int


class FormView(Strict):
    """What the call asks."""

    version: int
    questions: tuple[QuestionView, ...]


class CriterionView(Strict):
    """One thing that assessors look at."""

    criterion_id: str
    title: dict[str, str]
    weight: int
    levels: tuple[dict[str, str], ...]


class RubricView(Strict):
    """How applications are scored."""

    criteria: tuple[CriterionView, ...]
    spread: int
    sheets: int


class EscalationView(Strict):
    """To whom an executive without a mentor is escalated, after how many days."""

    to: str
    after_days: int


class BlockerView(Strict):
    """What stands in the way, or should be known: a stable code, words, how many."""

    code: str
    detail: str
    number: int


class NextView(Strict):
    """The stage that comes next, what blocks it, and of what people should know first."""

    stage: edition.Stage
    blockers: tuple[BlockerView, ...]
    warnings: tuple[BlockerView, ...]


class ClosingView(Strict):
    """Who closed an edition when, and why before its last day."""

    closed_by: str
    closed_at: Instant
    reason: str | None


class ParticipationCounts(Strict):
    """How many executives are in which state."""

    obliged: int = 0
    paired: int = 0
    escalated: int = 0
    exempt: int = 0
    left: int = 0


class ApplicationCounts(Strict):
    """How many applications are in which state."""

    draft: int = 0
    applied: int = 0
    selected: int = 0
    reserved: int = 0
    declined: int = 0
    accepted: int = 0
    withdrawn: int = 0


class PlacesView(Strict):
    """How many places executives need, and how many selected mentors offer."""

    needed: int
    selected: int


class EditionView(Strict):
    """One edition.

    Those responsible see who made it, the escalation and the counts of their companies; those responsible for
    all of it also what comes next and the places.
    """

    edition_id: str
    name: str
    stage: edition.Stage
    zone: str
    starts_on: date
    ends_on: date
    group_wide: bool
    subsidiaries: tuple[str, ...]
    created_at: Instant
    opened_at: Instant | None
    decision_on: date | None
    accept_by: date | None
    reserve_until: date | None
    call: CallView | None
    form: FormView | None
    rubric: RubricView | None
    template: str | None = None
    created_by: str | None = None
    escalation: EscalationView | None = None
    closing: ClosingView | None = None
    next: NextView | None = None
    participations: ParticipationCounts | None = None
    applications: ApplicationCounts | None = None
    places: PlacesView | None = None


def edition_view(state: edition.Edition, known: Callable[[Iterable[str]], tuple[str, ...]]) -> EditionView:
    """What everybody who may know of an edition sees of it; of companies those that the caller may know."""
    said = {name: getattr(state, name) for name in _SAID}
    return EditionView(
        **said,
        subsidiaries=known(state.subsidiaries),
        call=call_view(state, known),
        form=FormView.model_validate(state.form, from_attributes=True) if state.form else None,
        rubric=RubricView.model_validate(state.rubric, from_attributes=True) if state.rubric else None,
    )


def call_view(state: edition.Edition, known: Callable[[Iterable[str]], tuple[str, ...]]) -> CallView | None:
    """The call of an edition, or what its template left to begin with."""
    if state.call:
        return _call(state.call.wording, state.call, known)
    return _call(state.copied, None, known) if state.copied else None


def _call(wording: CallWording, call: Call | None, known: Callable[[Iterable[str]], tuple[str, ...]]) -> CallView:
    return CallView(
        reference_date=call.reference_date if call else None,
        opens_at=call.opens_at if call else None,
        closes_at=call.closes_at if call else None,
        languages=wording.languages,
        names_hidden=wording.names_hidden,
        hours_a_month=wording.hours_a_month,
        texts={
            language: CallTextView(title=one.title, invitation=one.invitation)
            for language, one in wording.texts.items()
        },
        rules=tuple(
            SubsidiaryRule(known(one.subsidiaries)) if isinstance(one, SubsidiaryRule) else one for one in wording.rules
        ),
    )
