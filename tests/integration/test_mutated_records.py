"""Two thousand spoiled records among many good ones, through a real subscriber on a real broker and database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client import REGISTRY

from services.chassis import mongo, parking, provision
from services.chassis.ids import random_id
from services.chassis.parking import ParkedRecord as Record
from services.chassis.parking import limit
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.support import topics
from tests.support.applications import never
from tests.support.mutations import EVENTS, QUEUED, Log, spoiled_log
from tests.support.servers import Running
from tests.support.tallies import projection
from tests.support.waiting import until_async

SUBJECTS, NEIGHBOURS = 1_000, 300
Place = tuple[int, int]  # partition, offset


@dataclass(slots=True)
class Subscribed:
    """A consumer at work on a topic of its own, and how far it has come."""

    topic: str
    kafka: str
    database: mongo.Database
    collection: str
    done: dict[int, int] = field(default_factory=dict)

    async def publish(self, records: Iterable[Record]) -> list[Place]:
        """Put records on the topic as they are, in order; where they came to lie."""
        async with AIOKafkaProducer(bootstrap_servers=self.kafka, enable_idempotence=True, linger_ms=5) as producer:
            sent = [
                await producer.send(self.topic, one.value, key=one.key, headers=list(one.headers)) for one in records
            ]
            return [(place.partition, place.offset) for place in await asyncio.gather(*sent)]

    async def caught_up(self) -> None:
        """Wait until the consumer has gone through all that lies on the topic."""
        ends = await topics.ends(self.kafka, self.topic)

        async def so() -> bool:
            return all(self.done.get(partition, 0) >= end for partition, end in ends.items() if end)

        await until_async(so, f"the consumer is at {ends}", 100)

    async def parked(self) -> dict[Place, str]:
        """The reason of each parked record."""
        rows = await self.database[parking.COLLECTION].find({}, {"value": 0, "headers": 0}).to_list(None)
        return {(row["partition"], row["offset"]): row["reason"] for row in rows}

    async def amounts(self) -> dict[str, list[int]]:
        """Per subject the amounts that were applied, in their order."""
        documents = await self.database[self.collection].find().to_list(None)
        return {one["_id"]: one["state"]["amounts"] for one in documents if one["state"]}

    def counted(self, metric: str, **labels: str) -> float:
        """A counter of this consumer."""
        return REGISTRY.get_sample_value(metric, {"consumer": self.collection, **labels}) or 0


@pytest.fixture
async def subscribed(servers: Running) -> AsyncIterator[Subscribed]:
    """A process as the services are: runtime, consumer and projector, on provisioned topic and indexes."""
    name, topic = f"spoiled_{random_id()[:8]}", await topics.create(servers.kafka)
    settings = Settings(kafka=servers.kafka, mongodb=servers.mongodb, database_prefix=name, group_prefix=name)
    service = Service("reader", never, consumes=[topic])
    runtime = Runtime(service, settings)
    await provision.indexes([service], runtime.client, name)
    seen = projection(topic, name=name)
    consumer = runtime.projected(seen)
    one = Subscribed(topic, servers.kafka, runtime.database, seen.collection)

    @runtime.subscriber(topic, consumer)
    async def project(records: list[Record]) -> None:
        await consumer.handle(records)
        for record in records:
            one.done[record.partition] = record.offset + 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limit, "IN_A_ROW", 10**6)  # so much rubbish would rightly stop the consumer
        patch.setattr(limit, "SHARE", 2.0)
        await runtime.start()
        yield one
        await runtime.stop()


def good_amounts(log: Log) -> dict[str, list[int]]:
    """What must be applied of a log as it is sent: all that no spoiled record of its subject precedes."""
    applied: dict[str, list[int]] = {}
    for sent in log.sent:
        if not sent.reason and not sent.unknown:
            applied.setdefault(subject_of(sent.record), []).append(sequence_of(sent.record))
    return applied


def subject_of(record: Record) -> str:
    return (record.key or b"").decode()


def sequence_of(record: Record) -> int:
    return int(dict(record.headers)["ce_sequence"] or b"")


def shuffled_by_subject(records: Sequence[Record]) -> list[Record]:
    """The later ones of all subjects before the earlier ones, so that some arrive before their turn."""
    return sorted(records, key=sequence_of, reverse=True)


async def test_spoiled_records_are_parked_and_drain_when_the_good_ones_come(subscribed: Subscribed) -> None:
    """Each is parked with its reason, neighbours flow; the good record drains its subject's queue in order."""
    log = spoiled_log(seed=20260105, subjects=SUBJECTS, neighbours=NEIGHBOURS)
    assert len(log.distances) == 2_000
    assert set(log.distances) == set(range(1, 21))

    places = await subscribed.publish(sent.record for sent in log.sent)
    await subscribed.caught_up()

    expected = {
        place: "gap" if sent.reason == QUEUED else sent.reason
        for place, sent in zip(places, log.sent, strict=True)
        if sent.reason
    }
    assert await subscribed.parked() == expected
    assert await subscribed.amounts() == good_amounts(log)
    assert subscribed.counted("tandem_unknown_events_total") == sum(sent.unknown for sent in log.sent) > 100
    for reason, count in Counter(expected.values()).items():
        assert subscribed.counted("tandem_parked_records_total", reason=reason) == count

    await subscribed.publish(shuffled_by_subject(log.again))
    await subscribed.caught_up()

    assert await subscribed.parked() == {}
    whole = {subject_of(record): list(range(1, EVENTS + 1)) for record in log.again}
    assert await subscribed.amounts() == good_amounts(log) | whole
