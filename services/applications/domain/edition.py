"""Editions: a year's programme for a circle of companies, from its draft to its close.

What people prepare stands in ``preparing``, how they move it on in ``staging``; here is what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from services.applications.domain.call import Call, CallWording, Form, end_of
from services.applications.domain.rubric import Rubric

Stage = Literal["draft", "call_open", "selection", "matching", "running", "closed"]
STAGES: tuple[Stage, ...] = ("draft", "call_open", "selection", "matching", "running", "closed")
ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom (a person id) an executive without a mentor is escalated, after how many days."""

    to: str
    after_days: int = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What people say of an edition as a whole; ``ends_on`` is its last day, days are those of ``zone`` (IANA name).

    A ``group_wide`` edition takes every company of the group: those known when its call opens, and later ones.
    A day that is None was not said: on ``decision_on`` decisions are told, until ``accept_by`` mentors accept,
    until ``reserve_until`` the reserve list holds.
    """

    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    escalation: Escalation
    zone: str = ZONE
    group_wide: bool = False
    decision_on: date | None = None
    accept_by: date | None = None
    reserve_until: date | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closed an edition when, and why before its last day."""

    closed_by: str
    closed_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Edition:
    """A year's programme; its fields up to ``reserve_until`` are those of ``Terms``.

    ``copied`` is what a template's call said, until the edition has a call of its own.
    ``forms`` are the versions of its questions, oldest first; one that nobody could answer is not kept.
    ``rounds`` is the number of the newest round of assessment that was counted in.
    """

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    escalation: Escalation
    created_at: datetime
    created_by: str
    zone: str = ZONE
    group_wide: bool = False
    decision_on: date | None = None
    accept_by: date | None = None
    reserve_until: date | None = None
    stage: Stage = "draft"
    template: str | None = None
    call: Call | None = None
    copied: CallWording | None = None
    forms: tuple[Form, ...] = ()
    rubric: Rubric | None = None
    closing: Closing | None = None
    rounds: int = 0

    @property
    def terms(self) -> Terms:
        """What people said of it as a whole."""
        return Terms(**{one.name: getattr(self, one.name) for one in fields(Terms)})

    @property
    def opened_at(self) -> datetime | None:
        """When people opened its call, None before."""
        return self.call.opened_at if self.call else None

    @property
    def form(self) -> Form | None:
        """The newest version of its questions."""
        return self.forms[-1] if self.forms else None

    def form_of(self, version: int) -> Form | None:
        """This version of its questions, or None."""
        return next((form for form in self.forms if form.version == version), None)

    def accepts(self, at: datetime) -> bool:
        """Whether its call takes applications at this instant."""
        return self.stage == "call_open" and self.call is not None and self.call.accepts(at)

    def is_running_scope(self) -> bool:
        """Whether executives of its companies are obliged: from the opening of the call until it is closed."""
        return self.stage not in ("draft", "closed")

    def obliges(self, at: datetime) -> bool:
        """Whether executives come to be obliged at this instant, and time does something to those who are."""
        return self.is_running_scope() and not self.is_over(at)

    def ends_at(self) -> datetime:
        """The instant in UTC with which its last day ends in its zone."""
        return end_of(self.ends_on, self.zone)

    def is_over(self, at: datetime) -> bool:
        """Whether its last day has passed in its zone."""
        return at >= self.ends_at()

    def day_ends_at(self, day: date) -> datetime:
        """The instant in UTC with which a day ends in its zone, e.g. ``accept_by``."""
        return end_of(day, self.zone)

    def day_of(self, at: datetime) -> date:
        """Which day it is in its zone at this instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class EditionDrafted:
    """Somebody began to prepare an edition."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class EditionAmended:
    """What was said of an edition as a whole changed; ``changed`` says what of it."""

    edition_id: str
    terms: Terms
    changed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CallDrafted:
    """The call was written: as a whole while the edition was a draft, later its texts only."""

    edition_id: str
    call: Call
    changed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class FormChanged:
    """What the call asks has a new version."""

    edition_id: str
    form: Form
    at: datetime


@dataclass(frozen=True, slots=True)
class RubricChanged:
    """How applications are scored was changed."""

    edition_id: str
    rubric: Rubric
    at: datetime


@dataclass(frozen=True, slots=True)
class EditionOpened:
    """An edition was opened for these companies, which are all of the group where it is group-wide."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    opened_at: datetime
    group_wide: bool = False


@dataclass(frozen=True, slots=True)
class CallOpened:
    """The call of an edition was opened; from now on its rules are frozen."""

    edition_id: str
    call: Call
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class StageReached:
    """People moved an edition on."""

    edition_id: str
    stage: Stage
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class EditionClosed:
    """People closed an edition."""

    edition_id: str
    closing: Closing


@dataclass(frozen=True, slots=True)
class ScopeExtended:
    """A group-wide edition took in companies that are new in the group; ``subsidiaries`` are all it has now."""

    edition_id: str
    subsidiaries: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RoundCountedIn:
    """A round was opened; whoever saw the edition before saw it without."""

    edition_id: str
    number: int


Event = (
    EditionDrafted
    | EditionAmended
    | CallDrafted
    | FormChanged
    | RubricChanged
    | EditionOpened
    | CallOpened
    | StageReached
    | EditionClosed
    | ScopeExtended
    | RoundCountedIn
)


def evolve(state: Edition | None, event: Event) -> Edition:
    """The edition after an event."""
    if isinstance(event, EditionDrafted):
        return event.edition
    assert state is not None
    match event:
        case EditionAmended(terms=terms):
            return replace(state, **{one.name: getattr(terms, one.name) for one in fields(terms)})
        case CallDrafted(call=call):
            return replace(state, call=call, copied=None)
        case FormChanged(form=form):
            kept = () if state.stage == "draft" else state.forms
            return replace(state, forms=(*kept, form))
        case RubricChanged(rubric=rubric):
            return replace(state, rubric=rubric)
        case EditionOpened(subsidiaries=subsidiaries):
            return replace(state, subsidiaries=subsidiaries)
        case RoundCountedIn(number=number):
            return replace(state, rounds=number)
        case CallOpened(call=call):
            return replace(state, stage="call_open", call=call)
        case StageReached(stage=stage):
            return replace(state, stage=stage)
        case EditionClosed(closing=closing):
            return replace(state, stage="closed", closing=closing)
        case ScopeExtended(subsidiaries=subsidiaries):
            return replace(state, subsidiaries=subsidiaries)
