"""Measurements in processes of their own, so that none inherits another's warm memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 900.0  # seconds that one measurement may take


class WrongEffects(Exception):
    """What was measured did not do what it should: its figures are worth nothing."""


def python(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Run Python to its end and return what it printed. Raises ``WrongEffects`` with its last words."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        raise WrongEffects(f"{' '.join(arguments)} failed: {done.stderr[-2000:]}{done.stdout[-500:]}")
    return done.stdout


def resident(pid: int | str = "self") -> float:
    """Resident memory of a process, MiB; 0 where it has ended."""
    return _told(pid, "VmRSS")


def peak() -> float:
    """The most memory that this process had resident since its program began, MiB.

    That of ``getrusage`` may be its parent's: it outlives the start of another program.
    """
    return _told("self", "VmHWM")


def _told(pid: int | str, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0
