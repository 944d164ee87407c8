"""A certificate as the checker reads it: each field of the right type, length and range, or a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.verification.integers import Integers, Unproven, indices, integer, integers, shown

FORMAT = "tandem-matching-certificate"
VERSION = 1
CLASSES = 10_000  # that occur, at most
CHAINS = 64  # of violators, at most: each costs a pass over the pairs
NOBODY = -1

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Instance:
    """What was to be matched: the allowed pairs row by row, their scores, and how many rows a column takes.

    ``places`` is the capacity, but not more than there are rows.
    ``class_of`` has for each row the position of its class among the ``classes`` that occur: 0 is covered first.
    """

    rows: int
    columns: int
    pointers: Numbers
    neighbours: Numbers
    scores: Integers
    places: Numbers
    classes: int
    class_of: Numbers

    @property
    def pairs(self) -> int:
        """How many pairs are allowed."""
        return len(self.neighbours)


@dataclass(frozen=True, slots=True)
class Claim:
    """The three values that are to be proven the best; ``worst`` is None without a pair."""

    coverage: int
    worst: int | None
    total: int


@dataclass(frozen=True, slots=True)
class Violator:
    """Rows and the columns that they are said to compete for, by number; ``name`` is where it stands."""

    name: str
    rows: Numbers
    columns: Numbers


@dataclass(frozen=True, slots=True)
class Prices:
    """Dual prices: one free of sign for each class that occurs, one of at least 0 for each row and each column."""

    classes: Integers
    rows: Integers
    columns: Integers


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is well-formed; whether it proves anything is another matter.

    ``partner`` has for each row its column, or NOBODY. ``chains`` have one violator for each class that occurs, in
    order; within a chain each has the columns of the one before, but for those that take nobody.
    """

    instance: Instance
    claim: Claim
    partner: Numbers
    chains: tuple[tuple[Violator, ...], ...]
    worst: Violator | None
    prices: Prices

    @property
    def coverage(self) -> tuple[Violator, ...]:
        """The violators of all classes, in order."""
        return tuple(chain.from_iterable(self.chains))


def read(document: object) -> Certificate:
    """The certificate in a document. Raises ``Unproven`` for the first field that is not what it must be."""
    given = _fields(
        document,
        "the certificate",
        ("format", "version", "instance", "claim", "assignment", "proof"),
        ("names", "seed", "digest"),
    )
    if given["format"] != FORMAT or type(given["version"]) is not int or given["version"] != VERSION:
        what = f"{shown(given['format'])}, version {shown(given['version'])}"
        raise Unproven(f"the certificate says it is of format {what}; known is {FORMAT!r}, version {VERSION}")
    instance = _instance(given["instance"])
    _named(given, instance)
    proof = _fields(given["proof"], "proof", ("coverage", "worst", "total"))
    return Certificate(
        instance,
        _claim(given["claim"]),
        _partner(given["assignment"], instance),
        _chains(_violators(proof["coverage"], instance), instance.places),
        None if proof["worst"] is None else _violator(proof["worst"], "proof.worst", instance),
        _prices(proof["total"], instance),
    )


def _fields(value: object, name: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these fields and no other: what nobody checks must not look as if it were proven."""
    if not isinstance(value, Mapping):
        raise Unproven(f"{name} is {shown(value)}, not an object")
    found = dict(value)
    if missing := [field for field in required if field not in found]:
        raise Unproven(f"{name} has no field {missing[0]!r}")
    if unknown := [field for field in found if field not in required and field not in optional]:
        raise Unproven(f"{name} has a field {shown(unknown[0])}, which nobody can check")
    return found


def _size(value: object, name: str) -> int:
    found = integer(value, name)
    if found < 0:
        raise Unproven(f"{name} is {shown(found)}, 0 is the least")
    return found


def _long(values: Integers, name: str, length: int) -> Integers:
    if len(values) != length:
        raise Unproven(f"{name} has {len(values)} entries, {shown(length)} are right")
    return values


def _instance(value: object) -> Instance:
    given = _fields(
        value, "instance", ("rows", "columns", "capacities", "pointers", "neighbours", "scores"), ("classes",)
    )
    rows, columns = _size(given["rows"], "instance.rows"), _size(given["columns"], "instance.columns")
    capacities = _long(integers(given["capacities"], "instance.capacities"), "instance.capacities", columns)
    if (capacities < 0).any():
        column = int(np.argmax(capacities < 0))
        raise Unproven(f"instance.capacities[{column}] is {shown(int(capacities[column]))}, 0 is the least")
    neighbours = indices(given["neighbours"], "instance.neighbours", columns)
    scores = _long(integers(given["scores"], "instance.scores"), "instance.scores", len(neighbours))
    pointers = indices(given["pointers"], "instance.pointers", len(neighbours) + 1)
    _long(pointers, "instance.pointers", rows + 1)
    if pointers[0] != 0 or pointers[-1] != len(neighbours) or (np.diff(pointers) < 0).any():
        raise Unproven(f"instance.pointers do not rise from 0 to {len(neighbours)}, the number of pairs")
    classes, class_of = _classes(given.get("classes"), rows)
    places = np.minimum(capacities, rows).astype(np.int64)
    return Instance(rows, columns, pointers, neighbours, scores, places, classes, class_of)


def _classes(value: object, rows: int) -> tuple[int, Numbers]:
    """How many classes occur (one without rows, or if none are named) and the position of each row's."""
    if value is None:
        return 1, np.zeros(rows, dtype=np.int64)
    given = _long(integers(value, "instance.classes"), "instance.classes", rows)
    if (given < 1).any():
        row = int(np.argmax(given < 1))
        raise Unproven(f"instance.classes[{row}] is {shown(int(given[row]))}, 1 is the first class")
    found, positions = np.unique(given, return_inverse=True)
    if len(found) > CLASSES:
        raise Unproven(f"instance.classes has {len(found)} different classes, {CLASSES} are looked at")
    return max(len(found), 1), positions.astype(np.int64)


def _named(given: Mapping[str, Any], instance: Instance) -> None:
    """Names prove nothing, but must fit; so must the seed."""
    if given.get("seed") is not None:
        integer(given["seed"], "seed")
    if given.get("names") is None:
        return
    names = _fields(given["names"], "names", ("rows", "columns"))
    for side, length in (("rows", instance.rows), ("columns", instance.columns)):
        listed = names[side]
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise Unproven(f"names.{side} is not a list of texts")
        if len(listed) != length or len(set(listed)) != length:
            raise Unproven(f"names.{side} has {len(listed)} names ({len(set(listed))} different), {length} are right")


def _claim(value: object) -> Claim:
    given = _fields(value, "claim", ("coverage", "worst", "total"))
    worst = None if given["worst"] is None else integer(given["worst"], "claim.worst")
    return Claim(integer(given["coverage"], "claim.coverage"), worst, integer(given["total"], "claim.total"))


def _partner(value: object, instance: Instance) -> Numbers:
    if not isinstance(value, list):
        raise Unproven(f"assignment is {shown(value)}, not a list")
    if len(value) != instance.rows:
        raise Unproven(f"assignment has {len(value)} entries, {instance.rows} are right")
    partner = np.full(instance.rows, NOBODY, dtype=np.int64)
    for row, column in enumerate(value):
        if column is None:
            continue
        if not 0 <= integer(column, f"assignment[{row}]") < instance.columns:
            raise Unproven(f"assignment[{row}] is {shown(column)}, which is no column")
        partner[row] = column
    return partner


def _violators(value: object, instance: Instance) -> tuple[Violator, ...]:
    if not isinstance(value, list):
        raise Unproven(f"proof.coverage is {shown(value)}, not a list of one violator for each class that occurs")
    if len(value) != instance.classes:
        raise Unproven(f"proof.coverage has {len(value)} violators, {instance.classes} classes occur")
    return tuple(_violator(one, f"proof.coverage[{place}]", instance) for place, one in enumerate(value))


def _chains(violators: tuple[Violator, ...], places: Numbers) -> tuple[tuple[Violator, ...], ...]:
    """Cut wherever a violator lacks a column that the one before has."""
    found: list[list[Violator]] = []
    last, before = np.full(len(places), -1), 0
    for number, violator in enumerate(violators):
        columns = violator.columns[places[violator.columns] > 0]
        if not found or np.count_nonzero(last[columns] == number - 1) < before:
            if len(found) == CHAINS:
                raise Unproven(f"{violator.name}.columns lacks one of the violator before, as {CHAINS - 1} others do")
            found.append([])
        found[-1].append(violator)
        last[columns], before = number, len(columns)
    return tuple(map(tuple, found))


def _violator(value: object, name: str, instance: Instance) -> Violator:
    given = _fields(value, name, ("rows", "columns"))
    rows = _once(given["rows"], f"{name}.rows", instance.rows)
    return Violator(name, rows, _once(given["columns"], f"{name}.columns", instance.columns))


def _once(value: object, name: str, length: int) -> Numbers:
    listed = indices(value, name, length)
    ordered = np.sort(listed)
    if (ordered[1:] == ordered[:-1]).any():
        raise Unproven(f"{name} names something twice")
    return listed


def _prices(value: object, instance: Instance) -> Prices:
    given = _fields(value, "proof.total", ("class_prices", "row_prices", "column_prices"))
    sizes = {"class_prices": instance.classes, "row_prices": instance.rows, "column_prices": instance.columns}
    found = {
        field: _long(integers(given[field], f"proof.total.{field}"), f"proof.total.{field}", size)
        for field, size in sizes.items()
    }
    for field in ("row_prices", "column_prices"):
        if (found[field] < 0).any():
            place = int(np.argmax(found[field] < 0))
            price = shown(int(found[field][place]))
            raise Unproven(f"proof.total.{field}[{place}] is {price}: a price below 0 proves nothing")
    return Prices(*(found[field] for field in sizes))
