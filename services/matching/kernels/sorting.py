"""Sorting of rows: each by rising key, equal keys in their old order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiling import compiled
from services.matching.kernels.state import Indices, Longs

_FEW = 24  # so few pairs are sorted by insertion
_LONG = 512  # from here on a wide digit pays
_NARROW_DIGIT, _WIDE_DIGIT = 8, 11  # bits
_BITS = 63  # of a key


class _Row(NamedTuple):
    columns: Indices
    keys: Longs


@compiled
def sort_rows(pointers: Longs, columns: Indices, keys: Longs) -> None:
    """Sort the pairs of every row by rising key (0 or more), in place and stably."""
    longest = 0
    for number in range(len(pointers) - 1):
        longest = max(longest, pointers[number + 1] - pointers[number])
    spare = _Row(np.empty(longest, np.int32), np.empty(longest, np.int64))
    counts = np.empty((1 << _WIDE_DIGIT) + 1, np.int64)
    for number in range(len(pointers) - 1):
        begin, end = pointers[number], pointers[number + 1]
        row = _Row(columns[begin:end], keys[begin:end])
        if end - begin <= _FEW:
            _sort_by_insertion(row)
        else:
            _sort_by_digits(row, spare, counts)


@compiled
def _sort_by_insertion(row: _Row) -> None:
    for position in range(1, len(row.keys)):
        key, column = row.keys[position], row.columns[position]
        hole = position
        while hole > 0 and row.keys[hole - 1] > key:
            row.keys[hole], row.columns[hole] = row.keys[hole - 1], row.columns[hole - 1]
            hole -= 1
        row.keys[hole], row.columns[hole] = key, column


@compiled
def _sort_by_digits(row: _Row, spare: _Row, counts: Longs) -> None:
    """Radix sort, from the lowest digit in which the keys differ to the highest."""
    size = len(row.keys)
    differing, ordered = 0, True
    for position in range(1, size):
        differing |= row.keys[position] ^ row.keys[0]
        ordered &= row.keys[position - 1] <= row.keys[position]
    if ordered:
        return
    bits, shift = _WIDE_DIGIT if size >= _LONG else _NARROW_DIGIT, 0
    while (differing >> shift) & 1 == 0:
        shift += 1
    source, target = row, _Row(spare.columns[:size], spare.keys[:size])
    moved = 0
    while shift < _BITS and differing >> shift != 0:
        _distribute(source, target, counts, shift, bits)
        source, target = target, source
        moved += 1
        shift += bits
    if moved & 1:
        row.columns[:] = source.columns
        row.keys[:] = source.keys


@compiled
def _distribute(source: _Row, target: _Row, counts: Longs, shift: int, bits: int) -> None:
    mask = (1 << bits) - 1
    counts[: mask + 2] = 0
    for position in range(len(source.keys)):
        counts[((source.keys[position] >> shift) & mask) + 1] += 1
    for digit in range(mask + 1):
        counts[digit + 1] += counts[digit]
    for position in range(len(source.keys)):
        digit = (source.keys[position] >> shift) & mask
        place = counts[digit]
        counts[digit] = place + 1
        target.keys[place], target.columns[place] = source.keys[position], source.columns[position]
