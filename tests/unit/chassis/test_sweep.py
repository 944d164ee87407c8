"""Promises of a background loop."""

from __future__ import annotations

import asyncio

from services.chassis.health import Health
from services.chassis.sweep import Sweep


async def test_loop_ends_although_it_was_woken_at_the_same_moment() -> None:
    """A command that is accepted while the process stops must not keep it from stopping."""
    woken, turned = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        turned.set()

    loop = asyncio.create_task(Sweep("loop", work, Health(), woken=woken, seconds=60).run())
    await turned.wait()
    while not woken._waiters:  # type: ignore[attr-defined] # the loop waits
        await asyncio.sleep(0)

    woken.set()
    loop.cancel()
    done, _ = await asyncio.wait([loop], timeout=2)

    assert loop in done
    assert loop.cancelled()
