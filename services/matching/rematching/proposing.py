"""Most rows covered by few changes, then the worst pair as good as that allows, then the total."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance, MalformedInstance, solve
from services.matching.assignment.order import Order, in_order
from services.matching.rematching.board import Board, Flags, board_of
from services.matching.rematching.choosing import best_total
from services.matching.rematching.covering import best_worst, feasible, from_worst, most_covered

Partners = NDArray[np.int32]


class NoneWithin(ValueError):
    """So few changes allow no assignment that covers all rows which must be."""


def within(
    instance: Instance,
    current: Partners,
    changes: int,
    *,
    must: Collection[int] = (),
    row_order: Order | None = None,
    column_order: Order | None = None,
) -> Partners:
    """The column of each row, -1 without one, where at most ``changes`` pairs that could stand give way.

    ``current`` is the column that each row has now, or -1. A pair stands if the instance allows it; a row whose pair
    stands keeps a column, this one or another one, and the other one counts as a change; rows that ``must`` be covered
    have one as well. Most rows are covered (of
    lower classes first), as far as that many changes allow; then the worst pair, those that stand included, is as good
    as it can be; then the total; then changes are few. With as many changes as rows, and no classes, no assignment
    covers more.

    The same input gives the same pairs; among equal ones the order of rows and columns picks, as in ``solve``.
    Coverage and worst pair take a few dozen assignments at most. The total takes about as many, as a rule; where many
    totals lie close together, more with each change. Raises MalformedInstance for a column that there is not,
    ``current`` of another length, or more pairs that stand at a column than it has places; NoneWithin.
    """
    wanted = np.zeros(instance.rows, np.bool_)
    wanted[list(must)] = True
    asked = _Asked(instance, current, wanted)
    return _ordered(asked, row_order, column_order, lambda ordered: _within(ordered, changes))


def nearest(
    instance: Instance, current: Partners, *, row_order: Order | None = None, column_order: Order | None = None
) -> Partners:
    """The column of each row, -1 without one: of the best assignments one that changes the fewest rows.

    A row without a column that gets one is changed as well. The values are those of ``assignment.solve``; it takes two
    or three times as long. Raises MalformedInstance for a column that there is not, or ``current`` of another length.
    """
    asked = _Asked(instance, current, np.zeros(instance.rows, np.bool_))
    return _ordered(asked, row_order, column_order, _nearest)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An instance, the column that each row has now or -1, and which rows must have one. Raises MalformedInstance."""

    instance: Instance
    current: Partners
    must: Flags

    def __post_init__(self) -> None:
        rows, width = self.instance.rows, len(self.instance.capacities)
        if len(self.current) != rows or not all(-1 <= column < width for column in self.current.tolist()):
            raise MalformedInstance(f"there are not {rows} current columns from -1 to {width - 1}")

    @property
    def board(self) -> Board:
        return board_of(self.instance, np.asarray(self.current, np.int64))


def _ordered(
    asked: _Asked, row_order: Order | None, column_order: Order | None, answer: Callable[[_Asked], Partners]
) -> Partners:
    """The answer as if both sides stood in another order."""
    if row_order is None and column_order is None:
        return answer(asked)
    instance = asked.instance
    rows = np.arange(instance.rows) if row_order is None else np.asarray(row_order)
    columns = np.arange(len(instance.capacities)) if column_order is None else np.asarray(column_order)
    current = _renamed(asked.current[rows], np.argsort(columns))
    moved = answer(_Asked(in_order(instance, rows, columns), current, asked.must[rows]))
    partner = np.empty_like(moved)
    partner[rows] = _renamed(moved, columns)
    return partner


def _within(asked: _Asked, changes: int) -> Partners:
    board = asked.board.covering(asked.must)
    wanted = np.bincount(board.columns[board.stands], minlength=len(board.capacities))
    if (wanted > board.capacities).any():
        raise MalformedInstance(f"column {int(np.argmax(wanted > board.capacities))} has fewer places than pairs stand")
    budget = min(changes, board.standing)
    if asked.must.any() and not feasible(board, budget):
        raise NoneWithin(f"with {changes} changes not all rows are covered that must be")
    good = best_worst(most_covered(board, budget), budget)
    return _partners(board, best_total(good, board.standing - budget))


def _nearest(asked: _Asked) -> Partners:
    best, board = solve(asked.instance), asked.board.staying(asked.current < 0)
    if best.worst is None:
        return best.partner
    seats = np.where(best.partner >= 0, best.partner, board.nowhere)
    left = np.bincount(seats, minlength=len(board.capacities))[board.width :]
    return _partners(board, best_total(from_worst(board.leaving(left), best.worst), 0))


def _partners(board: Board, chosen: NDArray[np.int64]) -> Partners:
    return np.where(chosen < board.width, chosen, -1).astype(np.int32)


def _renamed(partner: Partners, names: Order) -> Partners:
    renamed = np.full(len(partner), -1, np.int32)
    renamed[partner >= 0] = names[partner[partner >= 0]]
    return renamed
