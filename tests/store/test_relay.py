"""Promises of the relay: accepted means published, heads first, however many relays race, on a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from deploy.local.servers import Servers
from services.chassis import envelope, mongo
from services.chassis.aggregate import BacklogFull, Repository
from services.chassis.clock import SystemClock
from services.chassis.health import Health, State
from services.chassis.kafka import BrokerAway, Publisher
from services.chassis.outbox import BOUND
from services.chassis.relay import LOOP, PAGE, Relay
from tests.support import topics
from tests.support.relaying import drain
from tests.support.servers import Running
from tests.support.tallies import COLLECTION, Tally, TallyEvent, kind, placed, raised
from tests.support.waiting import until_async

Tallies = Repository[Tally, TallyEvent]
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
async def publisher(servers: Running) -> AsyncIterator[Publisher]:
    publisher = Publisher(servers.kafka)
    yield publisher
    await publisher.stop()


@pytest.fixture
async def topic(servers: Running) -> str:
    return await topics.create(servers.kafka)


@pytest.fixture
def tallies(database: mongo.Database, topic: str) -> Tallies:
    return Repository(database, kind(topic), clock=SystemClock())


@pytest.fixture
def relay(database: mongo.Database, publisher: Publisher) -> Relay:
    return Relay(database, [COLLECTION], publisher, Health())


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    """The relay runs as it does in a process, until the block ends."""
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def sequences(kafka: str, topic: str) -> dict[str, list[int]]:
    """Per subject the sequences on the topic, as they lie there, copies and all."""
    found: dict[str, list[int]] = {}
    for record in await topics.everything(kafka, topic):
        event = envelope.read_event(record)
        assert record.key == event.subject.encode()
        found.setdefault(event.subject, []).append(event.sequence)
    return found


async def pending(database: mongo.Database) -> int:
    """How many events wait in all outboxes."""
    return sum(len(document["outbox"]) for document in await database[COLLECTION].find().to_list(None))


async def test_pending_events_are_published_in_order_and_removed(
    servers: Running, topic: str, tallies: Tallies, relay: Relay, database: mongo.Database
) -> None:
    """Each event lies once on the topic, as it was accepted, and in no outbox any more."""
    await asyncio.gather(*(tallies.handle(f"t{n}", raised(1, 2, 3)) for n in range(5)))
    accepted = [one for document in await database[COLLECTION].find().to_list(None) for one in document["outbox"]]

    assert await drain(relay) == 15

    assert await sequences(servers.kafka, topic) == {f"t{n}": [1, 2, 3] for n in range(5)}
    published = [envelope.read_event(record) for record in await topics.everything(servers.kafka, topic)]
    assert {(one.id, one.data.decode()) for one in published} == {(one["id"], one["data"]) for one in accepted}
    assert await pending(database) == 0
    assert await drain(relay) == 0


async def test_a_page_holds_one_event_of_each_aggregate(tallies: Tallies, relay: Relay) -> None:
    """Of an aggregate only the oldest event is in flight; those that wait for nothing are not looked at."""
    await tallies.handle("many", raised(1, 2, 3))
    await tallies.handle("one", raised(1))
    await tallies.handle("none", placed("here"))

    heads = await relay.heads()

    assert sorted((head.subject, head.entry["sequence"]) for head in heads) == [("many", 1), ("one", 1)]


async def test_a_page_holds_one_event_of_each_topic_of_an_aggregate(relay: Relay, database: mongo.Database) -> None:
    """Topics do not wait for one another, since each has an order of its own; of each only the oldest is in flight."""
    outbox = [{"sequence": n, "id": f"e{n}", "topic": topic} for n, topic in enumerate(("a", "b", "a", "c", "b"), 1)]
    await database[COLLECTION].insert_one({"_id": "many", "outbox": outbox})

    heads = await relay.heads()

    assert [(head.entry["topic"], head.entry["sequence"]) for head in heads] == [("a", 1), ("b", 2), ("c", 4)]


async def test_a_change_of_somebody_known_does_not_wait_for_thousands_of_new_ones(
    relay: Relay, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While pages are full, every other one begins at the highest sequences; an access that ends is among these."""
    monkeypatch.setattr("services.chassis.relay.PAGE", 2)
    waiting = [(f"new-{n}", 1) for n in range(6)] + [("known", 9)]
    outboxes = [{"_id": id, "outbox": [{"sequence": n, "id": id, "topic": "a"}]} for id, n in waiting]
    await database[COLLECTION].insert_many(outboxes)

    pages = [[head.subject for head in await relay.heads()] for _ in range(3)]

    assert "known" not in pages[0]
    assert pages[1][0] == "known"
    assert "known" not in pages[2]


async def test_publishing_changes_neither_version_nor_state(
    tallies: Tallies, relay: Relay, database: mongo.Database
) -> None:
    """An ETag that a caller holds survives the relay, and sequences go on where they were."""
    before = await tallies.handle("t", raised(1, 2))

    await drain(relay)

    assert await tallies.get("t") == before
    assert (await tallies.handle("t", raised(3))).sequence == 3
    assert [head.entry["sequence"] for head in await relay.heads()] == [3]


async def test_racing_relays_publish_every_event_in_order(
    servers: Running, topic: str, tallies: Tallies, publisher: Publisher, database: mongo.Database
) -> None:
    """Three relays beside each other while commands go on: copies perhaps, but no hole and no wrong order."""
    others = [Publisher(servers.kafka) for _ in range(2)]
    relays = [Relay(database, [COLLECTION], one, Health()) for one in (publisher, *others)]

    async def command(subject: str) -> None:
        for _ in range(6):
            await tallies.handle(subject, raised(1))

    async def keep_draining(relay: Relay, working: asyncio.Task[list[None]]) -> None:
        while not working.done():
            await drain(relay)
            await asyncio.sleep(0)
        await drain(relay)

    working = asyncio.ensure_future(asyncio.gather(*(command(f"t{n}") for n in range(12))))
    await asyncio.gather(*(keep_draining(relay, working) for relay in relays))
    await asyncio.gather(*(one.stop() for one in others))

    found = await sequences(servers.kafka, topic)
    assert {subject: topics.first_copies(copies) for subject, copies in found.items()} == {
        f"t{n}": [1, 2, 3, 4, 5, 6] for n in range(12)
    }
    assert await pending(database) == 0


async def test_a_refused_head_is_left_alone_and_starves_nobody(
    servers: Running, topic: str, tallies: Tallies, relay: Relay, database: mongo.Database
) -> None:
    """A page full of heads that no broker takes, left by a version with a fault, does not stand before the others."""
    template = await tallies.handle("fine", raised(1)) and await database[COLLECTION].find_one({"_id": "fine"})
    [entry] = template["outbox"]
    refused = [{**template, "_id": f"a{n:03}", "outbox": [{**entry, "id": ""}, entry]} for n in range(PAGE + 20)]
    await database[COLLECTION].delete_many({})
    await database[COLLECTION].insert_many(refused)
    await tallies.handle("z", raised(1, 2))

    assert await drain(relay) == 2

    assert await sequences(servers.kafka, topic) == {"z": [1, 2]}
    assert await pending(database) == 2 * len(refused)
    assert await relay.heads() == []


async def test_without_a_broker_nothing_is_lost(
    servers: Running, topic: str, tallies: Tallies, relay: Relay, database: mongo.Database
) -> None:
    """A relay that reaches no broker says so and leaves all in its place; another one publishes it later."""
    await tallies.handle("t", raised(1, 2))
    lonely = Relay(database, [COLLECTION], Publisher(NOWHERE), Health())

    with pytest.raises(BrokerAway):
        await drain(lonely)
    assert await pending(database) == 2

    assert await drain(relay) == 2
    assert await sequences(servers.kafka, topic) == {"t": [1, 2]}


async def test_a_relay_shows_that_it_turns_with_every_page(
    publisher: Publisher, database: mongo.Database, tallies: Tallies
) -> None:
    """Under a load that never ends it would otherwise look stuck, and be restarted for nothing."""
    turns: list[str] = []

    class Counting(Health):
        """Health that remembers who turned."""

        def turned(self, name: str) -> None:
            turns.append(name)
            super().turned(name)

    await tallies.handle("t", raised(1, 2, 3, 4, 5))

    async with running(Relay(database, [COLLECTION], publisher, Counting())):
        await until_async(lambda: _all_published(database), "everything is published")

    assert turns[:4] == [LOOP] * 4


async def test_a_relay_without_a_broker_reports_that_it_waits(database: mongo.Database, tallies: Tallies) -> None:
    """It neither gives up nor hides it: health says that the loop waits, and for what."""
    health = Health()
    lonely = Relay(database, [COLLECTION], Publisher(NOWHERE), health)
    await tallies.handle("t", raised(1))

    async with running(lonely):
        await until_async(lambda: _waits(health), "the relay says that it waits")

    assert health.loops[LOOP].reason == f"Kafka at {NOWHERE} does not answer."


async def test_a_broker_that_was_killed_gets_everything_when_it_is_back(
    own_servers: Servers, topic: str, database: mongo.Database
) -> None:
    """Commands go on up to the bound; the running relay catches up by itself."""
    publisher, health = Publisher(own_servers.kafka), Health()
    relay = Relay(database, [COLLECTION], publisher, health)
    tallies = Repository(database, kind(topic), clock=SystemClock(), accepted=relay.wake)
    async with running(relay):
        await tallies.handle("t", raised(1))
        await until_async(lambda: _all_published(database), "the first event is published")
        own_servers.broker.kill()
        try:
            accepted = 1 + await _commands_until_refused(tallies, "t")
        finally:
            await asyncio.to_thread(own_servers.broker.start)
        await until_async(lambda: _all_published(database), "everything is published", 60)
        assert health.loops[LOOP].state is State.RUNNING
    await publisher.stop()

    assert accepted >= BOUND
    copies = (await sequences(own_servers.kafka, topic))["t"]
    assert topics.first_copies(copies) == list(range(1, accepted + 1))


async def _commands_until_refused(tallies: Tallies, subject: str) -> int:
    """How many commands are accepted before the first that is not."""
    for accepted in range(10 * BOUND):
        try:
            await tallies.handle(subject, raised(1))
        except BacklogFull:
            return accepted
    raise AssertionError("no command was refused")


async def _all_published(database: mongo.Database) -> bool:
    return await pending(database) == 0


async def _waits(health: Health) -> bool:
    return LOOP in health.loops and health.loops[LOOP].state is State.WAITING
