"""Promises of provisioning: repeatable, and never altering what exists."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.chassis import mongo, parking, provision
from services.chassis.kafka import BrokerAway
from services.chassis.parking import drops
from services.chassis.service import Index, Service, Topic
from tests.support.applications import never
from tests.support.servers import Running
from tests.support.waiting import until_async


@pytest.fixture
def name() -> str:
    """A name of its own for each test's topics and databases."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def client(servers: Running) -> AsyncIterator[mongo.Client]:
    client = mongo.connect(servers.mongodb)
    yield client
    await mongo.close(client)


@pytest.fixture
async def admin(servers: Running) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    yield admin
    await admin.close()


def service(name: str, **parts: Any) -> Service:
    topics = [Topic(f"tandem.{name}.events.v1", "event"), Topic(f"tandem.{name}.states.v1", "state", 3)]
    return Service(**{"name": name, "app": never, "owns": topics, **parts})


async def config(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(_, _, _, _, entries)] = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def is_visible(admin: AIOKafkaAdminClient, topic: str) -> bool:
    [described] = await admin.describe_topics([topic])
    return bool(described["error_code"] == 0)


async def test_provisioning_twice_makes_nothing_the_second_time(
    servers: Running, client: mongo.Client, name: str
) -> None:
    """The first run creates topics and indexes, the second finds them all present."""
    indexes = {"things": [Index((("kind", 1), ("at", -1)), unique=True, partial={"active": True})]}
    wanted = [service(name, indexes=indexes, aggregates=["things"], consumes=["tandem.other.v1"])]

    first = await provision.provision(wanted, kafka=servers.kafka, client=client, prefix="test")
    second = await provision.provision(wanted, kafka=servers.kafka, client=client, prefix="test")

    own = len(parking.INDEXES) + len(drops.INDEXES) + len(("kind, at", "outbox"))
    assert [thing.kind for thing in first] == ["topic"] * 2 + ["index"] * own
    assert {thing.outcome for thing in first} == {"created"}
    assert {thing.outcome for thing in second} == {"present"}
    assert [thing.name for thing in first] == [thing.name for thing in second]
    found = await client[f"test_{name}"]["things"].index_information()
    assert found["kind_1_at_-1"]["unique"] is True
    assert found["kind_1_at_-1"]["partialFilterExpression"] == {"active": True}


async def test_history_is_kept_for_ever_and_state_is_compacted(
    servers: Running, admin: AIOKafkaAdminClient, name: str
) -> None:
    """Event topics lose nothing with time or size; state topics keep the newest record per key."""
    await provision.topics([service(name)], servers.kafka)

    events = await config(admin, f"tandem.{name}.events.v1")
    states = await config(admin, f"tandem.{name}.states.v1")

    assert (events["cleanup.policy"], events["retention.ms"], events["retention.bytes"]) == ("delete", "-1", "-1")
    assert states["cleanup.policy"] == "compact"
    assert (states["min.compaction.lag.ms"], states["max.compaction.lag.ms"]) == ("0", "604800000")
    assert states["delete.retention.ms"] == "2592000000"
    assert int(events["max.message.bytes"]) > 2 * 65_536


@pytest.mark.parametrize(
    ("partitions", "options", "said"),
    [
        (5, {"cleanup.policy": "delete", "retention.ms": "-1"}, "has 5 partitions, not 6"),
        (6, {"cleanup.policy": "compact", "retention.ms": "-1"}, "has cleanup.policy=compact, not delete"),
        (6, {"cleanup.policy": "delete"}, "has retention.ms=604800000, not -1"),
    ],
)
async def test_a_topic_that_differs_is_refused_and_nothing_is_made(
    servers: Running, admin: AIOKafkaAdminClient, name: str, partitions: int, options: dict[str, str], said: str
) -> None:
    """Partitions, clean-up or retention that differ are an error before anything else is created."""
    topic = f"tandem.{name}.events.v1"
    await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=options)])
    await until_async(lambda: is_visible(admin, topic), "the topic is visible")

    with pytest.raises(provision.Mismatch, match=f"topic {topic} {said}"):
        await provision.topics([service(name)], servers.kafka)

    assert f"tandem.{name}.states.v1" not in await admin.list_topics()


async def test_an_index_that_differs_is_refused(client: mongo.Client, name: str) -> None:
    """An index that exists with other options is an error, not silently another index."""
    await client[f"test_{name}"]["things"].create_index([("kind", 1)])
    wanted = service(name, indexes={"things": [Index((("kind", 1),), unique=True)]})

    with pytest.raises(provision.Mismatch, match=rf"index {name}.things \(kind\) exists with other options"):
        await provision.indexes([wanted], client, "test")


async def test_unique_indexes_that_are_missing_are_named(client: mongo.Client, name: str) -> None:
    """A service can tell that the promises its database should keep are not there yet; other indexes may wait."""
    listed = [Index((("kind", 1), ("slot", 1)), unique=True, partial={"active": True}), Index((("at", 1),))]
    wanted = service(name, indexes={"things": listed})
    database = client[f"test_{name}"]

    assert await provision.missing_promises(wanted, database) == ["things (kind, slot)"]
    await database["things"].create_index([("kind", 1), ("slot", 1)])
    assert await provision.missing_promises(wanted, database) == ["things (kind, slot)"]
    await database["things"].drop_indexes()
    await provision.indexes([wanted], client, "test")
    assert await provision.missing_promises(wanted, database) == []


def test_a_topic_has_one_owner() -> None:
    """Two services that claim the same topic are refused by name."""
    with pytest.raises(provision.Mismatch, match=r"topic tandem.x.v1 is owned by one and by two"):
        provision.topics_of([Service(name, never, owns=[Topic("tandem.x.v1", "event")]) for name in ("one", "two")])


async def test_an_absent_broker_is_said_plainly() -> None:
    """Without a broker provisioning ends with the address that does not answer."""
    with pytest.raises(BrokerAway, match=r"Kafka at 127\.0\.0\.1:1 "):
        await provision.topics([Service("one", never, owns=[Topic("tandem.x.v1", "event")])], "127.0.0.1:1")
