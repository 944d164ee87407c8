"""One price per class, row and column from the worths within layers, so that one line of arithmetic proves the total.

Every row is worth its price and that of its class. Within a layer nothing is to be changed. Between layers, a large
enough number is taken from the classes and given to rows and columns, as often as the layers lie apart: any assignment
that covers as many rows of each class gives and takes it equally often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.matching.assignment.covering import Classes, Covered
from services.matching.assignment.grading import Graded
from services.matching.assignment.pairing import Paired
from services.matching.assignment.solution import Prices
from services.matching.kernels.cutting import crossing
from services.matching.kernels.state import Longs

_PLAIN = 2**60  # prices beyond this are Python integers


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices of classes (any sign), rows and columns (0 or more); see ``certificate`` for what they prove."""

    classes: tuple[int, ...]
    rows: Prices
    columns: Prices


def prices(graded: Graded, covered: Covered, paired: Paired, classes: Classes) -> Priced:
    """The prices that prove the total of ``paired``."""
    last = len(classes.ends)
    row_steps = covered.layers.rows - classes.of_row
    column_steps = last - covered.layers.columns
    needed = [
        *_steps(-paired.rows[row_steps > 0], row_steps[row_steps > 0]),
        *_steps(-paired.columns[column_steps > 0], column_steps[column_steps > 0]),
        *_steps(*_across(graded, covered, paired)),
    ]
    step = max(needed, default=0)
    of_class = tuple(-(last - number) * step for number in range(last))
    rows = paired.rows + row_steps.astype(object) * step
    columns = paired.columns + column_steps.astype(object) * step
    columns += _worth_of_no_place(graded, covered, rows + np.array(of_class, object)[classes.of_row])
    return Priced(of_class, _plain(rows), _plain(columns))


def _steps(missing: Prices, distances: Longs) -> tuple[int, ...]:
    """The least number that, taken ``distances`` times, makes up for all that is ``missing``; none for nothing."""
    return (int(np.max(-(-missing // distances))),) if len(missing) else ()


def _across(graded: Graded, covered: Covered, paired: Paired) -> tuple[Prices, Longs]:
    """What pairs between layers are worth beyond their row and column, and how far these layers lie apart."""
    layers = covered.layers
    pairs, rows = crossing(covered.graph, covered.limit, layers)
    columns = covered.graph.columns[pairs]
    scores = graded.scores(covered.graph.losses[pairs]).astype(object)
    return scores - paired.rows[rows] - paired.columns[columns], layers.rows[rows] - layers.columns[columns]


def _worth_of_no_place(graded: Graded, covered: Covered, rows: Prices) -> Prices:
    """What a column without places must be worth, so that its pairs need no exception: it adds nothing to the sum."""
    table = graded.table
    worth = np.zeros(len(table.capacities), object)
    if (table.capacities > 0).all():
        return worth
    pairs = np.flatnonzero((table.capacities[table.columns] == 0) & (table.scores >= graded.top - covered.limit))
    row = np.searchsorted(table.pointers, pairs, side="right") - 1
    scores = graded.scores(graded.top - table.scores[pairs]).astype(object)
    np.maximum.at(worth, table.columns[pairs], scores - rows[row])
    return worth


def _plain(prices: Prices) -> Prices:
    if all(-_PLAIN < price < _PLAIN for price in prices):
        return prices.astype(np.int64)
    return prices
