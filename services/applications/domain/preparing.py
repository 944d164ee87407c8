"""What people say of an edition before its call opens, and what of it they may still change later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import available_timezones

from services.applications.domain.call import (
    Call,
    DatesContradict,
    Form,
    Question,
    TextMissing,
    end_of,
    lacking,
    must_ask_each_once,
    must_hold_together,
    untold_questions,
)
from services.applications.domain.edition import (
    CallDrafted,
    Edition,
    EditionAmended,
    EditionDrafted,
    Escalation,
    Event,
    FormChanged,
    RubricChanged,
    Stage,
    Terms,
)
from services.applications.domain.eligibility import AgeRule
from services.applications.domain.rubric import Rubric, must_add_up
from services.applications.domain.rules import RuleBroken

_VERSIONS = 50  # of the form that people may have answered
_PARTS = {
    "name": "name",
    "starts_on": "dates",
    "ends_on": "dates",
    "zone": "zone",
    "subsidiaries": "scope",
    "group_wide": "scope",
    "decision_on": "deadlines",
    "accept_by": "deadlines",
    "reserve_until": "deadlines",
    "escalation": "escalation",
}
_UNTIL_THE_CALL = ("name", "starts_on", "ends_on", "zone", "subsidiaries", "group_wide")


class EditionExists(RuleBroken):
    """The edition was made before."""

    kind = "edition-exists"


class EditionOver(RuleBroken):
    """The last day of the edition has passed."""

    kind = "edition-over"


class EditionClosedBefore(RuleBroken):
    """A closed edition stays as it is."""

    kind = "edition-closed"


class ZoneUnknown(RuleBroken):
    """There is no such time zone."""

    kind = "zone-unknown"
    status = 422
    field = "/zone"


class RulesFrozen(RuleBroken):
    """What applicants or assessors rely on does not change any more; ``field`` names it."""

    kind = "rules-frozen"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class FormTooOften(RuleBroken):
    """The questions were changed too often since the call opened."""

    kind = "form-changed-too-often"


def draft(
    state: Edition | None, edition_id: str, terms: Terms, *, template: Edition | None, by: str, at: datetime
) -> list[Event]:
    """Begin to prepare an edition, with the wording of a template, never with its dates or people.

    Raises ``EditionExists``, ``ZoneUnknown``, ``DatesContradict``, ``EditionOver``.
    """
    if state:
        raise EditionExists(f"This edition was made at {state.created_at:%Y-%m-%d %H:%M} UTC.")
    _must_make_sense(terms, at)
    said = {one.name: getattr(terms, one.name) for one in fields(terms)}
    drafted = Edition(edition_id=edition_id, created_at=at, created_by=by, **said)
    return [EditionDrafted(_copying(drafted, template) if template else drafted)]


def _copying(drafted: Edition, template: Edition) -> Edition:
    wording = template.call.wording if template.call else template.copied
    return replace(
        drafted,
        template=template.edition_id,
        copied=wording,
        forms=(Form(1, template.form.questions),) if template.form else (),
        rubric=template.rubric,
        escalation=Escalation(drafted.escalation.to, template.escalation.after_days),
    )


def amend(state: Edition, terms: Terms, *, at: datetime) -> list[Event]:
    """Change what was said of an edition as a whole.

    Name, dates, zone and companies only while it is a draft; deadlines and escalation until it is closed.
    Raises ``EditionClosedBefore``, ``RulesFrozen``, ``ZoneUnknown``, ``DatesContradict``, ``EditionOver``.
    """
    _must_be_open(state)
    before = state.terms
    different = [one.name for one in fields(terms) if getattr(terms, one.name) != getattr(before, one.name)]
    if not different:
        return []
    if state.stage != "draft" and (frozen := [name for name in different if name in _UNTIL_THE_CALL]):
        detail = f"{frozen[0]} is fixed since the call opened; people rely on it."
        raise RulesFrozen(f"/{frozen[0]}", detail)
    _must_make_sense(terms, at, new=different)
    changed = tuple(dict.fromkeys(_PARTS[name] for name in different))
    return [EditionAmended(state.edition_id, terms, changed, at)]


def _must_make_sense(terms: Terms, at: datetime, *, new: Sequence[str] = tuple(_PARTS)) -> None:
    if terms.zone not in zones():
        raise ZoneUnknown(f"{terms.zone} is no time zone; write an IANA name, e.g. Europe/Berlin.")
    if terms.ends_on < terms.starts_on:
        raise DatesContradict("/ends_on", "The edition ends before it starts; correct starts_on or ends_on.")
    if "ends_on" in new and at >= end_of(terms.ends_on, terms.zone):
        raise EditionOver(f"The last day, {terms.ends_on}, has passed; make an edition that is still to come.")
    said = [(name, day) for name in ("decision_on", "accept_by", "reserve_until") if (day := getattr(terms, name))]
    for (earlier, first), (later, second) in pairwise(said):
        if second < first:
            raise DatesContradict(f"/{later}", f"{later} lies before {earlier}, {first}; correct one of them.")
    for name, day in said:
        if day > terms.ends_on:
            raise DatesContradict(f"/{name}", f"{name} lies after the edition's last day, {terms.ends_on}.")


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The time zones that an edition may have, IANA names."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def draft_call(state: Edition, wanted: Call, *, at: datetime) -> list[Event]:
    """Write the call: all of it while the edition is a draft, its texts while the call is open.

    A legal ground that is missing from what an earlier release kept can be filled in, once.
    Raises ``EditionClosedBefore``, ``RulesFrozen``, ``DatesContradict``, ``RuleTwice``, ``TextForeign``,
    ``TextMissing``.
    """
    _must_be_open(state)
    if state.call and replace(wanted, opened_at=state.call.opened_at) == state.call:
        return []
    must_hold_together(wanted)
    if state.stage == "draft":
        return [CallDrafted(state.edition_id, replace(wanted, opened_at=None), ("call",), at)]
    _must_be_stage(state, "/texts", "draft", "call_open")
    assert state.call is not None
    kept = replace(wanted, opened_at=state.call.opened_at)
    before = _with_ground_of(state.call, kept)
    _must_keep_the_rules(before, kept)
    missing = lacking(kept.texts, kept.languages)
    if missing and kept.texts != before.texts:
        raise TextMissing(f"/texts/{missing[0]}", f"The call is open in {missing[0]} too; keep a text in it.")
    changed = ("call",) if before != state.call else ("texts",)
    return [CallDrafted(state.edition_id, kept, changed, at)]


def _with_ground_of(before: Call, wanted: Call) -> Call:
    """A call whose rule of age has the wanted legal ground where it has none."""
    ground = next((rule.legal_ground for rule in wanted.rules if isinstance(rule, AgeRule)), "")
    rules = tuple(
        replace(rule, legal_ground=ground) if isinstance(rule, AgeRule) and not rule.legal_ground else rule
        for rule in before.rules
    )
    return replace(before, wording=replace(before.wording, rules=rules))


def _must_keep_the_rules(before: Call, after: Call) -> None:
    for name in ("reference_date", "opens_at", "closes_at", "languages", "names_hidden", "hours_a_month", "rules"):
        if getattr(before, name) != getattr(after, name):
            raise RulesFrozen(f"/{name}", f"{name} is fixed since the call opened; only its texts may change.")


def change_form(state: Edition, questions: tuple[Question, ...], *, at: datetime) -> list[Event]:
    """Write the questions, as a new version; earlier ones are kept for those who answered them.

    Raises ``EditionClosedBefore``, ``RulesFrozen``, ``QuestionTwice``, ``TextMissing``, ``FormTooOften``.
    """
    _must_be_stage(state, "/questions", "draft", "call_open")
    must_ask_each_once(questions)
    if (state.form.questions if state.form else ()) == questions:
        return []
    form = Form((state.form.version if state.form else 0) + 1, questions)
    if state.stage == "call_open" and state.call:
        if len(state.forms) >= _VERSIONS:
            raise FormTooOften(f"The questions were changed {_VERSIONS} times since the call opened; leave them now.")
        if untold := untold_questions(form, state.call.languages):
            number = [question.question_id for question in questions].index(untold[0])
            detail = f"The question {untold[0]} lacks a language of the call, which is open."
            raise TextMissing(f"/questions/{number}/text", detail)
    return [FormChanged(state.edition_id, form, at)]


def change_rubric(state: Edition, rubric: Rubric, *, at: datetime) -> list[Event]:
    """Write the rubric, until selection begins; one that is missing still then can be filled in.

    Raises ``EditionClosedBefore``, ``RulesFrozen``, ``CriterionTwice``, ``WeightsOff``, ``TextMissing``.
    """
    _must_be_open(state)
    if state.rubric is not None:
        _must_be_stage(state, "/criteria", "draft", "call_open")
    must_add_up(rubric)
    if state.rubric == rubric:
        return []
    if state.stage != "draft" and state.call and (unworded := rubric.unworded(state.call.languages)):
        number = [one.criterion_id for one in rubric.criteria].index(unworded[0])
        detail = f"The criterion {unworded[0]} lacks a language of the call, which is open."
        raise TextMissing(f"/criteria/{number}", detail)
    return [RubricChanged(state.edition_id, rubric, at)]


def _must_be_open(state: Edition) -> None:
    if state.closing:
        raise EditionClosedBefore(f"The edition was closed on {state.closing.closed_at:%Y-%m-%d} and stays as it is.")


def _must_be_stage(state: Edition, field: str, *stages: Stage) -> None:
    _must_be_open(state)
    if state.stage not in stages:
        raise RulesFrozen(field, "This is fixed since the selection began; people rely on it.")
