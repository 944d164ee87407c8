"""Promises of a run, from its request to the last of its pairs, and of a pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.matching.domain import pair, run
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.domain.rules import RuleBroken
from tests.support.pairing import override, stated

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
    return after(requested(), run.propose(requested(), run.Found(PROPOSAL), NOW))


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

    assert (state.state, state.busy, state.published_at) == (run.State.PUBLISHED, False, NOW)
    assert (state.requested_by, state.published_by, state.review) == ("manager", "publisher", APPROVED)
    assert outcomes(state)["m-2"] == ("published", "p-m-2", None)


def test_a_second_proposal_of_the_same_run_is_dropped() -> None:
    """Two processes may solve a run at once; what somebody may have looked at already does not change."""
    assert run.propose(proposed(), run.Found(replace(PROPOSAL, pairs=())), NOW) == []


def test_approval_can_be_taken_back_until_the_run_is_published() -> None:
    """An approved run that nobody will publish would keep its edition for ever."""
    rejected = after(approved(), run.review(approved(), REJECTED))

    assert (rejected.state, rejected.busy) == (run.State.REJECTED, False)
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
    empty = after(requested(), run.propose(requested(), run.Found(replace(PROPOSAL, pairs=(), worst=None)), NOW))
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


def previewed(days: int = 3) -> run.Run:
    shown = run.Preview("manager", NOW, run.days_after(NOW, days))
    return after(proposed(), run.preview(proposed(), shown))


def test_run_that_waits_can_be_cancelled_and_nothing_comes_of_it() -> None:
    """A proposal that is worked out all the same is dropped, and so is a failure."""
    for state in (requested(), after(requested(), run.begin(requested(), "first"))):
        cancelled = after(state, run.cancel(state, NOW))

        assert (cancelled.state, cancelled.busy) == (run.State.CANCELLED, False)
        assert run.propose(cancelled, run.Found(PROPOSAL), NOW) == []
        assert run.fail(cancelled, run.Failure(run.SOLVER_FAILED, NOW)) == []
    with pytest.raises(run.NotCancellable, match="only one that waits"):
        run.cancel(proposed(), NOW)


def test_run_takes_over_the_word_of_its_newest_attempt_alone() -> None:
    """What an earlier one found, or could not, is dropped: its proof may be gone by then."""
    first = after(requested(), run.begin(requested(), "first"))
    assert run.begin(first, "first") == []
    second = after(first, run.begin(first, "second"))

    assert run.propose(second, run.Found(PROPOSAL, evidence="first"), NOW) == []
    assert run.fail(second, run.Failure(run.OVERRIDES_CONTRADICT, NOW), "first") == []
    assert after(second, run.propose(second, run.Found(PROPOSAL, evidence="second"), NOW)).evidence == "second"
    assert after(second, run.fail(second, run.Failure(run.TOO_LARGE, NOW), "second")).state is run.State.FAILED
    assert after(second, run.fail(second, run.Failure(run.SOLVER_FAILED, NOW))).state is run.State.FAILED


def test_run_that_nobody_can_solve_says_why() -> None:
    """It keeps its edition no longer, and the reason comes with a sentence."""
    failed = after(requested(), run.fail(requested(), run.Failure(run.SOLVER_FAILED, NOW)))

    assert (failed.state, failed.busy) == (run.State.FAILED, False)
    assert failed.failure is not None
    assert "request the run again" in run.of_failure(failed.failure.reason)


def test_drafts_do_not_keep_their_edition() -> None:
    """Only what is being solved or published does; several proposals stand side by side."""
    busy = {state.state: state.busy for state in (requested(), proposed(), previewed(), approved(), publishing())}

    assert [state for state, is_busy in busy.items() if is_busy] == [run.State.REQUESTED, run.State.PUBLISHING]


def test_members_object_within_the_days_and_once() -> None:
    """Whoever is of the pair is heard, nobody else; afterwards it is too late."""
    state, said = previewed(), run.Veto("m-1", "mentor-of-m-1", "mentor-of-m-1", NOW, "o-1")
    objected = after(state, run.veto(state, said, stated()))
    laid_down = stated(override("conflict", "mentor-of-m-1", "m-1", id="o-1"))

    assert (objected.vetoes, run.standing(objected, laid_down)) == ((said,), (said,))
    assert run.veto(objected, replace(said, override_id="o-2"), laid_down) == []
    assert run.veto(objected, replace(said, override_id="o-2"), stated()) != []
    assert run.veto(objected, replace(said, by="m-1", override_id="o-2"), laid_down) != []
    for mentee_id, by in (("m-1", "m-2"), ("m-9", "m-9")):
        with pytest.raises(run.NoSuchPair):
            run.veto(state, replace(said, mentee_id=mentee_id, by=by), stated())
    with pytest.raises(run.NotVetoable, match="are over"):
        run.veto(state, replace(said, at=NOW + timedelta(days=4)), stated())


def test_proposal_that_members_see_is_approved_after_their_days() -> None:
    """It can be rejected at once."""
    state = previewed()

    with pytest.raises(run.VetoDaysLeft, match="2026-03-05"):
        run.review(state, APPROVED)
    later = replace(APPROVED, reviewed_at=NOW + timedelta(days=3))
    assert after(state, run.review(state, later)).state is run.State.APPROVED
    assert after(state, run.review(state, REJECTED)).state is run.State.REJECTED


def test_days_to_object_are_working_days() -> None:
    """Three days from a Thursday end on the Tuesday after."""
    thursday = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)

    assert run.days_after(thursday, 3) == datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
    assert run.days_after(thursday, 0) == thursday


def test_trial_comes_to_nothing() -> None:
    """Neither shown nor approved, and no other draft's publication puts it aside."""
    trial = replace(proposed(), trial=True)

    with pytest.raises(run.IsTrial):
        run.preview(trial, run.Preview("manager", NOW, NOW))
    with pytest.raises(run.IsTrial):
        run.review(trial, APPROVED)
    assert run.supersede(trial, "r-2", NOW) == []


def test_publishing_a_run_puts_other_drafts_aside() -> None:
    """Drafts alone: what is decided, and the run itself, stay what they are."""
    for draft in (proposed(), previewed(), approved()):
        aside = after(draft, run.supersede(draft, "r-2", NOW))
        assert (aside.state, aside.busy) == (run.State.SUPERSEDED, False)
        assert run.supersede(draft, "r-1", NOW) == []
    for other in (requested(), publishing(), published()):
        assert run.supersede(other, "r-2", NOW) == []


def test_some_pairs_are_published_now_and_the_rest_later() -> None:
    """Who is not named is kept back, and nothing is published twice."""
    some = after(approved(), run.publish(approved(), "publisher", NOW, ["m-2"]))
    done = settled(some, run.Settled("m-2", pair_id="p-2"))

    assert (done.state, [pair.mentee_id for pair in done.kept_back]) == (run.State.PUBLISHED, ["m-1", "m-3"])
    with pytest.raises(run.NotInProposal, match="m-2"):
        run.publish(done, "publisher", NOW, ["m-2"])
    rest = after(done, run.publish(done, "publisher", NOW))
    assert (rest.busy, [pair.mentee_id for pair in rest.pending]) == (True, ["m-1", "m-3"])
    assert outcomes(rest)["m-2"] == ("published", "p-2", None)
    with pytest.raises(run.NotInProposal, match="m-9"):
        run.publish(approved(), "publisher", NOW, ["m-9"])


class AnyOrder(RuleBasedStateMachine):
    """Whatever people and workers do to a run, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = requested()
        self.made: set[str] = set()
        self.number = 0

    def attempt(self, decide: Callable[[], list[run.Event]], possible: set[run.State]) -> None:
        """Do it where it can be done; what is refused changes nothing."""
        before = self.state
        try:
            events = decide()
        except RuleBroken:
            return
        self.state = after(self.state, events)
        if self.state != before:
            assert before.state in possible

    @rule()
    def begin(self) -> None:
        self.number += 1
        self.attempt(lambda: run.begin(self.state, f"attempt-{self.number}"), set(run.WAITING))

    @rule()
    def propose(self) -> None:
        found = run.Found(PROPOSAL, evidence=self.state.attempt)
        self.attempt(lambda: run.propose(self.state, found, NOW), set(run.WAITING))

    @rule()
    def propose_late(self) -> None:
        """By an attempt that is none any more, where there was a newer one."""
        late = run.Found(PROPOSAL, evidence=f"attempt-{self.number - 1}")
        self.attempt(lambda: run.propose(self.state, late, NOW), set() if self.state.attempt else set(run.WAITING))

    @rule()
    def fail(self) -> None:
        self.attempt(lambda: run.fail(self.state, run.Failure(run.SOLVER_FAILED, NOW)), set(run.WAITING))

    @rule()
    def cancel(self) -> None:
        self.attempt(lambda: run.cancel(self.state, NOW), set(run.WAITING))

    @rule(days=st.sampled_from([0, 3]))
    def preview(self, days: int) -> None:
        shown = run.Preview("manager", NOW, run.days_after(NOW, days))
        self.attempt(lambda: run.preview(self.state, shown), {run.State.PROPOSED})

    @rule(mentee_id=st.sampled_from(EXECUTIVES))
    def veto(self, mentee_id: str) -> None:
        said = run.Veto(mentee_id, f"mentor-of-{mentee_id}", mentee_id, NOW, f"o-{mentee_id}")
        self.attempt(lambda: run.veto(self.state, said, stated()), {run.State.PREVIEWED})

    @rule(said=st.sampled_from([APPROVED, REJECTED]))
    def review(self, said: run.Review) -> None:
        self.attempt(lambda: run.review(self.state, said), set(run.DRAFTS))

    @rule()
    def supersede(self) -> None:
        self.attempt(lambda: run.supersede(self.state, "r-2", NOW), set(run.DRAFTS))

    @rule(named=st.none() | st.sets(st.sampled_from(EXECUTIVES), min_size=1), approve=st.booleans())
    def publish(self, named: set[str] | None, approve: bool) -> None:
        possible = {run.State.PUBLISHED, *(run.DRAFTS if approve else {run.State.APPROVED})}
        approval = APPROVED if approve else None
        self.attempt(lambda: run.publish(self.state, "publisher", NOW, named, approval=approval), possible)

    @rule(
        them=st.lists(
            st.builds(run.Settled, st.sampled_from(EXECUTIVES), pair_id=st.just("p"))
            | st.builds(run.Settled, st.sampled_from(EXECUTIVES), conflict=st.just("mentor_left")),
            max_size=3,
            unique_by=lambda one: one.mentee_id,
        )
    )
    def settle(self, them: list[run.Settled]) -> None:
        wanted = set(self.outcomes())
        if self.state.state in (run.State.PUBLISHING, run.State.PUBLISHED):
            self.made |= {one.mentee_id for one in them if one.pair_id} & wanted
        possible = {run.State.PUBLISHING, run.State.PUBLISHED}
        self.attempt(lambda: run.settle(self.state, them, NOW), possible)

    def outcomes(self) -> dict[str, tuple[str, str | None, str | None]]:
        """What became of the pairs so far."""
        return outcomes(self.state) if self.state.proposal else {}

    @invariant()
    def states_and_pairs_agree(self) -> None:
        """Busy while it is worked on; published exactly when nothing is pending; no pair that was made is denied."""
        assert self.state.busy == (self.state.state in run.BUSY)
        if self.state.state is run.State.PUBLISHED:
            assert not self.state.pending
        made = {id for id, (outcome, *_) in self.outcomes().items() if outcome == "published"}
        assert made == self.made


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
test_runs_hold_their_promises_in_any_order = AnyOrder.TestCase
