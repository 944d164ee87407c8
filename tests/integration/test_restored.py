"""A database that came back from an older backup never gives a sequence twice."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.chassis import access
from services.chassis.aggregate import Command, Repository
from services.chassis.history import records_of
from services.chassis.operations.restored import advance, behind
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from tests.support.applications import never
from tests.support.relaying import drain
from tests.support.servers import Running
from tests.support.tallies import COLLECTION, Tally, TallyEvent, kind, raised

OLGA = Command(actor="olga")


@pytest.fixture
async def runtime(servers: Running) -> AsyncIterator[Runtime]:
    """A service that owns tallies and publishes them; its relay is turned by hand."""
    name = f"r{uuid.uuid4().hex[:8]}"
    owned = (Topic(f"test.{name}.v1", "event"), Topic(access.topic(name), "event"))
    service = Service(name, never, owns=owned, aggregates=(COLLECTION, access.COLLECTION))
    runtime = Runtime(service, Settings(kafka=servers.kafka, mongodb=servers.mongodb))
    await provision([service], kafka=servers.kafka, client=runtime.client, prefix="tandem")
    yield runtime
    await runtime.client.drop_database(runtime.database.name)
    await runtime.stop()


def tallies_of(runtime: Runtime) -> Repository[Tally, TallyEvent]:
    """The tallies of this service, told under its own name."""
    return runtime.repository(replace(kind(runtime.manifest.owns[0].name), source=f"/tandem/{runtime.service}"))


async def test_an_aggregate_from_an_older_backup_goes_on_behind_its_topic(runtime: Runtime) -> None:
    """Without the advance the next event would be a fork of one that is published already."""
    tallies = tallies_of(runtime)
    await tallies.handle("a", raised(1))
    await drain(runtime.relay)
    backup = await runtime.database[COLLECTION].find_one({"_id": "a"})
    for subject in ("a", "a", "b"):
        await tallies.handle(subject, raised(2))
        await drain(runtime.relay)
    assert await behind(runtime) == []
    await runtime.database[COLLECTION].delete_many({})
    await runtime.database[COLLECTION].insert_one(backup)

    found = await behind(runtime)

    assert [(one.subject, one.stored, one.published, one.collection) for one in found] == [
        ("a", 1, 3, COLLECTION),
        ("b", 0, 1, None),
    ]
    assert [await advance(runtime, one, OLGA, reason="Restored a backup.") for one in found] == [True, False]
    assert [one.subject for one in await behind(runtime)] == ["b"]
    await tallies.handle("a", raised(3))
    await drain(runtime.relay)
    sequences = [record.headers async for record in records_of(runtime.settings.kafka, runtime.manifest.owns[0].name)]
    of_a = [dict(headers)["ce_sequence"] for headers in sequences if dict(headers)["ce_subject"] == b"a"]
    assert of_a == [b"0000000001", b"0000000002", b"0000000003", b"0000000004"]


async def test_an_advance_is_on_record(runtime: Runtime) -> None:
    """Who moved which aggregate, and why."""
    tallies = tallies_of(runtime)
    await tallies.handle("a", raised(1))
    await drain(runtime.relay)
    await runtime.database[COLLECTION].update_one({"_id": "a"}, {"$set": {"sequence": 0, "sequences": {}}})
    [one] = await behind(runtime)
    assert await advance(runtime, one, OLGA, reason="Restored a backup.")
    [log] = await runtime.database[access.COLLECTION].find().to_list(None)
    assert "sequence_advanced" in log["outbox"][0]["data"]
