"""The alternating forest of all free rows, and the least limit at which it reaches a free place.

Dijkstra's search for paths whose worst pair is best (Gabow, Tarjan: Algorithms for two bottleneck optimization
problems, J. Algorithms 9 (1988), 411-417). While no free place is reached, the forest is a violator after Hall (1935):
its rows have no pair within the limit but with its columns, and these have fewer places than there are such rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.kernels.augmenting import cover, still_free, take
from services.matching.kernels.compiling import compiled
from services.matching.kernels.heaps import Heap, clear, heap_of, pop, push
from services.matching.kernels.state import NOBODY, Indices, Layers, Longs, Work


class Forest(NamedTuple):
    """Rows and columns in the order in which they were reached; ``sizes`` says how many of each.

    ``within`` marks the columns with 1.
    """

    rows: Indices
    columns: Indices
    within: Indices
    sizes: Longs


@compiled
def forest_of(rows: int, columns: int) -> Forest:
    """Nothing reached, with room for everything."""
    within = np.zeros(columns, np.int32)
    return Forest(np.empty(rows, np.int32), np.empty(columns, np.int32), within, np.zeros(2, np.int64))


@compiled
def seat_all(work: Work, waiting: Longs, most_left: int, limit: int, violator: Forest) -> tuple[int, int]:
    """Seat all but ``most_left`` of the ``waiting`` rows at the least limit from ``limit`` up: that limit, who is left.

    More are left than ``most_left`` if nothing leaves their forest in this graph: then ``violator`` holds that forest.
    Else it holds the forest as it was before the limit rose last; if it never rose, ``violator`` is unchanged.
    Those left stand at the beginning of ``waiting``.
    """
    forest, heap = forest_of(len(violator.rows), len(violator.columns)), heap_of(len(violator.rows))
    left = cover(work, waiting, len(waiting), limit)
    while left > most_left:
        _plant(forest, waiting, left)
        limit, column = _grow(work, forest, heap, limit, violator)
        if column == NOBODY:
            _keep(forest, violator, forest.sizes[0], forest.sizes[1])
            break
        take(work.places, work.search, int(work.search.origin[column]), column)
        left = cover(work, waiting, still_free(work.places, waiting, left), limit)
    return limit, left


@compiled
def _plant(forest: Forest, roots: Longs, count: int) -> None:
    for place in range(forest.sizes[1]):
        forest.within[forest.columns[place]] = 0
    forest.rows[:count] = roots[:count]
    forest.sizes[0], forest.sizes[1] = count, 0


@compiled
def _keep(forest: Forest, kept: Forest, rows: int, columns: int) -> None:
    kept.rows[:rows] = forest.rows[:rows]
    kept.columns[:columns] = forest.columns[:columns]
    kept.sizes[0], kept.sizes[1] = rows, columns


@compiled
def _grow(work: Work, forest: Forest, heap: Heap, limit: int, violator: Forest) -> tuple[int, int]:
    """Grow by the best pair that leaves, until a column with a free place is reached; NOBODY if nothing leaves."""
    clear(heap)
    scanned, rose_at_rows, rose_at_columns = 0, NOBODY, NOBODY
    column = NOBODY
    while column == NOBODY:
        while scanned < forest.sizes[0] and column == NOBODY:
            row = int(forest.rows[scanned])
            work.search.cursor[row] = work.graph.pointers[row]
            column = _spread(work, forest, heap, row, limit)
            scanned += 1
        if column != NOBODY or heap.size[0] == 0:
            break
        loss, row = heap.keys[heap.order[0]], pop(heap)
        if loss > limit:
            if forest.within[work.graph.columns[work.search.cursor[row]]] == 0:
                limit, rose_at_rows, rose_at_columns = loss, forest.sizes[0], forest.sizes[1]
            else:
                work.search.cursor[row] += 1
        column = _spread(work, forest, heap, row, limit)
    if rose_at_rows != NOBODY and column != NOBODY:
        _keep(forest, violator, rose_at_rows, rose_at_columns)
    return limit, column


@compiled
def _spread(work: Work, forest: Forest, heap: Heap, row: int, limit: int) -> int:
    """Reach what one row's pairs within the limit lead to, from its cursor on; the first column with a free place."""
    graph, places, search = work
    pair, end = search.cursor[row], graph.pointers[row + 1]
    while pair < end and graph.losses[pair] <= limit:
        column = int(graph.columns[pair])
        pair += 1
        if forest.within[column] == 1:
            continue
        search.origin[column] = row
        if places.first[column] + places.used[column] < places.first[column + 1]:
            return column
        forest.within[column] = 1
        forest.columns[forest.sizes[1]] = column
        forest.sizes[1] += 1
        for place in range(places.first[column], places.first[column + 1]):
            forest.rows[forest.sizes[0]] = places.guest[place]
            forest.sizes[0] += 1
    search.cursor[row] = pair
    if pair < end:
        push(heap, row, graph.losses[pair])
    return NOBODY


@compiled
def number_layers(work: Work, waiting: Longs, ends: Longs, limit: int, layers: Layers) -> None:
    """Number rows and columns by the first class whose free rows reach them within the limit.

    ``waiting`` are the free rows, those of class k and before up to ``ends[k]``. What none of them reaches gets the
    number ``len(ends)``. Most rows must be covered, so that no free place can be reached.
    """
    layers.rows[:], layers.columns[:] = len(ends), len(ends)
    queue = np.empty(len(layers.rows), np.int64)
    size, head, planted = 0, 0, 0
    for layer in range(len(ends)):
        for position in range(planted, ends[layer]):
            layers.rows[waiting[position]] = layer
            queue[size] = waiting[position]
            size += 1
        planted = ends[layer]
        while head < size:
            size = _reach(work, queue, (head, size, limit), layer, layers)
            head += 1


@compiled
def _reach(work: Work, queue: Longs, progress: tuple[int, int, int], layer: int, layers: Layers) -> int:
    """Number what the row at the head of the queue leads to; the queue's new size."""
    head, size, limit = progress
    for pair in range(work.graph.pointers[queue[head]], work.graph.pointers[queue[head] + 1]):
        column = work.graph.columns[pair]
        if work.graph.losses[pair] > limit:
            break
        if layers.columns[column] > layer:
            layers.columns[column] = layer
            for place in range(work.places.first[column], work.places.first[column + 1]):
                queue[size] = work.places.guest[place]
                layers.rows[queue[size]] = layer
                size += 1
    return size
