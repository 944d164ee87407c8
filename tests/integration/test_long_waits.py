"""A consumer that had to wait longer than the broker does comes back by itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaProducer

from services.chassis import mongo, runtime
from services.chassis.candidates import Record
from services.chassis.errors import Transient
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from tests.support.applications import never
from tests.support.databases import drop
from tests.support.servers import Running
from tests.support.waiting import until_async


class Away:
    """Applies nothing while a server is away."""

    def __init__(self) -> None:
        self.away = True
        self.tries = 0
        self.seen: list[int] = []

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Note the offsets, or wait."""
        self.tries += 1
        if self.away:
            raise Transient("a server is away")
        self.seen += [record.offset for record in records]
        return []


async def test_an_outage_longer_than_the_poll_interval_loses_nothing(
    servers: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group has long given the partitions away; the batch is applied, read again or not, and what follows too."""
    monkeypatch.setattr(runtime, "POLL", 3_000)
    name = f"w{uuid.uuid4().hex[:8]}"
    topic = f"test.{name}.v1"
    service = Service(name, never, owns=(Topic(topic, "event", partitions=1),), consumes=(topic,))
    client = mongo.connect(servers.mongodb)
    await provision([service], kafka=servers.kafka, client=client, prefix="tandem")
    running = Runtime(service, Settings(kafka=servers.kafka, mongodb=servers.mongodb, instance=name))
    applier = Away()
    consumer = running.consumer("waiting", applier)

    @running.subscriber(topic, consumer)
    async def wait_on_anything(records: list[object]) -> None:
        await consumer.handle(records)

    await running.start()
    await _send(servers, topic)

    async def left() -> bool:
        client = running.feeds.all["waiting"].subscriber.consumer
        return applier.tries > 0 and not client._coordinator.member_id

    await until_async(left, "the member has left its group", 30)
    applier.away = False

    async def back() -> bool:
        return 0 in applier.seen

    await until_async(back, "the batch is applied", 30)
    await _send(servers, topic)

    async def followed() -> bool:
        return 1 in applier.seen

    await until_async(followed, "what follows is applied", 30)
    await running.stop()
    await drop(client[f"tandem_{name}"])
    await mongo.close(client)


async def _send(servers: Running, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka) as out:
        await out.send_and_wait(topic, b"{}", key=b"k")
