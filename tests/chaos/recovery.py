"""How long it takes until the first record after a crash is applied: figures, with generous bounds."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from random import Random

from tests.chaos.caller import eventually
from tests.chaos.fleet import Seat
from tests.chaos.load import programme
from tests.chaos.programme import Size
from tests.chaos.stage import Stage

_ONE, _OTHER = Seat("reporting", 1), Seat("reporting", 2)
_WORKER_WITHIN = 8.0  # seconds; more would mean that it waited for its old session's time-out
_BROKER_WITHIN = 4.0  # times the broker's own restart
_PROBES = 3  # after which the median is told


async def recovery_times(on: Stage, rng: Random) -> None:
    """Kill a worker that alone reads its topics, then the broker; measure until what was pending is on a board."""
    await on.fleet.leave(_OTHER)
    await _visible(on, await _edition(on, rng))  # the other's partitions have been taken over
    workers = sorted([await _worker(on, rng) for _ in range(_PROBES)])
    brokers = sorted([await _broker(on, rng) for _ in range(_PROBES)])
    on.fleet.start(_OTHER)
    await on.fleet.ready([_OTHER])
    after_ready, after_start = workers[_PROBES // 2]
    ratio, own = brokers[_PROBES // 2]
    on.say(f"recovery of a worker: first batch {after_start:.2f} s after its start, {after_ready:.2f} s after ready")
    on.say(f"recovery of the broker: {ratio:.2f} times its own restart of {own:.2f} s")
    if after_ready > _WORKER_WITHIN or ratio > _BROKER_WITHIN:
        on.ledger.failures.append(f"recovery took {after_ready:.1f} s (worker), {ratio:.1f} restarts (broker)")


async def _edition(on: Stage, rng: Random) -> str:
    """An edition of nobody, whose call is open; a board shows it as soon as its events are applied."""
    probe = programme(on, Size(executives=0, applicants=0, sessions=0), rng)
    await probe.open_edition(_NOBODYS, lasts=timedelta(days=1))
    return probe.edition


_NOBODYS = "00000000-0000-4000-8000-000000000000"


async def _visible(on: Stage, edition: str) -> None:
    await eventually(lambda: on.caller.find("reporting", f"/v1/boards/{edition}"), "a probe is on its board", 60)


async def _worker(on: Stage, rng: Random) -> tuple[float, float]:
    """Seconds from readiness to the first batch, and from the start of the process to it."""
    on.fleet.kill(_ONE)
    edition = await _edition(on, rng)
    began = time.monotonic()
    on.fleet.start(_ONE)
    await on.fleet.ready([_ONE])
    ready = time.monotonic()
    await _visible(on, edition)
    return time.monotonic() - ready, time.monotonic() - began


async def _broker(on: Stage, rng: Random) -> tuple[float, float]:
    """The time until what was pending is visible, in restarts of the broker; and the seconds of its restart."""
    broker = on.servers.broker
    broker.kill()
    edition = await _edition(on, rng)
    began = time.monotonic()
    broker.spawn()
    await asyncio.to_thread(broker.wait_ready)
    own = time.monotonic() - began
    await _visible(on, edition)
    return (time.monotonic() - began) / own, own
