"""Whole runs of matching with their certificates, beside one SciPy assignment of the same matrix and process."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from tests.bench import rematch
from tests.bench.children import WrongEffects, python
from tests.bench.rows import Row

ROUNDS = 5
_FAMILIES = Path(__file__).resolve().parents[3] / "shared" / "bench" / "matching_instances.py"
_COLD = (
    "from services.matching.assignment import Instance, solve; assert solve(Instance.of_dense([[1]], [1])).total == 1"
)
_COLD_SECONDS, _LARGE_SECONDS, _LARGE_PEAK = 2, 3, 1  # s, s, GiB allowed


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of scores, how many SciPy assignments a run may cost, and in how many rounds both are measured."""

    name: str
    told: str
    allowed: float
    rounds: int = ROUNDS


_KINDS = (
    _Kind("a", "programme (a)", 0.8),
    _Kind("a'", "programme (a'), everybody has gaps", 0.8),
    _Kind("b", "uniform (b)", 0.8),
    _Kind("a' incomplete", "(a') 2,200 x 2,000", 1),
    _Kind("b incomplete", "(b) 2,200 x 2,000", 2),
    _Kind("low rank", "low rank", 1, rounds=3),
    _Kind("product, minus", "products, minus", 5, rounds=1),
    _Kind("product, plus", "products, plus", 5, rounds=1),
)


def measure(console: Console) -> list[Row]:
    """All kinds at 2,000 x 2,200, one at 10,000 x 12,000, and a cold start. Raises ``WrongEffects``."""
    cold = [_cold() for _ in range(ROUNDS)]
    rows = [
        Row(f"{_COLD_SECONDS} s allowed, beside a cold start to the first answer", _COLD_SECONDS, "s", median(cold), 1)
    ]
    if not _FAMILIES.is_file():
        console.print(f"matching: skipped but for the cold start, {_FAMILIES} is not here", highlight=False)
        return rows
    for kind in _KINDS:
        found = _asked(kind.name, kind.rounds)
        ratio = f"{found['ours'] / found['plain']:.2f} x"
        console.print(f"{kind.told}: {found['ours']:.3f} s, {ratio} one SciPy assignment", highlight=False)
        name = f"{kind.allowed} x one SciPy assignment allowed, beside a run: {kind.told}"
        rows.append(Row(name, kind.allowed * found["plain"], "s", found["ours"], 1))
    return rows + _large(console) + rematch.measure(console)


def _large(console: Console) -> list[Row]:
    found = _asked("large", 1)
    console.print(f"{found['pairs']:,} pairs: {found['ours']:.2f} s, peak {found['peak']:.2f} GiB", highlight=False)
    size = "10,000 x 12,000, programme-like, 2 % of all pairs"
    return [
        Row(f"{_LARGE_SECONDS} s allowed, beside a run: {size}", _LARGE_SECONDS, "s", found["ours"], 1),
        Row(f"{_LARGE_PEAK} GiB allowed, beside the peak of that process", _LARGE_PEAK, "GiB", found["peak"], 1),
    ]


def _asked(kind: str, rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(python(["-m", "tests.bench.matching_child", kind, str(rounds)], {}))
    if found["faults"]:
        raise WrongEffects(f"{kind}: the certificate is refused: {found['faults'][0]}")
    return found


def _cold() -> float:
    """Seconds from nothing to the first answer in a new process, with compiled kernels."""
    began = time.perf_counter()
    python(["-c", _COLD], {})
    return time.perf_counter() - began
