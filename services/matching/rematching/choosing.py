"""The best total that few changes allow: bounds by Lagrange's multipliers, then branches over pairs that stand.

Handler, Zang: A dual algorithm for the constrained shortest path problem, Networks 10 (1980), 293-309; for assignments
with a limit Aboudi, Jørnsten: Resource constrained assignment problems, Discrete Applied Mathematics 26 (1990),
175-191. A premium for each pair that stands takes the place of the limit; the best premium is a fraction, so all
worths are multiplied by its denominator and stay integers. Whatever cannot be part of anything better than the best
assignment found is left out; if something is left, a pair that one side of the bound keeps and the other one parts is
once kept and once parted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from services.matching.assignment.instance import Scores
from services.matching.rematching.board import Board, Flags, Longs, Seating, seated

_PLAIN = 2**62  # numbers below it fit into int64


@dataclass(frozen=True, slots=True)
class Premium:
    """What a pair that stands is worth in addition: ``amount`` / ``unit``."""

    unit: int
    amount: int


@dataclass(frozen=True, slots=True)
class Point:
    """An assignment: its columns per row, its worth, how many pairs that stand it keeps, and which rows' these are."""

    columns: Longs
    worth: int
    kept: int
    keeps: Flags
    seating: Seating

    def value(self, premium: Premium) -> int:
        """Worth with the premium, in its units."""
        return premium.unit * self.worth + premium.amount * self.kept


@dataclass(frozen=True, slots=True)
class Branch:
    """What is still open: a board, the premium that bounded it from above, and how many pairs are parted for certain.

    ``parted`` marks the rows of these.
    """

    board: Board
    premium: Premium
    parted: Flags


@dataclass(frozen=True, slots=True)
class Bound:
    """Two assignments of equal value at a premium: ``low`` keeps too few pairs, ``high`` enough."""

    board: Board
    premium: Premium
    low: Point
    high: Point


def best_total(board: Board, kept: int) -> Longs:
    """The column per row of the best total with ``kept`` pairs that stand or more, of these one that keeps most.

    No more rows may stay without a column on this board than there are with so many pairs kept.
    """
    return _Choosing(board.parting, kept).run()


class _Choosing:
    def __init__(self, board: Board, kept: int) -> None:
        self._wanted = kept
        self._budget = board.standing - kept  # of pairs parted
        self._filled = int(board.capacities[board.width :].sum()) > 0  # whether rows stay without a column
        self._board, self._range = _by_worth(board)
        self._best: Point | None = None

    def run(self) -> Longs:
        """Look at branches until none is left that could hold anything better."""
        open_branches = [Branch(self._board, Premium(1, 0), np.zeros(self._board.size, np.bool_))]
        while open_branches:
            branch = open_branches.pop()
            bound = self._bounded(branch)
            if bound is not None:
                open_branches += self._divided(bound, branch.parted)
        assert self._best is not None
        return self._best.columns

    def _bounded(self, branch: Branch) -> Bound | None:
        """The best bound of a branch, without the pairs that are too bad for it; None if it holds nothing better."""
        board = branch.board
        first = self._point(board, branch.premium)
        if first is None or not self._could_gain(first, branch.premium):
            return None
        low = first if branch.premium.amount == 0 else self._point(board, Premium(1, 0))
        assert low is not None
        if low.kept >= self._wanted:
            return None  # the best of all, which is noted
        high = self._point(board, Premium(1, self._range * board.size + 1))
        assert high is not None
        if high.kept < self._wanted:
            return None
        while True:
            premium = Premium(high.kept - low.kept, low.worth - high.worth)
            between = self._point(board, premium)
            assert between is not None
            if not self._could_gain(between, premium):
                return None
            if between.value(premium) == low.value(premium):
                return Bound(board.only(self._worth_it(between, premium)), premium, low, high)
            low, high = (low, between) if between.kept >= self._wanted else (between, high)

    def _divided(self, bound: Bound, parted: Flags) -> list[Branch]:
        """The two branches of a bound; the one that parts a pair is looked at first."""
        board = bound.board
        row = int(np.flatnonzero(bound.high.keeps & ~bound.low.keeps)[0])
        also = parted.copy()
        also[row] = True
        keeping = board.only((board.rows != row) | board.stands)
        parting = board.only(~(board.stands & (board.rows == row)))
        if np.count_nonzero(also) == self._budget:
            parting = parting.only(also[parting.rows] | ~parting.gone)
        return [Branch(keeping, bound.premium, parted), Branch(parting, bound.premium, also)]

    def _point(self, board: Board, premium: Premium) -> Point | None:
        """The assignment of the highest value; it is noted if it is the best within the limit so far."""
        seating = seated(board, self._losses(board, premium))
        if seating is None:
            return None
        pairs = seating.pairs
        keeps = np.zeros(board.size, np.bool_)
        keeps[board.rows[pairs[board.stands[pairs]]]] = True
        worth = sum(board.scores[pairs].tolist())
        found = Point(board.columns[pairs], worth, int(np.count_nonzero(keeps)), keeps, seating)
        if found.kept >= self._wanted and (self._best is None or found.worth > self._best.worth):
            self._best = found
        return found

    def _losses(self, board: Board, premium: Premium) -> Scores:
        """What each pair is worth with the premium, as a loss; no column is worth more than all columns together.

        So the places of those who stay without are all filled, as they are in everything within the limit.
        """
        most = premium.unit * self._range + premium.amount
        filling = board.size * most + 1 if self._filled else 0
        losses = _roomy(board.scores, filling + most)
        losses *= -premium.unit
        losses[board.stands] -= premium.amount
        losses[~board.real] -= filling
        return losses

    def _spare(self, point: Point, premium: Premium) -> int:
        """What anything within the limit that is better than the best may lose against the value of ``point``."""
        limit = point.value(premium) - premium.amount * self._wanted
        return limit if self._best is None else limit - premium.unit * (self._best.worth + 1)

    def _could_gain(self, point: Point, premium: Premium) -> bool:
        return self._best is None or self._spare(point, premium) >= 0

    def _worth_it(self, point: Point, premium: Premium) -> Flags:
        return np.asarray(point.seating.reduced <= self._spare(point, premium), np.bool_)


def _by_worth(board: Board) -> tuple[Board, int]:
    """The board with worths, and what they all lie below.

    Worths are scores so far apart that pairs kept decide between equal totals alone; none is below 0.
    """
    scores = board.scores[board.real].tolist()
    least, most = min(scores, default=0), board.standing + 1
    limit = (max(scores, default=0) - least + 1) * most
    worths = _roomy(board.scores, max(limit, abs(least)))
    worths -= least
    worths *= most
    worths[~board.real] = 0
    worths[board.stands] += 1
    return replace(board, scores=worths), limit


def _roomy(numbers: Scores, limit: int) -> Scores:
    """A copy in which numbers up to the limit can be counted."""
    return numbers.astype(np.int64) if limit < _PLAIN else numbers.astype(np.object_)
