"""Whole tables and lists of pairs as they come in: compressed, and checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.kernels.compiling import compiled
from services.matching.kernels.state import NOBODY, Indices, Longs


@compiled
def compress(scores: Longs, allowed: NDArray[np.bool_]) -> tuple[Longs, Indices, Longs]:
    """The allowed pairs of a table of rows x columns: pointers, columns and scores by row."""
    rows, columns = allowed.shape
    pointers = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        size = 0
        for column in range(columns):
            size += allowed[row, column]
        pointers[row + 1] = pointers[row] + size
    chosen, kept = np.empty(pointers[-1] + 1, np.int32), np.empty(pointers[-1] + 1, np.int64)
    pair = 0
    for row in range(rows):
        for column in range(columns):
            chosen[pair], kept[pair] = column, scores[row, column]  # the last one may be beside the point: no branch
            pair += allowed[row, column]
    return pointers, chosen[:-1], kept[:-1]


@compiled
def row_that_does_not_rise(pointers: Longs, columns: Indices) -> int:
    """The first row whose columns do not rise, or NOBODY; pointers rise from 0 to the number of columns."""
    for row in range(len(pointers) - 1):
        for pair in range(pointers[row] + 1, pointers[row + 1]):
            if columns[pair] <= columns[pair - 1]:
                return row
    return NOBODY
