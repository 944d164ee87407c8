"""A rolling restart of every service under load: a client that tries the other worker notices nothing."""

from __future__ import annotations

from random import Random

from tests.chaos.load import load
from tests.chaos.stage import Stage


async def rolling_restart(on: Stage, rng: Random) -> None:
    """Ask one worker after the other to end, and start it again; no command fails at both workers."""
    before = on.caller.figures.refused_by_all
    slowest = 0.0
    async with load(on, rng):
        for seat in sorted(on.fleet.seats, key=lambda seat: (seat.number, seat.service)):
            slowest = max(slowest, await on.fleet.leave(seat))
            on.fleet.start(seat)
            await on.fleet.ready([seat])
    failed = on.caller.figures.refused_by_all - before
    on.say(f"rolling restart: workers={len(on.fleet.seats)} failed={failed} slowest_end={slowest:.1f}s")
    if failed:
        on.ledger.failures.append(f"rolling restart: {failed} commands failed at both workers")
