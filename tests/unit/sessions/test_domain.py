"""The rules of a workspace: planned, cancelled and held."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.sessions import domain
from services.sessions.domain import State

MATCHED = datetime(2026, 4, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
SOON = NOW + timedelta(days=1)
EMPTY = domain.Workspace("p", "e", "mentor", "mentee", "s1", "s2", MATCHED)


def after(state: domain.Workspace | None, events: list[domain.Event]) -> domain.Workspace:
    """The workspace after these events."""
    for event in events:
        state = domain.evolve(state, event)
    assert state is not None
    return state


def planned(*instants: datetime, minutes: int = 60) -> domain.Workspace:
    """A workspace with sessions s1, s2 … planned for these instants."""
    state = EMPTY
    for number, instant in enumerate(instants, 1):
        events = domain.plan(state, session_id=f"s{number}", planned_for=instant, minutes=minutes, now=NOW)
        state = after(state, events)
    return state


def hold(state: domain.Workspace, session_id: str, held_at: datetime, *, now: datetime) -> domain.Workspace:
    """The workspace after a session of an hour was recorded."""
    return after(state, domain.hold(state, session_id=session_id, held_at=held_at, minutes=60, now=now))


def test_a_workspace_is_opened_once() -> None:
    """A pair that is matched twice keeps what it has."""
    assert after(None, domain.open_workspace(None, EMPTY)) == EMPTY
    assert domain.open_workspace(EMPTY, EMPTY) == []


def test_a_planned_session_has_the_next_number() -> None:
    """Numbers run on, cancelled sessions included."""
    state = planned(SOON)
    state = after(state, domain.cancel(state, session_id="s1", cancelled_by="mentor", now=NOW))
    state = after(state, domain.plan(state, session_id="s2", planned_for=SOON, minutes=60, now=NOW))
    assert [(one.number, one.state) for one in state.sessions] == [(1, State.CANCELLED), (2, State.PLANNED)]


def test_the_same_plan_again_changes_nothing() -> None:
    """A repeated request makes no second session of the same id, even after that one was cancelled."""
    state = planned(SOON)
    state = after(state, domain.cancel(state, session_id="s1", cancelled_by="mentor", now=NOW))
    assert domain.plan(state, session_id="s1", planned_for=SOON, minutes=60, now=NOW) == []


def test_a_session_is_planned_for_a_time_to_come() -> None:
    """Neither the past nor this very instant."""
    with pytest.raises(domain.InThePast):
        domain.plan(EMPTY, session_id="s1", planned_for=NOW, minutes=60, now=NOW)


@pytest.mark.parametrize("minutes", [-59, 0, 59])
def test_planned_sessions_do_not_overlap(minutes: int) -> None:
    """Nobody is in two sessions at a time."""
    state = planned(SOON)
    with pytest.raises(domain.Overlaps):
        domain.plan(state, session_id="s2", planned_for=SOON + timedelta(minutes=minutes), minutes=60, now=NOW)


@pytest.mark.parametrize("minutes", [-60, 60])
def test_sessions_may_touch(minutes: int) -> None:
    """One may begin when the other ends."""
    assert len(planned(SOON, SOON + timedelta(minutes=minutes)).sessions) == 2


def test_a_session_is_held_when_it_is_over() -> None:
    """Its beginning and its minutes lie in the past."""
    state = planned(SOON)
    with pytest.raises(domain.NotYet):
        hold(state, "s1", SOON, now=SOON + timedelta(minutes=59))
    held = hold(state, "s1", SOON, now=SOON + timedelta(minutes=60))
    assert (held.sessions[0].state, held.sessions[0].held_at) == (State.HELD, SOON)


def test_a_session_is_not_held_before_the_pair_was_matched() -> None:
    """A slip of the year is told, not stored."""
    with pytest.raises(domain.BeforeThePair):
        hold(planned(SOON), "s1", MATCHED - timedelta(seconds=1), now=SOON)


def test_held_sessions_do_not_overlap() -> None:
    """The same hour is not counted twice."""
    later = SOON + timedelta(days=1)
    state = hold(planned(SOON, later), "s1", SOON, now=later)
    with pytest.raises(domain.Overlaps):
        hold(state, "s2", SOON + timedelta(minutes=30), now=later)


@pytest.mark.parametrize("step", ["cancel", "hold"])
def test_only_a_planned_session_goes_on(step: str) -> None:
    """What was cancelled or held stays so; what never was is not found."""
    later = SOON + timedelta(days=1)

    def attempt(state: domain.Workspace, session_id: str) -> object:
        if step == "cancel":
            return domain.cancel(state, session_id=session_id, cancelled_by="mentor", now=later)
        return domain.hold(state, session_id=session_id, held_at=SOON, minutes=60, now=later)

    state = planned(SOON)
    with pytest.raises(domain.NoSuchSession):
        attempt(state, "s9")
    done = after(state, domain.cancel(state, session_id="s1", cancelled_by="mentor", now=NOW))
    with pytest.raises(domain.NotPlanned):
        attempt(done, "s1")
    with pytest.raises(domain.NotPlanned):
        attempt(hold(state, "s1", SOON, now=later), "s1")


def ended(state: domain.Workspace, at: datetime = SOON) -> domain.Workspace:
    """The workspace after the pair ended and what was planned for later was given up."""
    state = after(state, domain.end(state, ended_at=at))
    return after(state, domain.give_up(state, now=at, most=99))


def test_pair_that_ends_gives_up_what_it_planned_for_later() -> None:
    """What was to be before stays planned: perhaps it took place."""
    state = ended(planned(SOON, SOON + timedelta(hours=1), SOON + timedelta(days=30)))

    assert [one.state for one in state.sessions] == [State.PLANNED, State.CANCELLED, State.CANCELLED]
    assert [one.cancelled_by for one in state.sessions] == [None, "programme", "programme"]
    assert state.ended_at == SOON
    assert state.vain == ()


def test_pair_ends_once_and_gives_up_little_by_little() -> None:
    """Its first end counts; so many sessions at a time, none twice."""
    state = planned(*(SOON + timedelta(days=n) for n in range(1, 6)))
    state = after(state, domain.end(state, ended_at=SOON))

    assert domain.end(state, ended_at=SOON + timedelta(days=1)) == []
    assert domain.end(None, ended_at=SOON) == []
    assert domain.give_up(EMPTY, now=SOON, most=9) == []
    for left in (3, 1, 0):
        state = after(state, domain.give_up(state, now=SOON, most=2))
        assert len(state.vain) == left


def test_pair_that_has_ended_plans_nothing() -> None:
    """They are told when it ended; a request that is repeated is answered as it was before."""
    state = ended(planned(SOON + timedelta(days=1)))

    with pytest.raises(domain.PairEnded, match="2026-05-02 09:00"):
        domain.plan(state, session_id="s2", planned_for=SOON + timedelta(days=40), minutes=60, now=SOON)
    assert domain.plan(state, session_id="s1", planned_for=SOON, minutes=60, now=SOON) == []


def test_session_before_the_end_may_be_recorded_for_two_weeks() -> None:
    """It must have begun before the end; one that is still planned may also be cancelled."""
    state = ended(planned(SOON, SOON - timedelta(hours=2)), SOON)
    last = SOON + timedelta(days=14)

    assert hold(state, "s2", SOON, now=last).sessions[1].state is State.HELD
    with pytest.raises(domain.PairEnded, match="began before"):
        hold(state, "s1", SOON + timedelta(minutes=1), now=last)
    with pytest.raises(domain.PairEnded, match="two weeks"):
        hold(state, "s1", SOON, now=last + timedelta(seconds=1))
    assert domain.cancel(state, session_id="s1", cancelled_by="mentee", now=last)


def test_roles_follow_from_the_pair() -> None:
    """Whoever is neither mentor nor mentee acts for the programme."""
    roles = [domain.role_of(EMPTY, actor) for actor in ("mentor", "mentee", "somebody", None)]
    assert roles == ["mentor", "mentee", "programme_manager", "programme_manager"]


class Year(RuleBasedStateMachine):
    """Any order of plans, cancellations, sessions and ends of the pair, refused or not."""

    @initialize()
    def begin(self) -> None:
        """An empty workspace."""
        self.state, self.now, self.made = EMPTY, NOW, 0

    @rule(hours=st.integers(-48, 400), minutes=st.integers(5, 240))
    def plan(self, hours: int, minutes: int) -> None:
        """Plan a session."""
        self.made += 1
        at = self.now + timedelta(hours=hours)
        self._try(
            lambda: domain.plan(self.state, session_id=f"s{self.made}", planned_for=at, minutes=minutes, now=self.now)
        )

    @rule(number=st.integers(1, 9))
    def cancel(self, number: int) -> None:
        """Cancel one."""
        self._try(lambda: domain.cancel(self.state, session_id=f"s{number}", cancelled_by="mentee", now=self.now))

    @rule(number=st.integers(1, 9), hours=st.integers(-400, 48), minutes=st.integers(5, 240))
    def hold(self, number: int, hours: int, minutes: int) -> None:
        """Hold one."""
        at = self.now + timedelta(hours=hours)
        self._try(lambda: domain.hold(self.state, session_id=f"s{number}", held_at=at, minutes=minutes, now=self.now))

    @rule(hours=st.integers(-48, 0), most=st.integers(0, 3))
    def end(self, hours: int, most: int) -> None:
        """The pair ends, told of a little later; some sessions are given up."""
        self._try(lambda: domain.end(self.state, ended_at=self.now + timedelta(hours=hours)))
        self._try(lambda: domain.give_up(self.state, now=self.now, most=most))

    @rule(hours=st.integers(1, 300))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)

    def _try(self, decide: object) -> None:
        with contextlib.suppress(domain.RuleBroken):
            self.state = after(self.state, decide())  # type: ignore[operator]

    @invariant()
    def numbers_run_on(self) -> None:
        """1, 2, 3 …"""
        assert [one.number for one in self.state.sessions] == list(range(1, len(self.state.sessions) + 1))

    @invariant()
    def nobody_is_in_two_sessions_at_a_time(self) -> None:
        """Neither planned nor held ones overlap."""
        for among in (State.PLANNED, State.HELD):
            sessions = sorted((one for one in self.state.sessions if one.state is among), key=lambda one: one.begins)
            for first, second in pairwise(sessions):
                assert first.begins + timedelta(minutes=first.minutes) <= second.begins

    @invariant()
    def nothing_is_planned_for_later_once_the_rest_was_given_up(self) -> None:
        """And giving up concerns nothing else."""
        given_up = after(self.state, domain.give_up(self.state, now=self.now, most=99))
        assert given_up.vain == ()
        changed = {
            one.session_id for one, other in zip(self.state.sessions, given_up.sessions, strict=True) if one != other
        }
        assert changed == {one.session_id for one in self.state.vain}

    @invariant()
    def held_sessions_lie_in_the_past(self) -> None:
        """And after the pair began."""
        for one in self.state.sessions:
            if one.state is State.HELD:
                assert one.held_at
                assert MATCHED <= one.held_at <= self.now


Year.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestYear = Year.TestCase
