"""Promises of the heartbeat: on every partition, once a minute by the injected clock, as long as events get out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis import envelope, kafka, mongo
from services.chassis.heartbeat import Beats, Heartbeat
from services.chassis.ids import random_id
from services.chassis.wire import rfc3339
from services.people import contracts
from services.people.contracts.group import DirectoryHeartbeat
from tests.support import topics
from tests.support.clocks import HandClock
from tests.support.peopling import peopled
from tests.support.servers import Running
from tests.support.waiting import until_async

PARTITIONS = 3


class Heart:
    """A heartbeat on a topic of its own, with its clock, its database and what was published."""

    def __init__(self, bootstrap: str, database: mongo.Database, topic: str) -> None:
        self.kafka, self.database, self.topic = bootstrap, database, topic
        self.clock = HandClock()
        self.publisher = kafka.Publisher(bootstrap)

    def made(self, publisher: kafka.Publisher | None = None) -> Heartbeat:
        beats = Beats(self.topic, contracts.HEARTBEAT, "people", contracts.heartbeat)
        return Heartbeat(self.database, ["persons"], publisher or self.publisher, self.clock, beats)

    async def published(self) -> list[tuple[int, envelope.Event, DirectoryHeartbeat]]:
        """All records of the topic, by partition."""
        found = []
        for record in await topics.everything(self.kafka, self.topic):
            event = envelope.read_event(record)
            found.append((record.partition, event, DirectoryHeartbeat.model_validate_json(event.data)))
        return found


@pytest.fixture
async def heart(servers: Running) -> AsyncIterator[Heart]:
    client = mongo.connect(servers.mongodb)
    topic = await topics.create(servers.kafka, PARTITIONS)
    made = Heart(servers.kafka, client[f"hb_{random_id()[:8]}"], topic)
    yield made
    await made.publisher.stop()
    await mongo.close(client)


async def test_heartbeat_is_on_every_partition_under_a_key_of_its_own(heart: Heart) -> None:
    """A reader finds by each how many there must be, and whose they are."""
    await heart.made().beat()

    found = await heart.published()

    assert [number for number, _, _ in found] == list(range(PARTITIONS))
    assert len({event.subject for _, event, _ in found}) == PARTITIONS
    for _, event, data in found:
        assert (event.type, event.source, event.actor) == (contracts.HEARTBEAT, "/tandem/people", "people")
        assert (data.heartbeat_id, data.at, data.partitions) == (event.subject, heart.clock.now(), PARTITIONS)


async def test_heart_beats_once_a_minute_whatever_the_clock_does(heart: Heart) -> None:
    """Standing still it is silent; moved on, far on or back, it beats, and each time its sequence is higher."""
    beating = heart.made()
    for step in ({}, {"seconds": 59}, {"seconds": 1}, {"days": 100}, {"hours": -1}, {"seconds": -59}):
        heart.clock.passes(**step)
        await beating.beat()

    told = [(event.sequence, data.at) for number, event, data in await heart.published() if number == 0]

    start = HandClock().now()
    jumps = [timedelta(), timedelta(minutes=1), timedelta(days=100, minutes=1), timedelta(days=100, minutes=-59)]
    assert [at for _, at in told] == [start + jump for jump in jumps]
    assert [sequence for sequence, _ in told] == sorted({sequence for sequence, _ in told})


async def test_two_processes_do_not_confuse_their_readers(heart: Heart) -> None:
    """Whatever both publish at the same moment, what comes last on a partition counts there."""
    one, other = heart.made(), heart.made()

    for _ in range(5):
        heart.clock.passes(minutes=1)
        await asyncio.gather(one.beat(), other.beat())

    found = await heart.published()
    for number in range(PARTITIONS):
        newest = max((event.sequence, data.at) for place, event, data in found if place == number)
        assert newest[1] == heart.clock.now()


async def test_heartbeat_that_nobody_acknowledged_is_sent_again(heart: Heart) -> None:
    """The clock may stand still meanwhile: a broker that was away does not leave readers without one."""
    away = kafka.Publisher("127.0.0.1:1")
    with pytest.raises(kafka.BrokerAway):
        await heart.made(away).beat()
    await away.stop()

    await heart.made().beat()

    assert len(await heart.published()) == PARTITIONS


async def test_no_heart_beats_while_events_wait_for_the_broker(heart: Heart) -> None:
    """A reader must not feel safe while a leaver's record lies in the outbox for more than a minute."""
    persons = heart.database["persons"]
    other = {"sequence": 1, "topic": "another.topic", "time": rfc3339(heart.clock.now() - timedelta(days=1))}
    await persons.insert_one({"_id": "somebody", "outbox": [other]})
    waiting = {"sequence": 1, "topic": heart.topic, "time": rfc3339(heart.clock.now() - timedelta(seconds=61))}
    await persons.insert_one({"_id": "leaver", "outbox": [waiting]})
    beating = heart.made()
    await beating.beat()
    assert await heart.published() == []

    await persons.update_one({"_id": "leaver"}, {"$set": {"outbox": []}})
    await beating.beat()

    assert len(await heart.published()) == PARTITIONS


async def test_heartbeat_goes_on_after_the_database_came_back_from_a_backup(heart: Heart) -> None:
    """Readers take the newest sequence; one that the backup does not know must not be given again."""
    beating = heart.made()
    for _ in range(3):
        heart.clock.passes(minutes=1)
        await beating.beat()
    await heart.database["heartbeats"].delete_many({})
    heart.clock.passes(minutes=1)

    await heart.made().beat()

    sequences = [event.sequence for number, event, _ in await heart.published() if number == 0]
    assert len(set(sequences)) == 4
    assert sequences[-1] == max(sequences)


async def test_directory_is_as_old_as_the_last_heartbeat(
    servers: Running, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The service `people` beats by itself, and every reader of the directory sees how old it is.

    The instants lie ahead of all others in this run: the topic also has the heartbeats of other tests.
    """
    async with peopled(servers, tmp_path_factory.mktemp("people")) as people:
        directory = people.app.state.runtime.directory
        for instant in (datetime(2100, 3, 1, 9, tzinfo=UTC), datetime(2101, 3, 1, 9, tzinfo=UTC)):
            people.clock.write_text(rfc3339(instant))

            async def seen(instant: datetime = instant) -> bool:
                return await directory.as_of() == instant

            await until_async(seen, f"the directory is of {instant}")
