"""Most rows covered, class by class, and the worst pair as good as that allows; with the violators that prove both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.cuts import Cuts
from services.matching.assignment.grading import Graded
from services.matching.assignment.solution import Violator
from services.matching.kernels.cutting import NOTHING, best_scores
from services.matching.kernels.forest import Forest, forest_of, number_layers, seat_all
from services.matching.kernels.state import Graph, Layers, Places, Work, places, search

_FEW_PLACES = 16  # up to here nobody asks whether a column has as many pairs as places


@dataclass(frozen=True, slots=True)
class Classes:
    """Rows in the order of their classes: those of class k and before are ``order[: ends[k]]``."""

    order: NDArray[np.int64]
    ends: tuple[int, ...]
    of_row: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Covered:
    """Most rows seated within the least limit.

    ``coverage`` are the covered rows of each class and those before. ``layers`` say what competes with whom: each is
    paired within itself by every assignment that is as good (Dulmage, Mendelsohn 1958).
    """

    graph: Graph
    limit: int
    seated: Places
    coverage: tuple[int, ...]
    layers: Layers
    violators: tuple[Violator, ...]
    worst: Violator | None


def classes(rows: int, given: tuple[int, ...] | None) -> Classes:
    """The rows by class; all in one where none are given."""
    if given is None or rows == 0:
        return Classes(np.arange(rows), (rows,), np.zeros(rows, np.int64))
    _, of_row = np.unique(np.array(given, object), return_inverse=True)
    of_row = of_row.astype(np.int64)
    ends = tuple(np.cumsum(np.bincount(of_row)).tolist())
    return Classes(np.argsort(of_row, kind="stable"), ends, of_row)


def cover(graded: Graded, classes: Classes) -> Covered:
    """Seat most rows of each class and those before it, at the best worst grade that allows it."""
    return _Covering(graded, classes).run()


class _Covering:
    def __init__(self, graded: Graded, classes: Classes) -> None:
        self._graded, self._classes = graded, classes
        self._cuts = Cuts(graded)
        self._best = best_scores(graded.table)
        self._capacities = _usable(graded)
        self._all_places = sum(graded.table.capacities.tolist())
        self._barren = np.flatnonzero(graded.table.capacities == 0)  # columns without places
        with_pairs = np.cumsum(self._best[classes.order] > NOTHING)
        self._expected = [min(int(with_pairs[end - 1]) if end else 0, self._all_places) for end in classes.ends]
        self._violators = [self._obvious(number) for number in range(len(classes.ends))]
        self._worst: Violator | None = None

    def run(self) -> Covered:
        """Seat, and begin again each time that fewer rows than expected turn out to be coverable."""
        while (covered := self._attempt()) is None:
            pass
        return covered

    def _attempt(self) -> Covered | None:
        limit = self._least_limit()
        self._cuts.reach(limit)
        seated = places(self._capacities, len(self._best))
        work = Work(self._cuts.graph, seated, search(self._cuts.graph, len(self._capacities)))
        waiting, found, begin = np.empty(0, np.int64), forest_of(len(self._best), len(self._capacities)), 0
        for number, end in enumerate(self._classes.ends):
            waiting = np.concatenate([waiting, self._classes.order[begin:end]])
            begin, most_left = end, end - self._expected[number]
            while True:
                limit, left = seat_all(work, waiting, most_left, limit, found)
                waiting = waiting[:left]
                if left <= most_left:
                    break
                if self._cuts.whole:
                    self._expected[number], self._violators[number] = end - left, self._violator(found)
                    return None
                self._cuts.widen()
                work = Work(self._cuts.graph, seated, search(self._cuts.graph, len(self._capacities)))
        if found.sizes[0]:
            self._worst = self._violator(found)
        return self._covered(work, waiting, limit)

    def _covered(self, work: Work, waiting: NDArray[np.int64], limit: int) -> Covered:
        layers = Layers(np.empty(len(self._best), np.int64), np.empty(len(self._capacities), np.int64))
        free = [end - expected for end, expected in zip(self._classes.ends, self._expected, strict=True)]
        number_layers(work, waiting, np.array(free, np.int64), limit, layers)
        return Covered(
            work.graph,
            limit,
            work.places,
            tuple(self._expected),
            layers,
            tuple(self._violators),
            self._worst if self._expected[-1] else None,
        )

    def _least_limit(self) -> int:
        """The loss that some pair has at least, by the rows' best pairs alone; notes the violator that says so."""
        limit = 0
        for expected, end in zip(self._expected, self._classes.ends, strict=True):
            if expected == 0:
                continue
            rows = self._classes.order[:end]
            grade = int(np.partition(self._best[rows], end - expected)[end - expected])
            if self._graded.top - grade >= limit:
                limit = self._graded.top - grade
                self._worst = self._listed(rows[self._best[rows] <= grade], self._barren)
        return limit

    def _obvious(self, number: int) -> Violator:
        """Why no more rows can be covered than have a pair, or than there are places."""
        rows = self._classes.order[: self._classes.ends[number]]
        if self._expected[number] == self._all_places:
            return self._listed(rows, np.arange(len(self._capacities)))
        return self._listed(rows[self._best[rows] == NOTHING], self._barren)

    def _violator(self, forest: Forest) -> Violator:
        rows, columns = forest.rows[: forest.sizes[0]], forest.columns[: forest.sizes[1]]
        return self._listed(rows, np.concatenate([columns, self._barren]))

    @staticmethod
    def _listed(rows: NDArray[np.integer], columns: NDArray[np.integer]) -> Violator:
        return Violator(np.sort(rows).astype(np.int32), np.sort(columns).astype(np.int32))


def _usable(graded: Graded) -> NDArray[np.int64]:
    """What each column can use of its capacity: never more places than it has pairs."""
    capacities = graded.table.capacities
    if capacities.max(initial=0) <= _FEW_PLACES:
        return capacities
    return np.minimum(capacities, np.bincount(graded.table.columns, minlength=len(capacities)))
