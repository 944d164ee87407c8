"""Waiting for a condition, always with a deadline and never for a fixed time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

_STEP = 0.05  # seconds between two looks


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Return as soon as ``condition()`` is true. Raises ``AssertionError`` naming ``what`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"within {seconds} seconds it did not come about that {what}")
        pause.wait(_STEP)


async def until_async(condition: Callable[[], Awaitable[object]], what: str, seconds: float = 60) -> None:
    """Return as soon as ``await condition()`` is true; the event loop turns meanwhile."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"within {seconds} seconds it did not come about that {what}")
        await asyncio.sleep(_STEP)
