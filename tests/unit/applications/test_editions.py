"""Promises of an edition: what people say of it, and until when they may change what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.applications.domain import edition as domain
from services.applications.domain import preparing
from services.applications.domain.call import (
    DatesContradict,
    Form,
    Question,
    TextMissing,
    end_of,
    start_of,
)
from services.applications.domain.edition import Edition, Escalation, Event, Stage, Terms, evolve
from services.applications.domain.eligibility import AgeRule
from services.applications.domain.rules import RuleBroken
from tests.support.editions import CALL, CLOSES, CREATED, FORM, OPENED, RUBRIC, WORDING, edition

NOW = datetime(2026, 1, 8, 10, tzinfo=UTC)
TERMS = Terms("2026", date(2026, 3, 1), date(2027, 2, 28), ("s-1", "s-2"), Escalation("manager"))
AFTER_THE_DRAFT: tuple[Stage, ...] = ("call_open", "selection", "matching", "running")


def drafted(terms: Terms = TERMS, template: Edition | None = None, at: datetime = NOW) -> Edition:
    """The edition after it was drafted."""
    [event] = preparing.draft(None, "e-1", terms, template=template, by="manager", at=at)
    return evolve(None, event)


def after(state: Edition, events: Sequence[Event]) -> Edition:
    """The edition after these events."""
    for event in events:
        state = evolve(state, event)
    return state


def amended(state: Edition, at: datetime = NOW, **changes: Any) -> Edition:
    """The edition after these changes of its terms."""
    return after(state, preparing.amend(state, replace(state.terms, **changes), at=at))


# Making one


def test_draft_holds_what_was_said_and_nothing_else() -> None:
    """An edition begins as a draft without call, questions and rubric."""
    state = drafted()

    assert state.terms == TERMS
    assert (state.stage, state.created_at, state.created_by) == ("draft", NOW, "manager")
    assert (state.call, state.form, state.rubric, state.opened_at) == (None, None, None, None)
    assert not state.is_running_scope()


def test_edition_is_made_once() -> None:
    """An edition that exists is not made again."""
    with pytest.raises(preparing.EditionExists):
        preparing.draft(drafted(), "e-1", TERMS, template=None, by="manager", at=NOW)


def test_template_gives_words_and_rules_but_no_dates_and_no_people() -> None:
    """A new edition begins with last year's call, questions and rubric; dates, people and stage are its own."""
    last = edition(
        "closed",
        edition_id="e-0",
        forms=(FORM, Form(2, (Question("how", {"de": "Wie?"}, 50),))),
        escalation=Escalation("somebody", 21),
        decision_on=date(2026, 2, 20),
        accept_by=date(2026, 2, 25),
    )

    state = drafted(template=last)

    assert (state.template, state.copied, state.rubric) == ("e-0", WORDING, RUBRIC)
    assert state.forms == (Form(1, last.forms[1].questions),)
    assert state.escalation == Escalation("manager", 21)
    assert (state.call, state.decision_on, state.accept_by, state.created_by) == (None, None, None, "manager")
    assert (state.subsidiaries, state.stage) == (TERMS.subsidiaries, "draft")


def test_template_of_a_template_still_has_its_words() -> None:
    """What was copied and not yet made a call is copied on; a call of one's own takes its place."""
    first = drafted(template=edition())
    second = drafted(template=replace(first, edition_id="e-2"))

    assert second.copied == WORDING
    assert after(second, preparing.draft_call(second, CALL, at=NOW)).copied is None


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"ends_on": date(2026, 2, 28)}, DatesContradict, "/ends_on"),
        ({"zone": "Europe/Nowhere"}, preparing.ZoneUnknown, "/zone"),
        ({"zone": "../../etc/passwd"}, preparing.ZoneUnknown, "/zone"),
        ({"zone": "localtime"}, preparing.ZoneUnknown, "/zone"),
        ({"decision_on": date(2026, 3, 2), "accept_by": date(2026, 3, 1)}, DatesContradict, "/accept_by"),
        ({"accept_by": date(2026, 3, 2), "reserve_until": date(2026, 3, 1)}, DatesContradict, "/reserve_until"),
        ({"decision_on": date(2026, 3, 2), "reserve_until": date(2026, 3, 1)}, DatesContradict, "/reserve_until"),
        ({"reserve_until": date(2027, 3, 1)}, DatesContradict, "/reserve_until"),
    ],
)
def test_dates_and_zone_must_make_sense(changes: dict[str, Any], refusal: type[RuleBroken], field: str) -> None:
    """What contradicts itself is refused and named, when an edition is made and when it is changed."""
    terms = replace(TERMS, **changes)

    for make in (
        lambda: preparing.draft(None, "e-1", terms, template=None, by="manager", at=NOW),
        lambda: preparing.amend(drafted(), terms, at=NOW),
    ):
        with pytest.raises(refusal) as refused:
            make()
        assert refused.value.field == field


def test_one_day_is_the_shortest_edition() -> None:
    """An edition may end on the day it starts, and its deadlines may all be one day."""
    day = date(2026, 3, 1)
    terms = replace(TERMS, starts_on=day, ends_on=day, decision_on=day, accept_by=day, reserve_until=day)

    assert drafted(terms).terms == terms


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 0), ("Asia/Singapore", -8), ("America/New_York", 5)])
def test_edition_that_is_over_in_its_zone_is_not_made(zone: str, hours: int) -> None:
    """The last day ends at midnight of the edition's own zone, not of UTC."""
    midnight = datetime(2027, 3, 1, tzinfo=UTC) + timedelta(hours=hours)
    terms = replace(TERMS, zone=zone)

    state = drafted(terms, at=midnight - timedelta(microseconds=1))
    assert not state.is_over(midnight - timedelta(microseconds=1))
    assert state.is_over(midnight)
    with pytest.raises(preparing.EditionOver):
        drafted(terms, at=midnight)


# Days and clock changes


@pytest.mark.parametrize(
    ("day", "zone", "starts", "ends"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),  # of 23 hours
        ("2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),  # of 25 hours
        ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),  # its midnight is skipped
        ("2026-10-29", "Africa/Cairo", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z"),  # its last hour comes twice
        ("2026-06-01", "Asia/Singapore", "2026-05-31T16:00:00Z", "2026-06-01T16:00:00Z"),
    ],
)
def test_day_begins_and_ends_by_the_clocks_of_its_zone(day: str, zone: str, starts: str, ends: str) -> None:
    """Days of 23 and 25 hours count whole, also where midnight itself is skipped or its hour comes twice."""
    state = edition(zone=zone)

    assert start_of(date.fromisoformat(day), zone) == datetime.fromisoformat(starts)
    assert end_of(date.fromisoformat(day), zone) == state.day_ends_at(date.fromisoformat(day))
    assert state.day_ends_at(date.fromisoformat(day)) == datetime.fromisoformat(ends)
    assert state.day_of(datetime.fromisoformat(ends) - timedelta(microseconds=1)) == date.fromisoformat(day)
    assert state.day_of(datetime.fromisoformat(ends)) == date.fromisoformat(day) + timedelta(days=1)


def test_deadline_inside_a_doubled_hour_is_the_instant_that_was_said() -> None:
    """Half past two comes twice on 25 October; the offset says which, and only that instant closes the call."""
    first = datetime.fromisoformat("2026-10-25T02:30:00+02:00")
    second = datetime.fromisoformat("2026-10-25T02:30:00+01:00")

    for closes_at in (first, second):
        call = replace(CALL, closes_at=closes_at, opened_at=OPENED)
        assert call.accepts(closes_at - timedelta(microseconds=1))
        assert not call.accepts(closes_at)
    assert replace(CALL, closes_at=second, opened_at=OPENED).accepts(first)


# Changing what was said


def test_draft_may_change_in_everything() -> None:
    """Name, dates, zone, companies, deadlines and escalation; the event says which parts, each once."""
    state = drafted()
    wanted = Terms(
        "Other",
        date(2026, 4, 1),
        date(2027, 3, 31),
        (),
        Escalation("other", 5),
        zone="Asia/Singapore",
        group_wide=True,
        decision_on=date(2026, 4, 2),
        accept_by=date(2026, 4, 9),
    )

    [event] = preparing.amend(state, wanted, at=NOW)

    assert isinstance(event, domain.EditionAmended)
    assert event.changed == ("name", "dates", "scope", "escalation", "zone", "deadlines")
    assert evolve(state, event).terms == wanted


def test_saying_the_same_again_changes_nothing() -> None:
    """Whoever presses the button twice makes no second event."""
    state = edition()

    assert preparing.amend(state, state.terms, at=NOW) == []
    assert state.call is not None
    assert preparing.draft_call(state, replace(state.call, opened_at=None), at=NOW) == []
    assert preparing.change_form(state, FORM.questions, at=NOW) == []
    assert preparing.change_rubric(state, RUBRIC, at=NOW) == []


@pytest.mark.parametrize("stage", AFTER_THE_DRAFT)
def test_deadlines_and_escalation_may_change_until_the_close(stage: Stage) -> None:
    """They may be set, moved and taken back at every stage before the last."""
    state = amended(
        edition(stage), accept_by=date(2026, 4, 1), reserve_until=date(2026, 5, 1), escalation=Escalation("other", 3)
    )

    assert (state.accept_by, state.reserve_until) == (date(2026, 4, 1), date(2026, 5, 1))
    assert state.escalation == Escalation("other", 3)
    assert amended(state, accept_by=None).accept_by is None


@pytest.mark.parametrize("stage", AFTER_THE_DRAFT)
@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Other"},
        {"starts_on": date(2026, 4, 1)},
        {"ends_on": date(2027, 3, 31)},
        {"zone": "UTC"},
        {"subsidiaries": ("s-1",)},
        {"group_wide": True},
    ],
)
def test_what_people_rely_on_is_frozen_when_the_call_opens(stage: Stage, changes: dict[str, Any]) -> None:
    """Name, dates, zone and companies stay; the refusal names the field."""
    with pytest.raises(preparing.RulesFrozen) as refused:
        amended(edition(stage), **changes)
    assert refused.value.field == f"/{next(iter(changes))}"


def test_running_edition_may_be_amended_after_its_last_day() -> None:
    """An edition that nobody closed in time can still be put right."""
    late = datetime(2027, 3, 5, tzinfo=UTC)

    assert amended(edition("running"), at=late, escalation=Escalation("other")).escalation.to == "other"


@pytest.mark.parametrize("stage", AFTER_THE_DRAFT)
def test_rubric_that_is_missing_is_filled_in_once(stage: Stage) -> None:
    """An edition that an earlier release opened may lack one, however far it is; then it is frozen as any other."""
    [event] = preparing.change_rubric(edition(stage, rubric=None), RUBRIC, at=NOW)
    filled = evolve(edition(stage, rubric=None), event)

    assert filled.rubric == RUBRIC
    other = replace(RUBRIC, spread=RUBRIC.spread + 1)
    if stage != "call_open":
        with pytest.raises(preparing.RulesFrozen):
            preparing.change_rubric(filled, other, at=NOW)
    unworded = replace(RUBRIC, criteria=tuple(replace(one, title={"de": "Nur so"}) for one in RUBRIC.criteria))
    with pytest.raises(TextMissing):
        preparing.change_rubric(edition(stage, rubric=None), unworded, at=NOW)


def test_legal_ground_that_is_missing_is_filled_in_once() -> None:
    """What an earlier release kept has none: the first one is taken with the texts, nothing else of the rules."""
    age, language = WORDING.rules
    assert isinstance(age, AgeRule)
    kept = replace(CALL, wording=replace(WORDING, rules=(replace(age, legal_ground=""), language)))
    state = edition(call=replace(kept, opened_at=OPENED))

    [event] = preparing.draft_call(state, CALL, at=NOW)

    assert isinstance(event, domain.CallDrafted)
    assert event.changed == ("call",)
    filled = evolve(state, event)
    assert filled.call == replace(CALL, opened_at=OPENED)
    silent = replace(kept, opened_at=OPENED, wording=replace(kept.wording, texts={}))
    assert preparing.draft_call(edition(call=silent), replace(CALL, wording=replace(WORDING, texts={})), at=NOW)
    other, older = replace(age, legal_ground="Another law altogether."), replace(age, maximum=30)
    for before, rule in ((filled, other), (filled, older), (state, older)):
        with pytest.raises(preparing.RulesFrozen):
            preparing.draft_call(before, replace(CALL, wording=replace(WORDING, rules=(rule, language))), at=NOW)


def closed() -> Edition:
    """An edition that was closed."""
    return edition("closed", closing=domain.Closing("manager", NOW, "The company was sold."))


def test_closed_edition_stays_as_it_is() -> None:
    """Neither its terms nor its call, questions and rubric change any more."""
    state = closed()
    refused = [
        lambda: preparing.amend(state, replace(state.terms, accept_by=date(2026, 4, 1)), at=NOW),
        lambda: preparing.draft_call(state, CALL, at=NOW),
        lambda: preparing.change_form(state, (), at=NOW),
        lambda: preparing.change_rubric(state, RUBRIC, at=NOW),
    ]

    for command in refused:
        with pytest.raises(preparing.EditionClosedBefore, match="2026-01-08"):
            command()


def test_edition_was_made_before_its_call_opened() -> None:
    """Support for these tests: the edition they use is one that could be."""
    assert edition().created_at == CREATED < OPENED < CLOSES < edition().ends_at()
