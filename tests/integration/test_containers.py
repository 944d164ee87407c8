"""Promises that must hold on the images that clusters run: tried wherever a Docker engine has them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.chassis import mongo, provision
from services.chassis.ids import random_id
from services.chassis.service import Index, Service, Topic
from tests.support import containers
from tests.support.applications import never
from tests.support.servers import OwnServers


@pytest.fixture(scope="module")
def contained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    """Kafka and MongoDB in containers; those of the whole run where it has such."""
    if os.environ.get("TANDEM_TEST_SERVERS") == "containers":
        yield request.getfixturevalue("servers")
        return
    if reason := containers.unavailable():
        pytest.skip(reason)
    with containers.containers(tmp_path_factory.mktemp("containers")) as both:
        yield both


@pytest_asyncio.fixture(scope="module")
async def client(contained: OwnServers) -> AsyncIterator[mongo.Client]:
    """A client of the contained database."""
    client = mongo.connect(contained.mongodb)
    yield client
    await mongo.close(client)


async def test_what_was_acknowledged_outlives_kill_9_in_containers(contained: OwnServers, client: mongo.Client) -> None:
    """Provisioned by our own program; one record and one document, then both servers crash."""
    topic, name = f"tandem.crash-{random_id()}", f"crash_{random_id()[:8]}"
    service = Service(name, never, [Topic(topic, "event", 1)], indexes={"rows": [Index((("kind", 1),), unique=True)]})
    made = await provision.provision([service], kafka=contained.kafka, client=client, prefix="tandem")
    async with AIOKafkaProducer(bootstrap_servers=contained.kafka, acks="all") as producer:
        await producer.send_and_wait(topic, b"acknowledged")
    rows = client[f"tandem_{name}"]["rows"]
    async with await client.start_session() as session, session.start_transaction():
        await rows.insert_one({"_id": "kept", "kind": 1}, session=session)

    for server in (contained.broker, contained.database):
        server.kill()
        server.start()

    async with AIOKafkaConsumer(topic, bootstrap_servers=contained.kafka, auto_offset_reset="earliest") as consumer:
        record = await consumer.getone()
    assert [thing.outcome for thing in made] == ["created", "created"]
    assert record.value == b"acknowledged"
    assert await rows.find_one({"_id": "kept"}) == {"_id": "kept", "kind": 1}
