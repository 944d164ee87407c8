"""``python -m tests.bench.matching_child KIND ROUNDS``: one kind of instance in a process of its own; prints JSON.

The variables of OpenBLAS are dropped before NumPy is there, so that both sides run as they do by themselves.
"""

from __future__ import annotations

import os

for _name in [name for name in os.environ if name.startswith("OPENBLAS_")]:
    del os.environ[_name]

import json  # noqa: E402  # after the variables are gone, as NumPy is among what follows
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Mapping  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # noqa: E402  # SciPy ships no types

from services.matching.assignment import Instance, Solution, certificate, solve, warm_up  # noqa: E402
from services.matching.verification import verify  # noqa: E402
from tests.bench.children import peak  # noqa: E402
from tests.bench.matching_families import FORBIDDEN, needy, programme, sparse_programme, uniform  # noqa: E402

_ROWS, _COLUMNS, _SHARE = 2_000, 2_200, 0.45
_LARGE_ROWS, _LARGE_COLUMNS = 10_000, 12_000
Scores = NDArray[np.int64]


def _some(scores: Scores, chance: np.random.Generator) -> Scores:
    return np.where(chance.random(scores.shape) < _SHARE, scores, FORBIDDEN)


def _low_rank(seed: int) -> Scores:
    """Three qualities of each side, multiplied."""
    chance = np.random.default_rng(seed)
    rows, columns = chance.integers(0, 100, (_ROWS, 3)), chance.integers(0, 100, (_COLUMNS, 3))
    return _some(rows @ columns.T, chance)


def _product(sign: int) -> Callable[[int], Scores]:
    """Everybody wants, or shuns, the same columns in the same order."""

    def scores(seed: int) -> Scores:
        ranks = np.multiply.outer(np.arange(1, _ROWS + 1), np.arange(1, _COLUMNS + 1))
        return _some(sign * ranks, np.random.default_rng(seed))

    return scores


DENSE: Mapping[str, Callable[[int], Scores]] = {
    "a": lambda seed: programme(_ROWS, _COLUMNS, seed),
    "a'": lambda seed: needy(_ROWS, _COLUMNS, seed),
    "b": lambda seed: uniform(_ROWS, _COLUMNS, seed, _SHARE),
    "a' incomplete": lambda seed: needy(_COLUMNS, _ROWS, seed),
    "b incomplete": lambda seed: uniform(_COLUMNS, _ROWS, seed, _SHARE),
    "low rank": _low_rank,
    "product, minus": _product(-1),
    "product, plus": _product(1),
}


def main(kind: str, rounds: int) -> dict[str, Any]:
    """Measure one kind; what was measured."""
    return _large() if kind == "large" else _dense(DENSE[kind](1), rounds)


def _dense(scores: Scores, rounds: int) -> dict[str, Any]:
    """Medians of both in turn, seconds, and whether the independent checker accepts the certificate."""
    warm_up()
    losses = _losses(scores)
    taken = [
        (_seconds(lambda: linear_sum_assignment(losses)), _seconds(lambda: _solved(scores))) for _ in range(rounds)
    ]
    instance, solution = _solved(scores)
    plain, ours = (median(side) for side in zip(*taken, strict=True))
    return {"plain": plain, "ours": ours, "faults": _faults(instance, solution)}


def _losses(scores: Scores) -> NDArray[np.float64]:
    """What SciPy minimises: forbidden pairs are infinite, or dearer than any others where not all can be covered."""
    allowed = scores != FORBIDDEN
    losses = (scores.max() - scores).astype(np.float64)
    complete = scores.shape[0] <= scores.shape[1]
    losses[~allowed] = np.inf if complete else losses[allowed].max() * (min(scores.shape) + 1)
    return losses


def _solved(scores: Scores) -> tuple[Instance, Solution]:
    """From the dense matrix to the assignment with all numbers of its certificate."""
    instance = Instance.of_matrix(scores, scores != FORBIDDEN, np.ones(scores.shape[1], np.int64))
    return instance, solve(instance)


def _large() -> dict[str, Any]:
    """A sparse programme that is never dense; the process's peak of memory is told in GiB."""
    warm_up()
    pointers, columns, scores = sparse_programme(_LARGE_ROWS, _LARGE_COLUMNS, 1)
    instance = Instance(pointers, columns, scores, np.ones(_LARGE_COLUMNS, np.int64))
    began = time.perf_counter()
    solution = solve(instance)
    seconds = time.perf_counter() - began
    found = {"ours": seconds, "peak": peak() / 2**10, "pairs": len(scores)}
    return {**found, "faults": _faults(instance, solution)}


def _faults(instance: Instance, solution: Solution) -> list[str]:
    document = certificate(instance, solution)
    arrays = {"pointers": instance.pointers, "neighbours": instance.columns, "scores": instance.scores}
    return list(verify(document | {"instance": document["instance"] | arrays}).faults)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))  # noqa: T201  # the answer to the process that asked
