"""The solver's promise: a legal assignment of most coverage, then the best worst pair, then the best total."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.assignment import Assignment, MalformedTable, solve

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "matching"

Scores = Sequence[Sequence[int | None]]
Values = tuple[int, int | None, int]  # covered, worst, total


@dataclass(frozen=True, slots=True)
class Instance:
    """A published instance in our form, in whole numbers, larger is better, with its right answer."""

    scores: Scores
    capacities: list[int]
    expected: Values


def read_instance(document: dict[str, Any]) -> Instance:
    rows, columns = document["rows"], document["columns"]
    table: list[list[float | None]] = [[None] * columns for _ in range(rows)]
    if "edges" in document:
        for row, column, value in document["edges"]:
            table[row][column] = value
    else:
        table = document["costs" if "costs" in document else "scores"]
    expected = document["expected"]
    exact = [Fraction(str(value)) for line in table for value in line if value is not None]
    unit = math.lcm(1, *(value.denominator for value in exact))
    sign = -1 if document["objective"].startswith("minimise") else 1

    def whole(value: float | None) -> int | None:
        return None if value is None else int(Fraction(str(value)) * unit * sign)

    capacity = document["capacity"]["columns"]
    total = whole(expected["total"])
    assert total is not None
    return Instance(
        scores=[[whole(value) for value in line] for line in table],
        capacities=[capacity] * columns if isinstance(capacity, int) else capacity,
        expected=(expected["coverage"], whole(expected["worst"]), total),
    )


def published() -> Iterator[Any]:
    if not CASES.is_dir():
        yield pytest.param(None, id="none", marks=pytest.mark.skip(reason="../shared/cases/matching is not here"))
    for path in sorted(CASES.glob("*/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        demanding = any(demand != 1 for demand in document.get("row_demand", ()))
        reason = "rows with a demand other than 1 are another problem"
        yield pytest.param(document, id=path.stem, marks=[pytest.mark.skip(reason=reason)] if demanding else [])


def values(assignment: Assignment) -> Values:
    return assignment.covered, assignment.worst, assignment.total


def assert_legal(assignment: Assignment, scores: Scores, capacities: Sequence[int]) -> None:
    """The pairs are allowed, fit the capacities, and have the values that the assignment claims."""
    points = [scores[row][column] for row, column in assignment.pairs]
    known = [point for point in points if point is not None]
    assert len(known) == len(points), "a forbidden pair was chosen"
    assert [row for row, _ in assignment.pairs] == sorted({row for row, _ in assignment.pairs})
    used = Counter(column for _, column in assignment.pairs)
    assert all(number <= capacities[column] for column, number in used.items())
    assert values(assignment) == (len(known), min(known, default=None), sum(known))


def shuffled(scores: Scores, capacities: Sequence[int], seed: int) -> tuple[Scores, list[int]]:
    chance = random.Random(seed)
    rows, columns = list(range(len(scores))), list(range(len(capacities)))
    chance.shuffle(rows)
    chance.shuffle(columns)
    return [[scores[row][column] for column in columns] for row in rows], [capacities[column] for column in columns]


def brute_force(scores: Scores, capacities: Sequence[int]) -> Values:
    """The best values over every legal assignment there is."""

    def choices(row: int, left: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if row == len(scores):
            yield ()
            return
        for rest in choices(row + 1, left):
            yield rest
        for column, score in enumerate(scores[row]):
            if score is not None and left[column] > 0:
                fewer = (*left[:column], left[column] - 1, *left[column + 1 :])
                for rest in choices(row + 1, fewer):
                    yield (score, *rest)

    everything = choices(0, tuple(capacities))
    best = max(everything, key=lambda points: (len(points), min(points, default=0), sum(points)))
    return len(best), min(best, default=None), sum(best)


few_values = st.integers(0, 3)  # many ties
any_sign = st.integers(-20, 20)
around_the_limit = st.integers(2**53 - 3, 2**53 + 3)  # neighbours that float64 cannot tell apart
huge = st.integers(-(2**61), 2**61)


def two_heaps(bits: int) -> st.SearchStrategy[int]:
    """Small differences far from the best score: lost where costs are rounded to float64."""
    return st.sampled_from([0, 0, 0, 1, 2, 2**bits])


@st.composite
def small_instances(draw: st.DrawFn) -> tuple[Scores, list[int]]:
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    families = [few_values, any_sign, around_the_limit, huge, two_heaps(draw(st.integers(50, 61)))]
    score = st.one_of(st.none(), draw(st.sampled_from(families)))
    scores = draw(st.lists(st.lists(score, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    return scores, draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))


@st.composite
def programme_instances(draw: st.DrawFn) -> tuple[Scores, list[int]]:
    """Up to 30 x 25 with ties, gaps and capacities: too many for brute force, and often not all rows can be covered."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    rows, columns = draw(st.integers(1, 30)), draw(st.integers(1, 25))
    share, top = draw(st.sampled_from([0.05, 0.15, 0.5, 1.0])), draw(st.sampled_from([3, 100, 10_000]))
    scores = [
        [chance.randint(-top, top) if chance.random() < share else None for _ in range(columns)] for _ in range(rows)
    ]
    return scores, [chance.randint(0, 2) for _ in range(columns)]


@pytest.mark.parametrize("document", list(published()))
def test_published_instance_gets_its_right_answer(document: dict[str, Any]) -> None:
    """Every published and adversarial instance of our form equals its verified coverage, worst and total."""
    instance = read_instance(document)
    answer = solve(instance.scores, instance.capacities)
    assert_legal(answer, instance.scores, instance.capacities)
    assert values(answer) == instance.expected


@pytest.mark.parametrize("document", list(published()))
def test_permuted_copy_has_the_same_values(document: dict[str, Any]) -> None:
    """The three values do not depend on the order of rows and columns."""
    instance = read_instance(document)
    scores, capacities = shuffled(instance.scores, instance.capacities, seed=7)
    answer = solve(scores, capacities)
    assert_legal(answer, scores, capacities)
    assert values(answer) == instance.expected


@settings(max_examples=2000, deadline=None)
@given(small_instances())
def test_small_instance_equals_brute_force(instance: tuple[Scores, list[int]]) -> None:
    """No legal assignment is better: ties, gaps, negative and huge scores, capacities 0 to 3."""
    scores, capacities = instance
    answer = solve(scores, capacities)
    assert_legal(answer, scores, capacities)
    assert values(answer) == brute_force(scores, capacities)


@settings(max_examples=150, deadline=None)
@given(programme_instances(), st.integers(0, 2**32))
def test_larger_instance_is_the_same_problem_in_any_order_and_any_unit(
    instance: tuple[Scores, list[int]], seed: int
) -> None:
    """Permuting people, or counting in units beyond float64 from another zero, changes no value but by that factor."""
    scores, capacities = instance
    answer = solve(scores, capacities)
    assert_legal(answer, scores, capacities)
    assert values(solve(*shuffled(scores, capacities, seed))) == values(answer)

    factor, zero = 3**50, 7**40
    finer = solve([[None if score is None else score * factor + zero for score in row] for row in scores], capacities)
    worst = None if answer.worst is None else answer.worst * factor + zero
    assert values(finer) == (answer.covered, worst, answer.total * factor + answer.covered * zero)


@settings(max_examples=100, deadline=None)
@given(programme_instances())
def test_same_input_gives_the_same_pairs(instance: tuple[Scores, list[int]]) -> None:
    """A second run on the same table, as lists or as tuples, chooses the very same pairs."""
    scores, capacities = instance
    assert solve(tuple(map(tuple, scores)), tuple(capacities)) == solve(scores, capacities)


def test_coverage_beats_worst_and_total() -> None:
    """One row more is covered even if the only way is a terrible pair."""
    assert solve([[1000, -1000], [999, None]], [1, 1]) == Assignment(((0, 1), (1, 0)), 2, -1000, -1)


def test_worst_pair_beats_total() -> None:
    """A better worst pair is taken at any price in the total."""
    assert values(solve([[10**15, 2], [2, 1]], [1, 1])) == (2, 2, 4)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("huge_score", [2**53 + 4, 2**54, 2**60])
def test_totals_that_differ_by_one_are_told_apart_beside_a_huge_score(*, mirrored: bool, huge_score: int) -> None:
    """1 + 0 is better than 0 + 0 although both are the same float64 when counted down from the best score."""
    last_two = [[None, None, 0, 0], [None, None, 1, 0] if mirrored else [None, None, 0, 1]]
    scores: Scores = [[huge_score, None, None, None], [None, 0, None, None], *last_two]
    answer = solve(scores, [1, 1, 1, 1])
    assert answer.pairs[2:] == (((2, 3), (3, 2)) if mirrored else ((2, 2), (3, 3)))
    assert values(answer) == (4, 0, huge_score + 1)


def test_sum_beyond_float64_is_exact() -> None:
    """Scores that fit a float still add up without rounding."""
    assert solve([[2**53 - 1]] * 3, [3]).total == 3 * (2**53 - 1)


def test_worst_pair_is_exact_beyond_float64() -> None:
    """Two worst scores that are the same float are not the same score."""
    low, high = 2**60, 2**60 + 1
    assert float(low) == float(high)
    assert solve([[low, high], [high, low]], [1, 1]) == Assignment(((0, 1), (1, 0)), 2, high, 2 * high)


def test_huge_scores_with_too_few_mentors_are_exact() -> None:
    """Where rows compete for too few places, the best of them win, to the last unit."""
    top = 10**30
    scores: Scores = [[top, None], [top + 1, None], [top - 1, None], [5, 7]]
    assert solve(scores, [1, 1]) == Assignment(((1, 0), (3, 1)), 2, 7, top + 8)


def test_mentor_takes_as_many_as_the_capacity_and_no_more() -> None:
    """The best rows share the good column up to its capacity."""
    answer = solve([[9, 1], [8, 1], [7, 1]], [2, 3])
    assert answer == Assignment(((0, 0), (1, 0), (2, 1)), 3, 1, 18)


def test_mentor_without_capacity_is_not_used() -> None:
    """Capacity 0 leaves a row uncovered rather than overloading the column."""
    assert solve([[9, None], [9, 3]], [0, 1]) == Assignment(((1, 1),), 1, 3, 3)


def test_capacity_far_above_the_number_of_rows_costs_nothing() -> None:
    """A capacity of any size is only used up to the number of rows."""
    assert solve([[4], [5]], [10**30]) == Assignment(((0, 0), (1, 0)), 2, 4, 9)


@pytest.mark.parametrize(("scores", "capacities"), [([], []), ([], [1]), ([[], []], []), ([[None]], [3]), ([[5]], [0])])
def test_nothing_to_pair_is_an_answer(scores: Scores, capacities: list[int]) -> None:
    """Empty sides, no capacity and all pairs forbidden give the empty assignment."""
    assert solve(scores, capacities) == Assignment(pairs=(), covered=0, worst=None, total=0)


@pytest.mark.parametrize(("scores", "capacities"), [([[1, 2], [3]], [1, 1]), ([[1]], []), ([[1]], [-1])])
def test_malformed_table_is_refused(scores: Scores, capacities: list[int]) -> None:
    """A ragged table or a negative capacity is named, not guessed at."""
    with pytest.raises(MalformedTable):
        solve(scores, capacities)


def test_score_that_is_no_integer_is_refused() -> None:
    """A float would not be exact, so it is not taken."""
    with pytest.raises(TypeError):
        solve([[0.5]], [1])  # type: ignore[list-item]
