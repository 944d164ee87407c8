"""The problem: who may be paired with whom at what score, and how many places everybody has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import index

import numpy as np
from numpy.typing import NDArray

from services.matching.kernels.reading import compress, row_that_does_not_rise

_LEAST, _LARGEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max

Scores = NDArray[np.int64] | NDArray[np.object_]


class MalformedInstance(ValueError):
    """The numbers describe no instance: a length, an index, a capacity below 0, a pair twice."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Rows that are to be covered, each by one column, and columns that each cover up to their capacity.

    The allowed pairs of row i are those from ``pointers[i]`` up to ``pointers[i + 1]``:
    ``columns`` rise within a row, ``scores`` are integers, larger is better (as int64, or as Python integers of any
    size). ``capacities`` are places per column, 0 or more.
    ``classes`` are given per row where not all rows are alike: of lower classes most are covered first.
    Raises MalformedInstance.
    """

    pointers: NDArray[np.int64]
    columns: NDArray[np.int32]
    scores: Scores
    capacities: NDArray[np.int64]
    classes: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _check(self)
        object.__setattr__(self, "scores", _with_negatives(self.scores))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.pointers) - 1

    @classmethod
    def of_dense(
        cls,
        table: Sequence[Sequence[int | None]],
        capacities: Iterable[int],
        classes: Iterable[int] | None = None,
    ) -> Instance:
        """The instance of a whole table: ``table[row][column]`` is a score, or None where the pair is not allowed.

        Capacities beyond int64 count as the largest int64. Raises MalformedInstance; TypeError for what is no integer.
        """
        places = _capacities(capacities)
        for number, row in enumerate(table):
            if len(row) != len(places):
                raise MalformedInstance(f"row {number} has {len(row)} scores for {len(places)} columns")
        allowed = [[column for column, score in enumerate(row) if score is not None] for row in table]
        pointers = np.zeros(len(table) + 1, np.int64)
        pointers[1:] = np.cumsum([len(row) for row in allowed])
        columns = np.fromiter((column for row in allowed for column in row), np.int32, int(pointers[-1]))
        scores = scores_of([score for row in table for score in row if score is not None])
        return cls(pointers, columns, scores, places, None if classes is None else tuple(map(index, classes)))

    @classmethod
    def of_matrix(
        cls, scores: NDArray[np.int64], allowed: NDArray[np.bool_], capacities: NDArray[np.int64]
    ) -> Instance:
        """The instance of two arrays of rows x columns: scores, and who is allowed. Raises MalformedInstance."""
        if scores.ndim != 2 or scores.shape != allowed.shape:
            raise MalformedInstance(f"scores of {scores.shape} stand beside {allowed.shape} allowed or not")
        table = np.require(scores, np.int64, ["C", "W"])
        return cls(*compress(table, np.require(allowed, np.bool_, ["C", "W"])), capacities)

    @classmethod
    def of_edges(
        cls,
        rows: int,
        columns: int,
        edges: Iterable[tuple[int, int, int]],
        capacities: Iterable[int],
        classes: Iterable[int] | None = None,
    ) -> Instance:
        """The instance of single pairs (row, column, score) in any order. Raises as ``of_dense``."""
        places = _capacities(capacities)
        if len(places) != columns:
            raise MalformedInstance(f"{len(places)} capacities are given for {columns} columns")
        ordered = sorted(((index(row), index(column), index(score)) for row, column, score in edges))
        for row, column, _ in ordered:
            if not (0 <= row < rows and 0 <= column < columns):
                raise MalformedInstance(f"the pair ({row}, {column}) lies outside of {rows} rows x {columns} columns")
        pointers = np.searchsorted([row for row, _, _ in ordered], np.arange(rows + 1)).astype(np.int64)
        chosen = np.array([column for _, column, _ in ordered], np.int32)
        scores = scores_of([score for _, _, score in ordered])
        return cls(pointers, chosen, scores, places, None if classes is None else tuple(map(index, classes)))


def scores_of(scores: Sequence[int]) -> Scores:
    """Integers of any size as an array. Raises TypeError for what is no integer."""
    values = [index(score) for score in scores]
    try:
        return np.array(values, np.int64)
    except OverflowError:
        return np.array(values, object)


def _with_negatives(scores: Scores) -> Scores:
    """The same scores, as Python's integers where int64 does not hold the negative of one."""
    if scores.dtype == object or scores.min(initial=0) > _LEAST:
        return scores
    return scores.astype(object)


def _capacities(capacities: Iterable[int]) -> NDArray[np.int64]:
    return np.array([min(index(capacity), _LARGEST) for capacity in capacities], np.int64)


def _check(instance: Instance) -> None:
    pointers, columns = instance.pointers, instance.columns
    if len(pointers) == 0 or pointers[0] != 0 or (np.diff(pointers) < 0).any():
        raise MalformedInstance("pointers must rise from 0")
    if not len(columns) == len(instance.scores) == pointers[-1]:
        raise MalformedInstance(f"{len(columns)} columns and {len(instance.scores)} scores for {pointers[-1]} pairs")
    if (instance.capacities < 0).any():
        column = int(np.argmax(instance.capacities < 0))
        raise MalformedInstance(f"column {column} has the capacity {instance.capacities[column]}, 0 is the least")
    if len(columns) and not (columns.min() >= 0 and columns.max() < len(instance.capacities)):
        raise MalformedInstance(f"a pair names a column outside of 0 to {len(instance.capacities) - 1}")
    plain = np.require(pointers, np.int64, ["C", "W"]), np.require(columns, np.int32, ["C", "W"])
    if (row := row_that_does_not_rise(*plain)) >= 0:
        raise MalformedInstance(f"the columns of row {row} must rise, each named once")
    if instance.classes is not None and len(instance.classes) != instance.rows:
        raise MalformedInstance(f"{len(instance.classes)} classes are given for {instance.rows} rows")
