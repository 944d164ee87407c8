"""Promises of what would help where somebody lacks a mentor: which changes are told, in which order, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.matching.domain import run
from services.matching.domain.inputs import FULL, Inputs
from services.matching.domain.overrides import Override
from services.matching.solving import relaxing
from tests.support.solving_tasks import AT, considered, laid_down, solved, task


def test_what_helps_is_ranked_by_what_it_leaves() -> None:
    """Most covered first, then the better worst pair; a level is lowered no further than it helps."""
    inputs = considered({"m1": 1, "m2": 4}, 2, m2={"de": 3})
    found, _ = solved(task(inputs))

    assert [(one.kind, one.mentor_id, one.value) for one in found.relaxations] == [
        ("language_level", None, "B1"),
        ("extra_place", "m1", "2"),
    ]
    figures = [(one.covered, one.worst, one.total) for one in found.relaxations]
    assert figures == sorted(figures, reverse=True)
    assert {one.covered for one in found.relaxations} == {2}


def test_reserve_who_would_cover_more_is_named() -> None:
    """Not one who may not mentor anybody that lacks a mentor."""
    inputs = considered({"m1": 4}, 2, places=3)
    full = replace(inputs, mentors={"m1": replace(inputs.mentors["m1"], capacity=1)})
    able = considered({"r1": 3, "r2": 4}, 0, r2={"fr": 6}).mentors
    found, _ = solved(task(full, reserves=able))

    assert [(one.kind, one.mentor_id, one.covered) for one in found.relaxations] == [("reserve", "r1", 2)]


def test_what_helps_is_told_with_the_pairs_that_were_laid_down() -> None:
    """Neither shortage nor extra place touch the forced pair's own place, and the figures are of all pairs."""
    inputs = considered({"m1": 4}, 3, places=2)
    found, _ = solved(task(inputs, laid_down("force", "m1", "e0")))
    [forced, other] = found.proposal.pairs
    total = found.proposal.total + other.points

    assert {forced.forced, other.forced} == {True, False}
    assert found.shortages == (run.Shortage(("e1", "e2"), ("m1",), places=1, missing=1),)
    assert found.relaxations == (run.Relaxation("extra_place", 3, found.proposal.worst, total, "m1", "3"),)


@pytest.mark.parametrize(("given", "offered"), [(1, ["2"]), (2, ["3"]), (3, [])])
def test_extra_place_is_one_more_than_was_given_in_this_edition(given: int, offered: list[str]) -> None:
    """Whatever the profile says; nobody gets more places than may be laid down."""
    inputs = considered({"m1": 4}, 4)
    free = replace(inputs, mentors={"m1": replace(inputs.mentors["m1"], capacity=given)})
    found, _ = solved(task(free, Override("o", "place", "m1", None, given, "agreed", "kurz", AT)))

    assert [one.value for one in found.relaxations] == offered


@pytest.mark.parametrize(("pairs", "offered"), [(1, [("m2", "2"), ("m1", "2")]), (2, [("m2", "3"), ("m1", "2")])])
def test_place_more_is_offered_of_mentors_whose_places_are_taken(pairs: int, offered: list[tuple[str, str]]) -> None:
    """After a publication that is nearly everybody; the place comes on top of their pairs, however few they offer."""
    inputs = full(considered({"m1": 1, "m2": 4}, 2), "m2", pairs)
    found, _ = solved(task(inputs))

    assert found.proposal.covered == 1
    assert [(one.mentor_id, one.value, one.covered) for one in found.relaxations] == [(*one, 2) for one in offered]


def test_whose_places_are_taken_gets_no_place_beyond_what_may_be_laid_down() -> None:
    """Nor is one offered for whom there is no memory: the others are."""
    three, one = (full(considered({"m1": 1, "m2": 4}, 2), "m2", pairs) for pairs in (3, 1))

    assert [one.mentor_id for one in solved(task(three))[0].relaxations] == ["m1"]
    assert [one.mentor_id for one in solved(task(one, most_pairs=2))[0].relaxations] == ["m1"]


def full(inputs: Inputs, id: str, pairs: int) -> Inputs:
    """The same after so many pairs of a mentor that no place is left."""
    left = {other: mentor for other, mentor in inputs.mentors.items() if other != id}
    taken = {f"x{number}": id for number in range(pairs)}
    nobody = replace(inputs.mentors[id], capacity=0)
    return replace(inputs, mentors=left, mentors_out={id: FULL}, taken=taken, full={id: nobody})


def test_what_helps_is_looked_for_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proposal does not wait for it; half of the time is for extra places, the rest for all else."""
    inputs = considered({"m1": 1, "m2": 4}, 2, m2={"de": 3})
    monkeypatch.setattr(relaxing, "SECONDS", 0.0)
    found, _ = solved(task(inputs))

    assert (found.proposal.covered, found.relaxations) == (1, ())
    assert found.shortages


def test_change_for_which_there_is_no_memory_is_not_among_what_helps() -> None:
    """A lower level would allow more pairs than are possible; the proposal itself and extra places stay within."""
    inputs = considered({"m1": 1, "m2": 4}, 2, m2={"de": 3})
    found, _ = solved(task(inputs, most_pairs=2))

    assert [(one.kind, one.value) for one in found.relaxations] == [("extra_place", "2")]
