"""Whether all that a topic holds was applied, before something is done that cannot be undone: on a real Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.ids import random_id
from services.chassis.kafka import BrokerAway, partitions_of
from services.chassis.operations.feeding import Source, abreast
from tests.support.servers import Running
from tests.support.waiting import until_async


@dataclass(frozen=True, slots=True)
class Reading:
    """A topic of two partitions, and a group that reads it."""

    source: Source

    async def told(self, partition: int) -> None:
        """Another record is on the topic."""
        async with AIOKafkaProducer(bootstrap_servers=self.source.bootstrap) as producer:
            await producer.send_and_wait(self.source.topic, b"{}", partition=partition)

    async def applied(self, partition: int, offset: int) -> None:
        """The group commits that it applied what lies before this offset."""
        place = TopicPartition(self.source.topic, partition)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.source.bootstrap, group_id=self.source.group, enable_auto_commit=False
        )
        async with consumer:
            consumer.assign([place])
            await consumer.commit({place: offset})

    async def is_abreast(self) -> bool:
        """The answer, without waiting for long."""
        return await abreast(self.source, patience=0.2)


@pytest.fixture
async def reading(servers: Running) -> AsyncIterator[Reading]:
    """A topic of its own, which the broker knows of everywhere: it may be slower than its answer."""
    topic = f"abreast-{random_id()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])

    async def is_known() -> bool:
        return len(await partitions_of(servers.kafka, topic)) == 2

    await until_async(is_known, "the broker knows the topic")
    yield Reading(Source(servers.kafka, topic, f"group-{random_id()}"))
    await admin.delete_topics([topic])
    await admin.close()


async def test_group_is_abreast_when_it_committed_all_that_lies_on_every_partition(reading: Reading) -> None:
    """An empty topic has nothing to wait for; one partition behind is behind."""
    assert await reading.is_abreast()
    for partition in (0, 1, 1):
        await reading.told(partition)
    assert not await reading.is_abreast()
    await reading.applied(0, 1)
    await reading.applied(1, 1)
    assert not await reading.is_abreast()
    await reading.applied(1, 2)
    assert await reading.is_abreast()
    await reading.told(0)
    assert not await reading.is_abreast()


async def test_nothing_is_said_of_a_topic_that_cannot_be_asked(servers: Running) -> None:
    """No topic, or no broker: whoever asks has to wait."""
    for source in (Source(servers.kafka, f"no-{random_id()}", "g"), Source("127.0.0.1:1", "t", "g")):
        with pytest.raises(BrokerAway):
            await abreast(source, patience=0.2)
