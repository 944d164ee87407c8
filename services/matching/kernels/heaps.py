"""A binary heap in arrays, of items that are in it once at most: the least key first.

Williams: Algorithm 232, Heapsort, CACM 7 (1964), 347-348; an item's key can fall.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiling import compiled
from services.matching.kernels.state import NOBODY, Indices, Longs


class Heap(NamedTuple):
    """``order[: size[0]]`` are the items in it; ``keys`` and ``position`` are told per item, -1 of those outside."""

    order: Indices
    keys: Longs
    position: Indices
    size: Longs


@compiled
def heap_of(items: int) -> Heap:
    """An empty heap for the items 0, 1, … ``items`` - 1."""
    position = np.full(items, NOBODY, np.int32)
    return Heap(np.empty(items, np.int32), np.empty(items, np.int64), position, np.zeros(1, np.int64))


@compiled
def push(heap: Heap, item: int, key: int) -> None:
    """Add an item, or let its key fall to ``key``."""
    hole = int(heap.position[item])
    if hole == NOBODY:
        hole = heap.size[0]
        heap.size[0] += 1
    while hole > 0:
        above = (hole - 1) >> 1
        if heap.keys[heap.order[above]] <= key:
            break
        heap.order[hole] = heap.order[above]
        heap.position[heap.order[hole]] = hole
        hole = above
    heap.order[hole], heap.position[item], heap.keys[item] = item, hole, key


@compiled
def pop(heap: Heap) -> int:
    """Remove the first item; there must be one."""
    first = int(heap.order[0])
    heap.position[first] = NOBODY
    heap.size[0] -= 1
    size = heap.size[0]
    if size == 0:
        return first
    item = heap.order[size]
    key, hole = heap.keys[item], 0
    while True:
        below = 2 * hole + 1
        if below >= size:
            break
        if below + 1 < size and heap.keys[heap.order[below + 1]] < heap.keys[heap.order[below]]:
            below += 1
        if key <= heap.keys[heap.order[below]]:
            break
        heap.order[hole] = heap.order[below]
        heap.position[heap.order[hole]] = hole
        hole = below
    heap.order[hole], heap.position[item] = item, hole
    return first


@compiled
def clear(heap: Heap) -> None:
    """Remove all items."""
    for place in range(heap.size[0]):
        heap.position[heap.order[place]] = NOBODY
    heap.size[0] = 0
