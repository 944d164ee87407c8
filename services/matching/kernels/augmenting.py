"""Most rows covered at a limit: shortest augmenting paths, many at a time.

Hopcroft, Karp: An n^(5/2) algorithm for maximum matchings in bipartite graphs, SIAM J. Comput. 2 (1973), 225-231.
In each phase the free rows spread step by step until they reach columns with a free place; then each in turn looks for
a path of that length. A column with several places leads on to each of its guests. Before that every row takes a free
place of its own, found by a look-ahead that never goes back: a full column stays full (Pothen, Fan: Computing the block
triangular form of a sparse matrix, ACM TOMS 16 (1990), 303-324).
"""

from __future__ import annotations

import numpy as np

from services.matching.kernels.compiling import compiled
from services.matching.kernels.state import NOBODY, Indices, Longs, Places, Search, Work


@compiled
def take(places: Places, search: Search, row: int, column: int) -> None:
    """Give ``row`` a free place of ``column``, and every row on the path that led to it the next one's place."""
    place = places.first[column] + places.used[column]
    places.used[column] += 1
    while True:
        left = places.seat[row]
        places.guest[place] = row
        places.seat[row] = place
        if left == NOBODY:
            return
        place = left
        row = int(search.origin[places.column[left]])


@compiled
def cover(work: Work, waiting: Longs, left: int, limit: int) -> int:
    """Seat as many of the first ``left`` rows of ``waiting`` as pairs with a loss of at most ``limit`` allow.

    How many stay free: they stand at the beginning of ``waiting`` afterwards, in their old order. Whoever has a place
    keeps one.
    """
    for position in range(left):
        free = _free_column(work, int(waiting[position]), limit)
        if free != NOBODY:
            take(work.places, work.search, int(waiting[position]), free)
    left = still_free(work.places, waiting, left)
    queue, base = np.empty(len(work.places.seat), np.int32), 0
    work.search.step[:] = NOBODY
    while left > 0:
        queue[:left] = waiting[:left]
        length = _spread(work, queue, left, limit, base)
        if length == NOBODY:
            break
        for position in range(left):
            _seat(work, int(waiting[position]), limit, base)
        base += length + 1
        left = still_free(work.places, waiting, left)
    return left


@compiled
def still_free(places: Places, rows: Longs, count: int) -> int:
    """Move those of the first ``count`` rows that have no place to the beginning; how many they are."""
    free = 0
    for position in range(count):
        if places.seat[rows[position]] == NOBODY:
            rows[free] = rows[position]
            free += 1
    return free


@compiled
def _free_column(work: Work, row: int, limit: int) -> int:
    graph, places, search = work
    pair, end = search.ahead[row], graph.pointers[row + 1]
    found = NOBODY
    while pair < end and graph.losses[pair] <= limit:
        column = int(graph.columns[pair])
        if places.first[column] + places.used[column] < places.first[column + 1]:
            found = column
            break
        pair += 1
    search.ahead[row] = pair
    return found


@compiled
def _spread(work: Work, queue: Indices, size: int, limit: int, base: int) -> int:
    """Note after how many steps the first ``size`` rows of ``queue`` reach each column, up to the first free place.

    How many steps that takes, or NOBODY if none is reached. Steps are counted from ``base``; less is long ago.
    """
    graph, places, search = work
    begin, step, found = 0, base, False
    while begin < size and not found:
        end = size
        for position in range(begin, end):
            row = queue[position]
            search.cursor[row] = graph.pointers[row]
            for pair in range(graph.pointers[row], graph.pointers[row + 1]):
                column = graph.columns[pair]
                if graph.losses[pair] > limit:
                    break
                if search.step[column] >= base:
                    continue
                search.step[column] = step
                used, places_there = places.used[column], places.first[column + 1] - places.first[column]
                found |= used < places_there
                for place in range(places.first[column], places.first[column] + used):
                    queue[size] = places.guest[place]
                    search.cursor[queue[size]] = graph.pointers[queue[size]]
                    size += 1
        begin = end
        step += 1
    return step - base if found else NOBODY


@compiled
def _seat(work: Work, root: int, limit: int, base: int) -> None:
    """Seat a row along columns one step apart each that no other row has tried, if there is such a path."""
    places, search = work.places, work.search
    row, step = root, base
    while True:
        column = _next_column(work, row, limit, step)
        if column != NOBODY:
            search.step[column] = NOBODY
            if places.first[column] + places.used[column] < places.first[column + 1]:
                take(places, search, row, column)
                return
            search.origin[column] = row
            row = int(places.guest[places.first[column]])
            step += 1
            continue
        if row == root:
            return
        column, following = int(places.column[places.seat[row]]), places.seat[row] + 1
        if following < places.first[column] + places.used[column]:
            row = int(places.guest[following])
        else:
            row = int(search.origin[column])
            step -= 1


@compiled
def _next_column(work: Work, row: int, limit: int, step: int) -> int:
    graph, search = work.graph, work.search
    pair, end = search.cursor[row], graph.pointers[row + 1]
    found = NOBODY
    while pair < end and graph.losses[pair] <= limit:
        column = int(graph.columns[pair])
        pair += 1
        if search.step[column] == step:
            found = column
            break
    search.cursor[row] = pair
    return found
