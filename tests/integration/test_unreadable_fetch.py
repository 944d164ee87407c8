"""A record that the Kafka client itself cannot decode: nothing is lost, and the consumer says why it stands."""

from __future__ import annotations

import os
import subprocess
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis import envelope, mongo
from services.chassis.health import State
from services.chassis.history import records_of
from services.chassis.ids import random_id
from services.chassis.projector import Projector
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.settings import Settings
from tests.support import crashing
from tests.support.relaying import drain
from tests.support.servers import Running
from tests.support.waiting import until_async

# The name of a header is text for every client but this one; the broker stores any bytes.
POISON = """
import asyncio, sys
from aiokafka import AIOKafkaProducer

class Name(str):
    def encode(self, *encoding):
        return b"\\xff\\xfe"

async def main(kafka, topic):
    async with AIOKafkaProducer(bootstrap_servers=kafka) as out:
        await out.send_and_wait(topic, b"{}", partition=0, headers=[(Name("x"), b"x")])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_header_name_that_is_no_text_halts_visibly_and_loses_nothing(servers: Running) -> None:
    """What was committed was applied, on every partition; health names the reason instead of a silent stand-still."""
    name = f"unreadable{random_id()[:8]}"
    topic = crashing.topic(name)
    settings = Settings(kafka=servers.kafka, mongodb=servers.mongodb, instance=name)
    client = mongo.connect(servers.mongodb)
    await provision([crashing.service(name)], kafka=servers.kafka, client=client, prefix="tandem")
    await mongo.close(client)
    _poison(servers.kafka, topic)
    runtime = Runtime(crashing.service(name), settings)
    counters = runtime.repository(crashing.kind(name))
    for _ in range(40):
        await counters.handle(random_id(), lambda state: [1])
    await drain(runtime.relay)
    consumer = runtime.consumer("tallies", Projector(runtime.database, crashing.projection(name), runtime.clock))

    @runtime.subscriber(topic, consumer)
    async def tally_on_counted(records: list[object]) -> None:
        await consumer.handle(records)

    await runtime.start()
    try:

        async def halted() -> bool:
            return runtime.health.loops["tallies"].state is State.STOPPED

        await until_async(halted, "the consumer says that it stands", 30)
        assert "UnicodeDecodeError" in runtime.health.loops["tallies"].reason
        applied = {one["_id"] async for one in runtime.database["tallies_v1"].find({}, {"_id": 1})}
        committed = await _committed(servers.kafka, await runtime.group("tallies"), topic)
        assert applied >= await _subjects_before(servers.kafka, topic, committed)
    finally:
        await runtime.stop()


def _poison(kafka: str, topic: str) -> None:
    environment = {**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"}
    subprocess.run([sys.executable, "-c", POISON, kafka, topic], env=environment, check=True, timeout=60)


async def _committed(kafka: str, group: str, topic: str) -> dict[int, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    places = [TopicPartition(topic, number) for number in range(6)]
    consumer.assign(places)
    await consumer.start()
    try:
        return {place.partition: await consumer.committed(place) or 0 for place in places}
    finally:
        await consumer.stop()


async def _subjects_before(kafka: str, topic: str, committed: dict[int, int]) -> set[str]:
    """The subjects of all readable records that the group will not be given again."""
    found = set()
    try:
        async for record in records_of(kafka, topic):
            if record.offset < committed[record.partition]:
                found.add(envelope.read_event(record).subject)
    except UnicodeDecodeError:
        pass  # the rest of that partition cannot be read by anybody here
    return found
