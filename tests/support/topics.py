"""Topics of a test's own on the real broker, and all that lies on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.chassis import envelope, manifests, provision
from services.chassis.ids import random_id
from services.chassis.service import Service, Topic
from tests.support.applications import never
from tests.support.waiting import until_async


async def create(kafka: str, partitions: int = 6) -> str:
    """Create an event topic that only this test knows; its name."""
    name = f"tandem.t{random_id()[:8]}.v1"
    await provision.topics([Service("tests", never, owns=[Topic(name, "event", partitions)])], kafka)
    return name


async def forget(kafka: str) -> None:
    """Delete all topics of the product; whoever needs one provisions it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        if present := [name for name in await admin.list_topics() if name.startswith("tandem.")]:
            await admin.delete_topics(present)
    finally:
        await admin.close()


def of_others(*services: Service) -> list[Topic]:
    """The topics that these services listen to and others own, as these own them."""
    own = {topic.name for service in services for topic in service.owns}
    heard = {name for service in services for name in service.consumes} - own
    return [topic for topic in provision.topics_of(manifests.manifests()) if topic.name in heard]


async def ends(kafka: str, topic: str) -> dict[int, int]:
    """Per partition the offset behind its last record."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka) as consumer:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
        offsets = await consumer.end_offsets(partitions)
    return {partition.partition: offset for partition, offset in offsets.items()}


async def everything(kafka: str, topic: str) -> list[ConsumerRecord]:
    """All records of a topic as they lie there, partition by partition."""
    missing = {partition: end for partition, end in (await ends(kafka, topic)).items() if end}
    found: list[ConsumerRecord] = []
    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        while missing:
            for partition, records in (await consumer.getmany(timeout_ms=1000)).items():
                found += records
                if records and records[-1].offset + 1 >= missing.get(partition.partition, 0):
                    missing.pop(partition.partition, None)
    return sorted(found, key=lambda record: (record.partition, record.offset))


def first_copies(sequences: Sequence[int]) -> list[int]:
    """The sequences of one subject without those that came before."""
    return list(dict.fromkeys(sequences))


async def heard(
    log: AIOKafkaConsumer, events: dict[str, list[tuple[str, Any]]], subject: str, number: int
) -> list[tuple[str, Any]]:
    """Types and data of the first ``number`` events of a subject, copies left out; ``events`` keeps what was read."""

    async def enough() -> bool:
        for batch in (await log.getmany(timeout_ms=20)).values():
            for record in batch:
                event = envelope.read_event(record)
                seen = events.setdefault(event.subject, [])
                if event.sequence > len(seen):
                    seen.append((event.type, json.loads(event.data)))
        return len(events.get(subject, ())) >= number

    await until_async(enough, f"{number} events of {subject} are published")
    return events[subject]
