"""Promises of computing anew beside running pairs: what changes, what is left alone, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.matching.domain import run
from services.matching.domain.contradictions import ContradictoryOverrides
from services.matching.domain.inputs import Inputs, Taken
from services.matching.domain.overrides import Override
from services.matching.domain.people import Wish
from services.matching.solving import engine
from tests.support.solving_tasks import German, considered, laid_down, solved, task


def rematched(inputs: Inputs, current: Mapping[str, str], *overrides: Override) -> dict[int, run.Alternative]:
    """The alternatives by their number of changes; ``current`` are mentors by executive."""
    standing = tuple(Taken(mentor, mentee, 1, f"pair of {mentee}") for mentee, mentor in current.items())
    found, _ = solved(task(inputs, *overrides, kind="rematch", current=standing))
    assert found.proposal.pairs == ()
    return {one.changes: one for one in found.alternatives}


def test_rematch_offers_more_coverage_for_more_changes() -> None:
    """An executive whose only possible mentor is somebody else's gets none until one pair may change."""
    inputs = considered({"m1": 2, "m2": 2}, 2, m1={"de": 6, "fr": 6}, e1={"fr": 6})
    ways = rematched(inputs, {"e0": "m1"})

    assert (ways[0].covered, ways[0].pairs, [one.mentee_id for one in ways[0].uncovered]) == (1, (), ["e1"])
    moved = {pair.mentee_id: (pair.mentor_id, pair.ends) for pair in ways[1].pairs}
    assert moved == {"e0": ("m2", "pair of e0"), "e1": ("m1", None)}
    assert (ways[1].covered, ways[1].uncovered) == (2, ())
    assert ways.keys() == {0, 1, 3}


def test_rematch_leaves_a_pair_alone_that_a_rule_forbids_by_now() -> None:
    """It keeps its place, counts as covered, and is in no new pair."""
    inputs = considered({"m1": 4, "m2": 1}, 2, m1={"fr": 6})
    ways = rematched(inputs, {"e0": "m1"})

    assert {pair.mentee_id: pair.mentor_id for pair in ways[3].pairs} == {"e1": "m2"}
    assert ways[3].covered == 2


def test_rematch_parts_a_pair_that_people_forbade() -> None:
    """Whoever is parted gets another mentor, which costs no change; so also where a rule forbids the pair by now."""
    for spoken in (German, {"fr": 6}):
        inputs = considered({"m1": 4, "m2": 1}, 1, m1=spoken)
        ways = rematched(inputs, {"e0": "m1"}, laid_down("block", "m1", "e0"))

        assert [(pair.mentor_id, pair.ends) for pair in ways[0].pairs] == [("m2", "pair of e0")]
        assert ways[0].covered == 1


def test_rematch_takes_nobodys_mentor_away_for_somebody_who_fits_better() -> None:
    """Where mentors are short, whoever has one keeps one, whatever the points are; also where one place is left."""
    inputs = considered({"m1": 4}, 2)
    plain = replace(inputs.mentees["e0"], wishes=(Wish("podcasts", 1),))
    ways = rematched(replace(inputs, mentees={**inputs.mentees, "e0": plain}), {"e0": "m1"})

    for way in ways.values():
        assert (way.covered, way.pairs, [one.mentee_id for one in way.uncovered]) == (1, (), ["e1"])


def test_pair_that_people_forbade_goes_on_where_there_is_nobody_else() -> None:
    """Its place is nobody else's, and the executive is told of; a swap with another one parts it."""
    alone = considered({"m1": 4}, 2)
    ways = rematched(alone, {"e0": "m1"}, laid_down("block", "m1", "e0"))
    for way in ways.values():
        reasons = [(one.mentee_id, one.reason) for one in way.uncovered]
        assert (way.covered, way.pairs, reasons) == (0, (), [("e0", "pair_goes_on"), ("e1", "no_mentor_free")])

    both = considered({"m1": 4, "m2": 1}, 2)
    ways = rematched(both, {"e0": "m1", "e1": "m2"}, laid_down("block", "m1", "e0"))
    assert (ways[0].covered, ways[0].pairs) == (1, ())
    assert {one.mentee_id: one.mentor_id for one in ways[1].pairs} == {"e0": "m2", "e1": "m1"}


def test_many_pairs_that_people_forbade_give_way_together_or_go_on() -> None:
    """More than every choice is tried of: whoever finds somebody else is parted, and nobody is left without."""
    now = {f"e{number}": f"m{number}" for number in range(6)}
    words = [laid_down("block", mentor, executive) for executive, mentor in now.items()]
    ways = rematched(considered(dict.fromkeys(now.values(), 4), 6), now, *words)
    assert [(way.covered, len(way.pairs)) for way in ways.values()] == [(6, 6)] * 3

    spoken = {id: {f"l{id[1:]}": 6} for id in (*now, *now.values())}
    ways = rematched(considered(dict.fromkeys(now.values(), 4), 6, **spoken), now, *words)
    for way in ways.values():
        assert (way.covered, way.pairs, {one.reason for one in way.uncovered}) == (0, (), {"pair_goes_on"})


def test_rematch_of_too_many_pairs_is_refused() -> None:
    """As any run is for which there is no memory."""
    with pytest.raises(engine.TooManyPairs):
        solved(task(considered({"m1": 4, "m2": 1}, 2), kind="rematch", most_pairs=3))


def test_place_of_an_executive_who_is_exempt_for_a_while_is_not_given_away() -> None:
    """The pair stands, though the executive is none of those to be matched."""
    ways = rematched(considered({"m1": 4}, 1), {"elsewhere": "m1"})

    assert [(way.covered, way.pairs) for way in ways.values()] == [(0, ())] * 3


@pytest.mark.parametrize("places", [0, 1])
def test_mentor_who_lowers_the_places_keeps_the_pairs_that_run_and_gets_nobody_new(places: int) -> None:
    """No pair ends for the number, and no place becomes free when one changes."""
    free, spoken = considered({"m1": 4, "m2": 1}, 3, places=2), {"de": 6, "fr": 6}
    french = replace(free.mentees["e2"], languages={"fr": 6})
    now = replace(
        free,
        mentors={**free.mentors, "m1": replace(free.mentors["m1"], languages=spoken)},
        mentees={**free.mentees, "e2": french},
        own_places={"m1": places, "m2": 2},
    )

    for way in rematched(now, {"e0": "m1", "e1": "m1"}).values():
        assert (way.covered, way.pairs, [one.mentee_id for one in way.uncovered]) == (2, (), ["e2"])


def test_word_that_an_executive_is_to_have_another_mentor_moves_nobody_who_has_one() -> None:
    """As in any run nothing comes of it while the pair runs; and no pair is in its way."""
    ways = rematched(considered({"m1": 4, "m2": 1}, 1), {"e0": "m1"}, laid_down("force", "m2", "e0"))

    assert [(way.covered, way.pairs) for way in ways.values()] == [(1, ())] * 3


def test_forced_pair_for_which_a_running_one_leaves_no_place_is_a_contradiction() -> None:
    """People end the one or withdraw the other; the re-match does not choose for them."""
    with pytest.raises(ContradictoryOverrides, match="fewer free places"):
        rematched(considered({"m1": 4, "m2": 1}, 2), {"e0": "m1"}, laid_down("force", "m1", "e1"))


def test_rematch_says_where_a_pair_left_alone_has_the_place_of_a_forced_one() -> None:
    """As with any active pair: nothing is solved until somebody decides."""
    inputs = considered({"m1": 4}, 2, e0={"fr": 6})
    with pytest.raises(ContradictoryOverrides, match="fewer free places"):
        rematched(inputs, {"e0": "m1"}, laid_down("force", "m1", "e1"))


def test_rematch_keeps_a_forced_pair_that_stands() -> None:
    """It is no new pair, and no change parts it."""
    inputs = considered({"m1": 0, "m2": 4}, 1)
    ways = rematched(inputs, {"e0": "m1"}, laid_down("force", "m1", "e0"))

    assert [(way.covered, way.pairs) for way in ways.values()] == [(1, ())] * 3
