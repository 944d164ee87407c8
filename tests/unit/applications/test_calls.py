"""Promises of a call: when it is open, what freezes when it opens, its questions and its rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.applications.domain import edition as domain
from services.applications.domain import preparing, rubric
from services.applications.domain.call import (
    Call,
    CallText,
    DatesContradict,
    Form,
    Question,
    QuestionTwice,
    RuleTwice,
    TextForeign,
    TextMissing,
)
from services.applications.domain.edition import Edition, Event, Stage, evolve
from services.applications.domain.eligibility import AgeRule, TenureRule
from services.applications.domain.rules import RuleBroken
from tests.support.editions import CALL, CLOSES, FORM, LEGAL_GROUND, OPENED, RUBRIC, WORDING, edition

NOW = datetime(2026, 1, 8, 10, tzinfo=UTC)
DRAFT = edition("draft", call=None, forms=(), rubric=None)


def after(state: Edition, events: Sequence[Event]) -> Edition:
    """The edition after these events."""
    for event in events:
        state = evolve(state, event)
    return state


# The call


def test_call_is_written_as_a_whole_while_the_edition_is_a_draft() -> None:
    """The newest one counts; it takes no applications before people open it."""
    state = after(DRAFT, preparing.draft_call(DRAFT, CALL, at=NOW))
    other = replace(CALL, reference_date=date(2026, 4, 1))

    assert state.call == CALL
    assert not CALL.accepts(CLOSES - timedelta(hours=1))
    assert after(state, preparing.draft_call(state, other, at=NOW)).call == other


def test_call_is_open_from_its_opening_until_its_deadline() -> None:
    """Never before people opened it, nor before the instant it names; the deadline itself is too late."""
    moment = timedelta(microseconds=1)
    at_once = replace(CALL, opened_at=OPENED)
    later = replace(at_once, opens_at=OPENED + timedelta(days=1))
    before = replace(at_once, opens_at=OPENED - timedelta(days=1))

    for call, opens in ((at_once, OPENED), (later, OPENED + timedelta(days=1)), (before, OPENED)):
        assert [call.accepts(at) for at in (opens - moment, opens, CLOSES - moment, CLOSES)] == [
            False,
            True,
            True,
            False,
        ]


def test_edition_takes_applications_at_the_stage_of_its_call_only() -> None:
    """Whatever the call's own clock says."""
    at = OPENED + timedelta(hours=1)

    assert edition().accepts(at)
    assert not any(edition(stage).accepts(at) for stage in ("draft", "selection", "matching", "running", "closed"))


@pytest.mark.parametrize(
    ("call", "refusal", "field"),
    [
        (replace(CALL, opens_at=CLOSES), DatesContradict, "/closes_at"),
        (replace(CALL, wording=replace(WORDING, rules=(TenureRule(3), TenureRule(6)))), RuleTwice, "/rules"),
        (
            replace(CALL, wording=replace(WORDING, texts={**WORDING.texts, "it": CallText("Ciao", "Vieni.")})),
            TextForeign,
            "/texts/it",
        ),
    ],
)
def test_call_must_hold_together(call: Call, refusal: type[RuleBroken], field: str) -> None:
    """Opening before closing, one rule of a kind, texts in its own languages; the refusal names the field."""
    with pytest.raises(refusal) as refused:
        preparing.draft_call(DRAFT, call, at=NOW)
    assert refused.value.field == field


def test_texts_may_change_while_the_call_is_open() -> None:
    """A typing error can be put right; the call stays open as it was."""
    state = edition()
    texts = {**WORDING.texts, "de": CallText("Zeigt es uns", "Bewerbt euch.")}

    [event] = preparing.draft_call(state, replace(CALL, wording=replace(WORDING, texts=texts)), at=NOW)

    assert isinstance(event, domain.CallDrafted)
    assert event.changed == ("texts",)
    assert evolve(state, event).call == replace(CALL, wording=replace(WORDING, texts=texts), opened_at=OPENED)


def test_open_call_keeps_a_text_in_each_language() -> None:
    """A language that applicants were promised does not vanish."""
    wanted = replace(CALL, wording=replace(WORDING, texts={"de": WORDING.texts["de"]}))

    with pytest.raises(TextMissing) as refused:
        preparing.draft_call(edition(), wanted, at=NOW)
    assert refused.value.field == "/texts/en"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (replace(CALL, reference_date=date(2026, 3, 2)), "/reference_date"),
        (replace(CALL, closes_at=CLOSES + timedelta(minutes=1)), "/closes_at"),
        (replace(CALL, opens_at=OPENED), "/opens_at"),
        (replace(CALL, wording=replace(WORDING, languages=("de", "en", "it"))), "/languages"),
        (replace(CALL, wording=replace(WORDING, names_hidden=True)), "/names_hidden"),
        (replace(CALL, wording=replace(WORDING, hours_a_month=3)), "/hours_a_month"),
        (replace(CALL, wording=replace(WORDING, rules=(AgeRule(29, LEGAL_GROUND), WORDING.rules[1]))), "/rules"),
        (replace(CALL, wording=replace(WORDING, rules=())), "/rules"),
    ],
)
def test_rules_are_frozen_when_the_call_opens(call: Call, field: str) -> None:
    """What applicants were promised stays; the refusal names what of it would change."""
    with pytest.raises(preparing.RulesFrozen) as refused:
        preparing.draft_call(edition(), call, at=NOW)
    assert refused.value.field == field


@pytest.mark.parametrize("stage", ["selection", "matching", "running"])
def test_after_the_call_nothing_of_it_changes(stage: Stage) -> None:
    """Texts, questions and rubric are frozen from selection on."""
    state = edition(stage)
    texts = {**WORDING.texts, "de": CallText("Anders", "Anders.")}

    for command in (
        lambda: preparing.draft_call(state, replace(CALL, wording=replace(WORDING, texts=texts)), at=NOW),
        lambda: preparing.change_form(state, (), at=NOW),
        lambda: preparing.change_rubric(state, replace(RUBRIC, sheets=2), at=NOW),
    ):
        with pytest.raises(preparing.RulesFrozen):
            command()


# Questions


def test_each_change_of_the_questions_is_a_new_version() -> None:
    """Answers keep the wording they answered: from the opening of the call on earlier versions are kept."""
    state = DRAFT
    for number in (1, 2):
        question = Question(f"q-{number}", {"de": "Was?", "en": "What?"}, 100)
        state = after(state, preparing.change_form(state, (question,), at=NOW))
    assert [form.version for form in state.forms] == [2]

    opened = edition(forms=state.forms)
    opened = after(opened, preparing.change_form(opened, (), at=NOW))

    assert [form.version for form in opened.forms] == [2, 3]
    assert opened.form == opened.form_of(3) == Form(3, ())
    assert opened.form_of(2) == state.form
    assert opened.form_of(1) is None


def test_questions_have_ids_of_their_own() -> None:
    """An answer must belong to one question."""
    twice = (Question("q", {"de": "Was?"}, 50), Question("q", {"de": "Wie?"}, 50))

    with pytest.raises(QuestionTwice, match="q"):
        preparing.change_form(DRAFT, twice, at=NOW)


def test_open_call_asks_in_all_its_languages() -> None:
    """While it is a draft a translation may be missing, once it is open it may not."""
    half = (Question("p", {"de": "Was?", "en": "What?"}, 50), Question("q", {"de": "Wie?"}, 50))

    assert preparing.change_form(DRAFT, half, at=NOW)
    with pytest.raises(TextMissing) as refused:
        preparing.change_form(edition(), half, at=NOW)
    assert refused.value.field == "/questions/1/text"


def test_questions_of_an_open_call_are_not_changed_for_ever() -> None:
    """An edition keeps all versions, so their number has an end."""
    state = edition(forms=tuple(Form(number, ()) for number in range(1, 51)))

    with pytest.raises(preparing.FormTooOften):
        preparing.change_form(state, FORM.questions, at=NOW)
    assert preparing.change_form(replace(state, stage="draft"), FORM.questions, at=NOW)


# Rubric


@pytest.mark.parametrize(
    ("weights", "told"), [((60, 30), "10 are missing"), ((60, 50), "10 too many"), ((100, 100), "100 too many")]
)
def test_weights_are_100_together(weights: tuple[int, int], told: str) -> None:
    """The refusal says how much is missing or too much."""
    criteria = tuple(replace(one, weight=weight) for one, weight in zip(RUBRIC.criteria, weights, strict=True))

    with pytest.raises(rubric.WeightsOff, match=told):
        preparing.change_rubric(DRAFT, replace(RUBRIC, criteria=criteria), at=NOW)


def test_criteria_have_ids_of_their_own() -> None:
    """A score must belong to one criterion."""
    first, second = RUBRIC.criteria

    with pytest.raises(rubric.CriterionTwice):
        preparing.change_rubric(
            DRAFT, replace(RUBRIC, criteria=(first, replace(second, criterion_id="explains"))), at=NOW
        )


def test_rubric_of_an_open_call_is_worded_in_all_its_languages() -> None:
    """A level without a translation is refused once the call is open; a draft may still lack it."""
    first, second = RUBRIC.criteria
    half = replace(RUBRIC, criteria=(first, replace(second, levels=(second.levels[0], {"de": "gut"}))))

    assert after(DRAFT, preparing.change_rubric(DRAFT, half, at=NOW)).rubric == half
    with pytest.raises(TextMissing) as refused:
        preparing.change_rubric(edition(), half, at=NOW)
    assert refused.value.field == "/criteria/1"
    assert half.unworded(("de",)) == ()
    assert half.unworded(("de", "en")) == ("knows",)
    assert RUBRIC.criterion("knows") == second
    assert RUBRIC.criterion("sings") is None
