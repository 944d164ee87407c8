"""The park limit on a running consumer: it stands still, in every process, until somebody resumes it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from services.chassis import mongo
from services.chassis.aggregate import Command
from services.chassis.operations.parked import NotStopped, ParkedRecords
from services.chassis.projector import Projection
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from tests.support.applications import never
from tests.support.databases import drop
from tests.support.servers import Running
from tests.support.tallies import broken, projection, record
from tests.support.waiting import until_async


async def test_a_consumer_past_the_park_limit_stands_still_until_it_is_resumed(servers: Running) -> None:
    """Health, metric and log say so; a restart changes nothing; after the resumption the rest is applied."""
    name = f"l{uuid.uuid4().hex[:8]}"
    seen = projection(f"test.{name}.v1")
    service = Service(name, never, owns=(Topic(seen.topic, "event"),), consumes=(seen.topic,))
    client = mongo.connect(servers.mongodb)
    database = client[f"tandem_{name}"]
    await provision([service], kafka=servers.kafka, client=client, prefix="tandem")
    settings = Settings(kafka=servers.kafka, mongodb=servers.mongodb, instance=name)
    await _fill(servers, seen.topic)
    runtime = await _started(service, seen, settings)

    async def stopped() -> bool:
        return runtime.health.report()["seen_v1"]["state"] == "stopped"

    await until_async(stopped, "the consumer stands still", 20)
    assert "in a row had to be parked" in runtime.health.report()["seen_v1"]["reason"]
    assert runtime.health.alive
    await runtime.stop()
    runtime = await _started(service, seen, settings)
    await until_async(stopped, "it does so after a restart", 20)

    operator = ParkedRecords(database, runtime.access, runtime.clock)
    await operator.resume("seen_v1", Command(actor="olga"), reason="The producer was mended.")
    with pytest.raises(NotStopped):
        await operator.resume("seen_v1", Command(actor="olga"), reason="Again.")

    async def applied() -> bool:
        return await database["seen_v1"].count_documents({"_id": "good"}) == 1

    await _send(servers, seen.topic, [record("good", 1)])
    await until_async(applied, "what comes afterwards is applied", 20)
    assert runtime.health.report()["seen_v1"]["state"] == "running"
    await runtime.stop()
    await drop(database)
    await mongo.close(client)


async def _started(service: Service, seen: Projection[Any], settings: Settings) -> Runtime:
    runtime = Runtime(service, settings)
    consumer = runtime.projected(seen)

    @runtime.subscriber(seen.topic, consumer)
    async def see_on_tally_raised(records: list[object]) -> None:
        await consumer.handle(records)

    await runtime.start()
    return runtime


async def _fill(servers: Running, topic: str) -> None:
    await _send(servers, topic, [broken(record(f"s{n}", 1)) for n in range(120)])


async def _send(servers: Running, topic: str, sent: list[Any]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka) as out:
        for one in sent:
            await out.send_and_wait(topic, one.value, key=one.key, headers=one.headers)
