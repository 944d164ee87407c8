"""The workers of matching are killed while they publish: each executive has one active pair all the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from random import Random

from tests.chaos.fleet import Seat
from tests.chaos.load import guarded, programme
from tests.chaos.programme import Programme, Size
from tests.chaos.stage import Stage

_SIZE = Size(executives=40, applicants=56, sessions=0)  # about one applicant in eight is not selected
_RUNS, _KILLS = 2, 5


async def killed_publications(on: Stage, rng: Random) -> None:
    """Publish large runs while both workers of matching are killed again and again; then look at the pairs."""
    on.closing = False
    runs = [programme(on, _SIZE, Random(rng.random())) for _ in range(_RUNS)]
    paths: dict[str, str] = {}

    async def prepare(one: Programme) -> None:
        await one.enrol()
        await one.select(await one.applications())
        paths[one.name] = await one.proposed_run()

    async def publish(one: Programme) -> None:
        await one.published(paths[one.name])

    await asyncio.gather(*(guarded(on, partial(prepare, one)) for one in runs))
    publishing = asyncio.gather(*(guarded(on, partial(publish, one)) for one in runs if one.name in paths))
    killed_at = await _kill(on, rng, publishing, runs)
    await publishing
    pairs = sum([await _exactly_one_pair_each(on, one) for one in runs])
    on.say(f"killed publications: runs={_RUNS} pairs={pairs} pairs_at_kills={killed_at}")


async def _kill(on: Stage, rng: Random, publishing: asyncio.Future[list[None]], runs: list[Programme]) -> list[int]:
    """How many pairs there were at each kill."""
    seats = [seat for seat in on.fleet.seats if seat.service == "matching"]
    killed_at: list[int] = []
    for _ in range(_KILLS):
        await asyncio.sleep(rng.uniform(0.0, 0.5))
        if publishing.done():
            break
        for seat in seats:
            on.fleet.kill(seat)
        for seat in seats:
            on.fleet.start(seat)
        await on.fleet.ready([Seat("matching", 1)])
        killed_at.append(sum([len(await _pairs(on, one)) for one in runs]))
    await on.fleet.ready(seats)
    return killed_at


async def _pairs(on: Stage, one: Programme) -> list[dict[str, str]]:
    return await on.caller.every("matching", f"/v1/pairs?edition_id={one.edition}")


async def _exactly_one_pair_each(on: Stage, one: Programme) -> int:
    active = Counter(pair["mentee_id"] for pair in await _pairs(on, one) if pair["active"])
    taking_part = await on.caller.every("applications", f"/v1/editions/{one.edition}/participations")
    obliged = {each["mentee_id"] for each in taking_part if each["status"] != "exempt"}
    wrong = {mentee: times for mentee, times in active.items() if times != 1 or mentee not in obliged}
    if wrong or set(active) != obliged:
        without = len(obliged - set(active))
        on.ledger.failures.append(f"{one.name}: pairs per executive {wrong}, {without} executives without one")
    return len(active)
