"""Promises of the stages of an edition: one at a time, never back, and what blocks each is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.applications import contracts
from services.applications.domain import edition as domain
from services.applications.domain import preparing, staging
from services.applications.domain.call import CallText, Form, Question
from services.applications.domain.edition import STAGES, Edition, Event, Stage, evolve
from services.applications.domain.eligibility import AgeRule
from services.applications.domain.rules import RuleBroken
from services.applications.domain.staging import Facts, blockers, next_of
from tests.support.editions import CALL, CLOSES, FORM, RUBRIC, WORDING, edition

NOW = datetime(2026, 1, 12, 10, tzinfo=UTC)
LATER = datetime(2026, 3, 15, tzinfo=UTC)
STAFFED = Facts(assessors=3)


def codes(state: Edition, facts: Facts = STAFFED, at: datetime = NOW) -> list[str]:
    """The codes of what blocks the next stage."""
    return [one.code for one in blockers(state, facts, at=at)[0]]


def warned(state: Edition, facts: Facts, at: datetime = LATER) -> dict[str, int]:
    """The codes of what should be known before the next stage, with their numbers."""
    return {one.code: one.number for one in blockers(state, facts, at=at)[1]}


def reached(
    state: Edition, to: Stage, *, facts: Facts = STAFFED, at: datetime = LATER, reason: str | None = None
) -> Edition:
    """The edition at this stage."""
    for event in staging.reach(state, to, facts, by="manager", reason=reason, at=at):
        state = evolve(state, event)
    return state


# What blocks


def test_prepared_draft_has_nothing_in_its_way() -> None:
    """Call, questions, rubric and companies are there; the next stage is the call."""
    following = next_of(edition("draft"), STAFFED, at=NOW)

    assert following == staging.Next("call_open", (), ())


_FIRST, _SECOND = RUBRIC.criteria


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"call": None}, "call-missing"),
        ({"rubric": None}, "rubric-missing"),
        ({"subsidiaries": ()}, "scope-empty"),
        ({"group_wide": True}, "scope-empty"),
        ({"forms": (Form(1, (Question("q", {"en": "Why?"}, 50),)),)}, "question-text-missing"),
        (
            {"rubric": replace(RUBRIC, criteria=(_FIRST, replace(_SECOND, title={"de": "Kennt"})))},
            "rubric-text-missing",
        ),
        ({"call": replace(CALL, wording=replace(WORDING, texts={"de": CallText("T", "I")}))}, "text-missing"),
        ({"call": replace(CALL, closes_at=NOW)}, "deadline-passed"),
        (
            {"call": replace(CALL, closes_at=datetime(2027, 2, 28, 23, 0, 0, 1, tzinfo=UTC))},
            "deadline-after-end",
        ),
        ({"decision_on": date(2026, 2, 14)}, "decision-before-deadline"),
    ],
)
def test_what_is_missing_blocks_the_call(changes: dict[str, Any], code: str) -> None:
    """Each gap is said by a code of its own, and nothing opens with one."""
    state = edition("draft", **changes)

    assert codes(state) == [code]
    with pytest.raises(staging.EditionBlocked) as refused:
        reached(state, "call_open", at=NOW)
    assert [one.code for one in refused.value.blockers] == [code]
    assert refused.value.detail


def test_everything_that_is_missing_is_said_at_once() -> None:
    """An empty draft hears all of it; each language of the call that lacks a text is one blocker."""
    bare = edition("draft", call=None, rubric=None, subsidiaries=())
    untold = edition("draft", call=replace(CALL, wording=replace(WORDING, texts={})))

    assert codes(bare) == ["scope-empty", "rubric-missing", "call-missing"]
    told, _ = blockers(untold, STAFFED, at=NOW)
    assert [(one.code, one.detail[-3:]) for one in told] == [("text-missing", "de."), ("text-missing", "en.")]


def test_deadline_counts_in_the_edition_s_zone() -> None:
    """The last minute of the last day in the zone is in time, though the day is over elsewhere."""
    last = datetime(2027, 2, 28, 23, tzinfo=UTC)  # midnight in Berlin

    assert codes(edition("draft", call=replace(CALL, closes_at=last))) == []
    assert codes(edition("draft", zone="Asia/Singapore", call=replace(CALL, closes_at=last))) == ["deadline-after-end"]


def test_decision_may_fall_on_the_day_of_the_deadline() -> None:
    """Which day that is depends on the zone: noon in UTC is the next day nowhere west of the date line but there."""
    on_the_day = edition("draft", decision_on=date(2026, 2, 15))

    assert codes(on_the_day) == []
    assert codes(replace(on_the_day, zone="Pacific/Kiritimati")) == ["decision-before-deadline"]


def test_questions_are_no_must() -> None:
    """A call may ask nothing."""
    assert codes(edition("draft", forms=())) == []


def test_selection_waits_for_the_deadline() -> None:
    """Until then applications may come in."""
    assert codes(edition(), at=CLOSES - timedelta(microseconds=1)) == ["call-still-open"]
    assert codes(edition(), at=CLOSES) == []


def test_selection_needs_a_rubric_while_the_edition_goes_on() -> None:
    """An edition that an earlier release opened may have none; one that is over is on its way to the close."""
    without, end = edition(rubric=None), edition().ends_at()

    assert codes(without, at=CLOSES) == ["rubric-missing"]
    assert codes(without, at=end - timedelta(microseconds=1)) == ["rubric-missing"]
    assert codes(without, at=end) == []


@pytest.mark.parametrize(
    ("stage", "facts", "code"),
    [
        ("selection", Facts(rounds_open=1), "round-open"),
        ("selection", Facts(undecided=4), "undecided"),
        ("selection", Facts(unreleased=2), "unreleased"),
        ("selection", Facts(not_accepted=2), "not-accepted"),
        ("matching", Facts(unaccounted=7), "executives-unaccounted"),
    ],
)
def test_open_ends_block_the_stage_after(stage: Stage, facts: Facts, code: str) -> None:
    """The number says how many there are."""
    [blocker], _ = blockers(edition(stage), facts, at=LATER)

    assert blocker.code == code
    assert blocker.number == max(
        facts.rounds_open, facts.undecided, facts.unreleased, facts.not_accepted, facts.unaccounted
    )
    assert codes(edition(stage), Facts(), at=LATER) == []


def test_executives_without_a_mentor_block_nothing_once_the_edition_is_over() -> None:
    """Nobody is escalated any more, and yet the edition can be closed."""
    assert codes(edition("matching"), Facts(unaccounted=7), at=edition().ends_at()) == []


def test_what_should_be_known_does_not_block() -> None:
    """Too few places, waiting waivers, no assessors, nobody to escalate to: said, with numbers, and no more."""
    facts = Facts(needed=20, places=18, waivers_waiting=2, assessors=0, escalation_reachable=False)

    assert warned(edition("draft"), facts, at=NOW) == {"no-assessors": 0, "escalation-unreachable": 1}
    unreachable = {"escalation-unreachable": 1}
    assert warned(edition(), facts) == {"no-assessors": 0, "waivers-waiting": 2, **unreachable}
    assert warned(edition("selection"), facts) == {"places-short": 2, "waivers-waiting": 2, **unreachable}
    assert warned(edition("matching"), facts) == warned(edition("running"), facts) == unreachable
    assert warned(edition("running"), facts, at=edition().ends_at()) == warned(edition("closed"), facts) == {}
    assert warned(edition("selection"), Facts(needed=20, places=20)) == {}
    assert reached(edition("selection"), "matching", facts=facts).stage == "matching"


def test_nothing_follows_the_last_stage() -> None:
    """A closed edition has no next stage."""
    assert next_of(edition("closed"), STAFFED, at=LATER) is None


# Moving on


def test_opening_tells_of_edition_and_call() -> None:
    """Both are on record; from then on the call takes applications and executives are obliged."""
    state = edition("draft")

    opened, called = staging.reach(state, "call_open", STAFFED, by="manager", reason=None, at=NOW)

    assert isinstance(opened, domain.EditionOpened)
    assert isinstance(called, domain.CallOpened)
    assert (opened.subsidiaries, opened.opened_at, called.opened_at) == (("s-1", "s-2"), NOW, NOW)
    after = evolve(evolve(state, opened), called)
    assert after.accepts(NOW)
    assert after.is_running_scope()
    assert after.opened_at == NOW


def test_group_wide_edition_takes_the_companies_of_the_day_it_opens() -> None:
    """Whatever stood in the draft: the group is what the directory says."""
    state = edition("draft", group_wide=True, subsidiaries=())

    assert reached(state, "call_open", facts=Facts(companies=("s-1", "s-9")), at=NOW).subsidiaries == ("s-1", "s-9")


@pytest.mark.parametrize("group_wide", [True, False])
def test_opening_tells_whether_later_companies_take_part(group_wide: bool) -> None:
    """Whoever reads it need not guess what a company means that is not named."""
    state = edition("draft", group_wide=group_wide)

    opened, _ = staging.reach(state, "call_open", replace(STAFFED, companies=("s-1",)), by="m", reason=None, at=NOW)

    outgoing = contracts.of_edition(opened)
    assert outgoing is not None
    assert outgoing.data.model_dump()["group_wide"] is group_wide


def test_new_companies_join_a_group_wide_edition_that_runs() -> None:
    """They are added, none is taken away; drafts, closed and bounded editions stay as they are."""
    state = edition(group_wide=True, subsidiaries=("s-2",))

    [event] = staging.extend_scope(state, ["s-1", "s-2", "s-3"], at=NOW)
    assert evolve(state, event).subsidiaries == ("s-2", "s-1", "s-3")
    assert staging.extend_scope(state, ["s-2"], at=NOW) == []
    assert staging.extend_scope(state, [], at=NOW) == []
    for other in (replace(state, group_wide=False), replace(state, stage="draft"), replace(state, stage="closed")):
        assert staging.extend_scope(other, ["s-1"], at=NOW) == []


@pytest.mark.parametrize("at_stage", STAGES)
@pytest.mark.parametrize("to", STAGES)
def test_stages_follow_one_another(at_stage: Stage, to: Stage) -> None:
    """Only the next one can be reached: no step is left out, none is taken back, none twice."""
    state = edition(at_stage)
    at = NOW if at_stage == "draft" else LATER
    if STAGES.index(to) == STAGES.index(at_stage) + 1:
        assert reached(state, to, at=at, reason="The programme ends early.").stage == to
        return
    with pytest.raises(staging.StageOrder, match=at_stage):
        reached(state, to, at=at, reason="The programme ends early.")


def test_round_is_counted_in_once_and_in_selection_only() -> None:
    """It changes the edition, so that whoever saw it before no longer moves it on; again changes nothing."""
    [event] = staging.count_in(state := edition("selection"), 1)
    counted = evolve(state, event)

    assert (counted.rounds, staging.count_in(counted, 1)) == (1, [])
    for stage in ("call_open", "matching", "running", "closed"):
        with pytest.raises(staging.NotInSelection):
            staging.count_in(edition(stage), 1)
    moved = reached(counted, "matching")
    assert staging.count_in(moved, 1) == []
    with pytest.raises(staging.NotInSelection):
        staging.count_in(moved, 2)


def test_closing_before_the_last_day_is_over_needs_a_reason() -> None:
    """The refusal names the field; the reason and the name are kept."""
    running, end = edition("running"), datetime(2027, 2, 28, 23, tzinfo=UTC)

    with pytest.raises(staging.ReasonMissing) as refused:
        reached(running, "closed", at=end - timedelta(microseconds=1))
    assert refused.value.field == "/reason"
    early = reached(running, "closed", at=LATER, reason="The group was sold.")
    assert early.closing == domain.Closing("manager", LATER, "The group was sold.")
    assert reached(running, "closed", at=end).closing == domain.Closing("manager", end, None)
    assert not early.is_running_scope()


class AnyCommands(RuleBasedStateMachine):
    """Commands in any order at any time; what holds whatever was tried, and that a replay gives the same."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW
        self.history: list[Event] = []
        self.stages: list[Stage] = []
        self.state: Edition

    @initialize(prepared=st.booleans(), group_wide=st.booleans())
    def draft(self, prepared: bool, group_wide: bool) -> None:
        given = edition("draft", group_wide=group_wide, subsidiaries=() if group_wide else ("s-1",))
        template = edition("closed", edition_id="e-0") if prepared else None
        events = preparing.draft(None, "e-1", given.terms, template=template, by="manager", at=NOW)
        self.state = evolve(None, events[0])
        self.carry_out(events)

    def carry_out(self, events: Sequence[Event]) -> None:
        for event in events:
            self.history.append(event)
            self.state = evolve(self.state, event)
        if not self.stages or self.stages[-1] != self.state.stage:
            self.stages.append(self.state.stage)

    def attempt(self, command: Any) -> None:
        before = self.state
        try:
            events = command()
        except RuleBroken:
            assert self.state == before
        else:
            self.carry_out(events)

    @rule(hours=st.integers(0, 2000))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(limit=st.sampled_from([26, 28]), title=st.sampled_from(["Zeig es uns", "Zeigt es uns"]))
    def write_call(self, limit: int, title: str) -> None:
        texts = {**WORDING.texts, "de": CallText(title, "Bewirb dich.")}
        wording = replace(WORDING, texts=texts, rules=(AgeRule(limit, "AGG §10, as counsel said"),))
        self.attempt(lambda: preparing.draft_call(self.state, replace(CALL, wording=wording), at=self.at))

    @rule(asked=st.booleans())
    def write_form(self, asked: bool) -> None:
        self.attempt(lambda: preparing.change_form(self.state, FORM.questions if asked else (), at=self.at))

    @rule(sheets=st.integers(2, 5))
    def write_rubric(self, sheets: int) -> None:
        self.attempt(lambda: preparing.change_rubric(self.state, replace(RUBRIC, sheets=sheets), at=self.at))

    @rule(zone=st.sampled_from(["Europe/Berlin", "Asia/Singapore"]), days=st.integers(0, 300))
    def amend(self, zone: str, days: int) -> None:
        wanted = replace(self.state.terms, zone=zone, reserve_until=date(2026, 3, 1) + timedelta(days=days))
        self.attempt(lambda: preparing.amend(self.state, wanted, at=self.at))

    @rule(companies=st.sets(st.sampled_from(["s-1", "s-2", "s-3"])))
    def group_grows(self, companies: set[str]) -> None:
        self.attempt(lambda: staging.extend_scope(self.state, companies, at=self.at))

    @rule(
        to=st.sampled_from(STAGES),
        follow=st.booleans(),
        undecided=st.integers(0, 1),
        reason=st.sampled_from([None, "It ends early."]),
    )
    def move_on(self, to: Stage, follow: bool, undecided: int, reason: str | None) -> None:
        facts = Facts(companies=("s-1", "s-2"), undecided=undecided)
        if follow and (following := next_of(self.state, facts, at=self.at)):
            to = following.stage
        self.attempt(lambda: staging.reach(self.state, to, facts, by="manager", reason=reason, at=self.at))

    @invariant()
    def stages_are_never_left_out_or_taken_back(self) -> None:
        assert tuple(self.stages) == STAGES[: len(self.stages)]

    @invariant()
    def rules_are_those_with_which_the_call_opened(self) -> None:
        opened = [event for event in self.history if isinstance(event, domain.CallOpened)]
        assert len(opened) <= 1
        if opened and self.state.call:
            assert self.state.call.rules == opened[0].call.rules
            assert self.state.call.closes_at == opened[0].call.closes_at

    @invariant()
    def open_edition_has_all_it_needs(self) -> None:
        if self.state.stage != "draft":
            assert self.state.call
            assert self.state.rubric
            assert self.state.subsidiaries
            assert set(self.state.call.texts) == set(self.state.call.languages)

    @invariant()
    def versions_of_the_form_only_rise(self) -> None:
        versions = [form.version for form in self.state.forms]
        assert versions == sorted(set(versions))

    def teardown(self) -> None:
        state: Edition | None = None
        for event in self.history:
            state = evolve(state, event)
        assert state == getattr(self, "state", None)


TestAnyCommands = AnyCommands.TestCase
TestAnyCommands.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
