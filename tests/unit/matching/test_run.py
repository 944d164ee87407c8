"""Promises of a run, from its request to the last of its pairs, and of a pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.matching.domain import pair, run
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.domain.rules import RuleBroken

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WANTED = run.Run("r-1", "e-1", requested_by="manager", requested_at=NOW)
EXECUTIVES = ("m-1", "m-2", "m-3")
PAIRS = tuple(
    ProposedPair(f"mentor-of-{id}", id, "north", "south", points, ())
    for id, points in zip(EXECUTIVES, (10, 20, 30), strict=True)
)
PROPOSAL = Proposal("test", 1, executives=3, worst=10, total=60, pairs=PAIRS, uncovered=(), mentors_left_out=())
APPROVED = run.Review("approved", None, "manager", NOW)
REJECTED = run.Review("rejected", "Too many from one house.", "manager", NOW)


def after(state: run.Run | None, events: list[run.Event]) -> run.Run:
    """The run after these events."""
    for event in events:
        state = run.evolve(state, event)
    assert state is not None
    return state


def requested() -> run.Run:
    return after(None, run.request(None, WANTED))


def proposed() -> run.Run:
    return after(requested(), run.propose(requested(), PROPOSAL, NOW))


def approved() -> run.Run:
    return after(proposed(), run.review(proposed(), APPROVED))


def publishing() -> run.Run:
    return after(approved(), run.publish(approved(), "publisher", NOW))


def settled(state: run.Run, *outcomes: run.Settled) -> run.Run:
    return after(state, run.settle(state, outcomes, NOW))


def published() -> run.Run:
    return settled(publishing(), *(run.Settled(id, pair_id=f"p-{id}") for id in EXECUTIVES))


def outcomes(state: run.Run) -> dict[str, tuple[str, str | None, str | None]]:
    """Per executive what became of the pair."""
    assert state.proposal is not None
    return {one.mentee_id: (one.outcome, one.pair_id, one.conflict) for one in state.proposal.pairs}


def test_run_goes_from_request_to_publication() -> None:
    """Each step leads to the next, and says who took it when."""
    state = published()

    assert (state.state, state.open, state.published_at) == (run.State.PUBLISHED, False, NOW)
    assert (state.requested_by, state.published_by, state.review) == ("manager", "publisher", APPROVED)
    assert outcomes(state)["m-2"] == ("published", "p-m-2", None)


def test_a_second_proposal_of_the_same_run_is_dropped() -> None:
    """Two processes may solve a run at once; what somebody may have looked at already does not change."""
    assert run.propose(proposed(), replace(PROPOSAL, pairs=()), NOW) == []


def test_approval_can_be_taken_back_until_the_run_is_published() -> None:
    """An approved run that nobody will publish would keep its edition for ever."""
    rejected = after(approved(), run.review(approved(), REJECTED))

    assert (rejected.state, rejected.open) == (run.State.REJECTED, False)
    with pytest.raises(run.NotReviewable, match="publishing already"):
        run.review(publishing(), REJECTED)


@pytest.mark.parametrize("decision", [APPROVED, REJECTED])
def test_only_a_proposal_is_reviewed(decision: run.Review) -> None:
    """Before the proposal is there, and after the last word, a review is refused."""
    rejected = after(proposed(), run.review(proposed(), REJECTED))
    with pytest.raises(run.NotReviewable, match="in a moment"):
        run.review(requested(), decision)
    for state in (rejected, publishing(), published()):
        with pytest.raises(run.NotReviewable, match="already"):
            run.review(state, decision)


def test_approving_twice_is_refused() -> None:
    """The first approval keeps its name and note."""
    with pytest.raises(run.NotReviewable):
        run.review(approved(), APPROVED)


def test_only_an_approved_proposal_is_published() -> None:
    """Whoever publishes too early or twice is told so."""
    for early in (requested(), proposed()):
        with pytest.raises(run.NotApproved, match="after somebody has approved"):
            run.publish(early, "publisher", NOW)
    for late in (publishing(), published()):
        with pytest.raises(run.NotApproved, match="already"):
            run.publish(late, "publisher", NOW)


def test_run_is_requested_once() -> None:
    """The same id again is refused."""
    with pytest.raises(run.RunExists):
        run.request(requested(), WANTED)


def test_run_is_published_with_its_last_pair() -> None:
    """Until then it shows how far it has come, conflicts included."""
    half = settled(publishing(), run.Settled("m-1", pair_id="p-1"), run.Settled("m-2", conflict="mentor_left"))

    assert half.state is run.State.PUBLISHING
    assert [one.mentee_id for one in half.pending] == ["m-3"]
    assert outcomes(half)["m-2"] == ("conflict", None, "mentor_left")
    assert settled(half, run.Settled("m-3", pair_id="p-3")).state is run.State.PUBLISHED


def test_a_run_without_pairs_is_published_at_once() -> None:
    """Nothing to carry out is carried out."""
    empty = after(requested(), run.propose(requested(), replace(PROPOSAL, pairs=(), worst=None), NOW))
    state = after(empty, run.review(empty, APPROVED))

    assert settled(after(state, run.publish(state, "publisher", NOW))).state is run.State.PUBLISHED


def test_settling_a_pair_again_changes_nothing() -> None:
    """Progress may be recorded twice after a crash, also when the run is over."""
    state = settled(publishing(), run.Settled("m-1", pair_id="p-1"))

    assert run.settle(state, [run.Settled("m-1", pair_id="p-1")], NOW) == []
    assert run.settle(state, [run.Settled("m-1", conflict="mentor_left")], NOW) == []
    assert run.settle(published(), [run.Settled("m-1", pair_id="p-m-1")], NOW) == []


def test_a_pair_that_is_there_wins_over_a_conflict() -> None:
    """Of two processes that publish one run the one that made the pair is right, even after the end."""
    done = settled(publishing(), *(run.Settled(id, conflict="mentor_left") for id in EXECUTIVES))

    late = settled(done, run.Settled("m-1", pair_id="p-1"))

    assert outcomes(late)["m-1"] == ("published", "p-1", None)
    assert (late.state, late.published_at) == (run.State.PUBLISHED, done.published_at)


def test_pairs_are_settled_in_a_publication_only() -> None:
    """Nothing is recorded of a run that nobody has published."""
    for state in (requested(), proposed(), approved()):
        assert run.settle(state, [run.Settled("m-1", pair_id="p-1")], NOW) == []


def test_a_pair_is_matched_once() -> None:
    """However often it is tried, under whatever slot."""
    first = pair.Pair("p-1", "e-1", "r-1", "mentor", "m-1", "north", "south", "test", NOW, slot=1)
    [event] = pair.match(None, first)

    assert pair.evolve(None, event) == first
    assert pair.match(first, replace(first, slot=2)) == []


class AnyOrder(RuleBasedStateMachine):
    """Whatever people and workers do to a run, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = requested()
        self.made: set[str] = set()

    def attempt(self, events: list[run.Event]) -> None:
        was_final = not self.state.open
        self.state = after(self.state, events)
        assert not (was_final and self.state.open)

    @rule()
    def propose(self) -> None:
        self.attempt(run.propose(self.state, PROPOSAL, NOW))

    @rule(said=st.sampled_from([APPROVED, REJECTED]))
    def review(self, said: run.Review) -> None:
        try:
            self.attempt(run.review(self.state, said))
        except RuleBroken:
            assert self.state.state is not run.State.PROPOSED

    @rule()
    def publish(self) -> None:
        try:
            self.attempt(run.publish(self.state, "publisher", NOW))
        except RuleBroken:
            assert self.state.state is not run.State.APPROVED

    @rule(
        them=st.lists(
            st.builds(run.Settled, st.sampled_from(EXECUTIVES), pair_id=st.just("p"))
            | st.builds(run.Settled, st.sampled_from(EXECUTIVES), conflict=st.just("mentor_left")),
            max_size=3,
            unique_by=lambda one: one.mentee_id,
        )
    )
    def settle(self, them: list[run.Settled]) -> None:
        if self.state.state in (run.State.PUBLISHING, run.State.PUBLISHED):
            self.made |= {one.mentee_id for one in them if one.pair_id}
        self.attempt(run.settle(self.state, them, NOW))

    @invariant()
    def states_and_pairs_agree(self) -> None:
        """Open until the last word; published exactly when nothing is pending; no pair that was made is denied."""
        assert self.state.open == (self.state.state not in (run.State.REJECTED, run.State.PUBLISHED))
        if self.state.state is run.State.PUBLISHED:
            assert not self.state.pending
        if self.state.proposal:
            made = {id for id, (outcome, *_) in outcomes(self.state).items() if outcome == "published"}
            assert made == self.made


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
test_runs_hold_their_promises_in_any_order = AnyOrder.TestCase
