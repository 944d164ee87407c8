"""The pairs that may be made, those that stand marked, and a column for each class of rows that stay without one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance
from services.matching.assignment.instance import Scores
from services.matching.assignment.solution import Prices
from services.matching.assignment.totals import Task, cheapest

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Board:
    """Pairs by row. The columns from ``width`` on, one for each class in rising order, stand for no column.

    Of each pair ``rows`` and ``columns`` are its two sides, ``stands`` tells whether it is one that stands, ``gone``
    whether making it parts another one that stands. Scores of pairs with no column are 0.
    """

    pointers: Longs
    rows: Longs
    columns: Longs
    scores: Scores
    stands: Flags
    gone: Flags
    capacities: Longs
    width: int

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.pointers) - 1

    @property
    def nowhere(self) -> Longs:
        """Of each row the column that stands for none: its last one."""
        return self.columns[self.pointers[1:] - 1]

    @property
    def real(self) -> Flags:
        """Which pairs have a column."""
        return self.columns < self.width

    @property
    def standing(self) -> int:
        """How many pairs stand."""
        return int(np.count_nonzero(self.stands))

    def covering(self, must: Flags) -> Board:
        """The same, and these rows and those whose pair stands have a column in any case, this one or another one."""
        return self.only(self.real | ~(must | self._held)[self.rows])

    def staying(self, without: Flags) -> Board:
        """The same, and of the rows ``without`` a column that stands: none."""
        return replace(self, stands=self.stands | (without[self.rows] & ~self.real))

    @property
    def parting(self) -> Board:
        """The same, and only pairs that still stand on this board can be parted."""
        return replace(self, gone=self._held[self.rows] & ~self.stands)

    @property
    def _held(self) -> Flags:
        """Which rows have a pair that stands."""
        held = np.zeros(self.size, np.bool_)
        held[self.rows[self.stands]] = True
        return held

    def only(self, pairs: Flags) -> Board:
        """The same rows and columns with these pairs."""
        return replace(
            self,
            pointers=np.concatenate([[0], np.cumsum(pairs)])[self.pointers],
            rows=self.rows[pairs],
            columns=self.columns[pairs],
            scores=self.scores[pairs],
            stands=self.stands[pairs],
            gone=self.gone[pairs],
        )

    def leaving(self, free: Longs) -> Board:
        """The same with at most so many rows of each class without a column."""
        return replace(self, capacities=np.concatenate([self.capacities[: self.width], free]))


@dataclass(frozen=True, slots=True)
class Seating:
    """Which pair each row makes, at the least sum of losses, and of all pairs how much more each would lose."""

    pairs: Longs
    reduced: Prices


def board_of(instance: Instance, current: Longs) -> Board:
    """The board of an instance, any number of rows without a column."""
    rows, width = instance.rows, len(instance.capacities)
    ranks, of_row = np.unique(np.array(instance.classes or [0] * rows, object), return_inverse=True)
    ends = instance.pointers[1:]
    columns = np.insert(instance.columns.astype(np.int64), ends, width + of_row)
    pointers = instance.pointers + np.arange(rows + 1)
    owners = np.repeat(np.arange(rows), np.diff(pointers))
    scores: Scores = np.insert(instance.scores, ends, 0)  # type: ignore[assignment]  # numpy drops the two kinds
    stands = columns == current[owners]
    return Board(
        pointers=pointers,
        rows=owners,
        columns=columns,
        scores=scores,
        stands=stands,
        gone=np.zeros(len(columns), np.bool_),
        capacities=np.concatenate([np.minimum(instance.capacities, rows), np.bincount(of_row, minlength=len(ranks))]),
        width=width,
    ).parting


def seated(board: Board, losses: Scores) -> Seating | None:
    """Every row seated at the least sum of losses; None where there are too few places."""
    columns = board.columns.astype(np.int32)
    demand = np.ones(board.size, np.int64)
    try:
        found = cheapest(Task(board.pointers, columns, losses, demand, board.capacities))
    except ValueError:
        return None
    taken = found.guests >= 0
    column_of = np.full(board.size, -1, np.int64)
    column_of[found.guests[taken]] = np.repeat(np.arange(len(board.capacities)), board.capacities)[taken]
    reduced = losses - found.row_prices[board.rows] - found.column_prices[board.columns]
    return Seating(np.flatnonzero(board.columns == column_of[board.rows]), reduced)
