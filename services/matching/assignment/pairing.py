"""The best total among all assignments that cover as many rows with no worse a pair, layer by layer, with prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.covering import Covered
from services.matching.assignment.grading import Graded
from services.matching.assignment.instance import Scores
from services.matching.assignment.solution import Prices
from services.matching.assignment.totals import Task, cheapest
from services.matching.kernels.cutting import transposed, within
from services.matching.kernels.state import NOBODY, Graph, Layers, Longs

_PLAIN = 2**60  # two numbers below this add up in int64


@dataclass(frozen=True, slots=True)
class Paired:
    """The column of each row or -1, and what rows and columns are worth within their layers.

    The two worths of a pair within a layer add up to its score at least, and to just that if the pair is made.
    Worths are 0 or more where a row or column of the layer may stay without a partner, and of any sign elsewhere.
    """

    partner: NDArray[np.int32]
    rows: Prices
    columns: Prices


def pair(graded: Graded, covered: Covered, class_of_row: Longs) -> Paired:
    """Pair within each layer for the best total."""
    layers, last = covered.layers, len(covered.coverage)
    partner = np.full(len(layers.rows), NOBODY, np.int32)
    row_worth, column_worth = np.zeros(len(layers.rows), object), np.zeros(len(layers.columns), object)
    for number in range(last + 1):
        rows, columns = np.flatnonzero(layers.rows == number), np.flatnonzero(layers.columns == number)
        if not len(rows) or not len(columns):
            continue
        layer = _Layer(graded, covered, rows, columns)
        if number == last:
            seated, row_worth[rows], column_worth[columns] = layer.rows_covered()
        else:
            optional = class_of_row[rows] == number
            seated, row_worth[rows], column_worth[columns] = layer.columns_filled(optional)
        partner[rows] = seated
    return Paired(partner, row_worth, column_worth)


class _Layer:
    """Rows and columns that are paired with one another only, by numbers of their own."""

    def __init__(self, graded: Graded, covered: Covered, rows: Longs, columns: Longs) -> None:
        self._graded, self._rows, self._columns = graded, rows, columns
        self._capacities = np.diff(covered.seated.first)[columns]
        numbers = Layers(_numbers(rows, len(covered.layers.rows)), _numbers(columns, len(covered.layers.columns)))
        self._graph = within(covered.graph, covered.limit, numbers)

    def rows_covered(self) -> tuple[Longs, Prices, Prices]:
        """All rows get a column: which, and the worths of rows and columns."""
        losses, base = self._losses(self._graph)
        demand = np.ones(len(self._rows), np.int64)
        found = cheapest(Task(self._graph.pointers, self._graph.columns, losses, demand, self._capacities))
        places = np.repeat(self._columns, self._capacities)
        taken = found.guests != NOBODY
        partner = np.full(len(self._rows), NOBODY, np.int64)
        partner[found.guests[taken]] = places[taken]
        return partner, base - found.row_prices.astype(object), -found.column_prices

    def columns_filled(self, optional: NDArray[np.bool_]) -> tuple[Longs, Prices, Prices]:
        """All places are taken, and all rows but the ``optional`` ones get one: as ``rows_covered``.

        A pair of a row that may stay without gets so much more loss that no such row is worth one of the others.
        """
        graph = transposed(self._graph, len(self._columns))
        losses, base = self._losses(graph)
        units = int(self._capacities.sum())
        extra = 0 if optional.all() else units * (int(losses.max()) - int(losses.min())) + 1
        if extra:
            wide = losses if extra < _PLAIN and losses.dtype != object else losses.astype(object)
            losses = wide + extra * optional[graph.columns].astype(wide.dtype)
        ones = np.ones(len(self._rows), np.int64)
        found = cheapest(Task(graph.pointers, graph.columns, losses, self._capacities, ones))
        partner = np.where(found.guests != NOBODY, self._columns[found.guests], NOBODY)
        row_worth = -found.column_prices.astype(object) - extra * (~optional).astype(object)
        return partner, row_worth, base - found.row_prices.astype(object) + extra

    def _losses(self, graph: Graph) -> tuple[Scores, int]:
        """Losses of any size, and the number from which a score is told by its loss."""
        if self._graded.values is None:
            return graph.losses, self._graded.top
        return ~self._graded.scores(graph.losses), -1


def _numbers(chosen: Longs, size: int) -> Longs:
    numbers = np.full(size, NOBODY, np.int64)
    numbers[chosen] = np.arange(len(chosen))
    return numbers
