"""A background loop that does whatever is due, when woken and every so often; it never gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from services.chassis.errors import Transient
from services.chassis.health import Health
from services.chassis.logging import get_logger

log = get_logger(__name__)
_BACKOFF = (0.1, 5.0)  # seconds, doubled from the first to the second while a server is away


class Sweep:
    """Calls ``work`` until cancelled: at once when ``woken`` is set, else every ``seconds``.

    ``work`` must bear repetition, also by several processes at once. A server that is away means waiting;
    any other failure is a bug and ends the loop.
    """

    def __init__(
        self, name: str, work: Callable[[], Awaitable[object]], health: Health, *, woken: asyncio.Event, seconds: float
    ) -> None:
        self._name = name
        self._work = work
        self._health = health
        self._seconds = seconds
        self._woken = woken

    async def run(self) -> None:
        """Turn until cancelled."""
        pause = _BACKOFF[0]
        while True:
            self._woken.clear()
            try:
                await self._work()
            except Transient as error:
                self._health.waiting(self._name, str(error))
                log.warning("loop_waits", loop=self._name, reason=str(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _BACKOFF[1])
            else:
                self._health.turned(self._name)
                pause = _BACKOFF[0]
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds):  # wait_for would lose a cancellation on being woken
                        await self._woken.wait()
