"""One supervisor per data folder, held by the operating system so that no crash leaves it locked."""

from __future__ import annotations

import fcntl
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_PATIENCE = 5.0  # seconds for the guardian of a supervisor that was killed to end what that one left


class Held(Exception):
    """Somebody else works in the data folder; the message names the process and since when."""


@contextmanager
def lock(data: Path) -> Iterator[int]:
    """Hold the data folder; the value is the descriptor that whoever inherits it holds on with. Raises ``Held``."""
    data.mkdir(parents=True, exist_ok=True)
    file = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(file, data)
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} ({shlex.join(sys.argv)}) since {since}\n".encode(), 0)
        yield file
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def _take(file: int, data: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(file, 1000, 0).decode(errors="replace").strip()
            if _lives(holder) or time.monotonic() > deadline:
                message = f"{data} is in use by {holder or 'another process'}; stop that one first, or use --data DIR"
                raise Held(message) from error
        time.sleep(0.1)


def _lives(holder: str) -> bool:
    words = holder.split()
    if len(words) < 2 or not words[1].isdigit():
        return False
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
