"""How many rows can be covered, and how good the worst pair can be, if only so many pairs that stand give way.

Both are searched by halving: the fewest changes at which so many rows are covered, by pairs that are good enough, are
a plain assignment in which each change costs one, and they only grow with what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from services.matching.rematching.board import Board, Longs, seated


def feasible(board: Board, budget: int) -> bool:
    """Whether there is any assignment within the budget."""
    return _within(board, budget) is not None


def most_covered(board: Board, budget: int) -> Board:
    """The board on which no more rows stay without a column than must: of the first class, then of the next one."""
    free = board.capacities[board.width :].copy()
    for number in range(len(free)):

        def covers(left: int, number: int = number) -> bool:
            wanted = free.copy()
            wanted[number] = left
            return _within(board.leaving(wanted), budget) is not None

        free[number] = _least(covers, int(free[number]))
    return board.leaving(free)


def best_worst(board: Board, budget: int) -> Board:
    """The board with the pairs alone that are no worse than the worst one has to be."""
    made = _within(board, budget)
    assert made is not None
    worst = min(board.scores[made[board.real[made]]].tolist(), default=None)
    if worst is None:
        return board
    grades = sorted(set(board.scores[board.real].tolist()))
    standing = sorted(board.scores[board.stands].tolist())
    if len(standing) > budget:  # of the budget + 1 worst pairs that stand one is kept
        grades = [grade for grade in grades if grade <= standing[budget]]
    better = [grade for grade in grades if grade > worst][::-1]

    def allows(number: int) -> bool:
        return number == len(better) or _within(from_worst(board, better[number]), budget) is not None

    number = _least(allows, len(better))
    return from_worst(board, better[number] if number < len(better) else worst)


def from_worst(board: Board, worst: int) -> Board:
    """The board with the pairs that are this good."""
    return board.only(~board.real | (board.scores >= worst))


def _within(board: Board, budget: int) -> Longs | None:
    """The pairs of some assignment within the budget; None if there is none."""
    made = seated(board, board.gone.astype(np.int64))
    return made.pairs if made and np.count_nonzero(board.gone[made.pairs]) <= budget else None


def _least(holds: Callable[[int], bool], known: int) -> int:
    """The least number for which it holds, where it holds for all larger ones up to ``known``."""
    if known and holds(0):
        return 0
    low, high = 1, known
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high
