"""A process that outlives its parent for one purpose: to end the process groups the parent left behind.

Run as a script, so that it starts in a moment and imports nothing of the project. Standard input is a pipe;
a line ``+GROUP`` records a process group, ``-GROUP`` forgets it. At the end of the input, which comes with
the parent's death however it died, every recorded group is killed and the files named as arguments are removed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_PATIENCE = 3.0  # seconds; a zombie that nobody reaps counts as alive, so waiting is bounded


def watch(lines: Iterable[str]) -> set[int]:
    """Follow the lines to their end and return the groups that are still recorded then."""
    groups: set[int] = set()
    for line in lines:
        sign, group = line[:1], line[1:].strip()
        if group.isdigit():
            (groups.add if sign == "+" else groups.discard)(int(group))
    return groups


def end(groups: Iterable[int]) -> None:
    """Kill the groups and wait until they are gone, within bounds."""
    left = {group for group in groups if _kill(group, signal.SIGKILL)}
    deadline = time.monotonic() + _PATIENCE
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {group for group in left if _kill(group, 0)}


def _kill(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    """Guard until the parent is gone, whatever signals come meanwhile."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(watch(sys.stdin))
    for name in sys.argv[1:]:
        Path(name).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
