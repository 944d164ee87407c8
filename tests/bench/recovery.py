"""From a crash (SIGKILL) of a worker, and of the broker, until the first record after it is applied.

One worker per service, light load: an edition is opened every 100 ms, and the board has a document for each.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from random import Random
from statistics import median

from rich.console import Console

from services.chassis import mongo
from services.chassis.projector import ReadModel
from services.chassis.settings import Settings
from services.reporting.projections.board import APPLICATIONS
from tests.bench.children import WrongEffects
from tests.bench.rows import Row
from tests.chaos.caller import Request
from tests.chaos.fleet import Seat
from tests.chaos.stage import SERVICES, Say, Stage, stage

ROUNDS = 3
_WORKER_WITHIN = 2.0  # seconds from its start
_BROKER_SHARE = round(1 / 1.5, 3)  # of the whole recovery, its own restart makes at least this much
_EVERY = 0.1  # seconds between two commands
_SOME = 3  # commands that wait for a crashed part
_LOOK = 0.005  # seconds between two looks at the board's documents
_PATIENCE = 60.0  # seconds for one recovery
_WORKER = Seat("reporting", 1)
_NOBODYS = "00000000-0000-4000-8000-000000000000"


class Opening:
    """The light load: editions are opened, and the board gets a document for each."""

    def __init__(self, on: Stage, documents: mongo.Collection) -> None:
        self._on = on
        self._documents = documents
        self.accepted: list[str] = []

    async def open_editions(self) -> None:
        """Open one after the other, until cancelled."""
        for number in count(1):
            body = {"name": "Probe", "starts_on": "2026-04-01", "ends_on": "2027-03-31", "subsidiaries": [_NOBODYS]}
            asked = Request("POST", "applications", "/v1/editions", key=f"probe.{number}", body=body)
            self.accepted.append((await self._on.caller.ask(asked)).body["edition_id"])
            await asyncio.sleep(_EVERY)

    async def some_more(self) -> list[str]:
        """The next editions that are accepted."""
        seen = len(self.accepted)
        while True:
            await asyncio.sleep(_EVERY)
            if len(self.accepted) >= seen + _SOME:
                return self.accepted[seen:]

    async def applied(self, any_of: Sequence[str]) -> float:
        """The instant at which the first of these editions is on the board."""
        wanted = {"_id": {"$in": list(any_of)}}
        while True:
            if await self._documents.find_one(wanted, {"_id": 1}):
                return time.monotonic()
            await asyncio.sleep(_LOOK)

    async def up_to_date(self) -> None:
        """Return when an edition that is accepted now is on the board."""
        await self.applied((await self.some_more())[-1:])


def measure(folder: Path, console: Console) -> list[Row]:
    """Medians of three crashes each. Raises ``WrongEffects`` where something does not come back."""
    return asyncio.run(_measured(folder, lambda line: console.print(line, highlight=False)))


async def _measured(folder: Path, say: Say) -> list[Row]:
    async with stage(folder, SERVICES, Random(0), say, workers=1) as on, _opening(on) as opening:
        workers = [await _worker(on, opening) for _ in range(ROUNDS)]
        brokers = [await _broker(on, opening) for _ in range(ROUNDS)]
    ready, applied = (median(times) for times in zip(*workers, strict=True))
    own, total = sorted(brokers, key=lambda times: times[1] / times[0])[ROUNDS // 2]
    return [
        Row("worker killed: from its start to ready", ready, "s"),
        Row(f"{_WORKER_WITHIN:.0f} s allowed, beside its start to the first batch", _WORKER_WITHIN, "s", applied, 1),
        Row("broker killed: its own restart, beside that and the first event applied", own, "s", total, _BROKER_SHARE),
    ]


@asynccontextmanager
async def _opening(on: Stage) -> AsyncIterator[Opening]:
    client = mongo.connect(on.servers.mongodb)
    database = client[f"{Settings().database_prefix}_reporting"]
    opening = Opening(on, await ReadModel(database, APPLICATIONS).collection())
    load = asyncio.create_task(opening.open_editions())
    try:
        yield opening
    finally:
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)
        await mongo.close(client)


async def _worker(on: Stage, opening: Opening) -> tuple[float, float]:
    """Seconds from the start of the process to its readiness, and to its first batch."""
    async with _in_time("worker"):
        await opening.up_to_date()
        on.fleet.kill(_WORKER)
        waiting = await opening.some_more()
        began = time.monotonic()
        on.fleet.start(_WORKER)
        applying = asyncio.create_task(opening.applied(waiting))
        await on.fleet.ready([_WORKER])
        ready = time.monotonic() - began
        applied = await applying - began
        on.say(f"worker killed: ready {ready:.2f} s after its start, first batch applied after {applied:.2f} s")
        return ready, applied


async def _broker(on: Stage, opening: Opening) -> tuple[float, float]:
    """Seconds that the broker's own restart takes, and until the first event published after it is applied."""
    async with _in_time("broker"):
        await opening.up_to_date()
        on.servers.broker.kill()
        pending = await opening.some_more()
        began = time.monotonic()
        on.servers.broker.spawn()
        applying = asyncio.create_task(opening.applied(pending))
        await asyncio.to_thread(on.servers.broker.wait_ready)
        own = time.monotonic() - began
        total = await applying - began
        on.say(f"broker killed: up after {own:.2f} s, first event applied after {total:.2f} s")
        return own, total


@asynccontextmanager
async def _in_time(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_PATIENCE):
            yield
    except TimeoutError:
        raise WrongEffects(f"{what}: not recovered within {_PATIENCE:.0f} s") from None
