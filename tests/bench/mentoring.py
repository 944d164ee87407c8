"""Tandem's matching beside the PyPI package mentor-match, on the package's own kind of input and in the same minute."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console

from services.matching.assignment import Instance, certificate, solve
from services.matching.verification import verify
from tests.bench.children import ROOT, WrongEffects, python
from tests.bench.mentoring_people import people, points
from tests.bench.rows import Row

PEOPLE, ROUNDS = 400, 5
_PINS = ROOT / "requirements" / "mentor-match.txt"
_PACKAGE = ROOT / ".local" / "mentor-match"  # an environment of its own: nothing else needs it


@dataclass(frozen=True, slots=True)
class Paired:
    """What came of one round, and what it took."""

    seconds: float
    unpaired: int
    worst: int


def measure(console: Console) -> list[Row]:
    """Medians over rounds of other people each; skipped where the package cannot be had. Raises ``WrongEffects``."""
    if not _installed(console):
        return []
    solve(
        Instance.of_dense([[1]], [1])
    )  # compiled kernels are read once in a process, as the service does at its start
    rounds = [(_ours(seed), _theirs(seed)) for seed in range(ROUNDS)]
    for ours, theirs in rounds:
        if (ours.unpaired, -ours.worst) > (theirs.unpaired, -theirs.worst):
            raise WrongEffects(f"mentor-match leaves {theirs} and Tandem {ours}")
    ours, theirs = ([pair[side] for pair in rounds] for side in (0, 1))
    size = f"{PEOPLE} mentees x {PEOPLE} mentors"
    return [
        Row(f"mentor-match: {size}, beside Tandem with proof and check", _median(theirs), "s", _median(ours), 1),
        *(_outcome(name, of) for name, of in (("mentor-match", theirs), ("Tandem", ours))),
        *(
            Row(f"{name}: worst pair, lowest of {ROUNDS} rounds", min(one.worst for one in of), "points")
            for name, of in (("mentor-match", theirs), ("Tandem", ours))
        ),
    ]


def _median(rounds: Sequence[Paired]) -> float:
    return median(one.seconds for one in rounds)


def _outcome(name: str, rounds: Sequence[Paired]) -> Row:
    return Row(f"{name}: left unpaired in {ROUNDS} rounds", sum(one.unpaired for one in rounds), "people")


def _installed(console: Console) -> bool:
    """Whether the package is there, by the ordinary client and from its pins."""
    if (_PACKAGE / "matching").is_dir():
        return True
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--target", str(_PACKAGE)]
    done = subprocess.run([*pip, "-r", str(_PINS)], capture_output=True, text=True, check=False)
    if done.returncode:
        console.print("mentoring: skipped, mentor-match cannot be installed", highlight=False)
    return done.returncode == 0


def _ours(seed: int) -> Paired:
    """Points of all pairs, the best assignment, its certificate, and the check of that."""
    mentees, mentors = people(PEOPLE, seed)
    began = time.perf_counter()
    table = [[points(mentee, mentor) for mentor in mentors] for mentee in mentees]
    instance = Instance.of_dense(table, [1] * PEOPLE)
    solution = solve(instance)
    verdict = verify(certificate(instance, solution))
    seconds = time.perf_counter() - began
    if not verdict.accepted:
        raise WrongEffects(f"a certificate is refused: {verdict.faults[0]}")
    return Paired(seconds, PEOPLE - solution.coverage, solution.worst or 0)


def _theirs(seed: int) -> Paired:
    paths = {"PYTHONPATH": f"{_PACKAGE}:{ROOT}"}
    told = json.loads(python(["-m", "tests.bench.mentoring_child", str(PEOPLE), str(seed)], paths))
    mentees, mentors = people(PEOPLE, seed)
    pairs = [(row, column) for row, column in enumerate(told["partner"]) if column is not None]
    worth = [points(mentees[row], mentors[column]) for row, column in pairs]
    known = [one for one in worth if one is not None]
    if len(known) != len(pairs) or len({column for _, column in pairs}) != len(pairs):
        raise WrongEffects("mentor-match paired people who may not be paired: the rules are not the same")
    return Paired(told["seconds"], PEOPLE - len(pairs), min(known, default=0))
