"""Promises of participations: whatever happens in whatever order, everybody in scope is accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.applications.domain import attendance, edition, participation
from services.applications.domain.participation import Escalation, Exemption, Lift, Participation

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME, MANAGER, BOSS = "p-1", "the-manager", "the-boss"
ABOUT = {"participation_id": "x-1", "edition_id": "e-1", "mentee_id": ME}
COMPANIES, PAIRS = st.sampled_from(["north", "south"]), st.sampled_from(["pair-1", "pair-2"])
CAUSES = st.sampled_from(["left_group", "moved_out", "no_executive"])


class Story(RuleBasedStateMachine):
    """What happens to one executive, beside a plain note of it; all that was told is replayed at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state: Participation | None = None
        self.told: list[participation.Event] = []
        self.company: str | None = None
        self.exempt: date | bool = False
        self.escalated: str | None = None
        self.pairs: set[str] = set()

    def happen(self, events: list[Any]) -> None:
        """Take the events over."""
        for event in events:
            self.state = participation.evolve(self.state, event)
            self.told.append(event)

    def refused(self, kind: str, decide: Any) -> None:
        """A rule says no, by this name."""
        with pytest.raises(participation.RuleBroken) as caught:
            decide()
        assert caught.value.kind == kind

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        """The clock moves on."""
        self.now += timedelta(hours=hours)

    @rule(company=COMPANIES)
    def is_in_scope(self, company: str) -> None:
        """A joiner, a mover, a returner, or nothing new."""
        if self.company is None:
            self.exempt, self.escalated = False, None
        changed = self.company != company
        events = participation.oblige(self.state, subsidiary=company, at=self.now, **ABOUT)
        assert bool(events) is changed
        self.company = company
        self.happen(events)

    @precondition(lambda self: self.state)
    @rule(cause=CAUSES)
    def is_out_of_scope(self, cause: Any) -> None:
        """A leaver, once."""
        assert self.state
        events = participation.leave(self.state, cause, at=self.now)
        assert bool(events) is (self.company is not None)
        self.company, self.exempt, self.escalated = None, False, None
        self.happen(events)

    @precondition(lambda self: self.state)
    @rule(days=st.none() | st.integers(0, 3))
    def is_exempted(self, days: int | None) -> None:
        """Somebody exempts, for good or until a day."""
        state, until = self.state, None if days is None else self.now.date() + timedelta(days=days)
        assert state
        said = Exemption("absence", "On leave until autumn.", MANAGER, self.now, until)
        if self.company is None or self.exempt:
            kind = "out-of-scope" if self.company is None else "already-exempt"
            self.refused(kind, lambda: participation.exempt(state, said, today=self.now.date()))
            return
        self.happen(participation.exempt(state, said, today=self.now.date()))
        self.exempt, self.escalated = until or True, None

    @precondition(lambda self: self.state)
    @rule(to=st.sampled_from([BOSS, MANAGER, ME]))
    def is_escalated(self, to: str) -> None:
        """Somebody gives the case to a person."""
        state = self.state
        assert state
        said = Escalation(to, self.now, MANAGER, "Nobody has been found for months.")
        kind = next((kind for wrong, kind in self._against_escalating(to) if wrong), None)
        if kind:
            self.refused(kind, lambda: participation.escalate(state, said))
            return
        self.happen(participation.escalate(state, said))
        self.escalated = to

    def _against_escalating(self, to: str) -> list[tuple[bool, str]]:
        return [
            (self.company is None, "out-of-scope"),
            (bool(self.exempt), "already-exempt"),
            (bool(self.pairs), "already-paired"),
            (to == ME, "escalated-to-themselves"),
            (self.escalated == to, "already-escalated"),
        ]

    @precondition(lambda self: self.state)
    @rule()
    def is_lifted(self) -> None:
        """Somebody puts the executive back among the obliged."""
        state, said = self.state, Lift("The leave ended early.", MANAGER, self.now)
        assert state
        if self.company is None or not (self.exempt or self.escalated):
            kind = "out-of-scope" if self.company is None else "nothing-to-lift"
            self.refused(kind, lambda: participation.lift(state, said))
            return
        self.happen(participation.lift(state, said))
        self.exempt, self.escalated = False, None

    @precondition(lambda self: self.state)
    @rule(pair=PAIRS)
    def is_paired(self, pair: str) -> None:
        """Matching tells of a pair, perhaps again, perhaps of one too late."""
        assert self.state
        self.happen(participation.pair(self.state, pair))
        self.pairs.add(pair)
        self.escalated = None

    @precondition(lambda self: self.state)
    @rule(pair=PAIRS)
    def is_unpaired(self, pair: str) -> None:
        """Matching tells of the end of a pair, be it known or not."""
        assert self.state
        self.happen(participation.unpair(self.state, pair, at=self.now))
        self.pairs.discard(pair)

    @precondition(lambda self: self.state)
    @rule()
    def timer_fires(self) -> None:
        """The timer comes, whatever has become of the executive since it was set."""
        state = self.state
        assert state
        once = participation.unattended(state, Escalation(BOSS, self.now, participation.TIMER))
        over = participation.exemption_over(state, at=self.now)
        assert bool(once) is (self._expected() == "obliged")
        assert bool(over) is isinstance(self.exempt, date)
        self.happen(once or over)
        if once:
            self.escalated = BOSS
            assert self.state
            assert not participation.unattended(self.state, Escalation(MANAGER, self.now, "timer"))
        if over:
            self.exempt = False

    def _expected(self) -> str:
        if self.company is None:
            return "left"
        if self.exempt:
            return "exempt"
        return "paired" if self.pairs else "escalated" if self.escalated else "obliged"

    @invariant()
    def status_is_what_was_noted(self) -> None:
        """The status follows from what happened, and nothing is left over from another one."""
        if self.state is None:
            return
        assert self.state.status == self._expected()
        assert bool(self.state.exemption) is bool(self.exempt)
        assert (self.state.escalation.to if self.state.escalation else None) == self.escalated
        assert set(self.state.pairs) == self.pairs
        assert bool(self.state.left) is (self.company is None)
        assert self.state.turn == len(self.told)

    @invariant()
    def replay_gives_the_same(self) -> None:
        """The events say all there is."""
        state: Participation | None = None
        for event in self.told:
            state = participation.evolve(state, event)
        assert state == self.state

    @invariant()
    def topic_tells_whether_to_pair(self) -> None:
        """Whoever reads the last published event knows whether the executive is to have a mentor, and of which company.

        Pairs tell of themselves on their own topic.
        """
        internal = (participation.MenteePaired, participation.MenteeUnpaired)
        published = [event for event in self.told if not isinstance(event, internal)]
        if not self.state:
            return
        last = published[-1]
        assert isinstance(last, participation.MenteeLeft) is (self.company is None)
        assert isinstance(last, participation.MenteeExempted) is bool(self.exempt)
        assert self.company is None or last.subsidiary == self.company == self.state.subsidiary


TestStory = Story.TestCase


def obliged(at: datetime = START) -> Participation:
    """An executive in scope."""
    [event] = participation.oblige(None, subsidiary="north", at=at, **ABOUT)
    return participation.evolve(None, event)


def after(state: Participation, events: list[participation.Event]) -> Participation:
    """The state after these events."""
    for event in events:
        state = participation.evolve(state, event)
    return state


EXEMPTION = Exemption("absence", "On parental leave until autumn.", MANAGER, START, date(2026, 10, 24))
EDITION = edition.Edition(
    *("e-1", "2026", date(2026, 3, 1), date(2027, 2, 28), ("north", "south")),
    escalation=edition.Escalation(BOSS, 30), created_at=START, created_by=MANAGER, stage="call_open",
)  # fmt: skip


def test_exemption_keeps_reason_explanation_and_name() -> None:
    """An exempt executive is so for a reason that somebody answers for."""
    exempt = after(obliged(), participation.exempt(obliged(), EXEMPTION, today=START.date()))

    assert exempt == replace(obliged(), status="exempt", exemption=EXEMPTION, turn=2)


OWN = [
    lambda state: participation.exempt(state, replace(EXEMPTION, exempted_by=ME), today=START.date()),
    lambda state: participation.escalate(state, Escalation(BOSS, START, ME, "I would like to go first.")),
    lambda state: participation.lift(state, Lift("I am back again.", ME, START)),
]


@pytest.mark.parametrize("decide", OWN, ids=["exempt", "escalate", "lift"])
def test_nobody_decides_on_their_own_participation(decide: Any) -> None:
    """The reason is somebody else's to accept."""
    with pytest.raises(participation.OwnParticipation):
        decide(obliged())


def test_exemption_whose_last_day_has_passed_is_refused() -> None:
    """An exemption that is over would end at once; one that ends today holds until midnight."""
    state, said = obliged(), replace(EXEMPTION, until=date(2026, 3, 2))

    assert participation.exempt(state, said, today=date(2026, 3, 2))
    with pytest.raises(participation.ExemptionOver, match="2026-03-02"):
        participation.exempt(state, said, today=date(2026, 3, 3))


def test_mover_takes_what_was_decided_along() -> None:
    """Who moves within the scope is told of anew with the new company, and stays exempt or escalated."""
    exempt = after(obliged(), participation.exempt(obliged(), EXEMPTION, today=START.date()))
    said = Escalation(BOSS, START, MANAGER, "Nobody has been found for months.")
    escalated = after(obliged(), participation.escalate(obliged(), said))
    later = START + timedelta(days=1)

    for state in (exempt, escalated):
        events = participation.oblige(state, subsidiary="south", at=later, **ABOUT)
        moved = after(state, events)
        assert isinstance(events[0], participation.MenteeObliged)
        assert {event.subsidiary for event in events} == {"south"}
        assert moved == replace(state, subsidiary="south", obliged_at=later, turn=state.turn + 2)


def test_pair_heard_of_late_does_not_end_the_newer_one() -> None:
    """Two pairs of one executive lie on different partitions, so the end of the old one may come last."""
    state = after(obliged(), participation.pair(obliged(), "new"))
    state = after(state, participation.pair(state, "old"))
    state = after(state, participation.unpair(state, "old", at=START))

    assert (state.status, state.pair_id) == ("paired", "new")


def test_case_goes_to_somebody_else_once_whoever_has_it_left() -> None:
    """Redirecting repeats nothing, and keeps since when, by whom and why."""
    said = Escalation(BOSS, START, MANAGER, "Nobody has been found for months.")
    state = after(obliged(), participation.escalate(obliged(), said))
    moved = after(state, participation.redirect(state, MANAGER, reachable=True, at=START))

    assert moved.escalation == replace(said, to=MANAGER)
    assert participation.redirect(moved, MANAGER, reachable=True, at=START) == []
    assert participation.redirect(obliged(), MANAGER, reachable=True, at=START) == []


@pytest.mark.parametrize(
    ("active", "to", "mentee", "expected"),
    [
        ({BOSS, MANAGER}, BOSS, ME, (BOSS, True)),
        ({MANAGER}, BOSS, ME, (MANAGER, True)),
        (set(), BOSS, ME, (BOSS, False)),
        ({BOSS, MANAGER}, BOSS, BOSS, (MANAGER, True)),
        ({BOSS}, BOSS, BOSS, (BOSS, False)),
    ],
)
def test_case_is_never_with_nobody(active: set[str], to: str, mentee: str, expected: tuple[str, bool]) -> None:
    """The edition's creator stands in for whoever left; where nobody can take it, the name stays and shows that."""
    assert attendance.addressee(EDITION, to, mentee_id=mentee, active=active) == expected


def test_escalation_is_counted_from_the_last_of_three_instants() -> None:
    """The first day of the edition there, the obligation and the end of a pair: whichever comes last counts."""
    early = obliged(datetime(2026, 1, 10, 9, tzinfo=UTC))
    unpaired = replace(early, unpaired_at=datetime(2026, 5, 1, 12, tzinfo=UTC))

    assert attendance.due(early, EDITION) == datetime(2026, 3, 30, 22, tzinfo=UTC)  # 31 March, midnight in summer time
    assert attendance.due(obliged(), EDITION) == datetime(2026, 4, 1, 8, tzinfo=UTC)  # ten o'clock there, as on 2 March
    assert attendance.due(unpaired, EDITION) == datetime(2026, 5, 31, 12, tzinfo=UTC)


def test_exemption_ends_with_its_last_day_in_the_zone_of_the_edition() -> None:
    """A day ends at midnight there, whatever the clocks did in the night after it."""
    exempt = after(obliged(), participation.exempt(obliged(), EXEMPTION, today=START.date()))

    assert attendance.due(exempt, EDITION) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert attendance.due(exempt, replace(EDITION, zone="America/New_York")) == datetime(2026, 10, 25, 4, tzinfo=UTC)


def test_nothing_is_due_where_nobody_waits() -> None:
    """Nobody who is paired, escalated, exempt for good or out of scope waits; nor does a closed edition."""
    state = obliged()
    others = [
        after(state, participation.pair(state, "pair-1")),
        after(state, participation.unattended(state, Escalation(BOSS, START, "timer"))),
        after(state, participation.exempt(state, replace(EXEMPTION, until=None), today=START.date())),
        after(state, participation.leave(state, "moved_out", at=START)),
    ]

    assert [attendance.due(one, EDITION) for one in others] == [None] * 4
    assert attendance.due(state, replace(EDITION, stage="closed")) is None
