"""Promises of the choice in a re-match, and of two drafts side by side: the same figures wherever they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.matching.domain import run
from services.matching.domain.overrides import NO_OVERRIDES
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.http.finding_views import of_comparison
from services.matching.http.run_views import report_of
from services.matching.store import Progress

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAIRS = tuple(
    ProposedPair(f"mentor-of-{id}", id, "north", "south", points, ())
    for id, points in zip(("m-1", "m-2", "m-3"), (10, 20, 30), strict=True)
)
PROPOSAL = Proposal("standard.1", 100, executives=3, worst=10, total=60, pairs=PAIRS)


def after(state: run.Run, events: list[run.Event]) -> run.Run:
    """The run after these events."""
    for event in events:
        state = run.evolve(state, event)
    return state


def proposed(found: run.Found, kind: run.Kind = "full") -> run.Run:
    """A run with its proposal."""
    wanted = run.Run("r-1", "e-1", requested_by="manager", requested_at=NOW, kind=kind)
    return after(wanted, run.propose(wanted, found, NOW))


def rematch() -> run.Run:
    """A re-match whose first two executives have a mentor; of two ways one moves the second for the third."""
    moved = (replace(PAIRS[1], mentor_id="another", ends="old pair"), replace(PAIRS[2], mentor_id="mentor-of-m-2"))
    ways = (
        run.Alternative(0, covered=2, worst=10, total=30),
        run.Alternative(1, covered=3, worst=10, total=60, pairs=moved),
    )
    standing = (("mentor-of-m-1", "m-1"), ("mentor-of-m-2", "m-2"))
    nobody = replace(PROPOSAL, worst=None, total=0, pairs=(), size=0, standing=standing)
    return proposed(run.Found(nobody, alternatives=ways), "rematch")


def test_alternative_of_a_rematch_is_chosen_before_it_is_approved() -> None:
    """By its number of changes; another choice takes its place, and its pairs become the proposal."""
    offered, approved = rematch(), run.Review("approved", None, "manager", NOW)

    with pytest.raises(run.NothingChosen):
        run.review(offered, approved)
    with pytest.raises(run.NoSuchAlternative, match="there are 0, 1"):
        run.choose(offered, 3, NOW)
    with pytest.raises(run.NotChoosable):
        run.choose(proposed(run.Found(PROPOSAL)), 0, NOW)
    chosen = after(offered, run.choose(offered, 0, NOW))
    chosen = after(chosen, run.choose(chosen, 1, NOW))
    assert run.choose(chosen, 1, NOW) == []
    assert chosen.proposal is not None
    assert (chosen.proposal.pairs, chosen.proposal.worst) == (offered.alternatives[1].pairs, 10)
    assert after(chosen, run.review(chosen, approved)).state is run.State.APPROVED


@pytest.mark.parametrize("changes", [0, 1])
def test_figures_of_a_chosen_rematch_are_the_same_wherever_they_are_told(changes: int) -> None:
    """Its own page, the list of its ways, and the comparison with another draft: of all pairs, not of the new ones."""
    chosen = after(rematch(), run.choose(rematch(), changes, NOW))
    assert chosen.proposal is not None
    told = report_of(chosen, Progress(None), NO_OVERRIDES)
    compared = of_comparison(chosen, proposed(run.Found(PROPOSAL)), chosen.proposal, PROPOSAL).first

    way = next(one for one in told.alternatives if one.changes == changes)
    assert told.coverage is not None
    assert (told.coverage.covered, told.worst, told.total) == (2 + changes, 0.1, 0.3 * (1 + changes))
    assert (compared.coverage, compared.worst, compared.total) == (way.coverage, way.worst, way.total)
    assert (way.coverage, way.worst, way.total) == (told.coverage.covered, told.worst, told.total)
    assert chosen.proposal.covered == chosen.covered == told.coverage.covered


def test_drafts_are_compared_by_who_is_paired_with_whom() -> None:
    """The same mentor with other points is no difference; who has a mentor in one of them only is."""
    other = replace(PAIRS[1], mentor_id="another")
    second = replace(PROPOSAL, pairs=(replace(PAIRS[0], points=99), other))

    assert run.differences(PROPOSAL, second) == (
        run.Difference("m-2", PAIRS[1], other, "mentor-of-m-2", "another"),
        run.Difference("m-3", PAIRS[2], None, "mentor-of-m-3", None),
    )


def test_pairs_that_stand_are_on_both_sides_of_a_comparison() -> None:
    """A re-match differs by those whom it moves; a proposal for the rest by nobody who keeps the mentor."""
    chosen = after(rematch(), run.choose(rematch(), 1, NOW)).proposal
    assert chosen is not None
    new = {pair.mentee_id: pair for pair in chosen.pairs}
    assert run.differences(PROPOSAL, chosen) == (
        run.Difference("m-2", PAIRS[1], new["m-2"], "mentor-of-m-2", "another"),
        run.Difference("m-3", PAIRS[2], new["m-3"], "mentor-of-m-3", "mentor-of-m-2"),
    )

    rest = replace(PROPOSAL, pairs=PAIRS[2:], standing=(("mentor-of-m-1", "m-1"), ("elsewhere", "m-2")))
    assert run.differences(PROPOSAL, rest) == (run.Difference("m-2", PAIRS[1], None, "mentor-of-m-2", "elsewhere"),)
