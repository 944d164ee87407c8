"""Promises while the database is away: a plain refusal, nothing half-written, and what was acknowledged stays."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.database import Database
from deploy.local.ports import Ports
from deploy.local.process import Family
from services.chassis import mongo, parking
from services.chassis.aggregate import Command, Contended, Repository
from services.chassis.clock import SystemClock
from services.chassis.health import Health
from services.chassis.kafka import Publisher
from services.chassis.parking import ParkedRecord as Record
from services.chassis.projector import Projector
from services.chassis.relay import Relay
from services.chassis.state_table import Entry, StateTable
from tests.support.databases import connected
from tests.support.tallies import (
    COLLECTION,
    TYPE,
    RaisedIn,
    Tally,
    TallyEvent,
    kind,
    projection,
    raised,
    record,
    records,
)
from tests.support.waiting import until_async

Tallies = Repository[Tally, TallyEvent]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Database]:
    """A database process of the test's own, which it may kill."""
    if not Path(sys.executable).with_name("secantusd-py").exists():
        pytest.skip("the embedded database is not installed (extra: local)")
    with Family() as family:
        database = Database(family, Ports(tmp_path / "ports.json"), data=tmp_path / "data", logs=tmp_path / "logs")
        database.start()
        yield database
        database.kill()


@pytest.fixture
async def database(server: Database, driver: mongo.Driver) -> AsyncIterator[mongo.Database]:
    async with connected(server.uri, driver=driver) as client:
        yield client["outage"]


@pytest.fixture
def tallies(database: mongo.Database) -> Tallies:
    return Repository(database, kind("tandem.tallies.v1"), clock=SystemClock())


async def killed(server: Database) -> None:
    """Kill the server (SIGKILL) while the event loop turns."""
    await asyncio.to_thread(server.kill)


async def test_everything_says_that_the_database_is_away(server: Database, database: mongo.Database) -> None:
    """Commands, reads, projections, tables and relay all raise the one error that means: try again."""
    tallies = Repository(database, kind("tandem.tallies.v1"), clock=SystemClock())
    projector = Projector(database, projection(), SystemClock())
    table = StateTable(database, "levels", {TYPE: Entry(RaisedIn)}, SystemClock())
    relay = Relay(database, [COLLECTION], Publisher("127.0.0.1:1"), Health())
    await tallies.handle("t", raised(1))
    await projector.apply(records("a", 1))

    await killed(server)
    outcomes = await asyncio.gather(
        tallies.get("t"),
        tallies.handle("t", raised(1)),
        tallies.handle("new", raised(1)),
        projector.apply(records("a", 2)),  # from memory to the write
        projector.apply(records("b", 1)),  # not even read
        projector.apply([Record("tandem.tallies.v1", 0, 0, None, b"", ())]),
        table.apply([record("a", 1)]),
        table.get("a"),
        table.all({}),
        relay.heads(),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [mongo.Unavailable] * len(outcomes)
    server.start()
    assert (await tallies.get("t")).state == Tally(1, 1)


async def test_what_failed_can_be_repeated_when_the_database_is_back(
    server: Database, database: mongo.Database, tallies: Tallies
) -> None:
    """Nothing was half-written; the same client, the same command and the same batch go through."""
    projector = Projector(database, projection(), SystemClock())
    command = Command(key="k", fingerprint="f")
    before = await tallies.handle("t", raised(1))
    await projector.apply(records("a", 1, 2))
    await killed(server)
    for failing in (tallies.handle("t", raised(2), command), projector.apply(records("a", 2, 3, 5))):
        with pytest.raises(mongo.Unavailable):
            await failing

    server.start()
    assert await tallies.get("t") == before
    await tallies.handle("t", raised(2), command)
    await projector.apply(records("a", 2, 3, 5))

    assert (await tallies.get("t")).state == Tally(3, 2)
    assert (await database[projection().collection].find_one({"_id": "a"}))["state"]["amounts"] == [1, 2, 3]
    assert [row["sequence"] for row in await database[parking.COLLECTION].find().to_list(None)] == [5]


async def test_commands_that_were_acknowledged_survive_a_kill(
    server: Database, database: mongo.Database, tallies: Tallies
) -> None:
    """Killed in the middle of many commands: each acknowledged one is there, each other one wholly or not at all."""
    acknowledged: dict[str, list[int]] = {f"t{n}": [] for n in range(6)}
    enough = asyncio.Event()

    async def command(subject: str) -> None:
        for amount in range(1, 60):
            try:
                await tallies.handle(subject, raised(amount), Command(key=str(amount), fingerprint="f"))
            except (mongo.Unavailable, Contended):
                return
            acknowledged[subject].append(amount)
            if sum(map(len, acknowledged.values())) == 60:
                enough.set()

    async def kill_when_enough() -> None:
        await enough.wait()
        await killed(server)

    await asyncio.gather(kill_when_enough(), *(command(subject) for subject in acknowledged))
    server.start()

    for subject, amounts in acknowledged.items():
        document = await database[COLLECTION].find_one({"_id": subject})
        written = [int(entry["key"]) for entry in document["recent"]]
        assert written in (amounts, [*amounts, len(amounts) + 1])
        assert (document["version"], document["sequence"]) == (len(written), len(written))
        assert document["state"] == {"total": sum(written), "entries": len(written), "place": None}
        assert [entry["sequence"] for entry in document["outbox"]] == written


@pytest.mark.parametrize("remembers", [True, False])
async def test_a_batch_that_a_kill_cut_short_is_applied_once(
    server: Database, database: mongo.Database, remembers: bool
) -> None:
    """Killed while a batch of many subjects is written: applied again, each event counts once."""
    subjects = [f"a{n:03}" for n in range(150)]
    projector = Projector(database, projection(), SystemClock())
    await projector.apply([record(subject, 1) for subject in subjects])
    batch = [record(subject, n) for subject in subjects for n in (2, 3)]

    applying = asyncio.create_task(projector.apply(batch))
    await until_async(lambda: database[projection().collection].count_documents({"seq": 3}), "some are written")
    await killed(server)
    await asyncio.gather(applying, return_exceptions=True)
    server.start()
    await (projector if remembers else Projector(database, projection(), SystemClock())).apply(batch)

    documents = await database[projection().collection].find().to_list(None)
    assert {one["_id"]: one["state"]["amounts"] for one in documents} == {subject: [1, 2, 3] for subject in subjects}
    assert await database[parking.COLLECTION].count_documents({}) == 0
