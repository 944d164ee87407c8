"""Promises of what the solving process does with people, a policy and overrides: from the task to what is found."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from services.matching.domain import run
from services.matching.domain.contradictions import ContradictoryOverrides
from services.matching.solving import engine, forcing, proposing
from services.matching.solving.tasks import Told, WhyNotTask
from tests.support.solving_tasks import considered, laid_down, partners, solved, task


def test_pair_that_was_laid_down_counts_in_the_figures_and_in_their_proof() -> None:
    """It is proposed with its points; the proof is about all pairs, and names the place that it has for itself."""
    inputs = considered({"m1": 4, "m2": 1}, 2)
    found, certificate = solved(task(inputs, laid_down("force", "m2", "e0")))

    assert partners(found) == {"e0": "m2", "e1": "m1"}
    assert [(pair.mentee_id, pair.forced) for pair in found.proposal.pairs] == [("e0", True), ("e1", False)]
    assert found.proposal.worst == found.proposal.pairs[0].points
    document = engine.read(certificate)
    assert document["names"] == {"rows": ["e0", "e1"], "columns": ["m1", "m2", "m2 (forced)"]}
    assert document["instance"]["capacities"] == [1, 0, 1]
    said = found.proposal
    assert document["claim"] == {"coverage": 2, "worst": said.worst, "total": said.total}


def test_overrides_that_contradict_each_other_are_refused_before_anything_is_solved() -> None:
    """Whoever asked is told which they are."""
    both = (laid_down("force", "m1", "e0"), laid_down("block", "m1", "e0"))

    with pytest.raises(ContradictoryOverrides, match="m1"):
        solved(task(considered({"m1": 4}, 1), *both))


def test_nobody_on_either_side_is_a_proposal_without_pairs() -> None:
    """No executives, no mentors, mentors without places: all are answers, with a proof."""
    for inputs in (considered({}, 0), considered({"m1": 4}, 0), considered({}, 2), considered({"m1": 1}, 2, places=0)):
        found, certificate = solved(task(inputs))

        assert (found.proposal.pairs, found.proposal.worst) == ((), None)
        assert len(found.proposal.uncovered) == len(inputs.mentees)
        assert engine.read(certificate)["claim"] == {"coverage": 0, "worst": None, "total": 0}


def test_each_lack_is_a_group_of_its_own_with_the_rules_that_bar_others() -> None:
    """Two who compete for one mentor, and one who speaks a language that nobody speaks."""
    inputs = considered({"m1": 4}, 3, e2={"fr": 6})
    found, _ = solved(task(inputs))

    assert found.shortages == (
        run.Shortage(("e0", "e1"), ("m1",), places=1, missing=1),
        run.Shortage(("e2",), (), places=0, missing=1, barred=(("no_common_language", 1),)),
    )
    assert [(one.kind, one.mentor_id, one.value, one.covered) for one in found.relaxations] == [
        ("extra_place", "m1", "2", 2)
    ]


def test_progress_is_told_step_by_step() -> None:
    """Whoever waits sees how far it is, each trial of what would help included."""
    told: list[Told] = []
    proposing.solved(task(considered({"m1": 4}, 2)), told.append)

    assert [one.step for one in told][:4] == ["scoring", "solving", "proving", "writing"]
    assert told[-1] == Told("writing", 0, 1)


def test_pair_that_is_held_moves_nobody_without_need() -> None:
    """Of several best proposals with it the one nearest to what was proposed: among equals nobody moves."""
    inputs = considered({f"m{number}": 2 for number in range(6)}, 5)
    found, certificate = solved(task(inputs))
    before = partners(found)
    [free] = inputs.mentors.keys() - set(before.values())

    answer = forcing.why_not(WhyNotTask("e0", free), certificate)

    assert answer.now == answer.forced
    assert answer.moved == (run.Moved("e0", before["e0"], free),)


def test_pair_that_is_held_has_its_price_in_the_figures_of_all_pairs() -> None:
    """Those that were laid down count in both and stay."""
    inputs = considered({"m1": 4, "m2": 3, "m3": 1, "m4": 0}, 3)
    found, certificate = solved(task(inputs, laid_down("force", "m4", "e2")))
    said = found.proposal

    answer = forcing.why_not(WhyNotTask("e0", "m3"), certificate)

    assert answer.now == run.Figures(3, said.worst, said.total)
    assert answer.forced is not None
    assert (answer.forced.covered, answer.forced.worst) == (3, said.worst)
    assert answer.forced.total < answer.now.total
    assert "e2" not in {one.mentee_id for one in answer.moved}


def test_place_that_a_held_pair_takes_is_nobody_elses() -> None:
    """Whoever had it gets the one that is left."""
    inputs = considered({"m1": 4, "m2": 3}, 2)
    found, certificate = solved(task(inputs))
    before = partners(found)

    answer = forcing.why_not(WhyNotTask("e0", before["e1"]), certificate)

    assert answer.forced == answer.now
    assert answer.moved == (
        run.Moved("e0", before["e0"], before["e1"]),
        run.Moved("e1", before["e1"], before["e0"]),
    )


def test_pair_that_is_not_allowed_or_not_known_has_no_price() -> None:
    """Barred by a rule, without a place, or not among those who were matched."""
    inputs = considered({"m1": 4, "m2": 3}, 1, m2={"fr": 6})
    full = replace(inputs, mentors={**inputs.mentors, "m3": replace(inputs.mentors["m1"], person_id="m3", capacity=0)})
    _, certificate = solved(task(full))

    for mentee, mentor in (("e0", "m2"), ("e0", "m3"), ("e0", "nobody"), ("nobody", "m1")):
        assert forcing.why_not(WhyNotTask(mentee, mentor), certificate).forced is None


def test_certificate_is_kept_as_json_that_a_stream_can_open() -> None:
    """The digest is the document's own, and points stand in it as whole numbers."""
    found, certificate = solved(task(considered({"m1": 4}, 1)))

    document = engine.read(certificate)
    assert found.certificate == run.Certificate(document["digest"], pairs=1)
    assert zlib.decompress(certificate).startswith(b"{")
    assert document["instance"]["scores"] == [found.proposal.total]
