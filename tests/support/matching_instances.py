"""Instances of the assignment problem for tests: drawn at random, or read from published cases."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from services.matching.assignment import Instance
from tests.support.matching_brute_force import Small

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "matching"

_LONG = (-(2**63), 2**63 - 1)
_FAMILIES: Sequence[st.SearchStrategy[int]] = (
    st.integers(0, 3),  # many ties
    st.integers(-20, 20),
    st.integers(2**53 - 3, 2**53 + 3),  # neighbours that float64 cannot tell apart
    st.integers(-(2**61), 2**61),
    st.sampled_from([_LONG[0], _LONG[0] + 1, -1, 0, 1, _LONG[1] - 1, _LONG[1]]),  # both ends of int64
    st.integers(-(2**200), 2**200),
    *(st.sampled_from([0, 0, 0, 1, 2, 2**bits]) for bits in (40, 49, 50, 55, 60, 61, 64)),  # small beside large
)


@st.composite
def small_instances(draw: st.DrawFn, *, classes: bool = False) -> Small:
    """Up to 5 x 4, capacities 0 to 3, scores of all sizes, gaps; with up to three classes of rows."""
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    score = st.one_of(st.none(), draw(st.sampled_from(_FAMILIES)))
    scores = draw(st.lists(st.lists(score, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    capacities = draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))
    of_row = draw(st.lists(st.integers(1, 3), min_size=rows, max_size=rows)) if classes else None
    return Small(scores, capacities, of_row)


@st.composite
def programme_instances(draw: st.DrawFn, *, classes: bool = False) -> Small:
    """Up to 40 x 35: too many for brute force, with ties and capacities; often not all rows can be covered."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 35))
    share, top = draw(st.sampled_from([0.05, 0.15, 0.5, 1.0])), draw(st.sampled_from([3, 100, 10_000, 2**50, 2**70]))
    scores = [
        [chance.randint(-top, top) if chance.random() < share else None for _ in range(columns)] for _ in range(rows)
    ]
    capacities = [chance.choice((0, 1, 1, 1, 2, 3, 50)) for _ in range(columns)]
    return Small(scores, capacities, [chance.randint(1, 4) for _ in range(rows)] if classes else None)


def instance(small: Small) -> Instance:
    """The same as an instance of the solver."""
    return Instance.of_dense(small.scores, small.capacities, small.classes)


def shuffled(small: Small, seed: int) -> Small:
    """The same with rows and columns in another order."""
    chance = random.Random(seed)
    rows, columns = list(range(small.rows)), list(range(len(small.capacities)))
    chance.shuffle(rows)
    chance.shuffle(columns)
    classes = None if small.classes is None else [small.classes[row] for row in rows]
    scores = [[small.scores[row][column] for column in columns] for row in rows]
    return Small(scores, [small.capacities[column] for column in columns], classes)


def in_units(small: Small, *, unit: int, zero: int) -> Small:
    """The same with every score counted in other units from another zero."""
    scores = [[None if score is None else score * unit + zero for score in row] for row in small.scores]
    return replace(small, scores=scores)


@dataclass(frozen=True, slots=True)
class Published:
    """A published instance in whole numbers, larger is better, with its right answer."""

    name: str
    small: Small
    coverage: int
    worst: int | None
    total: int


def published() -> Iterator[Published]:
    """All published instances whose rows take one column each; none where they do not lie beside the repository."""
    for path in sorted(CASES.glob("*/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if all(demand == 1 for demand in document.get("row_demand", ())):
            yield _read(path.stem, document)


def _read(name: str, document: Mapping[str, Any]) -> Published:
    table = _table(document)
    unit = math.lcm(1, *(value.denominator for row in table for value in row if value is not None))
    unit *= -1 if document["objective"].startswith("minimise") else 1
    expected, capacity = document["expected"], document["capacity"]["columns"]

    def whole(value: Fraction | None) -> int | None:
        return None if value is None else int(value * unit)

    scores = [[whole(value) for value in row] for row in table]
    capacities = [capacity] * document["columns"] if isinstance(capacity, int) else capacity
    total = whole(_exact(expected["total"]))
    assert total is not None
    return Published(name, Small(scores, capacities), expected["coverage"], whole(_exact(expected["worst"])), total)


def _table(document: Mapping[str, Any]) -> list[list[Fraction | None]]:
    if "edges" not in document:
        given = document["costs" if "costs" in document else "scores"]
        return [[_exact(value) for value in row] for row in given]
    table: list[list[Fraction | None]] = [[None] * document["columns"] for _ in range(document["rows"])]
    for row, column, value in document["edges"]:
        table[row][column] = _exact(value)
    return table


def _exact(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(str(value))
