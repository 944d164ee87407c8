"""Workers with due timers are killed at random: every timer has its effect, and none has it twice."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from random import Random

from deploy.local.process import Child, Program
from services.chassis import mongo
from services.chassis.ids import random_id
from services.chassis.provision import provision
from services.chassis.settings import Settings
from services.chassis.timers import COLLECTION, Pace, Timers
from tests.chaos.stage import Stage
from tests.support import firing

_TIMERS, _WORKERS, _KILLS = 1500, 2, 8
_DUE_WITHIN = 12.0  # minutes of the injected clock
_WITHIN = 90.0  # seconds until all have fired
NAME = "firing"


async def killed_timers(on: Stage, rng: Random) -> None:
    """Have two workers fire hundreds of timers and kill them again and again; then count the effects."""
    client = mongo.connect(on.servers.mongodb)
    prefix = Settings().database_prefix
    database = client[f"{prefix}_{NAME}"]
    try:
        await provision([firing.service(NAME)], kafka=on.servers.kafka, client=client, prefix=prefix)
        await _set(Timers(database), on, rng)
        workers = [_start(on, n) for n in range(_WORKERS)]
        for _ in range(_KILLS):
            await asyncio.sleep(rng.uniform(0.8, 2.5))
            n = rng.randrange(_WORKERS)
            on.fleet.base.family.kill(workers[n])
            workers[n] = _start(on, n)
        left = await _all_fired(database)
        for worker in workers:
            on.fleet.base.family.kill(worker)
        await _count(on, database, left)
    finally:
        await mongo.close(client)


async def _set(timers: Timers, on: Stage, rng: Random) -> None:
    now = on.time.now()
    for first in range(0, _TIMERS, 50):
        some = range(first, min(first + 50, _TIMERS))
        due = [now + timedelta(minutes=rng.uniform(0, _DUE_WITHIN)) for _ in some]
        setting = (
            timers.schedule(f"timer-{n}", kind=firing.KIND, subject=random_id(), due=at)
            for n, at in zip(some, due, strict=True)
        )
        await asyncio.gather(*setting)


def _start(on: Stage, n: int) -> Child:
    base = on.fleet.base
    argv = [sys.executable, "-m", "tests.support.firing", NAME]
    log = base.folder / "logs" / f"{NAME}-{n}.log"
    env = {**base.env, "PYTHONPATH": str(firing.ROOT)}
    return base.family.spawn(Program(f"{NAME}-{n}", argv, log, base.folder, env))


async def _all_fired(database: mongo.Database) -> int:
    """How many timers are left when all have fired or the time is over."""
    deadline = time.monotonic() + _WITHIN
    while left := await database[COLLECTION].count_documents({"state": {"$ne": "fired"}}):
        if time.monotonic() > deadline:
            return int(left)
        await asyncio.sleep(0.2)
    return 0


async def _count(on: Stage, database: mongo.Database, left: int) -> None:
    bells = await database[firing.BELLS].find({}, {"state": 1}).to_list(None)
    rung = sum(bell["state"] for bell in bells)
    twice = sum(bell["state"] > 1 for bell in bells)
    repeated = await database[firing.CALLS].count_documents({}) - _TIMERS
    on.say(
        f"killed timers: timers={_TIMERS} fired={_TIMERS - left} twice={twice} kills={_KILLS} called_again={repeated}"
    )
    if left or twice or rung != _TIMERS or repeated > _KILLS * Pace().at_once:
        on.ledger.failures.append(f"timers: {left} never fired, {twice} had effect twice, {repeated} calls repeated")
