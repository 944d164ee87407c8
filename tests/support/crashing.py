"""A small service that dies at a chosen point: commands, relay, projector and parking in one process.

``python -m tests.support.crashing NAME [POINT ORDINAL]`` works over topic and databases of NAME until all
its commands are accepted, published and projected and nothing is parked, and then ends with 0. With a POINT
it dies there, at the ORDINAL-th passage, by ``os._exit``. Every run repeats the same commands under the same
idempotency keys, as clients do who had no answer.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import TypeAdapter

from services.chassis import envelope, mongo
from services.chassis.aggregate import AggregateKind, Command, Repository
from services.chassis.ids import derived_id
from services.chassis.kafka import Publisher
from services.chassis.outbox import Outgoing
from services.chassis.parking import Parking
from services.chassis.projector import Consumer, Projection, Projector
from services.chassis.projector.heads import Heads
from services.chassis.relay import Relay
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from services.chassis.wire import Incoming, Strict
from tests.support.waiting import until_async

DIED = 9  # the exit status of a crash
AGGREGATES, COMMANDS = 8, 4
POISONED = 3  # subjects whose second record arrives broken and is produced again at the end
TYPE = "org.tandem.counter.counted.v1"


class Counted(Strict):
    """A count went up."""

    value: int


class CountedIn(Incoming):
    """The same, read."""

    value: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The values that were folded, in order: it shows a repetition, a hole and a wrong order."""

    values: tuple[int, ...] = ()


def service(name: str) -> Service:
    """The manifest of the small service."""
    projections = (projection(name).collection,)
    return Service(
        name, _no_app, owns=(Topic(topic(name), "event"),), aggregates=("counters",), projections=projections
    )


def _no_app() -> Any:
    raise RuntimeError("this service has no HTTP")


def topic(name: str) -> str:
    """The topic of a run."""
    return f"test.{name}.v1"


def projection(name: str) -> Projection[Tally]:
    """Its projection."""

    def fold(state: Tally | None, event: envelope.Event, data: CountedIn) -> Tally:
        del event
        return Tally((*(state.values if state else ()), data.value))

    return Projection("tallies", 1, topic(name), {TYPE: CountedIn}, TypeAdapter(Tally), fold)


def kind(name: str) -> AggregateKind[int, int]:
    """A counter: its state is a number, an event is the next one."""
    return AggregateKind(
        name="counter",
        collection="counters",
        source=f"/tandem/{name}",
        state=TypeAdapter(int),
        evolve=lambda state, event: event,
        outgoing=lambda event: Outgoing(topic(name), TYPE, Counted(value=event)),
    )


Point = tuple[type[Any], str, bool]  # a class, its coroutine, and whether to die after it (else before)
POINTS: dict[str, Point] = {
    "before_write": (Repository, "_write", False),
    "between_write_and_publish": (Publisher, "publish", False),
    "between_publish_and_outbox_removal": (Relay, "_remove", False),
    "after_outbox_removal": (Relay, "_remove", True),
    "between_receipt_and_park": (Parking, "park", False),
    "between_park_and_projection_write": (Heads, "write", False),
    "between_projection_write_and_drain": (Parking, "remove", False),
    "after_projection_write": (Heads, "write", True),
    "between_drain_and_commit": (Parking, "remove", True),
    "between_projection_write_and_commit": (Consumer, "handle", True),
    "after_commit": (AIOKafkaConsumer, "commit", True),
}


def arm(point: str, ordinal: int) -> None:
    """Die at the ``ordinal``-th passage of a point; passages without anything to do do not count."""
    owner, method, after = POINTS[point]
    original: Callable[..., Awaitable[Any]] = getattr(owner, method)
    passages = 0

    async def passing(self: Any, *args: Any) -> Any:
        nonlocal passages
        passages += not args or bool(args[0])
        if passages == ordinal and not after:
            os._exit(DIED)
        answer = await original(self, *args)
        if passages == ordinal:
            os._exit(DIED)
        return answer

    setattr(owner, method, passing)


async def run(name: str) -> None:
    """Do all the work there is, in whatever state an earlier run left it."""
    runtime = Runtime(service(name), Settings(instance=name))
    consumer = runtime.consumer("tallies", Projector(runtime.database, projection(name), runtime.clock))

    @runtime.subscriber(topic(name), consumer)
    async def tally_on_counted(records: list[object]) -> None:
        await consumer.handle(records)

    await runtime.start()
    await asyncio.gather(*(_count_up(runtime.repository(kind(name)), n) for n in range(AGGREGATES)))
    await _poison(runtime, name)
    await until_async(lambda: _complete(runtime), "all is projected and nothing parked", 40)
    await runtime.stop()


async def _count_up(counters: Repository[int, int], n: int) -> None:
    subject = derived_id("counter", str(n))
    for number in range(1, COMMANDS + 1):
        command = Command(actor="test", key=f"{subject}/{number}", fingerprint="same")
        await counters.handle(subject, lambda state: [(state or 0) + 1], command)


async def _poison(runtime: Runtime, name: str) -> None:
    """One subject after the other: a good record, a broken one, a good one; then the second again, whole.

    Each step waits for the one before, so that parking and draining are passed once for each subject.
    """
    parked, tallies = runtime.database["parked"], runtime.database[projection(name).collection]
    async with AIOKafkaProducer(bootstrap_servers=runtime.settings.kafka, enable_idempotence=True) as out:
        for subject in (derived_id("poisoned", str(n)) for n in range(POISONED)):

            async def drained(subject: str = subject) -> bool:
                return await tallies.find_one({"_id": subject, "seq": 3}) is not None

            async def settled(subject: str = subject) -> bool:
                return await parked.count_documents({"subject": subject}) == 2 or await drained(subject)

            for sequence in (1, 2, 3):
                await _produce(out, name, subject, sequence, broken=sequence == 2)
            await until_async(settled, "the broken record and the one behind it are parked", 30)
            await _produce(out, name, subject, 2, broken=False)
            await until_async(drained, "the queue drains", 30)


async def _produce(out: AIOKafkaProducer, name: str, subject: str, sequence: int, *, broken: bool) -> None:
    event = envelope.Event(
        id=derived_id(subject, str(sequence)),
        source=f"/tandem/{name}",
        type=TYPE,
        subject=subject,
        sequence=sequence,
        time="2026-04-01T09:00:00.000Z",
        data=Counted(value=sequence).model_dump_json().encode(),
        actor=None,
        subsidiary=None,
        edition=None,
        traceparent=None,
    )
    value, headers = envelope.write(event)
    await out.send_and_wait(topic(name), b"{broken" if broken else value, key=subject.encode(), headers=headers)


async def _complete(runtime: Runtime) -> bool:
    tallies = runtime.database["tallies_v1"]
    expected = AGGREGATES * COMMANDS + POISONED * 3
    with mongo.unavailable():
        documents = await tallies.find().to_list(None)
        parked = await runtime.database["parked"].count_documents({})
        pending = await runtime.database["counters"].count_documents({"outbox.0": {"$exists": True}})
    return sum(document["seq"] for document in documents) == expected and not parked and not pending


if __name__ == "__main__":
    if sys.argv[2:]:
        arm(sys.argv[2], int(sys.argv[3]))
    asyncio.run(run(sys.argv[1]))
