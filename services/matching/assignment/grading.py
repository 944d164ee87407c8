"""Scores as the kernels compare them: int64 within a range of 2**60, in the same order as the scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.instance import Instance, Scores
from services.matching.kernels.cutting import Table

_RANGE = 2**60


@dataclass(frozen=True, slots=True)
class Graded:
    """The pairs with grades for scores; ``top`` is the best grade.

    ``values`` are the scores by rank where the grades are ranks, and None where the grades are the scores themselves.
    """

    table: Table
    top: int
    values: Scores | None

    def score(self, loss: int) -> int:
        """The score of a pair with this loss."""
        grade = self.top - loss
        return grade if self.values is None else int(self.values[grade])

    def scores(self, losses: NDArray[np.int64]) -> Scores:
        """The scores of pairs with these losses."""
        grades = self.top - losses
        return grades if self.values is None else self.values[grades]


def graded(instance: Instance) -> Graded:
    """The instance by scores where they are near enough to one another, and else by their ranks."""
    scores = instance.scores
    if scores.dtype != object:
        top = int(scores.max()) if len(scores) else 0
        low = int(scores.min()) if len(scores) else 0
        if top - low < _RANGE:
            return Graded(_table(instance, scores), top, None)
    values: Scores
    values, ranks = np.unique(scores, return_inverse=True)  # type: ignore[assignment]
    return Graded(_table(instance, ranks), max(len(values) - 1, 0), values)


def _table(instance: Instance, grades: Scores) -> Table:
    """Arrays of the one kind for which the kernels are compiled, whoever made the instance."""
    return Table(
        np.require(instance.pointers, np.int64, ["C", "W"]),
        np.require(instance.columns, np.int32, ["C", "W"]),
        np.require(grades, np.int64, ["C", "W"]),
        np.require(instance.capacities, np.int64, ["C", "W"]),
    )
