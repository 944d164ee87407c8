"""What the kernels work on: a graph in compressed rows, and who has which place in it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Indices = NDArray[np.int32]
NOBODY = -1


class Graph(NamedTuple):
    """Pairs by row: those of row i lie from ``pointers[i]`` up to ``pointers[i + 1]``, by rising loss.

    ``losses`` are at least 0, and 0 is the best score there is.
    """

    pointers: Longs
    columns: Indices
    losses: Longs


class Layers(NamedTuple):
    """Per row and per column the number of its layer, or its number within a layer."""

    rows: Longs
    columns: Longs


class Places(NamedTuple):
    """Who has which place: the places of column j lie from ``first[j]`` up to ``first[j + 1]``, the taken ones first.

    ``used[j]`` of them are taken; ``column`` and ``guest`` are told per place, ``seat`` is the place of each row or -1.
    """

    first: Longs
    used: Longs
    column: Indices
    guest: Indices
    seat: Longs


class Search(NamedTuple):
    """The memory of searches.

    Per row ``ahead``, up to where its pairs lead to full columns for certain, and ``cursor``, where a search stands;
    per column ``step``, when a search reached it, and ``origin``, the row it was reached from.
    """

    ahead: Longs
    cursor: Longs
    step: Longs
    origin: Indices


class Work(NamedTuple):
    """A graph, who has which place in it, and the memory of searches."""

    graph: Graph
    places: Places
    search: Search


def places(capacities: Longs, rows: int) -> Places:
    """All places free; ``capacities`` are what each column can use at most."""
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(capacities)])
    column = np.repeat(np.arange(len(capacities), dtype=np.int32), capacities)
    guest = np.full(len(column), NOBODY, np.int32)
    return Places(first, np.zeros(len(capacities), np.int64), column, guest, np.full(rows, NOBODY, np.int64))


def search(graph: Graph, columns: int) -> Search:
    """Nothing searched yet."""
    begin = graph.pointers[:-1]
    return Search(begin.copy(), begin.copy(), np.zeros(columns, np.int64), np.full(columns, NOBODY, np.int32))
