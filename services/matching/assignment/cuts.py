"""The best pairs of an instance, as many as are needed: most of them never are."""

from __future__ import annotations

import numpy as np

from services.matching.assignment.grading import Graded
from services.matching.kernels.cutting import cut
from services.matching.kernels.state import Graph

_FIRST, _WIDER = 16, 8  # pairs per row, and by how much the next cut is larger
_SAMPLE = 20_000  # grades that are looked at to find where to cut


class Cuts:
    """The pairs from some grade up with columns that have places, by row; more of them when they are asked for."""

    def __init__(self, graded: Graded) -> None:
        self._graded = graded
        pointers, columns, grades, capacities = graded.table
        full = (capacities > 0).all()
        self._usable = len(columns) if full else int(np.count_nonzero(capacities[columns] > 0))
        self._sample = np.sort(grades[:: max(1, len(grades) // _SAMPLE)])
        self._wanted = _FIRST * (len(pointers) - 1)
        self._floor = graded.top + 1
        self.graph = Graph(np.zeros(len(pointers), np.int64), np.empty(0, np.int32), np.empty(0, np.int64))

    @property
    def whole(self) -> bool:
        """Whether no usable pair is missing."""
        return len(self.graph.columns) == self._usable

    def reach(self, limit: int) -> None:
        """Have all pairs with a loss of at most ``limit``, and some more."""
        grade = self._graded.top - limit
        if grade < self._floor and not self.whole:
            self._cut(grade)

    def widen(self) -> None:
        """Have several times as many pairs."""
        self._cut(self._floor - 1)

    def _cut(self, at_most: int) -> None:
        size = len(self._sample)
        position = size - 1 - self._wanted * size // max(1, self._usable)
        self._wanted *= _WIDER
        self._floor = min(at_most, int(self._sample[max(position, 0)]))
        if position < 0:
            self._floor = min(self._floor, int(self._graded.table.scores.min()))
        self.graph = cut(self._graded.table, self._floor, self._graded.top)
