"""Promises about what stands behind a solution: the least groups that lack places; the best place."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings

from services.matching.assignment import solve
from services.matching.whatif import ExtraPlace, Lack, lacking, places
from tests.support.matching_brute_force import Optimum, Small, every_matching, judged, optimum
from tests.support.matching_instances import instance, programme_instances, small_instances


def lacks(small: Small) -> tuple[Lack, ...]:
    """The groups behind a solution."""
    problem = instance(small)
    return lacking(problem, solve(problem).partner)


def beside(small: Small, rows: tuple[int, ...]) -> set[int]:
    """The columns with places that any of the rows may have."""
    return {
        column
        for column, capacity in enumerate(small.capacities)
        if capacity and any(small.scores[row][column] is not None for row in rows)
    }


def missing(small: Small, rows: tuple[int, ...]) -> int:
    """How many of the rows find no place at the columns that they may have, whoever else wants one."""
    return len(rows) - sum(small.capacities[column] for column in beside(small, rows))


@settings(max_examples=150)
@given(programme_instances())
def test_groups_lack_all_that_is_uncovered_and_share_nothing(small: Small) -> None:
    """Each has all columns that its rows may have, full, and too few places by what it says."""
    found = lacks(small)
    for lack in found:
        assert set(lack.columns) == beside(small, lack.rows)
        assert lack.places == sum(small.capacities[column] for column in lack.columns)
        assert lack.missing == missing(small, lack.rows) > 0
    assert sum(lack.missing for lack in found) == small.rows - solve(instance(small)).coverage
    for one, other in combinations(found, 2):
        assert not set(one.rows) & set(other.rows)
        assert not set(one.columns) & set(other.columns)
    assert list(found) == sorted(found, key=lambda lack: lack.rows)


@settings(max_examples=150)
@given(small_instances())
def test_no_group_has_a_row_too_many(small: Small) -> None:
    """Any part of a group lacks less than the group: each row of it is one that could be the one left out."""
    for lack in lacks(small):
        for size in range(len(lack.rows)):
            assert all(missing(small, part) < lack.missing for part in combinations(lack.rows, size))


@settings(max_examples=100)
@given(small_instances(classes=True))
def test_groups_are_the_same_for_every_solution(small: Small) -> None:
    """Whichever of the assignments with most rows covered is asked."""
    problem, most = instance(small), optimum(Small(small.scores, small.capacities)).coverage
    as_many = [one for one in every_matching(small) if judged(small, one).coverage == most]
    arrays = (np.array([-1 if column is None else column for column in one], np.int32) for one in as_many)
    assert {lacking(problem, partner) for partner in arrays} == {lacks(small)}


def test_group_is_no_larger_than_the_conflict() -> None:
    """Two who may have one column alone are the group, although others may have it too and every place is filled."""
    small = Small([[5, None, None], [5, None, None], [9, 5, None], [None, 5, 5]], [1, 1, 1])
    assert lacks(small) == (Lack((0, 1), (0,), places=1, missing=1),)


def test_row_without_any_column_is_a_group_alone() -> None:
    """A column without places is like none."""
    small = Small([[None, 4], [None, None], [3, None]], [1, 0])
    assert lacks(small) == (Lack((0,), (), 0, 1), Lack((1,), (), 0, 1))


def values(one: Optimum) -> tuple[tuple[int, ...], int | None, int]:
    return one.by_prefix, one.worst, one.total


def with_a_place(small: Small, column: int) -> Small:
    """The same with one place more at a column."""
    capacities = [capacity + (number == column) for number, capacity in enumerate(small.capacities)]
    return Small(small.scores, capacities, small.classes)


@settings(max_examples=150)
@given(small_instances(classes=True))
def test_places_are_ranked_as_if_each_had_been_tried(small: Small) -> None:
    """Of all columns the best ones, each with the values of an assignment with that place; those left out add none."""
    columns = range(len(small.capacities))
    found = places(instance(small), columns, len(columns))
    tried = {column: optimum(with_a_place(small, column)) for column in columns}

    def rank(one: ExtraPlace | Optimum) -> tuple[int, int, int]:
        return one.coverage, 0 if one.worst is None else one.worst, one.total

    by_class = [tried[one.column].by_prefix for one in found]
    assert [rank(one) for one in found] == [rank(tried[one.column]) for one in found]
    assert [(*prefix, *rank(one)) for prefix, one in zip(by_class, found, strict=True)] == sorted(
        ((*prefix, *rank(one)) for prefix, one in zip(by_class, found, strict=True)), reverse=True
    )
    unused = set(columns) - {one.column for one in found}
    assert all(values(tried[column]) == values(optimum(small)) for column in unused)


@settings(max_examples=100)
@given(small_instances())
def test_a_place_covers_one_more_just_in_a_group_that_lacks(small: Small) -> None:
    """Nobody needs to try a place anywhere else."""
    columns = {column for lack in lacks(small) for column in lack.columns}
    without = [column for column, capacity in enumerate(small.capacities) if not capacity]
    helps = {
        column
        for column in set(range(len(small.capacities))) - set(without)
        if optimum(with_a_place(small, column)).coverage > optimum(small).coverage
    }
    assert helps == columns


def test_best_place_is_found_among_many() -> None:
    """However many columns there are, the first is the one with the best score for whom it covers."""
    small = Small([[1] * 40, *([7 if column == row else None for column in range(40)] for row in range(40))], [1] * 40)
    assert places(instance(small), range(40), 2) == (ExtraPlace(0, 41, 1, 281), ExtraPlace(1, 41, 1, 281))
    with_a_skill = Small([[1] * 39 + [6], *small.scores[1:]], [1] * 40)
    assert places(instance(with_a_skill), range(40), 1) == (ExtraPlace(39, 41, 6, 286),)


def test_most_covered_by_class_is_kept_where_a_place_is_added() -> None:
    """A row of the first class gets the place before one of the second."""
    small = Small([[5], [9]], [0], (1, 2))
    assert places(instance(small), [0], 1) == (ExtraPlace(0, 1, 5, 5),)
