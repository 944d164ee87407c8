"""Many small programmes at once, for as long as something else goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from random import Random

from tests.chaos.caller import Refused, Unanswered
from tests.chaos.programme import Programme, Size, Surroundings
from tests.chaos.stage import Stage

AT_ONCE = 8
_names = itertools.count(1)


Act = Callable[[Stage, Random], Awaitable[None]]


async def small_programme(stage: Stage, rng: Random) -> None:
    """One programme of a handful of persons."""
    size = Size(executives=rng.randint(2, 4), applicants=rng.randint(3, 6), sessions=4)
    await programme(stage, size, rng).play()


@asynccontextmanager
async def load(stage: Stage, rng: Random, *, at_once: int = AT_ONCE, act: Act = small_programme) -> AsyncIterator[None]:
    """One act follows the other in several lanes while the block lasts; then all come to an end."""
    stage.closing = False
    lanes = [asyncio.create_task(_lane(stage, Random(rng.random()), act)) for _ in range(at_once)]
    try:
        yield
    except BaseException:
        for lane in lanes:
            lane.cancel()
        raise
    finally:
        stage.closing = True
        await asyncio.gather(*lanes, return_exceptions=True)


async def _lane(stage: Stage, rng: Random, act: Act) -> None:
    while not stage.closing:
        await guarded(stage, partial(act, stage, rng))


def programme(stage: Stage, size: Size, rng: Random) -> Programme:
    """A new programme on this stage."""
    around = Surroundings(stage.caller, stage.ledger, stage.time, lambda: stage.closing)
    return Programme(f"P{next(_names)}", size, rng, around)


async def guarded(stage: Stage, play: Callable[[], Awaitable[None]]) -> None:
    """Play something; what its persons were refused or never answered fails the run."""
    try:
        await play()
    except (Refused, Unanswered) as error:
        stage.ledger.failures.append(str(error))
    except Exception as error:
        stage.ledger.failures.append(f"the client failed: {error!r}")
