"""The best assignment, exactly: most rows covered, then the worst pair as good as possible, then the best total.

Every step but the last works on ranks of the scores, so that integers of any size stay exact.
The last one, the total, uses SciPy's float64 solver only where every number in it is exactly representable.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import index

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # SciPy ships no types
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import maximum_bipartite_matching  # type: ignore[import-untyped]

_FORBIDDEN = -1  # below every rank
_UNMATCHED = -1
_EXACT_IN_FLOAT64 = 2**53

_Integers = NDArray[np.integer]
_Flags = NDArray[np.bool_]


class MalformedTable(ValueError):
    """The table is no table: a row of another length than the capacities, or a capacity below 0."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A legal choice of pairs (row, column), sorted by row, with the three values it is judged by.

    ``worst`` is the lowest score among the pairs, None without a pair; ``total`` is their exact sum.
    """

    pairs: tuple[tuple[int, int], ...]
    covered: int
    worst: int | None
    total: int


def solve(scores: Sequence[Sequence[int | None]], capacities: Sequence[int]) -> Assignment:
    """The best assignment: most rows covered, then the best worst score, then the best total.

    ``scores[row][column]`` is any integer, larger is better, None forbids the pair.
    A row takes at most one column; a column takes at most ``capacities[column]`` rows, 0 or more.

    The same input gives the same pairs on every run.
    Of several assignments with the same three values the order of rows and columns picks one:
    a caller who wants the same pairs for the same people in any order sorts both sides by a stable id first.
    The three values depend neither on the order nor on SciPy's version; the picked pairs may depend on both.

    The total costs one SciPy assignment while 4 x (rows + 1) x (best - worst score) <= 2**53.
    Beyond that it is found in Python integers: just as exact, but some 25 times slower (2 s at 600 x 660).
    Raises MalformedTable; TypeError for a score that is not an integer.
    """
    _check(scores, capacities)
    values = sorted({index(score) for row in scores for score in row if score is not None})
    places = np.repeat(np.arange(len(capacities)), [min(capacity, len(scores)) for capacity in capacities])
    ranks = _ranked(scores, values, len(capacities))[:, places]
    worst = _best_worst_rank(ranks)
    if worst is None:
        return Assignment(pairs=(), covered=0, worst=None, total=0)
    chosen = sorted(_best_total(ranks, values, worst))
    points = [values[ranks[row, place]] for row, place in chosen]
    pairs = tuple((row, int(places[place])) for row, place in chosen)
    return Assignment(pairs=pairs, covered=len(pairs), worst=min(points), total=sum(points))


def _check(scores: Sequence[Sequence[int | None]], capacities: Sequence[int]) -> None:
    for number, row in enumerate(scores):
        if len(row) != len(capacities):
            raise MalformedTable(f"row {number} has {len(row)} scores for {len(capacities)} columns")
    for number, capacity in enumerate(capacities):
        if capacity < 0:
            raise MalformedTable(f"column {number} has the capacity {capacity}, 0 is the least")


def _ranked(scores: Sequence[Sequence[int | None]], values: Sequence[int], columns: int) -> _Integers:
    rank: dict[int | None, int] = {value: position for position, value in enumerate(values)}
    rank[None] = _FORBIDDEN
    table = [[rank[score] for score in row] for row in scores]
    return np.array(table, dtype=np.int64).reshape(len(scores), columns)


def _largest_matching(usable: _Flags) -> _Integers:
    """For each row its place in a matching that covers most rows."""
    partner: _Integers = maximum_bipartite_matching(csr_array(usable), perm_type="column")
    return partner


def _best_worst_rank(ranks: _Integers) -> int | None:
    """The highest rank that every pair can have without a row less being covered; None if nothing can be covered."""

    def coverage(least: int) -> int:
        return int(np.count_nonzero(_largest_matching(ranks >= least) != _UNMATCHED))

    covered = coverage(0)
    if covered == 0:
        return None
    ceiling = int(np.sort(ranks.max(axis=1))[-covered])
    # rank 0 demands nothing; the position of the first rank too high in 1, 2, … is the last that is not
    return bisect_left(range(1, ceiling + 1), True, key=lambda rank: coverage(rank) < covered)


def _best_total(ranks: _Integers, values: Sequence[int], worst: int) -> list[tuple[int, int]]:
    """Pairs (row, place) of the best total among the assignments that cover most rows with ranks from ``worst`` up.

    The rows that compete for too few places, with these places, are a problem of their own (Dulmage and
    Mendelsohn 1958): an assignment covers most rows if and only if it fills all these places from these rows,
    and covers all other rows from other places. In both problems the smaller side is covered completely,
    so no weight has to stand for coverage.
    """
    rows, places = _competing(ranks >= worst)
    pairs: list[tuple[int, int]] = []
    for in_rows, in_places in ((rows, places), (~rows, ~places)):
        own_rows, own_places = np.flatnonzero(in_rows), np.flatnonzero(in_places)
        part = _cheapest(ranks[np.ix_(own_rows, own_places)], values, worst)
        pairs.extend((int(own_rows[row]), int(own_places[place])) for row, place in part)
    return pairs


def _competing(usable: _Flags) -> tuple[_Flags, _Flags]:
    """The rows that alternating paths reach from uncovered rows, and the places they can use: none if all are covered.

    Every place found is taken in the matching, else a path to it would cover a row more.
    """
    partner = _largest_matching(usable)
    owner = np.full(usable.shape[1], _UNMATCHED)
    covered = np.flatnonzero(partner != _UNMATCHED)
    owner[partner[covered]] = covered
    rows, places = partner == _UNMATCHED, np.zeros(usable.shape[1], dtype=bool)
    frontier = np.flatnonzero(rows)
    while frontier.size:
        found = usable[frontier].any(axis=0) & ~places
        places |= found
        frontier = owner[found]
        rows[frontier] = True
    return rows, places


def _cheapest(ranks: _Integers, values: Sequence[int], worst: int) -> list[tuple[int, int]]:
    """Pairs of the least cost that cover the smaller side; the cost of a pair is the best score less its own."""
    costs = [values[-1] - value for value in values[worst:]]
    usable, size = ranks >= worst, min(ranks.shape)
    # shortest paths and dual prices, all sums included, stay below (2 x size + 3) x the largest cost
    if 4 * (size + 1) * costs[0] <= _EXACT_IN_FLOAT64:
        table = np.full(ranks.shape, np.inf)
        table[usable] = np.array(costs, dtype=np.float64)[ranks[usable] - worst]
        rows, places = linear_sum_assignment(table)
        return list(zip(rows.tolist(), places.tolist(), strict=True))
    exact = np.full(ranks.shape, size * costs[0] + 1, dtype=object)  # dearer than any legal choice, in any precision
    exact[usable] = np.array(costs, dtype=object)[ranks[usable] - worst]
    if ranks.shape[0] > ranks.shape[1]:
        return [(row, place) for place, row in _cheapest_in_integers(exact.T)]
    return _cheapest_in_integers(exact)


def _cheapest_in_integers(costs: NDArray[np.object_]) -> list[tuple[int, int]]:
    """Pairs of the least cost that cover every row, of Python integers; there are at least as many places as rows."""
    owner = np.full(costs.shape[1], _UNMATCHED)
    price = np.zeros(costs.shape[1], dtype=object)
    for row in range(costs.shape[0]):
        _cover(row, costs, owner, price)
    return [(int(owner[place]), int(place)) for place in np.flatnonzero(owner != _UNMATCHED)]


def _cover(row: int, costs: NDArray[np.object_], owner: _Integers, price: NDArray[np.object_]) -> None:
    """Cover one row more along a shortest augmenting path (Jonker and Volgenant 1987); changes owner and price."""
    distance, previous = costs[row] - price, np.full(len(owner), _UNMATCHED)
    settled = np.zeros(len(owner), dtype=bool)
    while True:
        reachable = np.flatnonzero(~settled)
        nearest = reachable[np.argmin(distance[reachable])]
        reached, guest = distance[nearest], owner[nearest]
        if guest == _UNMATCHED:
            break
        settled[nearest] = True
        onward = reached - (costs[guest, nearest] - price[nearest]) + costs[guest] - price
        shorter = ~settled & (onward < distance)
        distance[shorter], previous[shorter] = onward[shorter], nearest
    price[settled] += distance[settled] - reached
    while previous[nearest] != _UNMATCHED:
        owner[nearest] = owner[previous[nearest]]
        nearest = previous[nearest]
    owner[nearest] = row
