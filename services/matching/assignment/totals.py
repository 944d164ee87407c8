"""The least total loss at which every row is covered, with the prices that prove it, in integers of any size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.instance import Scores
from services.matching.assignment.solution import Prices
from services.matching.kernels.shortest_paths import cover_at_least_loss
from services.matching.kernels.sorting import sort_rows
from services.matching.kernels.state import Graph, Longs, places

_EXACT = 60  # bits in which sums of losses along paths stay
_PLAIN = 2**61  # up to here a price and a loss add up in int64


@dataclass(frozen=True, slots=True)
class Task:
    """Rows that are all to be covered, ``demand`` times each, and the losses of their pairs, of any sign and size."""

    pointers: Longs
    columns: NDArray[np.int32]
    losses: Scores
    demand: Longs
    capacities: Longs

    @property
    def units(self) -> int:
        """How many places are taken in the end."""
        return int(self.demand.sum())


@dataclass(frozen=True, slots=True)
class Cheapest:
    """Per place of the columns, one column after the other, the row that has it or -1; and the prices.

    Row price + column price is at most the loss of any pair and equal where it is made; column prices are 0 or less,
    and 0 where a place is free.
    """

    guests: NDArray[np.int32]
    row_prices: Prices
    column_prices: Prices


def cheapest(task: Task) -> Cheapest:
    """Cover every row at the least total loss. Raises ValueError where not all can be covered.

    Losses too far apart for the kernel are split: first their high bits alone are optimised. Where the reduced loss in
    high bits is beyond the number of units, no low bits can make a pair worth it, so there it may be cut off; then
    what is left of it, with the low bits, is small enough (scaling: Gabow, Tarjan: Faster scaling algorithms for
    network problems, SIAM J. Comput. 18 (1989), 1013-1036).
    """
    if not len(task.losses):
        return _empty(task)
    low, high = int(task.losses.min()), int(task.losses.max())
    if ((high - low) * (task.units + 2)).bit_length() < _EXACT:
        return _narrow(task, low)
    most = task.units + 1  # of reduced loss in high bits
    shift = _EXACT - 4 - 2 * most.bit_length()
    if shift < 1:
        raise OverflowError(f"{task.units} units are too many for exact totals")
    first = cheapest(Task(task.pointers, task.columns, task.losses >> shift, task.demand, task.capacities))
    rows = np.repeat(np.arange(len(task.demand)), np.diff(task.pointers))
    reduced = (task.losses >> shift) - first.row_prices[rows] - first.column_prices[task.columns]
    slack = np.minimum(-first.column_prices, most).astype(np.int64)
    losses = (np.minimum(reduced, most).astype(np.int64) - slack[task.columns]) << shift
    losses += (task.losses & ((1 << shift) - 1)).astype(np.int64)
    second = _narrow(Task(task.pointers, task.columns, losses, task.demand, task.capacities), int(losses.min()))
    unit = 1 << shift
    row_prices = first.row_prices.astype(object) * unit + second.row_prices
    column_prices = (first.column_prices.astype(object) + slack) * unit + second.column_prices
    return Cheapest(second.guests, row_prices, column_prices)


def _narrow(task: Task, low: int) -> Cheapest:
    losses = (task.losses - low).astype(np.int64)
    columns = task.columns.copy()
    sort_rows(task.pointers, columns, losses)
    seated = places(task.capacities, len(task.demand))
    prices = cover_at_least_loss(Graph(task.pointers, columns, losses), task.demand, seated)
    shifted = prices.rows + low if abs(low) < _PLAIN else prices.rows.astype(object) + low
    return Cheapest(seated.guest, shifted, prices.columns)


def _empty(task: Task) -> Cheapest:
    if task.units:
        raise ValueError("not all rows can be covered")
    guests = np.full(int(task.capacities.sum()), -1, np.int32)
    return Cheapest(guests, np.zeros(len(task.demand), np.int64), np.zeros(len(task.capacities), np.int64))
