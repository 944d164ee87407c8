"""Every row covered at the least total loss: shortest augmenting paths with prices.

Jonker, Volgenant: A shortest augmenting path algorithm for dense and sparse linear assignment problems, Computing 38
(1987), 325-340; Tomizawa: On some techniques useful for solution of transportation network problems, Networks 1 (1971),
173-194. Here a column has one price for all its places, and no column's price is ever above 0.
So a row, sorted by rising loss, is looked at only up to the pair whose loss alone is beyond the best path found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiling import compiled
from services.matching.kernels.heaps import Heap, clear, heap_of, pop, push
from services.matching.kernels.sorting import sort_rows
from services.matching.kernels.state import NOBODY, Graph, Indices, Longs, Places

_READINGS = 2  # of all pairs, after which they are sorted anew
_FAR = np.iinfo(np.int64).max


class Prices(NamedTuple):
    """Row price + column price is at most the loss of any pair, and equal to it where the pair is made.

    Column prices are 0 or less, and 0 where a place is free.
    """

    rows: Longs
    columns: Longs


class _Paths(NamedTuple):
    """Where one search stands.

    Per column ``origin``, the row it was reached from, and ``settled``, the search that settled it last.
    Per row ``distance`` and ``entry``, the place it was reached by, and ``reached``, the search that reached it last.
    ``rows`` and ``columns`` are those reached and settled in this search;
    ``at`` holds the number of the search, the sizes of these two, the best distance to a free place, the column
    with that place, and how many pairs were looked at.
    """

    heap: Heap
    origin: Indices
    settled: Longs
    distance: Longs
    entry: Longs
    reached: Longs
    rows: Indices
    columns: Indices
    at: Longs


_ROWS, _COLUMNS, _BEST, _END, _WORK = range(1, 6)


@compiled
def cover_at_least_loss(graph: Graph, demand: Longs, places: Places) -> Prices:
    """Seat every row ``demand`` times at the least total loss, in empty ``places``; the prices that prove it.

    Rows must be sorted by rising loss; the losses are changed. A row with a demand above 1 takes several columns, and
    then these have one place each. Needs (units + 2) x the largest loss < 2**60. Raises ValueError where not all
    rows can be covered.
    """
    rows, columns = len(graph.pointers) - 1, len(places.used)
    prices, folded = Prices(np.zeros(rows, np.int64), np.zeros(columns, np.int64)), np.zeros(columns, np.int64)
    open_units = demand.copy()
    for row in range(rows):
        if demand[row] > 0:
            open_units[row] -= _seat_at_best(graph, places, prices, row)
    paths = _paths(rows, columns)
    for row in range(rows):
        for _ in range(open_units[row]):
            _search(graph, places, prices, paths, row)
            if paths.at[_END] == NOBODY:
                raise ValueError("not all rows can be covered")
            _raise_prices(prices, paths, row)
            _augment(places, paths)
            if paths.at[_WORK] > _READINGS * len(graph.losses):
                _sort_anew(graph, prices, folded)
                paths.at[_WORK] = 0
    prices.columns[:] += folded
    return prices


@compiled
def _paths(rows: int, columns: int) -> _Paths:
    return _Paths(
        heap_of(columns),
        np.empty(columns, np.int32),
        np.zeros(columns, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.zeros(rows, np.int64),
        np.empty(rows, np.int32),
        np.empty(columns, np.int32),
        np.zeros(6, np.int64),
    )


@compiled
def _seat_at_best(graph: Graph, places: Places, prices: Prices, row: int) -> int:
    """Seat a row at a column of its least loss that has a free place: 1, or 0 where there is none."""
    begin, end = graph.pointers[row], graph.pointers[row + 1]
    if begin == end:
        return 0
    least = graph.losses[begin]
    prices.rows[row] = least
    for pair in range(begin, end):
        if graph.losses[pair] > least:
            break
        column = graph.columns[pair]
        place = places.first[column] + places.used[column]
        if place < places.first[column + 1]:
            places.used[column] += 1
            places.guest[place] = row
            return 1
    return 0


@compiled
def _search(graph: Graph, places: Places, prices: Prices, paths: _Paths, root: int) -> None:
    """Dijkstra's search from ``root`` along reduced losses to the nearest free place."""
    heap, at = paths.heap, paths.at
    clear(heap)
    at[0] += 1
    at[_ROWS], at[_COLUMNS], at[_BEST], at[_END] = 0, 0, _FAR, NOBODY
    _reach(paths, root, 0, NOBODY)
    _look(graph, places, prices, paths, root)
    while True:
        if heap.size[0] == 0 or heap.keys[heap.order[0]] >= at[_BEST]:
            return
        column = pop(heap)
        distance = heap.keys[column]
        paths.settled[column] = at[0]
        paths.columns[at[_COLUMNS]] = column
        at[_COLUMNS] += 1
        for place in range(places.first[column], places.first[column + 1]):
            guest = int(places.guest[place])
            if paths.reached[guest] != at[0]:
                _reach(paths, guest, distance, place)
                _look(graph, places, prices, paths, guest)
        if at[_BEST] == distance:
            return


@compiled
def _reach(paths: _Paths, row: int, distance: int, place: int) -> None:
    at = paths.at
    paths.reached[row], paths.distance[row], paths.entry[row] = at[0], distance, place
    paths.rows[at[_ROWS]] = row
    at[_ROWS] += 1


@compiled
def _look(graph: Graph, places: Places, prices: Prices, paths: _Paths, row: int) -> None:
    """Look at the pairs of a row as long as their loss alone can lead to a nearer place than the best."""
    heap, at = paths.heap, paths.at
    search, best = at[0], at[_BEST]
    base = paths.distance[row] - prices.rows[row]
    pair, end = graph.pointers[row], graph.pointers[row + 1]
    while pair < end:
        reach = base + graph.losses[pair]
        if reach >= best:
            break
        column = int(graph.columns[pair])
        pair += 1
        distance = reach - prices.columns[column]
        if distance >= best or paths.settled[column] == search:
            continue
        if places.first[column] + places.used[column] < places.first[column + 1]:
            best = distance
            at[_BEST], at[_END], paths.origin[column] = distance, column, row
        elif heap.position[column] == NOBODY or distance < heap.keys[column]:
            paths.origin[column] = row
            push(heap, column, distance)
    at[_WORK] += pair - graph.pointers[row]


@compiled
def _raise_prices(prices: Prices, paths: _Paths, root: int) -> None:
    """Change prices so that the path found, and every pair made before, has no reduced loss."""
    best = paths.at[_BEST]
    for number in range(paths.at[_COLUMNS]):
        column = paths.columns[number]
        prices.columns[column] += paths.heap.keys[column] - best
    for number in range(paths.at[_ROWS]):
        row = paths.rows[number]
        prices.rows[row] += best - paths.distance[row]


@compiled
def _augment(places: Places, paths: _Paths) -> None:
    """Move every row on the path one place on."""
    column = paths.at[_END]
    place = places.first[column] + places.used[column]
    places.used[column] += 1
    while place != NOBODY:
        row = paths.origin[places.column[place]]
        places.guest[place] = row
        place = paths.entry[row]


@compiled
def _sort_anew(graph: Graph, prices: Prices, folded: Longs) -> None:
    """Make the column prices part of the losses, so that the order within rows tells more again."""
    for pair in range(len(graph.losses)):
        graph.losses[pair] -= prices.columns[graph.columns[pair]]
    folded += prices.columns
    prices.columns[:] = 0
    sort_rows(graph.pointers, graph.columns, graph.losses)
