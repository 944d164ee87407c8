"""Promises of the embedded servers: what was acknowledged outlives SIGKILL, on the same ports."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient

from deploy.local.servers import Servers
from services.chassis import provision
from services.chassis.service import Service, Topic
from tests.support.applications import never


async def test_acknowledged_records_outlive_kill_9_of_the_broker(own_servers: Servers) -> None:
    """Kafka starts again over the same data and the same port, and what it had acknowledged is there."""
    topic = "tandem.crash.v1"
    await provision.topics([Service("crash", never, owns=[Topic(topic, "event", 1)])], own_servers.kafka)
    producer = AIOKafkaProducer(bootstrap_servers=own_servers.kafka, acks="all")
    await producer.start()
    await producer.send_and_wait(topic, b"kept")
    await producer.stop()
    before = own_servers.kafka

    own_servers.broker.kill()
    own_servers.broker.start()

    consumer = AIOKafkaConsumer(topic, bootstrap_servers=own_servers.kafka, auto_offset_reset="earliest")
    await consumer.start()
    record = await consumer.getone()
    await consumer.stop()
    assert record.value == b"kept"
    assert own_servers.kafka == before


def test_journalled_writes_outlive_kill_9_of_the_database(own_servers: Servers) -> None:
    """The database starts again over the same data and the same port, and what it had journalled is there."""
    with MongoClient[dict[str, object]](own_servers.mongodb) as client:
        client["crash"]["things"].insert_one({"_id": "kept"})

    own_servers.database.kill()
    own_servers.database.start()

    with MongoClient[dict[str, object]](own_servers.mongodb) as client:
        assert client["crash"]["things"].find_one({"_id": "kept"}) == {"_id": "kept"}
