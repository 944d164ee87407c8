"""Promises of a round and its sheets, whatever people do in whatever order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications import contracts
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.applications.domain.rules import RuleBroken

AT = datetime(2026, 2, 20, 9, tzinfo=UTC)
CRITERIA = ("explains", "knows")
OPENED = rounds.RoundOpened(
    "r-1",
    "e-1",
    number=1,
    per_application=2,
    due_at=None,
    assessors=("a", "b"),
    applications=None,
    seed="seed",
    opened_by="manager",
    opened_at=AT,
)
WHICH = st.integers(0, 3)
SCORES = st.dictionaries(st.sampled_from(CRITERIA), st.integers(1, 3))


def opened() -> rounds.Round:
    """A round whose sheets are still to be made."""
    [event] = rounds.open_round(None, OPENED)
    return rounds.evolve(None, event)


def assigned(state: rounds.Round) -> list[rounds.Event]:
    """All sheets of the round are made."""
    return rounds.assigned(state, applications=2, sheets=4, assessors=("a", "b"), short=(), at=AT)


def made(number: int) -> sheets.Sheet:
    """A sheet that nobody has written on."""
    [event] = sheets.make(None, sheets.SheetMade(f"s-{number}", "r-1", "e-1", f"x-{number}", "m", "a"))
    return sheets.evolve(None, event)


class Assessing(RuleBasedStateMachine):
    """A round with four sheets; each step is one that the service offers, with its guards."""

    def __init__(self) -> None:
        super().__init__()
        self.round = opened()
        self.sheets = [made(number) for number in range(4)]
        self.told: list[list[sheets.Event]] = [[] for _ in range(4)]
        self.published: Mapping[int, sheets.Sheet] = {}

    def _move(self, events: list[rounds.Event]) -> None:
        for event in events:
            self.round = rounds.evolve(self.round, event)

    def _write(self, number: int, decide: Any) -> None:
        """What an assessor does, who is refused outside an open round and on a sheet that is not open."""
        before = self.sheets[number]
        try:
            rounds.must_be_open(self.round)
            events = decide(before)
        except RuleBroken:
            assert self.round.state != "open" or before.state != "open"
            return
        self._apply(number, events)

    def _apply(self, number: int, events: list[sheets.Event]) -> None:
        for event in events:
            self.sheets[number] = sheets.evolve(self.sheets[number], event)
        self.told[number] += events

    @initialize(late=st.booleans())
    def begin(self, late: bool) -> None:
        """The loop was quick, or some are quicker."""
        if not late:
            self.assign()

    @rule()
    def assign(self) -> None:
        """The loop has made all sheets, perhaps not for the first time."""
        self._move(assigned(self.round))

    @rule(number=WHICH, scores=SCORES, comment=st.none() | st.just("Good."))
    def save(self, number: int, scores: dict[str, int], comment: str | None) -> None:
        """An assessor writes."""
        self._write(number, lambda state: sheets.save(state, scores, comment, at=AT))

    @rule(number=WHICH)
    def lock(self, number: int) -> None:
        """An assessor hands a sheet in; the service asks before whether it is complete."""
        if not sheets.missing(self.sheets[number], CRITERIA):
            self._write(number, lambda state: sheets.lock(state, at=AT))

    @rule(number=WHICH)
    def conflict(self, number: int) -> None:
        """An assessor gives a sheet back."""
        self._write(number, lambda state: sheets.declare_conflict(state, "My cousin.", at=AT))

    @rule(number=WHICH)
    def void(self, number: int) -> None:
        """The application is withdrawn."""
        self._apply(number, sheets.void(self.sheets[number]))

    @precondition(lambda self: self.round.state == "open" and sum(map(len, self.told)) > 3)
    @rule()
    def begin_closing(self) -> None:
        """A manager closes the round."""
        self._move(rounds.close_early(self.round, by="manager", reason="It is late."))

    @precondition(lambda self: self.round.state == "closing")
    @rule(number=WHICH)
    def settle(self, number: int) -> None:
        """The closing comes to a sheet, perhaps not for the first time."""
        events = sheets.settle(self.sheets[number], CRITERIA, at=AT)
        assert bool(events) == (self.sheets[number].state == "open")
        self._apply(number, events)

    @precondition(lambda self: all(sheet.state != "open" for sheet in self.sheets))
    @rule()
    def close(self) -> None:
        """The closing has come to all sheets."""
        self._move(rounds.close(self.round, at=AT))
        if self.round.state == "closed" and not self.published:
            self.published = dict(enumerate(self.sheets))

    @invariant()
    def what_is_seen_stays(self) -> None:
        """Once scores can be seen nothing of them changes any more."""
        assert all(self.sheets[number] == sheet for number, sheet in self.published.items())

    @invariant()
    def what_counts_is_complete(self) -> None:
        """A sheet that counts has a score for each criterion; one that was given back has none left."""
        for sheet in self.sheets:
            assert sheet.state != "locked" or not sheets.missing(sheet, CRITERIA)
            assert sheet.state != "conflicted" or not sheet.scores
            assert (sheet.locked_at is not None) == (sheet.state == "locked")

    @invariant()
    def history_tells_all(self) -> None:
        """A sheet is what its events made of it."""
        for number, events in enumerate(self.told):
            state = made(number)
            for event in events:
                state = sheets.evolve(state, event)
            assert state == self.sheets[number]

    @invariant()
    def round_is_finished_when_closed(self) -> None:
        """A round is unfinished until it is closed, and closed by somebody or by itself."""
        assert self.round.unfinished == (self.round.state != "closed")
        assert (self.round.cause is None) == (self.round.state in {"assigning", "open"})


TestAssessing = Assessing.TestCase
TestAssessing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_round_is_opened_once() -> None:
    """A round that exists is not opened again, and its sheets are assigned once."""
    state = opened()
    for event in assigned(state):
        state = rounds.evolve(state, event)

    with pytest.raises(rounds.RoundExists):
        rounds.open_round(state, OPENED)
    assert assigned(state) == []


def test_shortage_is_told_once() -> None:
    """The same applications without independent assessors are noted once, and only while the round is open."""
    state = opened()
    assert rounds.shortage(state, ["x-1"]) == []
    for event in assigned(state):
        state = rounds.evolve(state, event)

    [event] = rounds.shortage(state, ["x-1"])
    state = rounds.evolve(state, event)

    assert state.short == ("x-1",)
    assert rounds.shortage(state, ["x-1"]) == []


def test_complete_round_closes_without_a_name() -> None:
    """What ends because everything is in has neither a person nor a reason; only an open round can end so."""
    state = opened()
    assert rounds.complete(state) == []
    with pytest.raises(rounds.RoundNotOpen):
        rounds.close_early(state, by="manager", reason="It is late.")
    for event in assigned(state):
        state = rounds.evolve(state, event)
    for event in [*rounds.complete(state)]:
        state = rounds.evolve(state, event)
    [closed] = rounds.close(state, at=AT)

    assert (state.state, state.closed_by, state.closing_reason) == ("closing", None, None)
    assert isinstance(closed, rounds.RoundClosed)
    assert closed.cause == "complete"


def test_round_is_taken_back_before_its_sheets_are_made_only() -> None:
    """Then it is over and says why; the topic, which never heard of it, is told nothing."""
    [event] = rounds.withdraw(opened(), at=AT)
    taken_back = rounds.evolve(opened(), event)

    assert (taken_back.state, taken_back.unfinished, taken_back.closed_at) == ("closed", False, AT)
    assert taken_back.closing_reason
    assert contracts.of_round(event) is None
    running = opened()
    for one in assigned(running):
        running = rounds.evolve(running, one)
    assert rounds.withdraw(running, at=AT) == rounds.withdraw(taken_back, at=AT) == []


def test_sheet_that_was_given_back_keeps_nothing() -> None:
    """Who is not free in judging leaves neither scores nor a comment behind, only the reason."""
    state = made(1)
    for event in sheets.save(state, {"explains": 3}, "Very good.", at=AT):
        state = sheets.evolve(state, event)
    for event in sheets.declare_conflict(state, "My cousin.", at=AT):
        state = sheets.evolve(state, event)

    assert (state.state, dict(state.scores), state.comment) == ("conflicted", {}, None)
    assert state.conflict_reason == "My cousin."


def test_closing_settles_open_sheets_only() -> None:
    """What was handed in, given back or void stays as it is when its round is closed."""
    whole = made(1)
    for event in sheets.save(whole, {"explains": 3, "knows": 1}, None, at=AT):
        whole = sheets.evolve(whole, event)

    assert [type(event) for event in sheets.settle(whole, CRITERIA, at=AT)] == [sheets.SheetLocked]
    assert [type(event) for event in sheets.settle(made(2), CRITERIA, at=AT)] == [sheets.SheetMissed]
    for state in ("locked", "conflicted", "missed", "void"):
        assert sheets.settle(replace(whole, state=state), CRITERIA, at=AT) == []
