"""Promises of an application, from handing it in to the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.applications.domain import application
from services.applications.domain.edition import Call, Edition
from services.applications.domain.rules import RuleBroken

OPENED = datetime(2026, 1, 12, 9, tzinfo=UTC)
CLOSES = datetime(2026, 2, 15, 12, tzinfo=UTC)
NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
CALL = Call(date(2026, 3, 1), 28, ("de", "en"), CLOSES, opened_at=OPENED)
EDITION = Edition("e-1", "Reverse 2026", date(2026, 3, 1), date(2027, 2, 28), ("s-1", "s-2"), OPENED, CALL)
YOUNG = application.Profile(date(2000, 6, 1), ("de",))
OLD = application.Profile(date(1990, 6, 1), ("de",))
APPLICANT = application.Applicant("p-1", "s-1", active=True, executive=False, profile=YOUNG)
GRANTED = application.Waiver("granted", "Came late from university.", "manager", NOW)
REFUSED = replace(GRANTED, decision="refused")
SELECTED = application.Decision("selected", None, "manager", NOW)
DECLINED = application.Decision("declined", "Too many from the same house.", "manager", NOW)


def apply(
    applicant: application.Applicant | None = APPLICANT,
    edition: Edition = EDITION,
    at: datetime = NOW,
    state: application.Application | None = None,
) -> application.Application:
    """The application after applying."""
    [event] = application.apply(state, application_id="a-1", edition=edition, applicant=applicant, at=at)
    return application.evolve(state, event)


def met() -> application.Application:
    """An application that meets every rule."""
    return apply()


def unmet() -> application.Application:
    """An application of somebody too old."""
    return apply(replace(APPLICANT, profile=OLD))


def waived(waiver: application.Waiver = GRANTED) -> application.Application:
    """An application of somebody too old, with a waiver decided."""
    state = unmet()
    [event] = application.decide_waiver(state, waiver)
    return application.evolve(state, event)


def decided(state: application.Application, decision: application.Decision) -> application.Application:
    """The application after its decision."""
    [event] = application.decide_application(state, decision)
    return application.evolve(state, event)


# Applying


def test_who_meets_every_rule_is_eligible() -> None:
    """Each rule of the call is listed with its result."""
    state = met()

    assert (state.eligibility, state.status) == ("met", "applied")
    assert [(checked.rule, checked.met) for checked in state.rules] == [("age", True), ("language", True)]


@pytest.mark.parametrize(
    ("profile", "missed"),
    [
        (OLD, ["age"]),
        (replace(YOUNG, languages=("it",)), ["language"]),
        (replace(OLD, languages=()), ["age", "language"]),
    ],
)
def test_missed_rule_is_recorded_and_does_not_refuse(profile: application.Profile, missed: list[str]) -> None:
    """Whoever misses a rule has applied all the same, and is told which one."""
    state = apply(replace(APPLICANT, profile=profile))

    assert state.eligibility == "unmet"
    assert [checked.rule for checked in state.rules if not checked.met] == missed


def test_person_applies_once_in_an_edition() -> None:
    """A second application is refused, even after the call has closed."""
    with pytest.raises(application.AlreadyApplied, match="a-1"):
        apply(state=met(), at=CLOSES)


def test_call_is_open_until_its_deadline() -> None:
    """A moment before the deadline is in time, the deadline itself is not; the refusal says when it was."""
    assert apply(at=CLOSES - timedelta(microseconds=1)).status == "applied"
    with pytest.raises(application.CallNotOpen, match="until 2026-02-15 12:00 UTC"):
        apply(at=CLOSES)


def test_nobody_applies_before_the_call() -> None:
    """An edition without a call takes no application."""
    with pytest.raises(application.CallNotOpen, match="not open yet"):
        apply(edition=replace(EDITION, call=None))


@pytest.mark.parametrize(
    ("applicant", "refusal", "told"),
    [
        (None, application.UnknownPerson, "directory"),
        (replace(APPLICANT, active=False), application.NotInScope, "has left"),
        (replace(APPLICANT, subsidiary="s-9"), application.NotInScope, "s-9 does not take part"),
        (replace(APPLICANT, executive=True), application.NotInScope, "as mentees"),
        (replace(APPLICANT, profile=None), application.ProfileMissing, "not arrived"),
    ],
)
def test_who_cannot_be_a_mentor_is_refused(
    applicant: application.Applicant | None, refusal: type[RuleBroken], told: str
) -> None:
    """Unknown people, leavers, outsiders and executives cannot apply, and are told why."""
    with pytest.raises(refusal, match=told):
        apply(applicant)


# Waivers


def test_granted_waiver_lifts_the_missed_rules() -> None:
    """With a waiver the applicant may be selected; reason and name are kept."""
    state = waived()

    assert (state.eligibility, state.waiver) == ("waived", GRANTED)
    assert decided(state, SELECTED).status == "selected"


def test_refused_waiver_leaves_the_rules_missed() -> None:
    """Without a waiver nobody is selected who misses a rule; declining is possible."""
    state = waived(REFUSED)

    assert state.eligibility == "unmet"
    with pytest.raises(application.NotEligible, match="rule on age; its waiver was refused"):
        application.decide_application(state, SELECTED)
    assert decided(state, DECLINED).status == "declined"


def test_waiver_is_decided_once() -> None:
    """A waiver, granted or refused, is the last word on the missed rule."""
    for before, again in ((GRANTED, REFUSED), (REFUSED, GRANTED)):
        with pytest.raises(application.WaiverDecidedBefore, match=before.decision):
            application.decide_waiver(waived(before), again)


def test_who_meets_every_rule_needs_no_waiver() -> None:
    """A waiver without a missed rule is refused."""
    with pytest.raises(application.NoWaiverNeeded):
        application.decide_waiver(met(), GRANTED)


# Decisions


def test_missed_rule_without_waiver_is_not_selected() -> None:
    """The refusal says what to do first."""
    with pytest.raises(application.NotEligible, match="decide on a waiver first"):
        application.decide_application(unmet(), SELECTED)


def test_declining_needs_a_reason() -> None:
    """Who is declined is owed a reason; the refusal names the field."""
    with pytest.raises(application.ReasonMissing) as refused:
        application.decide_application(met(), replace(DECLINED, reason=None))
    assert refused.value.field == "/reason"


@pytest.mark.parametrize("first", [SELECTED, DECLINED])
@pytest.mark.parametrize("second", [SELECTED, DECLINED])
def test_decision_is_final(first: application.Decision, second: application.Decision) -> None:
    """Neither another decision nor a waiver follows."""
    state = decided(waived(), first)

    with pytest.raises(application.DecidedBefore, match=f"{first.decision} on 2026-01-20"):
        application.decide_application(state, second)
    with pytest.raises(application.DecidedBefore):
        application.decide_waiver(state, GRANTED)


def test_nobody_decides_on_the_own_application() -> None:
    """Neither a waiver nor a selection can be given to oneself."""
    with pytest.raises(application.OwnApplication):
        application.decide_waiver(unmet(), replace(GRANTED, decided_by="p-1"))
    with pytest.raises(application.OwnApplication):
        application.decide_application(met(), replace(SELECTED, decided_by="p-1"))


class AnyCommands(RuleBasedStateMachine):
    """Commands in any order; what holds whatever was tried, and that a replay gives the same."""

    def __init__(self) -> None:
        super().__init__()
        self.state: application.Application | None = None
        self.history: list[application.Event] = []

    def carry_out(self, events: list[application.Event]) -> None:
        for event in events:
            self.history.append(event)
            self.state = application.evolve(self.state, event)

    @rule(
        birth_year=st.integers(1985, 2008), languages=st.sets(st.sampled_from(["de", "en", "it"])), late=st.booleans()
    )
    def apply(self, birth_year: int, languages: set[str], late: bool) -> None:
        profile = application.Profile(date(birth_year, 7, 1), tuple(sorted(languages)))
        self.attempt(
            lambda: application.apply(
                self.state,
                application_id="a-1",
                edition=EDITION,
                applicant=replace(APPLICANT, profile=profile),
                at=CLOSES if late else NOW,
            )
        )

    @precondition(lambda self: self.state)
    @rule(waiver=st.sampled_from([GRANTED, REFUSED, replace(GRANTED, decided_by="p-1")]))
    def decide_waiver(self, waiver: application.Waiver) -> None:
        self.attempt(lambda: application.decide_waiver(self.known(), waiver))

    @precondition(lambda self: self.state)
    @rule(decision=st.sampled_from([SELECTED, DECLINED, replace(DECLINED, reason=None)]))
    def decide_application(self, decision: application.Decision) -> None:
        self.attempt(lambda: application.decide_application(self.known(), decision))

    def attempt(self, decide: object) -> None:
        assert callable(decide)
        try:
            events = decide()
        except RuleBroken:
            return
        self.carry_out(events)

    def known(self) -> application.Application:
        assert self.state
        return self.state

    @invariant()
    def nobody_is_selected_who_misses_a_rule_without_waiver(self) -> None:
        if self.state and self.state.status == "selected":
            granted = self.state.waiver is not None and self.state.waiver.decision == "granted"
            assert all(checked.met for checked in self.state.rules) or granted

    @invariant()
    def eligibility_follows_from_rules_and_waiver(self) -> None:
        if self.state:
            granted = self.state.waiver is not None and self.state.waiver.decision == "granted"
            without = "waived" if granted else "unmet"
            assert self.state.eligibility == ("met" if all(one.met for one in self.state.rules) else without)

    @invariant()
    def each_thing_happens_at_most_once_and_nothing_after_the_decision(self) -> None:
        kinds = [type(event).__name__ for event in self.history]
        assert len(kinds) == len(set(kinds))
        assert not any(kind in {"MentorSelected", "MentorDeclined"} for kind in kinds[:-1])

    @invariant()
    def replay_gives_the_same(self) -> None:
        replayed: application.Application | None = None
        for event in self.history:
            replayed = application.evolve(replayed, event)
        assert replayed == self.state


AnyCommands.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
test_any_order_of_commands = AnyCommands.TestCase
