"""A rebuild that is killed at any moment goes on where it was, and ends equal to the live projection."""

from __future__ import annotations

import asyncio
from random import Random

from tests.chaos import commands
from tests.chaos.load import load
from tests.chaos.stage import Stage

_PROJECTION = ("reporting", "board_applications")  # the one with the longest history
_KILLS = 6
_MOMENTS = (0.6, 2.2)  # seconds after its start: it begins to read after about one


async def killed_rebuild(on: Stage, rng: Random) -> None:
    """Kill ``tandem projections rebuild`` several times under load, let it end, and compare."""
    if not commands.exists("projections"):
        on.say("killed rebuild: skipped: there is no command `tandem projections`")
        return
    killed = 0
    async with load(on, rng, at_once=3):
        for _ in range(_KILLS):
            child = commands.begin(on.fleet, "projections", "rebuild", *_PROJECTION)
            await asyncio.sleep(rng.uniform(*_MOMENTS))
            killed += child.code is None
            on.fleet.base.family.kill(child)
        await _must(on, "rebuild", killed)
    compared = await _must(on, "compare", killed)
    on.say(f"killed rebuild: kills={killed} {compared}")


async def _must(on: Stage, step: str, killed: int) -> str:
    code, said = await commands.finish(on.fleet, commands.begin(on.fleet, "projections", step, *_PROJECTION))
    if code:
        on.ledger.failures.append(f"projections {step} after {killed} kills ended with {code}: {' / '.join(said)}")
    return said[-1] if said else ""
