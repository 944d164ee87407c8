"""Parts of a graph: the pairs from a score up, the pairs within layers, the same seen from the columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiling import compiled
from services.matching.kernels.sorting import sort_rows
from services.matching.kernels.state import Graph, Indices, Layers, Longs

NOTHING = np.iinfo(np.int64).min  # below every score


class Table(NamedTuple):
    """Scored pairs by row, columns rising within each; ``capacities`` per column, at least 0."""

    pointers: Longs
    columns: Indices
    scores: Longs
    capacities: Longs


@compiled
def best_scores(table: Table) -> Longs:
    """Per row the score of its best pair with a column that has places; NOTHING without one."""
    best = np.full(len(table.pointers) - 1, NOTHING, np.int64)
    everywhere = np.all(table.capacities > 0)
    for row in range(len(best)):
        score = NOTHING
        for pair in range(table.pointers[row], table.pointers[row + 1]):
            if table.scores[pair] > score and (everywhere or table.capacities[table.columns[pair]] > 0):
                score = table.scores[pair]
        best[row] = score
    return best


@compiled
def cut(table: Table, floor: int, top: int) -> Graph:
    """The pairs with a score of at least ``floor`` and a column that has places, each row by rising loss.

    A loss is ``top`` less the score.
    """
    everywhere = np.all(table.capacities > 0)
    pointers = np.zeros(len(table.pointers), np.int64)
    for row in range(len(pointers) - 1):
        size = 0
        for pair in range(table.pointers[row], table.pointers[row + 1]):
            if table.scores[pair] >= floor and (everywhere or table.capacities[table.columns[pair]] > 0):
                size += 1
        pointers[row + 1] = pointers[row] + size
    columns, losses = np.empty(pointers[-1], np.int32), np.empty(pointers[-1], np.int64)
    place = 0
    for pair in range(table.pointers[-1]):
        if table.scores[pair] >= floor and (everywhere or table.capacities[table.columns[pair]] > 0):
            columns[place], losses[place] = table.columns[pair], top - table.scores[pair]
            place += 1
    sort_rows(pointers, columns, losses)
    return Graph(pointers, columns, losses)


@compiled
def within(graph: Graph, limit: int, layer: Layers) -> Graph:
    """The pairs of a layer with a loss of at most ``limit``.

    ``layer`` tells per row and column its number within the layer, or -1 outside.
    """
    rows = 0
    for row in range(len(layer.rows)):
        rows = max(rows, layer.rows[row] + 1)
    pointers = np.zeros(rows + 1, np.int64)
    for row in range(len(layer.rows)):
        if layer.rows[row] >= 0:
            for pair in range(graph.pointers[row], graph.pointers[row + 1]):
                if graph.losses[pair] > limit:
                    break
                if layer.columns[graph.columns[pair]] >= 0:
                    pointers[layer.rows[row] + 1] += 1
    pointers[:] = np.cumsum(pointers)
    columns, losses = np.empty(pointers[-1], np.int32), np.empty(pointers[-1], np.int64)
    for row in range(len(layer.rows)):
        if layer.rows[row] >= 0:
            place = pointers[layer.rows[row]]
            for pair in range(graph.pointers[row], graph.pointers[row + 1]):
                if graph.losses[pair] > limit:
                    break
                if layer.columns[graph.columns[pair]] >= 0:
                    columns[place] = layer.columns[graph.columns[pair]]
                    losses[place] = graph.losses[pair]
                    place += 1
    return Graph(pointers, columns, losses)


@compiled
def transposed(graph: Graph, columns: int) -> Graph:
    """The same pairs by column; within each of these new rows in the order of the old ones."""
    pointers = np.zeros(columns + 1, np.int64)
    for pair in range(len(graph.columns)):
        pointers[graph.columns[pair] + 1] += 1
    pointers[:] = np.cumsum(pointers)
    place = pointers[:-1].copy()
    rows, losses = np.empty(len(graph.columns), np.int32), np.empty(len(graph.columns), np.int64)
    for row in range(len(graph.pointers) - 1):
        for pair in range(graph.pointers[row], graph.pointers[row + 1]):
            column = graph.columns[pair]
            rows[place[column]], losses[place[column]] = row, graph.losses[pair]
            place[column] += 1
    return Graph(pointers, rows, losses)


@compiled
def chosen(pointers: Longs, columns: Indices, partner: Indices) -> Longs:
    """The pair of every row that has a partner, row by row."""
    found = np.empty(len(partner), np.int64)
    size = 0
    for row in range(len(partner)):
        if partner[row] >= 0:
            low, high = pointers[row], pointers[row + 1]
            while low < high:
                middle = (low + high) >> 1
                if columns[middle] < partner[row]:
                    low = middle + 1
                else:
                    high = middle
            found[size] = low
            size += 1
    return found[:size]


@compiled
def crossing(graph: Graph, limit: int, layers: Layers) -> tuple[Longs, Longs]:
    """The pairs within the limit whose row lies in a later layer than their column, and their rows."""
    size = 0
    for row in range(len(layers.rows)):
        for pair in range(graph.pointers[row], graph.pointers[row + 1]):
            if graph.losses[pair] > limit:
                break
            size += layers.columns[graph.columns[pair]] < layers.rows[row]
    pairs, rows = np.empty(size, np.int64), np.empty(size, np.int64)
    size = 0
    for row in range(len(layers.rows)):
        for pair in range(graph.pointers[row], graph.pointers[row + 1]):
            if graph.losses[pair] > limit:
                break
            if layers.columns[graph.columns[pair]] < layers.rows[row]:
                pairs[size], rows[size] = pair, row
                size += 1
    return pairs, rows
