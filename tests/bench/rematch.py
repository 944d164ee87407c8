"""Re-matches of 200 x 240 after ten mentors left, with 0, 1 and 3 changes; as a program the measured process itself."""

from __future__ import annotations

import json
import time
from statistics import median

import numpy as np
from rich.console import Console

from tests.bench.children import WrongEffects, python
from tests.bench.rows import Row

_ROWS, _COLUMNS, _LEFT, _SEEDS = 200, 240, 10, 4
_ALLOWED = {0: 1, 1: 5, 3: 5}  # seconds by changes


def measure(console: Console) -> list[Row]:
    """The median of four instances for each number of changes. Raises ``WrongEffects``."""
    found = json.loads(python(["-m", "tests.bench.rematch"], {}))
    rows = []
    for changes, allowed in _ALLOWED.items():
        seconds, kept = found[str(changes)]
        if not kept:
            raise WrongEffects(f"a re-match changed more than {changes} pairs that could stand")
        console.print(f"re-match with {changes} changes: {seconds:.3f} s", highlight=False)
        name = f"{allowed} s allowed, beside a re-match of {_ROWS} x {_COLUMNS} with {changes} changes"
        rows.append(Row(name, allowed, "s", seconds, 1))
    return rows


def _taken() -> dict[int, tuple[float, bool]]:
    """Seconds by changes, and whether no more pairs changed."""
    # here, since the families lie beside the repository and need not be there
    from services.matching.assignment import Instance, solve, warm_up
    from services.matching.rematching import within
    from tests.bench.matching_families import FORBIDDEN, needy

    warm_up()
    seconds: dict[int, list[float]] = {changes: [] for changes in _ALLOWED}
    kept = dict.fromkeys(_ALLOWED, True)
    for seed in range(_SEEDS):
        scores, one_each = needy(_ROWS, _COLUMNS, seed), np.ones(_COLUMNS, np.int64)
        current = solve(Instance.of_matrix(scores, scores != FORBIDDEN, one_each)).partner
        in_use = np.unique(current[current >= 0])
        scores[:, np.random.default_rng(seed).choice(in_use, _LEFT, replace=False)] = FORBIDDEN
        instance = Instance.of_matrix(scores, scores != FORBIDDEN, one_each)
        standing = (current >= 0) & (scores[np.arange(_ROWS), current] != FORBIDDEN)
        for changes in _ALLOWED:
            began = time.perf_counter()
            partner = within(instance, current, changes)
            seconds[changes].append(time.perf_counter() - began)
            kept[changes] &= int(np.count_nonzero(standing & (partner != current))) <= changes
    return {changes: (median(seconds[changes]), kept[changes]) for changes in _ALLOWED}


if __name__ == "__main__":
    print(json.dumps(_taken()))  # noqa: T201  # the answer to the process that asked
