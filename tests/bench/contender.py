"""The projector with all its promises on: the same job as the yardstick's contenders, in Tandem's wire form.

Prints one line of JSON. Reads JOB_KAFKA, JOB_MONGO, JOB_COUNT like the contenders; ``produce`` as the only
argument fills the topic instead.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared" / "bench"
sys.path.insert(0, str(SHARED))

import job  # noqa: E402
from aiokafka import AIOKafkaProducer  # noqa: E402 — after the yardstick's folder is on the path
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from pydantic import TypeAdapter  # noqa: E402

from services.chassis import envelope  # noqa: E402
from services.chassis.projector import Projection, Projector  # noqa: E402
from services.chassis.projector.heads import Advance, Written  # noqa: E402
from services.chassis.runtime import Runtime  # noqa: E402
from services.chassis.service import Service  # noqa: E402
from services.chassis.settings import Settings  # noqa: E402
from services.chassis.wire import Incoming  # noqa: E402

TOPIC = f"tandem-{job.COUNT}"
TYPE = "org.tandem.session.held.v1"


class Held(Incoming):
    """The same fields as the yardstick's event."""

    pair_id: str
    mentor_id: str
    mentee_id: str
    subsidiary: str
    sequence: int
    minutes: int
    topic: str
    at: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What the projection keeps of a pair."""

    held: int
    minutes: int
    last: str


def fold(state: Totals | None, event: envelope.Event, data: Held) -> Totals:
    """Count one session."""
    if state is None:
        return Totals(1, data.minutes, data.at)
    return Totals(state.held + 1, state.minutes + data.minutes, data.at)


PROJECTION = Projection(f"pairs_{job.RUN}", 1, TOPIC, {TYPE: Held}, TypeAdapter(Totals), fold)


def wire(event: dict[str, Any]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """One of the yardstick's events as Tandem would publish it."""
    return envelope.write(
        envelope.Event(
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event['pair_id']}/{event['sequence']}")),
            source="/tandem/sessions",
            type=TYPE,
            subject=event["pair_id"],
            sequence=event["sequence"],
            time=event["at"],
            data=json.dumps(event, separators=(",", ":")).encode(),
            actor=event["mentor_id"],
            subsidiary=event["subsidiary"],
            edition="e2026",
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
    )


async def produce() -> None:
    """Fill the topic: the yardstick's events, 5 % of them twice."""
    admin = AIOKafkaAdminClient(bootstrap_servers=job.KAFKA)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, job.PARTITIONS, 1)])
    await admin.close()
    sent = []
    async with AIOKafkaProducer(bootstrap_servers=job.KAFKA, enable_idempotence=True, linger_ms=5) as out:
        for event, redelivered in job.events(job.COUNT):
            value, headers = wire(event)
            key = event["pair_id"].encode()
            sent += [await out.send(TOPIC, value, key=key, headers=headers) for _ in range(1 + redelivered)]
        await asyncio.gather(*sent)


async def measure() -> None:
    """Project the whole topic and print the figures."""
    meter = job.Meter("tandem")
    settings = Settings(kafka=job.KAFKA, mongodb=job.MONGO, database_prefix="bench", group_prefix=f"bench-{job.RUN}")
    runtime = Runtime(Service("contender", FastAPI, consumes=(TOPIC,)), settings)
    projector = Projector(runtime.database, PROJECTION, runtime.clock)
    consumer = runtime.consumer(PROJECTION.collection, projector)
    done = asyncio.Event()

    @runtime.subscriber(TOPIC, consumer)
    async def project(records: list[object]) -> None:
        meter.take(0)
        await consumer.handle(records)
        meter.take(len(records))
        if meter.complete:
            done.set()

    bulk = projector.heads.write

    async def counted(advances: list[Advance]) -> Written:
        meter.ops += len(advances)
        return await bulk(advances)

    projector.heads.write = counted  # type: ignore[method-assign]
    await runtime.start()
    await done.wait()
    meter.stop()
    await rearrange(runtime.database[PROJECTION.collection], runtime.client["bench"][job.collection_name()])
    meter.report()
    await runtime.stop()


async def rearrange(projected: Any, expected: Any) -> None:
    """Bring the documents into the place and form in which the yardstick's check looks for them."""
    documents = await projected.find().to_list(None)
    await expected.insert_many([{"_id": d["_id"], "seq": d["seq"], **d["state"]} for d in documents])
    await projected.drop()


if __name__ == "__main__":
    began = time.perf_counter()
    asyncio.run(produce() if sys.argv[1:] == ["produce"] else measure())
    os.write(2, f"{time.perf_counter() - began:.1f} s\n".encode())
