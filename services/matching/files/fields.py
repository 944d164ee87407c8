"""The fields of an instance besides its values, each checked and explained by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from services.matching.files.documents import Unreadable, said

SIDE = 1_000_000  # rows, or columns, at most
CLASSES = 100  # that occur, at most
CLASSED = 100_000_000  # classes squared, times rows and columns together, at most: each may start the solver anew
_PLACES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Names:
    """What rows and columns are called, in order; a side without names is numbered from 0."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an instance is not a value: its sides, places per column, classes, names, and the pairs set by hand."""

    rows: int
    columns: int
    capacities: tuple[int, ...]
    classes: tuple[int, ...] | None
    names: Names | None
    forbidden: tuple[tuple[int, int], ...]
    forced: tuple[tuple[int, int], ...]


def shape(given: Mapping[str, Any]) -> Shape:
    """The fields of an instance. Raises ``Unreadable``."""
    rows, columns = number(given, "rows", SIDE), number(given, "columns", SIDE)
    _one_each(given, rows)
    return Shape(
        rows,
        columns,
        _capacities(given, columns),
        _classes(given, rows, columns),
        _names(given, rows, columns),
        _pairs(given, "forbidden_pairs", rows, columns),
        _pairs(given, "forced_pairs", rows, columns),
    )


def minimises(given: Mapping[str, Any]) -> bool:
    """Whether smaller values are better. Raises ``Unreadable`` where the file does not say, or says both."""
    objective = given.get("objective")
    if objective is None and ("scores" in given) != ("costs" in given):
        return "costs" in given
    if not isinstance(objective, str) or not objective.startswith(("maximise", "minimise")):
        raise Unreadable("objective", f'This is {said(objective)}; write "maximise scores" or "minimise costs".')
    smaller = objective.startswith("minimise")
    if ("scores" if smaller else "costs") in given:
        other = "costs" if smaller else "scores"
        raise Unreadable("objective", f"This is {said(objective)}, so the values must stand in {other!r}.")
    return smaller


def number(given: Mapping[str, Any], field: str, most: int) -> int:
    """A whole number from 0 up to ``most``. Raises ``Unreadable``."""
    if field not in given:
        raise Unreadable(field, "This field is missing; give a whole number.")
    return checked(given[field], field, most)


def checked(value: object, field: str, most: int, least: int = 0) -> int:
    """The value itself if it is a whole number within its bounds. Raises ``Unreadable``."""
    if type(value) is not int or not least <= value <= most:
        raise Unreadable(field, f"This is {said(value)}; give a whole number from {least} to {most:,}.")
    return value


def entries(value: object, field: str, length: int, what: str) -> list[Any]:
    """The value itself if it is a list of this length. Raises ``Unreadable``."""
    if not isinstance(value, list):
        raise Unreadable(field, f"This is {said(value)}; give a list with one entry for each of the {length} {what}.")
    if len(value) != length:
        raise Unreadable(field, f"This has {len(value)} entries; there are {length} {what}.")
    return value


def _one_each(given: Mapping[str, Any], rows: int) -> None:
    """A row takes at most one column: files that want more are another problem."""
    demand = 1 if given.get("row_demand") is None else given["row_demand"]
    for field, value in (("capacity.rows", _capacity(given).get("rows", 1)), ("row_demand", demand)):
        each = entries(value, field, rows, "rows") if isinstance(value, list) else [value]
        for place, one in enumerate(each):
            if type(one) is not int or one != 1:
                where = f"{field}[{place}]" if isinstance(value, list) else field
                raise Unreadable(where, f"This is {said(one)}; a row takes one column, so 1 is the only choice.")


def _capacity(given: Mapping[str, Any]) -> dict[str, Any]:
    capacity = given.get("capacity")
    if capacity is None:
        return {}
    if not isinstance(capacity, dict):
        raise Unreadable("capacity", f'This is {said(capacity)}; write {{"rows": 1, "columns": …}}.')
    return capacity


def _capacities(given: Mapping[str, Any], columns: int) -> tuple[int, ...]:
    field, value = "capacity.columns", _capacity(given).get("columns", 1)
    if not isinstance(value, list):
        return (checked(value, field, _PLACES),) * columns
    listed = entries(value, field, columns, "columns")
    return tuple(checked(one, f"{field}[{place}]", _PLACES) for place, one in enumerate(listed))


def _classes(given: Mapping[str, Any], rows: int, columns: int) -> tuple[int, ...] | None:
    field, value = "row_classes", given.get("row_classes")
    if value is None:
        return None
    listed = entries(value, field, rows, "rows")
    found = tuple(checked(one, f"{field}[{place}]", SIDE, least=1) for place, one in enumerate(listed))
    occurring, most = len(set(found)), min(CLASSES, isqrt(CLASSED // max(1, rows + columns)))
    if occurring > most:
        raise Unreadable(field, f"There are {occurring:,} classes; use {most:,} at most with so many rows and columns.")
    return found


def _names(given: Mapping[str, Any], rows: int, columns: int) -> Names | None:
    if given.get("row_names") is None and given.get("column_names") is None:
        return None
    sides = (_side(given, "row_names", rows, "rows"), _side(given, "column_names", columns, "columns"))
    return Names(*sides)


def _side(given: Mapping[str, Any], field: str, length: int, what: str) -> tuple[str, ...]:
    value = given.get(field)
    if value is None:
        return tuple(map(str, range(length)))
    listed = entries(value, field, length, what)
    seen: set[str] = set()
    for place, name in enumerate(listed):
        if not isinstance(name, str) or not name:
            raise Unreadable(f"{field}[{place}]", f"This is {said(name)}; give a name.")
        if name in seen:
            raise Unreadable(f"{field}[{place}]", f"The name {said(name)} stands twice; make them differ.")
        if not name.isascii() and any("\ud800" <= one <= "\udfff" for one in name):
            raise Unreadable(f"{field}[{place}]", f"The name {said(name)} has half a character; write it in full.")
        seen.add(name)
    return tuple(listed)


def _pairs(given: Mapping[str, Any], field: str, rows: int, columns: int) -> tuple[tuple[int, int], ...]:
    """Pairs (row, column). A text instead is a remark for readers: of files that list allowed pairs only."""
    value = given.get(field)
    if value is None or isinstance(value, str):
        return ()
    if not isinstance(value, list):
        raise Unreadable(field, f"This is {said(value)}; give a list of [row, column].")
    return tuple(pair(one, f"{field}[{place}]", rows, columns) for place, one in enumerate(value))


def pair(value: object, field: str, rows: int, columns: int) -> tuple[int, int]:
    """A pair of numbers that are there. Raises ``Unreadable``."""
    match value:
        case [row, column]:
            return checked(row, f"{field}[0]", rows - 1), checked(column, f"{field}[1]", columns - 1)
        case _:
            raise Unreadable(field, f"This is {said(value)}; give [row, column], numbered from 0.")


def ignored(given: Mapping[str, Any]) -> tuple[str, ...]:
    """What the file asks for and does not get, in words."""
    minimum = given.get("column_minimum")
    if any(minimum) if isinstance(minimum, Sequence) else minimum:
        return ("column_minimum: this is not heeded; no column has to take anybody.",)
    return ()
