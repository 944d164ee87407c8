"""Who competes for too few places, in groups that are as small as can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance

Partners = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Lack:
    """Rows that may have no other columns than these, which have ``places`` together, ``missing`` too few.

    Rows and columns rise. A column without places is in no group.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    places: int
    missing: int


def lacking(instance: Instance, partner: Partners) -> tuple[Lack, ...]:
    """Why a solution with most rows covered covers no more: one group for each connected lack, by its first row.

    The rows are those that an uncovered row reaches by way of a column that it may have and the rows that have it.
    All these columns are full, or one row more could be covered; so a group has too few places by as many rows as are
    uncovered in it, and the groups lack all that is uncovered. Without any row of a group the rest of it lacks less:
    another solution leaves just this row uncovered. The groups are the same for each solution that covers most rows
    (Dulmage, Mendelsohn: Coverings of bipartite graphs, Canadian J. Math. 10 (1958), 517-534).
    """
    guests: dict[int, list[int]] = {}
    for row, column in enumerate(partner.tolist()):
        guests.setdefault(column, []).append(row)
    reached, _ = _reach(guests.get(-1, []), instance, guests)
    beside: dict[int, list[int]] = {}
    for row in sorted(reached):
        for column in _columns(instance, row):
            beside.setdefault(column, []).append(row)
    found = []
    for row in sorted(reached):
        if row in reached:
            rows, columns = _reach([row], instance, beside)
            reached -= rows
            places = sum(int(instance.capacities[column]) for column in columns)
            found.append(Lack(tuple(sorted(rows)), tuple(sorted(columns)), places, len(rows) - places))
    return tuple(found)


def _reach(start: Iterable[int], instance: Instance, beside: Mapping[int, Iterable[int]]) -> tuple[set[int], set[int]]:
    """The rows reached by way of columns with places and the rows ``beside`` these, and the columns."""
    rows, columns = set(start), set[int]()
    waiting = list(rows)
    while waiting:
        for column in _columns(instance, waiting.pop()):
            if column not in columns:
                columns.add(column)
                new = [row for row in beside.get(column, ()) if row not in rows]
                rows.update(new)
                waiting += new
    return rows, columns


def _columns(instance: Instance, row: int) -> list[int]:
    """The columns with places that a row may have."""
    columns = instance.columns[instance.pointers[row] : instance.pointers[row + 1]]
    chosen: list[int] = columns[instance.capacities[columns] > 0].tolist()
    return chosen
