"""Pairs that are forced: places set aside, so that every best answer of what remains has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.files.documents import Unreadable
from services.matching.files.fields import Shape


@dataclass(frozen=True, slots=True)
class Forced:
    """Pairs and capacities with the forced pairs built in.

    A column with forced rows lends as many of its places to a column of its own at the end, which only they may use;
    they have no other pair. ``origin`` tells which column each stands for.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    kept: NDArray[np.int64]
    capacities: tuple[int, ...]
    origin: tuple[int, ...]


def forced(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: Shape) -> Forced:
    """Build the forced pairs in; ``kept`` are the places of the pairs that are left. Raises ``Unreadable``."""
    chosen = _chosen(shape)
    lent = sorted(set(chosen.values()))
    wanted = np.full(shape.rows, -1, dtype=np.int64)
    wanted[list(chosen)] = list(chosen.values())
    kept = np.flatnonzero((wanted[rows] < 0) | (wanted[rows] == columns))
    theirs = kept[wanted[rows[kept]] >= 0]
    _allowed(shape.forced, set(zip(rows[theirs].tolist(), columns[theirs].tolist(), strict=True)))
    own = np.arange(shape.columns)
    own[lent] = shape.columns + np.arange(len(lent))
    rows, columns = rows[kept], columns[kept]
    load = Counter(chosen.values())
    return Forced(
        rows,
        np.where(wanted[rows] >= 0, own[columns], columns),
        kept,
        (
            *(capacity - load[column] for column, capacity in enumerate(shape.capacities)),
            *(load[column] for column in lent),
        ),
        (*range(shape.columns), *lent),
    )


def _chosen(shape: Shape) -> dict[int, int]:
    """The column of each forced row, if nothing contradicts."""
    found: dict[int, int] = {}
    load = Counter[int]()
    for place, (row, column) in enumerate(shape.forced):
        field = f"forced_pairs[{place}]"
        if row in found:
            raise Unreadable(field, f"Row {row} is forced to column {found[row]} already; leave one of the two.")
        found[row] = column
        load[column] += 1
        if load[column] > shape.capacities[column]:
            most = shape.capacities[column]
            raise Unreadable(field, f"Column {column} takes {most} rows, and more are forced to it; leave some.")
    return found


def _allowed(wanted: Sequence[tuple[int, int]], allowed: set[tuple[int, int]]) -> None:
    for place, (row, column) in enumerate(wanted):
        if (row, column) not in allowed:
            raise Unreadable(f"forced_pairs[{place}]", f"Row {row} and column {column} are no allowed pair; allow it.")
