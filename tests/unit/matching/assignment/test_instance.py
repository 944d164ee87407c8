"""What is no instance is refused by name; the ways to write one down agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from services.matching.assignment import Instance, MalformedInstance, solve


def alike(one: Instance, other: Instance) -> bool:
    parts = ("pointers", "columns", "scores", "capacities")
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in parts) and (
        one.classes == other.classes
    )


def test_a_table_and_its_pairs_are_the_same_instance() -> None:
    """Pairs in any order make the instance that the whole table makes."""
    table = Instance.of_dense([[5, None], [None, -7], [1, 2]], [1, 2], [1, 2, 1])
    edges = Instance.of_edges(3, 2, [(2, 1, 2), (0, 0, 5), (2, 0, 1), (1, 1, -7)], [1, 2], [1, 2, 1])
    assert alike(table, edges)


def test_arrays_of_all_and_of_allowed_pairs_are_the_same_instance() -> None:
    """What is not allowed does not count, whatever score stands there."""
    allowed = np.array([[True, False], [False, False]])
    matrix = Instance.of_matrix(np.array([[5, 99], [99, 99]]), allowed, np.array([1, 1]))
    assert alike(matrix, Instance.of_dense([[5, None], [None, None]], [1, 1]))


@pytest.mark.parametrize(
    ("scores", "capacities", "word"),
    [([[1, 2], [3]], [1, 1], "row 1 has 1"), ([[1]], [], "row 0 has 1"), ([[1]], [-1], "capacity -1")],
)
def test_malformed_table_is_refused(scores: Sequence[Sequence[int]], capacities: list[int], word: str) -> None:
    """A ragged table or a negative capacity is named, not guessed at."""
    with pytest.raises(MalformedInstance, match=word):
        Instance.of_dense(scores, capacities)


@pytest.mark.parametrize(
    ("edges", "word"),
    [([(2, 0, 1)], "outside"), ([(0, -1, 1)], "outside"), ([(0, 0, 1), (0, 0, 2)], "once")],
)
def test_pairs_that_are_not_there_or_there_twice_are_refused(edges: list[tuple[int, int, int]], word: str) -> None:
    """A pair lies within the table and has one score."""
    with pytest.raises(MalformedInstance, match=word):
        Instance.of_edges(2, 1, edges, [1])


@pytest.mark.parametrize(
    ("pointers", "columns", "capacities"),
    [
        ([1, 2], [0, 0], [1]),  # does not begin at 0
        ([0, 2, 1, 2], [0, 1], [1, 1]),  # falls
        ([0, 3], [0, 1], [1, 1]),  # pairs missing
        ([0, 2], [1, 0], [1, 1]),  # columns fall
        ([0, 1], [1], [1]),  # no such column
        ([0, 0, 2, 2], [1, 1], [1, 1]),  # the same column twice, beside empty rows
    ],
)
def test_arrays_that_do_not_fit_one_another_are_refused(
    pointers: list[int], columns: list[int], capacities: list[int]
) -> None:
    """Nothing is solved whose indices would lead astray."""
    scores = np.zeros(len(columns), np.int64)
    with pytest.raises(MalformedInstance):
        Instance(np.array(pointers), np.array(columns, np.int32), scores, np.array(capacities))


def test_a_class_is_given_for_every_row_or_for_none() -> None:
    """Nobody's class is guessed."""
    with pytest.raises(MalformedInstance, match="1 classes"):
        Instance.of_dense([[1], [1]], [1], [1])


@pytest.mark.parametrize("score", [0.5, "7"])
def test_score_that_is_no_integer_is_refused(score: object) -> None:
    """A float would not be exact, so it is not taken."""
    with pytest.raises(TypeError):
        Instance.of_dense([[score]], [1])  # type: ignore[list-item]


def test_arrays_that_nobody_may_write_or_that_lie_apart_are_solved() -> None:
    """Views and read-only arrays are as good as any."""
    plain = Instance.of_dense([[5, 3], [2, None], [8, 1]], [1, 1])
    scattered = np.repeat(plain.scores, 2)[::2]
    frozen = plain.columns.copy()
    frozen.flags.writeable = False
    other = Instance(plain.pointers, frozen, scattered, plain.capacities)
    assert repr(solve(other)) == repr(solve(plain))


def test_least_integer_of_64_bits_is_a_score() -> None:
    """Its negative is none of them, and scores are negated."""
    least = np.iinfo(np.int64).min
    arrays = np.array([0, 1, 2]), np.array([1, 0], np.int32), np.array([least, least + 1]), np.array([0, 1])
    held = solve(Instance(*arrays, (2, 2)))
    assert (held.coverage, held.worst) == (1, least)
