"""A small service that fires timers: ``python -m tests.support.firing NAME`` works over the databases of NAME.

Each timer rings one bell, by a command under the timer's own key; every call of the handler leaves a trace,
so that repetitions show, and so does a bell that was rung twice.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind, Command
from services.chassis.ids import random_id
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.timers import INDEXES, LOOP, Pace, Timer, TimerWorker

ROOT = Path(__file__).resolve().parents[2]  # from where it is run
KIND = "bell"
BELLS, CALLS = "bells", "calls"
CLAIM = timedelta(seconds=2)  # short, so that what a killed worker had claimed is soon free again


def service(name: str) -> Service:
    """The manifest of the small service."""
    return Service(name, _no_app, aggregates=(BELLS,), indexes={"timers": INDEXES})


def _no_app() -> Any:
    raise RuntimeError("this service has no HTTP")


def bell(name: str) -> AggregateKind[int, int]:
    """A bell: its state is how often it was rung."""
    return AggregateKind(
        name="bell",
        collection=BELLS,
        source=f"/tandem/{name}",
        state=TypeAdapter(int),
        evolve=lambda state, event: event,
        outgoing=lambda event: None,
    )


async def run(name: str) -> None:
    """Fire what is due, until killed."""
    runtime = Runtime(service(name), Settings())
    bells = runtime.repository(bell(name))

    async def ring(timer: Timer) -> None:
        with mongo.unavailable():
            await runtime.database[CALLS].insert_one({"_id": random_id(), "timer": timer.id})
        command = Command(actor="timer", key=timer.key, fingerprint=timer.kind)
        await bells.handle(timer.subject, lambda state: [(state or 0) + 1], command)

    worker = TimerWorker(runtime.database, {KIND: ring}, runtime.health, clock=runtime.clock, pace=Pace(claim=CLAIM))
    runtime.sweep(LOOP, worker.work, woken=worker.woken, seconds=0.5)
    await runtime.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
