"""Promises of overrides: what people lay down stands until it is withdrawn, and changes are undone in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import TypeAdapter

from services.matching.domain import overrides
from services.matching.domain.contradictions import ContradictoryOverrides, admit, contradictions, unopposed
from services.matching.domain.overrides import (
    MalformedOverride,
    NothingToUndo,
    Override,
    Overrides,
    OverrideUnknown,
    OverrideWithdrawnAlready,
)
from services.matching.domain.policy import STANDARD
from tests.support.pairing import LENA, WINTER, considered, override, stated

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
FORCE, BLOCK = override("force", "lena", "winter"), override("block", "max", "winter")
CONFLICT, PLACE = override("conflict", "tim", "winter"), override("place", "lena", places=2)


def after(state: Overrides | None, events: list[overrides.Event]) -> Overrides:
    for event in events:
        state = overrides.evolve(state, event)
    assert state is not None
    return state


def laid_down(*items: Override) -> Overrides:
    state: Overrides | None = None
    for one in items:
        state = after(state, overrides.add(state, "edition", one))
    assert state is not None
    return state


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"reason": "  "}, ["/reason"]),
        ({"reason": "x" * 1001}, ["/reason"]),
        ({"mentee_id": None}, ["/mentee_id"]),
        ({"places": 1}, ["/places"]),
        ({"kind": "place"}, ["/places", "/mentee_id"]),
        ({"kind": "place", "mentee_id": None, "places": 4}, ["/places"]),
        ({"kind": "place", "mentee_id": None, "places": -1, "reason": ""}, ["/reason", "/places"]),
    ],
)
def test_override_that_says_too_little_or_too_much_is_refused_field_by_field(
    wrong: dict[str, object], fields: list[str]
) -> None:
    """A pair has two members, places have a number from 0 to 3, and everything has a reason."""
    with pytest.raises(MalformedOverride) as caught:
        replace(FORCE, **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert [field for field, _ in caught.value.faults] == fields


def test_what_stands_is_told_by_kind() -> None:
    """Each kind where those who match look for it."""
    state = laid_down(FORCE, BLOCK, CONFLICT, PLACE)

    assert state.forced == {("lena", "winter")}
    assert (state.barred.blocked, state.barred.conflicts) == ({("max", "winter")}, {("tim", "winter")})
    assert state.places == {"lena": 2}


def test_newest_places_of_a_mentor_count() -> None:
    """When they are withdrawn, those before them count again."""
    fewer = override("place", "lena", places=1)
    state = laid_down(PLACE, fewer)
    assert state.places == {"lena": 1}
    withdrawn = after(state, overrides.withdraw(state, fewer.override_id, by="kurz", at=AT))
    assert withdrawn.places == {"lena": 2}


def test_laying_the_same_down_again_changes_nothing() -> None:
    """A command that is repeated under its id is no second one."""
    state = laid_down(FORCE)
    assert overrides.add(state, "edition", FORCE) == []


def test_withdrawn_override_stays_on_record_and_does_not_count() -> None:
    """Who withdrew it, when and why; a second time is refused."""
    state = laid_down(FORCE, BLOCK)
    state = after(state, overrides.withdraw(state, FORCE.override_id, by="office", at=AT, reason="Not needed."))

    one = state.one(FORCE.override_id)
    assert (one.withdrawn_by, one.withdrawn_at, one.withdrawn_because) == ("office", AT, "Not needed.")
    assert (state.forced, state.standing) == (frozenset(), (BLOCK,))
    with pytest.raises(OverrideWithdrawnAlready):
        overrides.withdraw(state, FORCE.override_id, by="office", at=AT)


@pytest.mark.parametrize("state", [None, laid_down(BLOCK)])
def test_what_is_not_there_cannot_be_withdrawn(state: Overrides | None) -> None:
    """Whether the edition has other overrides or none."""
    with pytest.raises(OverrideUnknown):
        overrides.withdraw(state, "unknown", by="kurz", at=AT)


def test_declared_conflict_is_withdrawn_with_a_reason_only() -> None:
    """One of the pair declared it; whoever lifts it answers for that."""
    state = laid_down(CONFLICT)
    with pytest.raises(MalformedOverride, match="Say why"):
        overrides.withdraw(state, CONFLICT.override_id, by="kurz", at=AT, reason=" ")
    lifted = after(state, overrides.withdraw(state, CONFLICT.override_id, by="kurz", at=AT, reason="Settled."))
    assert lifted.conflicts == frozenset()


def test_changes_are_undone_from_the_last_to_the_first() -> None:
    """A withdrawal is undone by standing again, what was laid down by a withdrawal; then nothing is left."""
    state = laid_down(FORCE, BLOCK)
    state = after(state, overrides.withdraw(state, FORCE.override_id, by="kurz", at=AT))

    seen = []
    for _ in range(3):
        state = after(state, overrides.undo(state, by="kurz", at=AT))
        seen.append(state.standing)

    assert seen == [(FORCE, BLOCK), (FORCE,), ()]
    assert all(one.withdrawn_by == "kurz" for one in state.items)
    with pytest.raises(NothingToUndo):
        overrides.undo(state, by="kurz", at=AT)


def test_conflict_of_a_pair_is_passed_over_by_undo() -> None:
    """Nobody takes it back by the way."""
    state = laid_down(FORCE, CONFLICT)
    state = after(state, overrides.undo(state, by="kurz", at=AT))
    assert state.standing == (CONFLICT,)
    with pytest.raises(NothingToUndo):
        overrides.undo(laid_down(CONFLICT), by="kurz", at=AT)


def test_nothing_laid_down_is_nothing_to_undo() -> None:
    """An edition without overrides is no error of its own."""
    with pytest.raises(NothingToUndo):
        overrides.undo(None, by="kurz", at=AT)


def test_overrides_survive_their_document() -> None:
    """With what can be undone."""
    state = laid_down(FORCE, BLOCK, CONFLICT, PLACE)
    kept = TypeAdapter(Overrides)
    assert kept.validate_json(kept.dump_json(state)) == state
    assert state.undoable == (FORCE.override_id, BLOCK.override_id, PLACE.override_id)


_MENTORS, _EXECUTIVES = ["m0", "m1", "m2"], ["e0", "e1", "e2", "e3"]


class Laying(RuleBasedStateMachine):
    """People lay down, withdraw and undo in any order; every mentor may have every executive, while places last."""

    @initialize(capacities=st.lists(st.integers(0, 3), min_size=3, max_size=3))
    def begin(self, capacities: list[int]) -> None:
        mentors = [replace(LENA, person_id=id, capacity=n) for id, n in zip(_MENTORS, capacities, strict=True)]
        self.now = considered(mentors, [replace(WINTER, person_id=id) for id in _EXECUTIVES])
        self.state: Overrides | None = None
        self.before: list[set[str]] = []
        self.number = 0

    @rule(
        kind=st.sampled_from(["block", "force", "force", "conflict", "place"]),
        mentor=st.sampled_from([*_MENTORS, "stranger"]),
        mentee=st.sampled_from([*_EXECUTIVES, "m0"]),
        places=st.integers(0, 3),
    )
    def lay_down(self, kind: str, mentor: str, mentee: str, places: int) -> None:
        self.number += 1
        of_pair = kind != "place"
        said = (kind, mentor, mentee if of_pair else None, None if of_pair else places)
        wanted = override(*said, id=str(self.number))  # type: ignore[arg-type]  # one of the kinds
        self._try(lambda: admit(self.state, "edition", wanted, self.now, STANDARD))

    @rule(which=st.integers(1, 50))
    def withdraw(self, which: int) -> None:
        def decide() -> list[overrides.Event]:
            events = overrides.withdraw(self.state, str(which), by="kurz", at=AT, reason="Agreed.")
            return unopposed(self.state, events, self.now, STANDARD)

        self._try(decide)

    @rule()
    def undo(self) -> None:
        def decide() -> list[overrides.Event]:
            events = overrides.undo(self.state, by="kurz", at=AT)
            return unopposed(self.state, events, self.now, STANDARD)

        if self._try(decide, undo=True):
            assert self._standing() == self.before.pop()

    def _try(self, decide: Callable[[], list[overrides.Event]], *, undo: bool = False) -> bool:
        """Whether the command was accepted; a refused one changes nothing."""
        try:
            events = decide()
        except (ContradictoryOverrides, OverrideUnknown, OverrideWithdrawnAlready, NothingToUndo):
            return False
        if not undo and events[0].override.kind != "conflict":
            self.before.append(self._standing())
        self.state = after(self.state, events)
        return True

    def _standing(self) -> set[str]:
        """All that stands but conflicts."""
        return {one.override_id for one in (self.state or stated()).standing if one.kind != "conflict"}

    @invariant()
    def nothing_contradicts(self) -> None:
        """But for a conflict, which is heard even against a forced pair."""
        found = contradictions(self.state or stated(), self.now, STANDARD)
        assert {one.code for one in found} <= {"forced_and_conflict"}

    @invariant()
    def no_mentor_is_forced_beyond_the_places(self) -> None:
        """Whatever was laid down, withdrawn or undone."""
        state = self.state or stated()
        for mentor_id, mentor in self.now.mentors.items():
            forced = [pair for pair in state.forced if pair[0] == mentor_id]
            assert len(forced) <= state.places.get(mentor_id, mentor.capacity)


TestLaying = Laying.TestCase
TestLaying.settings = settings(max_examples=60, stateful_step_count=30)
