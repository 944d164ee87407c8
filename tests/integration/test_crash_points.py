"""A process that dies between any two steps leaves nothing lost, nothing twice and no fork."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict

import pytest

from services.chassis import envelope, groups, mongo
from services.chassis.history import records_of
from services.chassis.ids import random_id
from services.chassis.provision import provision
from tests.support import crashing
from tests.support.databases import drop
from tests.support.servers import Running

CASES = [(point, ordinal) for point in crashing.POINTS for ordinal in (1, 2)]


@pytest.mark.parametrize(("point", "ordinal"), CASES)
async def test_a_crash_loses_nothing_and_repeats_nothing(servers: Running, point: str, ordinal: int) -> None:
    """After a death at any point and a restart: accepted = published = projected, in order, no fork, none parked."""
    name = f"crash{random_id()[:8]}"
    client = mongo.connect(servers.mongodb)
    try:
        await provision([crashing.service(name)], kafka=servers.kafka, client=client, prefix="tandem")
        assert await _run(servers, name, point, str(ordinal)) == crashing.DIED
        assert await _run(servers, name) == 0
        await _everything_once(servers, client[f"tandem_{name}"], name)
    finally:
        await drop(client[f"tandem_{name}"])
        await mongo.close(client)


async def _run(servers: Running, *arguments: str) -> int | None:
    environment = {**os.environ, "TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb}
    command = [sys.executable, "-m", "tests.support.crashing", *arguments]
    child = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    _, said = await asyncio.wait_for(child.communicate(), 60)
    if child.returncode not in (0, crashing.DIED):
        raise AssertionError(said.decode()[-3000:])
    return child.returncode


async def _everything_once(servers: Running, database: mongo.Database, name: str) -> None:
    counters = await database["counters"].find().to_list(None)
    tallies = await database[crashing.projection(name).collection].find().to_list(None)
    published = await _published(servers, crashing.topic(name))
    accepted = sum(counter["sequence"] for counter in counters)
    assert accepted == crashing.AGGREGATES * crashing.COMMANDS
    assert len(published) == accepted + 3 * crashing.POISONED
    assert sum(tally["seq"] for tally in tallies) == len(published)
    for tally in tallies:
        assert tally["state"]["values"] == list(range(1, tally["seq"] + 1))
    assert all(len(ids) == 1 for ids in published.values()), "the same sequence with two ids is a fork"
    assert await database["parked"].count_documents({}) == 0


async def _published(servers: Running, topic: str) -> dict[tuple[str, int], set[str]]:
    """The event ids on the topic by (subject, sequence); what cannot be read is left out."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    async for record in records_of(servers.kafka, topic):
        if record.value and not record.value.startswith(b"{broken"):
            event = envelope.read_event(record)
            found[event.subject, event.sequence].add(event.id)
    return found


async def test_a_lost_read_model_is_read_again_from_the_first_record(servers: Running) -> None:
    """Whoever drops a projection with its consumers' marks finds it whole after the next start."""
    name = f"lost{random_id()[:8]}"
    client = mongo.connect(servers.mongodb)
    database = client[f"tandem_{name}"]
    try:
        await provision([crashing.service(name)], kafka=servers.kafka, client=client, prefix="tandem")
        assert await _run(servers, name) == 0
        for lost in (crashing.projection(name).collection, groups.COLLECTION, "parked"):
            await database.drop_collection(lost)
        assert await _run(servers, name) == 0
        await _everything_once(servers, database, name)
    finally:
        await drop(client[f"tandem_{name}"])
        await mongo.close(client)
