"""The solver's promise: most rows covered, then the best worst pair, then the best total, each with its proof."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.assignment import Solution, certificate, solve
from services.matching.verification import verify
from tests.support.matching_brute_force import Small, optimum
from tests.support.matching_instances import (
    CASES,
    Published,
    in_units,
    instance,
    programme_instances,
    published,
    shuffled,
    small_instances,
)
from tests.support.matching_proofs import faults

PUBLISHED = list(published())
some_case = pytest.mark.parametrize("case", PUBLISHED, ids=[case.name for case in PUBLISHED])
where_published = pytest.mark.skipif(not PUBLISHED, reason=f"{CASES} is not here")

Values = tuple[tuple[int, ...], int | None, int]


def solved(small: Small) -> Solution:
    """The solution, whose proof was read line by line."""
    problem = instance(small)
    solution = solve(problem)
    assert list(faults(problem, solution)) == []
    return solution


def values(small: Small, solution: Solution) -> Values:
    partner = solution.partner.tolist()
    covered = tuple(sum(partner[row] >= 0 for row in rows) for rows in small.prefixes)
    return covered, solution.worst, solution.total


@settings(max_examples=3000)
@given(small_instances())
def test_small_instance_equals_brute_force(small: Small) -> None:
    """No assignment is better: ties, gaps, negative and huge scores, capacities 0 to 3."""
    best = optimum(small)
    assert values(small, solved(small)) == (best.by_prefix, best.worst, best.total)


@settings(max_examples=2000)
@given(small_instances(classes=True))
def test_classes_are_covered_in_their_order(small: Small) -> None:
    """Most rows of the first class, then of the first two, and so on, before the worst pair and the total count."""
    best = optimum(small)
    assert values(small, solved(small)) == (best.by_prefix, best.worst, best.total)


@settings(max_examples=150)
@given(programme_instances(), st.integers(0, 2**32))
def test_larger_instance_is_the_same_problem_in_any_order_and_any_unit(small: Small, seed: int) -> None:
    """Permuting people, or counting in units beyond int64 from another zero, changes no value but by that factor."""
    solution, unit, zero = solved(small), 3**50, 7**40
    assert values(small, solved(shuffled(small, seed))) == values(small, solution)

    finer = solved(in_units(small, unit=unit, zero=zero))
    worst = None if solution.worst is None else solution.worst * unit + zero
    assert (finer.coverage, finer.worst) == (solution.coverage, worst)
    assert finer.total == solution.total * unit + solution.coverage * zero


@settings(max_examples=100)
@given(programme_instances(classes=True), st.integers(0, 2**32))
def test_larger_instance_with_classes_is_proved_and_the_same_in_any_order(small: Small, seed: int) -> None:
    """Every prefix of classes has its violator, and the prices of classes prove the total."""
    other = shuffled(small, seed)
    assert values(small, solved(small)) == values(other, solved(other))


@settings(max_examples=100)
@given(programme_instances())
def test_same_input_gives_the_same_solution(small: Small) -> None:
    """A second run chooses the very same pairs and proves them by the same numbers."""
    assert repr(solve(instance(small))) == repr(solve(instance(small)))


@where_published
@some_case
def test_published_instance_gets_its_right_answer(case: Published) -> None:
    """Every published and adversarial instance of our form equals its verified coverage, worst and total."""
    solution = solved(case.small)
    assert (solution.coverage, solution.worst, solution.total) == (case.coverage, case.worst, case.total)


@where_published
@some_case
def test_permuted_copy_has_the_same_values(case: Published) -> None:
    """The three values do not depend on the order of rows and columns."""
    solution = solved(shuffled(case.small, seed=7))
    assert (solution.coverage, solution.worst, solution.total) == (case.coverage, case.worst, case.total)


def test_coverage_beats_worst_and_total() -> None:
    """One row more is covered even if the only way is a terrible pair."""
    solution = solved(Small([[1000, -1000], [999, None]], [1, 1]))
    assert solution.pairs == ((0, 1), (1, 0))
    assert (solution.coverage, solution.worst, solution.total) == (2, -1000, -1)


def test_worst_pair_beats_total() -> None:
    """A better worst pair is taken at any price in the total."""
    solution = solved(Small([[10**15, 2], [2, 1]], [1, 1]))
    assert (solution.worst, solution.total) == (2, 4)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("huge_score", [2**53 + 4, 2**54, 2**60, 2**100])
def test_totals_that_differ_by_one_are_told_apart_beside_a_huge_score(*, mirrored: bool, huge_score: int) -> None:
    """1 + 0 is better than 0 + 0 although both are the same float64 when counted down from the best score."""
    last_two = [[None, None, 0, 0], [None, None, 1, 0] if mirrored else [None, None, 0, 1]]
    solution = solved(Small([[huge_score, None, None, None], [None, 0, None, None], *last_two], [1, 1, 1, 1]))
    assert solution.pairs[2:] == (((2, 3), (3, 2)) if mirrored else ((2, 2), (3, 3)))
    assert (solution.coverage, solution.worst, solution.total) == (4, 0, huge_score + 1)


def test_worst_pair_is_exact_beyond_float64() -> None:
    """Two worst scores that are the same float are not the same score."""
    low, high = 2**60, 2**60 + 1
    assert float(low) == float(high)
    solution = solved(Small([[low, high], [high, low]], [1, 1]))
    assert (solution.worst, solution.total) == (high, 2 * high)


def test_huge_scores_with_too_few_mentors_are_exact() -> None:
    """Where rows compete for too few places, the best of them win, to the last unit."""
    top = 10**30
    solution = solved(Small([[top, None], [top + 1, None], [top - 1, None], [5, 7]], [1, 1]))
    assert solution.pairs == ((1, 0), (3, 1))
    assert solution.total == top + 8


def test_mentor_takes_as_many_as_the_capacity_and_no_more() -> None:
    """The best rows share the good column up to its capacity."""
    solution = solved(Small([[9, 1], [8, 1], [7, 1]], [2, 3]))
    assert solution.pairs == ((0, 0), (1, 0), (2, 1))


def test_capacity_far_above_the_number_of_rows_costs_nothing() -> None:
    """A capacity of any size is only used up to the number of pairs."""
    assert solved(Small([[4], [5]], [10**30])).pairs == ((0, 0), (1, 0))


@pytest.mark.parametrize(
    "small",
    [
        Small([], []),
        Small([], [1]),
        Small([[], []], []),
        Small([[None]], [3]),
        Small([[5]], [0]),
        Small([[5]], [0], [2]),
    ],
)
def test_nothing_to_pair_is_an_answer(small: Small) -> None:
    """Empty sides, no capacity and all pairs forbidden give the empty assignment, proved."""
    solution = solved(small)
    assert (solution.pairs, solution.coverage, solution.worst, solution.total) == ((), 0, None, 0)


def test_a_class_is_covered_before_a_better_pair_of_a_later_one() -> None:
    """Whoever is of the first class gets the only place, whatever the others' scores."""
    assert solved(Small([[9], [1], [8]], [1], [2, 1, 3])).pairs == ((1, 0),)


def test_first_class_may_cost_the_total_of_the_second_but_not_its_coverage() -> None:
    """The first class takes the place that the second can spare, however bad the pair."""
    solution = solved(Small([[9, None], [100, 1]], [1, 1], [2, 1]))
    assert solution.pairs == ((0, 0), (1, 1))


@settings(max_examples=300)
@given(small_instances(classes=True))
def test_the_independent_checker_accepts_every_certificate(small: Small) -> None:
    """What the solver writes down is what the checker reads."""
    problem = instance(small)
    verdict = verify(certificate(problem, solve(problem)))
    assert verdict.accepted, verdict.faults
