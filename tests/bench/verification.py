"""The check of a certificate: nanoseconds a pair, as programs hold it, as JSON gives it, and beyond 64 bits."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console

from services.matching.assignment import Instance, certificate, solve
from services.matching.verification import verify
from tests.bench.children import WrongEffects
from tests.bench.rows import Row

ROUNDS = 5
_ALLOWED = 30  # nanoseconds a pair
_NANOSECONDS = 1e9
_SHARE = 0.45  # of all pairs that are allowed
Document = dict[str, Any]


def measure(console: Console) -> list[Row]:
    """2,000 x 2,200 with two million allowed pairs, and a million beyond 64 bits. Raises ``WrongEffects``."""
    instance = _uniform(2_000, 2_200, 1_000)
    document = certificate(instance, solve(instance))
    arrays = {"pointers": instance.pointers, "neighbours": instance.columns, "scores": instance.scores}
    held = document | {"instance": document["instance"] | arrays}
    wide = _widened(held, 2**64)
    taken: dict[str, list[float]] = {"held": [], "listed": [], "wide": []}
    for _ in range(ROUNDS):
        for name, one in (("held", held), ("listed", document), ("wide", wide)):
            taken[name].append(_seconds(lambda one=one: _accepted(one)) / len(instance.scores) * _NANOSECONDS)
    held_for, listed_for, wide_for = (median(taken[name]) for name in ("held", "listed", "wide"))
    console.print(f"verification: {len(instance.scores):,} pairs, {held_for:.1f} ns each", highlight=False)
    return [
        Row(f"{_ALLOWED} ns a pair allowed, beside verification", _ALLOWED, "ns", held_for, 1),
        Row("verification a pair, from a JSON document's lists", listed_for, "ns"),
        Row("verification a pair, scores beyond 64 bits", wide_for, "ns"),
    ]


def _uniform(rows: int, columns: int, top: int) -> Instance:
    """Scores without any pattern; everybody can be covered."""
    chance = np.random.default_rng(1)
    scores = chance.integers(0, top + 1, (rows, columns))
    return Instance.of_matrix(scores, chance.random((rows, columns)) < _SHARE, np.ones(columns, np.int64))


def _widened(document: Document, factor: int) -> Document:
    """The same in a smaller unit."""
    claim, prices = document["claim"], document["proof"]["total"]
    scores = document["instance"]["scores"].astype(np.object_) * factor
    return document | {
        "instance": document["instance"] | {"scores": scores},
        "claim": claim | {name: claim[name] * factor for name in ("worst", "total")},
        "proof": document["proof"] | {"total": {name: [one * factor for one in prices[name]] for name in prices}},
    }


def _accepted(document: Document) -> None:
    if faults := verify(document).faults:
        raise WrongEffects(f"a certificate of the solver is refused: {faults[0]}")


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
