"""Promises of an application, whatever is tried with it in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications.domain import application
from services.applications.domain.application import Application, Event, Said
from services.applications.domain.edition import Edition
from services.applications.domain.eligibility import PersonFacts
from services.applications.domain.rules import RuleBroken
from tests.support.applicants import (
    APPLICANT,
    COMPLETE,
    DECLINED,
    GRANTED,
    OFFER,
    REFUSED,
    RESERVED,
    SELECTED,
    SELECTING,
    YOUNG,
    here,
)
from tests.support.editions import CLOSES, edition

EDITIONS = [edition(), SELECTING, edition("running", accept_by=date(2026, 2, 20)), edition("closed")]
TIMES = [CLOSES - timedelta(days=9), CLOSES, CLOSES + timedelta(days=3), CLOSES + timedelta(days=30)]
SAYINGS = [
    COMPLETE,
    Said(),
    Said(offer={"places": 1}),
    Said(answers={}),
    Said(answers={"why": "Other."}, manager_informed=False),
    Said(offer=OFFER, manager_informed=True),
    Said(answers={"unknown": "x"}),
    Said(waiver_reason="I came late from university."),
]
WAYS = ["applied", "waived", "decided", "released"]
REASON = "It was looked into again."
RELEASES = (application.MentorSelected, application.MentorReserved, application.MentorDeclined)
FACTS = [YOUNG, replace(YOUNG, birth_date=date(1990, 1, 1)), replace(YOUNG, birth_date=None, languages=("it",)), None]
_applicants = st.sampled_from(
    [
        *(replace(APPLICANT, facts=facts) for facts in FACTS),
        replace(APPLICANT, active=False),
        replace(APPLICANT, executive=True),
        replace(APPLICANT, subsidiary="s-2"),
        replace(APPLICANT, subsidiary="s-9"),
        None,
    ]
)
_moments = st.tuples(st.sampled_from(EDITIONS), st.sampled_from(TIMES))
Moment = tuple[Edition, datetime]


class AnyOrder(RuleBasedStateMachine):
    """Commands in any order; what holds whatever was tried, and that a replay gives the same."""

    def __init__(self) -> None:
        super().__init__()
        self.state: Application | None = None
        self.history: list[tuple[Application | None, Event]] = []

    def attempt(self, decide: Callable[[], list[Event]]) -> None:
        before = self.state
        try:
            events = decide()
        except RuleBroken:
            assert self.state == before
            return
        for event in events:
            self.history.append((self.state, event))
            self.state = application.evolve(self.state, event)

    @property
    def known(self) -> Application:
        assert self.state
        return self.state

    @initialize(facts=st.sampled_from(FACTS), way=st.lists(st.sampled_from(WAYS), max_size=3, unique=True))
    def begin_somewhere(self, facts: PersonFacts | None, way: list[str]) -> None:
        """Most of what matters lies far from the beginning."""
        if way:
            self.attempt(lambda: application.apply(None, COMPLETE, here(replace(APPLICANT, facts=facts)), submit=True))
        if self.state and "waived" in way:
            self.attempt(lambda: application.decide_waiver(self.known, GRANTED))
        if self.state and "decided" in way:
            self.attempt(lambda: application.decide(self.known, SELECTED, SELECTING))
        if self.state and "released" in way:
            self.attempt(lambda: application.release(self.known, SELECTING, by="manager", at=CLOSES))

    @rule(applicant=_applicants, said=st.sampled_from(SAYINGS), moment=_moments, submit=st.booleans())
    def apply(self, applicant: application.Applicant | None, said: Said, moment: Moment, submit: bool) -> None:
        self.attempt(lambda: application.apply(self.state, said, here(applicant, *moment), submit=submit))

    @rule()
    def apply_in_time(self) -> None:
        self.attempt(lambda: application.apply(self.state, COMPLETE, here(), submit=True))

    @precondition(lambda self: self.state)
    @rule(applicant=_applicants, said=st.sampled_from(SAYINGS), moment=_moments)
    def change(self, applicant: application.Applicant | None, said: Said, moment: Moment) -> None:
        self.attempt(lambda: application.change(self.known, said, here(applicant, *moment)))

    @precondition(lambda self: self.state)
    @rule(applicant=_applicants, moment=_moments)
    def submit(self, applicant: application.Applicant | None, moment: Moment) -> None:
        self.attempt(lambda: application.submit(self.known, here(applicant, *moment)))

    @precondition(lambda self: self.state)
    @rule(at=st.sampled_from(TIMES))
    def withdraw(self, at: datetime) -> None:
        self.attempt(lambda: application.withdraw(self.known, application.Withdrawal(None, at)))

    @precondition(lambda self: self.state)
    @rule(moment=_moments)
    def request_waiver(self, moment: Moment) -> None:
        self.attempt(lambda: application.request_waiver(self.known, REASON, here(None, *moment)))

    @precondition(lambda self: self.state)
    @rule(waiver=st.sampled_from([GRANTED, REFUSED, replace(GRANTED, decided_by="p-1")]))
    def decide_waiver(self, waiver: application.Waiver) -> None:
        self.attempt(lambda: application.decide_waiver(self.known, waiver))

    @rule(applicant=_applicants, moment=_moments, days=st.integers(-1, 60), by=st.sampled_from(["manager", "p-1"]))
    def admit(self, applicant: application.Applicant | None, moment: Moment, days: int, by: str) -> None:
        admission = application.Admission(moment[1] + timedelta(days=days), REASON, by, moment[1])
        self.attempt(lambda: application.admit(self.state, admission, here(applicant, *moment)))

    @precondition(lambda self: self.state)
    @rule(decision=st.sampled_from([SELECTED, RESERVED, DECLINED, replace(DECLINED, reason=None)]), moment=_moments)
    def decide(self, decision: application.Decision, moment: Moment) -> None:
        self.attempt(lambda: application.decide(self.known, decision, moment[0]))

    @precondition(lambda self: self.state and self.state.status in {"applied", "reserved"})
    @rule(decision=st.sampled_from([SELECTED, RESERVED, DECLINED]), release=st.booleans())
    def decide_in_time(self, decision: application.Decision, release: bool) -> None:
        self.attempt(lambda: application.decide(self.known, decision, SELECTING))
        if release:
            self.attempt(lambda: application.release(self.known, SELECTING, by="manager", at=CLOSES))

    @precondition(lambda self: self.state)
    @rule(moment=_moments, by=st.sampled_from(["manager", "p-1"]))
    def release(self, moment: Moment, by: str) -> None:
        self.attempt(lambda: application.release(self.known, moment[0], by=by, at=moment[1]))

    @precondition(lambda self: self.state and self.state.pending)
    @rule()
    def release_in_time(self) -> None:
        self.attempt(lambda: application.release(self.known, SELECTING, by="manager", at=CLOSES))

    @precondition(lambda self: self.state and self.state.status == "selected")
    @rule()
    def accept_in_time(self) -> None:
        self.attempt(lambda: application.accept(self.known, SELECTING, at=CLOSES))

    @precondition(lambda self: self.state)
    @rule(moment=_moments)
    def accept(self, moment: Moment) -> None:
        self.attempt(lambda: application.accept(self.known, moment[0], at=moment[1]))

    @precondition(lambda self: self.state)
    @rule(moment=_moments, days=st.integers(-1, 60))
    def extend(self, moment: Moment, days: int) -> None:
        until = (moment[1] + timedelta(days=days)).date()
        extension = application.Extension(until, REASON, "manager", moment[1])
        self.attempt(lambda: application.extend_acceptance(self.known, extension, moment[0]))

    @precondition(lambda self: self.state)
    @rule(applicant=_applicants, moment=_moments)
    def recount(self, applicant: application.Applicant | None, moment: Moment) -> None:
        before = self.known
        self.attempt(lambda: application.recount(self.known, moment[0], applicant, at=moment[1]))
        decided = ("status", "pending", "decision", "accepted_at", "answers", "offer")
        assert all(getattr(before, name) == getattr(self.known, name) for name in decided)

    @invariant()
    def nobody_was_selected_or_reserved_who_missed_a_rule_without_waiver(self) -> None:
        for before, event in self.history:
            if isinstance(event, (application.MentorSelected, application.MentorReserved)):
                assert before
                waiver = before.waiver
                lifted = set(waiver.rules) if waiver and waiver.decision == "granted" else set()
                assert {checked.rule for checked in before.rules if not checked.met} <= lifted
                assert before.standing == "in"

    @invariant()
    def what_waits_for_its_release_moves_nothing_that_the_applicant_sees(self) -> None:
        for before, event in self.history:
            if isinstance(event, application.DecisionPrepared):
                assert before
                later = application.evolve(before, event)
                unseen = {name: getattr(before, name) for name in ("pending", "judges", "told_changes")}
                assert replace(later, **unseen) == before

    @invariant()
    def writing_on_a_draft_moves_nothing_that_those_responsible_see(self) -> None:
        for before, event in self.history:
            if isinstance(event, application.ContentChanged) and not event.told:
                assert before
                later = application.evolve(before, event)
                assert (later.told_changes, later.told_at) == (before.told_changes, before.told_at)

    @invariant()
    def who_decided_stays_on_record(self) -> None:
        for before, event in self.history:
            if before:
                kept = before.judges
                assert application.evolve(before, event).judges[: len(kept)] == kept

    @invariant()
    def everything_else_moves_the_applicants_etag(self) -> None:
        if self.state:
            silent = sum(isinstance(event, application.DecisionPrepared) for _, event in self.history)
            assert self.state.shown == len(self.history) - silent

    @invariant()
    def mentor_applied_once_for_each_time_it_was_handed_in(self) -> None:
        standing = False
        for _, event in self.history:
            if isinstance(event, application.MentorApplied):
                assert not standing
                standing = True
            standing = standing and not isinstance(event, application.ApplicationWithdrawn)

    @invariant()
    def what_was_handed_in_is_complete_until_it_is_changed_no_more(self) -> None:
        if self.state and self.state.status == "applied":
            assert not application.missing(self.state.content, application.form_for(EDITIONS[0], self.state))

    @invariant()
    def what_is_declined_stays_declined(self) -> None:
        declined = [index for index, (_, event) in enumerate(self.history) if isinstance(event, RELEASES[2])]
        assert all(index == len(self.history) - 1 for index in declined)

    @invariant()
    def only_a_standing_application_has_a_decision_waiting(self) -> None:
        if self.state and self.state.pending:
            assert self.state.status in {"applied", "reserved"}

    @invariant()
    def a_draft_that_nobody_asked_for_is_known_to_nobody(self) -> None:
        if self.state and self.state.status == "draft" and self.state.told:
            assert self.state.waiver_request or self.state.waiver or self.state.admission

    @invariant()
    def replay_gives_the_same(self) -> None:
        replayed: Application | None = None
        for _, event in self.history:
            replayed = application.evolve(replayed, event)
        assert replayed == self.state


AnyOrder.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
test_any_order_of_commands = AnyOrder.TestCase
