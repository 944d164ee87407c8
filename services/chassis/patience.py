"""Waiting for servers that are still starting, for the one-time jobs that run before the services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.chassis.errors import Transient

T = TypeVar("T")
_PAUSE = 1.0  # seconds between two attempts


async def patiently(work: Callable[[], Awaitable[T]], seconds: float, *, pause: float = _PAUSE) -> T:
    """Do ``work``, and again while a server is away, until ``seconds`` have passed. Raises the last ``Transient``."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await work()
        except Transient:
            if time.monotonic() + pause > deadline:
                raise
        await asyncio.sleep(pause)
