"""The allowed pairs of an instance and their values, from a matrix or a list of edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.files import units
from services.matching.files.documents import Unreadable, said
from services.matching.files.fields import Shape, entries, pair

PAIRS = 50_000_000  # allowed pairs at most
INTEGER_DIGITS = 2_000  # of a whole number: sums and prices stay below the 4,300 that Python reads
_ENDLESS = 10**INTEGER_DIGITS


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs (row, column) in any order, each once, and the values they have in the file."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Sequence[int | Decimal]


def pairs(given: Mapping[str, Any], shape: Shape) -> tuple[str, Pairs]:
    """Where the values stand, and all pairs that have one. Raises ``Unreadable``."""
    fields = [field for field in ("scores", "costs", "edges") if field in given]
    if len(fields) != 1:
        found = " and ".join(fields) or "none of them"
        raise Unreadable("", f'The file has {found}; give one of "scores", "costs" or "edges".')
    (field,) = fields
    return field, _edges(given[field], shape) if field == "edges" else _matrix(given[field], field, shape)


def digits(found: Pairs, field: str) -> int:
    """How many digits behind the point the values need. Raises ``Unreadable`` for a value that is no number."""
    kinds = set(map(type, found.values))
    if kinds <= {int}:
        return 0
    if kinds <= {int, Decimal}:
        behind = units.most_places(value for value in found.values if isinstance(value, Decimal))
        if behind is not None:
            return behind
    place = next(place for place, value in enumerate(found.values) if not _is_number(value))
    most = f"a number of at most {units.DIGITS} digits, or null where the pair is not allowed"
    raise Unreadable(_place(found, field, place), f"This is {said(found.values[place])}; give {most}.")


def refuse_endless(found: Pairs, field: str) -> None:
    """Whole numbers of too many digits for sums of them to be written. Raises ``Unreadable``."""
    for place, value in enumerate(found.values):
        if isinstance(value, int) and abs(value) >= _ENDLESS:
            at = _place(found, field, place)
            raise Unreadable(at, f"This is {said(value)}; give a whole number of at most {INTEGER_DIGITS:,} digits.")


def _place(found: Pairs, field: str, place: int) -> str:
    return f"{field}[{place}][2]" if field == "edges" else f"{field}[{found.rows[place]}][{found.columns[place]}]"


def _is_number(value: object) -> bool:
    return units.places(value) is not None if isinstance(value, Decimal) else type(value) is int


def _matrix(value: object, field: str, shape: Shape) -> Pairs:
    values: list[int | Decimal] = []
    columns: list[int] = []
    degrees = np.zeros(shape.rows, dtype=np.int64)
    for row, line in enumerate(entries(value, field, shape.rows, "rows")):
        listed = entries(line, f"{field}[{row}]", shape.columns, "columns")
        allowed = [column for column, one in enumerate(listed) if one is not None]
        degrees[row] = len(allowed)
        columns.extend(allowed)
        values.extend(listed if len(allowed) == len(listed) else [listed[column] for column in allowed])
        _few(len(columns), field)
    return Pairs(np.repeat(np.arange(shape.rows), degrees), np.array(columns, dtype=np.int64), values)


def _edges(value: object, shape: Shape) -> Pairs:
    if not isinstance(value, list):
        raise Unreadable("edges", f"This is {said(value)}; give a list of [row, column, value].")
    _few(len(value), "edges")
    for place, edge in enumerate(value):
        if not (type(edge) is list and len(edge) == 3):
            raise Unreadable(f"edges[{place}]", f"This is {said(edge)}; give [row, column, value].")
        row, column, _ = edge
        if not (type(row) is type(column) is int and 0 <= row < shape.rows and 0 <= column < shape.columns):
            pair([row, column], f"edges[{place}]", shape.rows, shape.columns)
    rows = np.array([edge[0] for edge in value], dtype=np.int64)
    columns = np.array([edge[1] for edge in value], dtype=np.int64)
    _once(rows * shape.columns + columns)
    allowed = [place for place, edge in enumerate(value) if edge[2] is not None]
    return Pairs(rows[allowed], columns[allowed], [value[place][2] for place in allowed])


def _once(keys: NDArray[np.int64]) -> None:
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if twice.size:
        first, second = (int(order[twice[0] + step]) for step in (0, 1))
        raise Unreadable(f"edges[{second}]", f"This is the pair of edges[{first}]; leave one.")


def _few(number: int, field: str) -> None:
    if number > PAIRS:
        raise Unreadable(field, f"There are more than {PAIRS:,} pairs; leave those out that nobody would choose.")
