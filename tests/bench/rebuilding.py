"""A rebuild of 2,000,000 events by the product's own path, beside one of 100,000: rate, time and memory.

``python -m tests.bench.rebuilding run EVENTS`` rebuilds once, over a database of its own, and prints one line
of JSON; it ends with code 1 where the documents are not what was produced.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from fastapi import FastAPI
from rich.console import Console

from deploy.local.servers import Servers
from services.chassis import logging, mongo
from services.chassis.aggregate import Command
from services.chassis.operations.rebuilding import ReadModels, Rebuilt
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.bench import history
from tests.bench.children import WrongEffects, python, resident
from tests.bench.rows import Row

LARGE = int(os.environ.get("TANDEM_BENCH_EVENTS", "2_000_000"))
SMALL = 100_000
ROUNDS = 3
_SERVICE = "rebuilding"
_RATIO, _SECONDS, _GROWTH = 0.9, 600, 50  # the targets: of the smaller one's rate; in all; MiB beyond the first 100,000


def measure(servers: Servers, console: Console) -> list[Row]:
    """Medians over interleaved rounds. Raises ``WrongEffects``."""
    environment = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb}
    for events in (SMALL, LARGE):
        began = time.monotonic()
        _fill(events, environment)
        console.print(f"rebuild: {events:,} events produced in {time.monotonic() - began:.0f} s", highlight=False)
    runs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for number in range(1, ROUNDS + 1):
        for events in (SMALL, LARGE):
            run = json.loads(python(["-m", "tests.bench.rebuilding", "run", str(events)], environment))
            runs[events].append(run)
            told = f"{events / run['seconds']:,.0f} records/s, {run['growth']:.0f} MiB more memory"
            console.print(f"round {number} of {ROUNDS}: rebuild of {events:,} events, {told}", highlight=False)
    rates = {events: [events / run["seconds"] for run in of] for events, of in runs.items()}
    of_a_round = sorted(zip(rates[LARGE], rates[SMALL], strict=True), key=lambda pair: pair[0] / pair[1])
    large, small = of_a_round[ROUNDS // 2]
    seconds, growth = (median(run[name] for run in runs[LARGE]) for name in ("seconds", "growth"))
    return [
        Row(f"rebuild of {LARGE:,} events, beside one of {SMALL:,}", large, "records/s", small, _RATIO),
        Row(f"{_SECONDS} s allowed, beside the seconds of a rebuild of {LARGE:,}", _SECONDS, "s", seconds, 1),
        Row(f"{_GROWTH} MiB allowed, beside a rebuild's memory growth", _GROWTH, "MiB", max(growth, 1), 1),
    ]


def _fill(events: int, environment: Mapping[str, str]) -> None:
    """Make the topic and fill it with two processes, each its own partitions."""
    asyncio.run(_create(history.topic(events), environment["TANDEM_KAFKA"]))
    halves = [[str(one) for one in range(first, history.PARTITIONS, 2)] for first in (0, 1)]
    with ThreadPoolExecutor(2) as apart:
        commands = [["-m", "tests.bench.history", str(events), *half] for half in halves]
        list(apart.map(lambda command: python(command, environment), commands))


async def _create(topic: str, kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, history.PARTITIONS, 1)])
    finally:
        await admin.close()


class Memory:
    """What this process holds after the first 100,000 records, and typically (median) in the last tenth of them.

    A fetch that happens to be under way weighs up to 32 MiB, hence the median.
    """

    def __init__(self) -> None:
        self._early = 0.0
        self._late: list[float] = []

    def look(self, done: int, total: int) -> None:
        """Take a sample after a batch; the progress callback of a rebuild."""
        now = resident()
        if done >= SMALL and not self._early:
            self._early = now
        if done >= 0.9 * total:
            self._late.append(now)

    def told(self) -> dict[str, float]:
        """Both, and the growth between them, in MiB."""
        late = median(self._late)
        return {"early": self._early, "late": late, "growth": round(max(late - self._early, 0), 1)}


async def run(events: int) -> dict[str, Any]:
    """Rebuild once. Raises ``WrongEffects``."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    settings = Settings(database_prefix=name, group_prefix=name, log_level="error")
    logging.configure(_SERVICE, settings)
    projection = history.projection(events)
    runtime = Runtime(Service(_SERVICE, FastAPI, consumes=(projection.topic,)), settings)
    consumer = runtime.projected(projection)

    @runtime.subscriber(projection.topic, consumer)
    async def count_sessions(records: list[object]) -> None:
        await consumer.handle(records)

    memory = Memory()
    try:
        done = await ReadModels(runtime).rebuild(projection.name, Command(actor="bench"), progress=memory.look)
        await _check(runtime, done, events)
    finally:
        await runtime.close()
    return {"events": events, "seconds": round(done.seconds, 3), **memory.told()}


async def _check(runtime: Runtime, done: Rebuilt, events: int) -> None:
    """As many documents as pairs, and their sequences together as many as events."""
    found = runtime.database[done.build.collection]
    counting = {"_id": None, "pairs": {"$sum": 1}, "events": {"$sum": "$seq"}, "held": {"$sum": "$state.held"}}
    [counts] = await mongo.aggregate(found, [{"$group": counting}])
    expected = {"_id": None, "pairs": events // history.EVENTS_EACH, "events": events, "held": events}
    if counts != expected or done.parked or done.records != events:
        raise WrongEffects(f"{events} events came to {counts}, {done.parked} parked, {done.records} read")


def main() -> int:
    """One rebuild; the exit code."""
    try:
        print(json.dumps(asyncio.run(run(int(sys.argv[2])))))  # noqa: T201 — the line that the parent reads
    except WrongEffects as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
