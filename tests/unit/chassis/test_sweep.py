"""Promises of a background loop."""

from __future__ import annotations

import asyncio

from services.chassis.health import Health
from services.chassis.sweep import Sweep
from tests.support.waiting import until_async


async def test_loop_ends_although_it_was_woken_at_the_same_moment() -> None:
    """A command that is accepted while the process stops must not keep it from stopping."""
    woken = asyncio.Event()

    async def work() -> None:
        """Nothing is due."""

    async def waits() -> bool:
        return bool(woken._waiters)  # type: ignore[attr-defined]

    loop = asyncio.create_task(Sweep("loop", work, Health(), woken=woken, seconds=60).run())
    await until_async(waits, "the loop waits")

    woken.set()
    loop.cancel()
    done, _ = await asyncio.wait([loop], timeout=30)

    assert loop in done
    assert loop.cancelled()
