"""The call of an edition: when it is open, whom it takes, what it says, and what it asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.applications.domain.eligibility import AgeRule, Rule
from services.applications.domain.rules import RuleBroken

Wording = Mapping[str, str]
"""A text by its language, a BCP 47 tag."""


class DatesContradict(RuleBroken):
    """A date that cannot hold together with the others; ``field`` names it."""

    kind = "dates-contradict"
    status = 422

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class RuleTwice(RuleBroken):
    """A call has at most one rule of each kind."""

    kind = "rule-twice"
    status = 422
    field = "/rules"


class TextMissing(RuleBroken):
    """A text is wanted in every language of the call; ``field`` names the one that lacks it."""

    kind = "text-missing"
    status = 422

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class TextForeign(RuleBroken):
    """A text is in a language that the call does not have; ``field`` names it."""

    kind = "text-foreign"
    status = 422

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class QuestionTwice(RuleBroken):
    """Each question has an id of its own."""

    kind = "question-twice"
    status = 422
    field = "/questions"


@dataclass(frozen=True, slots=True)
class CallText:
    """What a call says in one language."""

    title: str
    invitation: str


@dataclass(frozen=True, slots=True)
class CallWording:
    """What a call says and whom it takes, without its dates: what a later edition may begin with.

    ``hours_a_month`` is the time that mentoring takes; with ``names_hidden`` assessors see no names.
    """

    languages: tuple[str, ...]
    texts: Mapping[str, CallText]
    rules: tuple[Rule, ...]
    names_hidden: bool = False
    hours_a_month: int = 2


@dataclass(frozen=True, slots=True)
class Call:
    """The call for mentors.

    Rules are counted on ``reference_date``. It is open from ``opens_at`` (None: at once) until ``closes_at``, that
    instant excluded, but never before people opened it (``opened_at``, None while it is a draft).
    """

    reference_date: date
    closes_at: datetime
    wording: CallWording
    opens_at: datetime | None = None
    opened_at: datetime | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the call's texts, BCP 47 tags."""
        return self.wording.languages

    @property
    def texts(self) -> Mapping[str, CallText]:
        """What the call says, by language."""
        return self.wording.texts

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Whom the call takes."""
        return self.wording.rules

    @property
    def names_hidden(self) -> bool:
        """Whether assessors see no names."""
        return self.wording.names_hidden

    @property
    def hours_a_month(self) -> int:
        """The hours that mentoring takes in a month."""
        return self.wording.hours_a_month

    @property
    def maximum_age(self) -> int | None:
        """The highest age that the call takes, None where it has no age rule."""
        return next((rule.maximum for rule in self.rules if isinstance(rule, AgeRule)), None)

    @property
    def accepts_from(self) -> datetime | None:
        """The first instant at which it takes applications, None while it is a draft."""
        return max(self.opened_at, self.opens_at or self.opened_at) if self.opened_at else None

    def accepts(self, at: datetime) -> bool:
        """Whether it takes applications at this instant."""
        return self.accepts_from is not None and self.accepts_from <= at < self.closes_at


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form, answered in at most ``most_words`` words."""

    question_id: str
    text: Wording
    most_words: int


@dataclass(frozen=True, slots=True)
class Form:
    """What the call asks; each change makes a new version, so that answers keep the wording they answer."""

    version: int
    questions: tuple[Question, ...]

    def question(self, question_id: str) -> Question | None:
        """The question of this id, or None."""
        return next((one for one in self.questions if one.question_id == question_id), None)


def must_hold_together(call: Call) -> None:
    """Let pass a call whose dates, rules and texts agree.

    Raises ``DatesContradict``, ``RuleTwice``, ``TextForeign``.
    """
    if call.opens_at and call.closes_at <= call.opens_at:
        raise DatesContradict("/closes_at", "The call would close before it opens; set closes_at later than opens_at.")
    kinds = [rule.kind for rule in call.rules]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise RuleTwice(f"There are two rules on {kind}; a call has at most one of each kind.")
    for language in call.texts:
        if language not in call.languages:
            detail = f"There is a text in {language}, which is none of the call's languages; add it or leave it out."
            raise TextForeign(f"/texts/{language}", detail)


def must_ask_each_once(questions: Sequence[Question]) -> None:
    """Let pass questions with ids of their own. Raises ``QuestionTwice``."""
    ids = [question.question_id for question in questions]
    for id in ids:
        if ids.count(id) > 1:
            raise QuestionTwice(f"Two questions have the id {id}; give each one of its own.")


def lacking(texts: Mapping[str, object], languages: Iterable[str]) -> tuple[str, ...]:
    """The languages in which there is no text."""
    return tuple(language for language in languages if not texts.get(language))


def untold_questions(form: Form | None, languages: Sequence[str]) -> tuple[str, ...]:
    """The ids of questions that lack a language of the call."""
    return tuple(one.question_id for one in (form.questions if form else ()) if lacking(one.text, languages))


def end_of(day: date, zone: str) -> datetime:
    """The instant in UTC with which a day ends in a zone (IANA name): the first one that no longer belongs to it."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone)).astimezone(UTC)


def start_of(day: date, zone: str) -> datetime:
    """The instant in UTC with which a day begins in a zone (IANA name)."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
