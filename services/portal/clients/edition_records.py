"""What `applications` tells of editions, their set-up and who takes part; tolerant of whatever is new."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from services.portal.clients.records import Read


class Rule(Read):
    """One rule of a call; which fields it has depends on its kind."""

    kind: str
    maximum: int | None = None
    legal_ground: str | None = None
    aim: str | None = None
    maximum_years: int | None = None
    minimum_months: int | None = None
    subsidiaries: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


class CallText(Read):
    """The words of a call in one language."""

    title: str = ""
    invitation: str = ""


class Call(Read):
    """An edition's call: until when one may apply, who may, and in which words it is made.

    One that was copied from an earlier edition has no dates yet.
    """

    reference_date: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    languages: tuple[str, ...] = ()
    names_hidden: bool = False
    hours_a_month: int = 2
    texts: dict[str, CallText] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


class Question(Read):
    """A question to applicants, by language, and how many words its answer may have."""

    question_id: str
    text: dict[str, str] = Field(default_factory=dict)
    most_words: int = 150


class ApplicationForm(Read):
    """The questions to applicants, in one version."""

    version: int = 0
    questions: tuple[Question, ...] = ()


class Criterion(Read):
    """A criterion by which applications are scored: its weight of 100, its levels in words, the lowest first."""

    criterion_id: str
    title: dict[str, str] = Field(default_factory=dict)
    weight: int = 0
    levels: tuple[dict[str, str], ...] = ()


class Rubric(Read):
    """How applications are scored: ``spread`` (points) calls for another look, ``sheets`` score each application."""

    criteria: tuple[Criterion, ...] = ()
    spread: int = 25
    sheets: int = 3


class Blocker(Read):
    """Something that stands in the way of the next stage, or is worth a thought before it."""

    code: str
    detail: str = ""
    number: int | None = None


class Next(Read):
    """The next stage, and what stands in its way."""

    stage: str
    blockers: tuple[Blocker, ...] = ()
    warnings: tuple[Blocker, ...] = ()


class Escalation(Read):
    """To whom executives without a mentor are escalated, and after how many days."""

    to: str | None = None
    after_days: int | None = None


class Places(Read):
    """How many places at a mentor are needed, and how many the selected ones offer."""

    needed: int = 0
    selected: int = 0


class Edition(Read):
    """An edition as far as the reader may know of it; counts and ``next`` are for those responsible."""

    edition_id: str
    name: str = ""
    stage: str = "draft"
    zone: str = "UTC"
    starts_on: date
    ends_on: date
    group_wide: bool = False
    subsidiaries: tuple[str, ...] = ()
    template: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    opened_at: datetime | None = None
    decision_on: date | None = None
    accept_by: date | None = None
    reserve_until: date | None = None
    escalation: Escalation | None = None
    call: Call | None = None
    form: ApplicationForm | None = None
    rubric: Rubric | None = None
    next: Next | None = None
    participations: dict[str, int] | None = None
    applications: dict[str, int] | None = None
    places: Places | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the call; German and English before there is one."""
        return self.call.languages if self.call and self.call.languages else ("de", "en")


class CoverageRow(Read):
    """How the executives of one company stand, in numbers; of all together where ``subsidiary`` is empty."""

    subsidiary: str = ""
    in_scope: int = 0
    obliged: int = 0
    paired: int = 0
    escalated: int = 0
    exempt: int = 0
    left: int = 0


class Coverage(Read):
    """How many executives take part, by company."""

    as_of: datetime
    totals: CoverageRow = CoverageRow()
    rows: tuple[CoverageRow, ...] = ()


class Exemption(Read):
    """Why an executive takes no part, and until when."""

    reason: str = ""
    explanation: str = ""
    until: date | None = None
    exempted_by: str | None = None
    exempted_at: datetime | None = None


class Escalated(Read):
    """To whom it was said that an executive has no mentor, since when, by whom ("timer": by nobody)."""

    to: str | None = None
    since: datetime | None = None
    reason: str | None = None
    by: str | None = None
    reachable: bool = True


class Left(Read):
    """Why an executive is out of the edition, and since when."""

    cause: str = ""
    at: datetime | None = None


class Participation(Read):
    """How one executive takes part."""

    participation_id: str
    edition_id: str = ""
    mentee_id: str = ""
    subsidiary: str = ""
    status: str = "obliged"
    pair_id: str | None = None
    obliged_at: datetime | None = None
    exemption: Exemption | None = None
    escalation: Escalated | None = None
    left: Left | None = None


class Admitted(Read):
    """The application of somebody who may apply after the deadline."""

    application_id: str
