"""Staging on a real database: every event once, whoever delivers it how often; nothing that stands there changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.chassis import mongo, parking
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.chassis.parking import ParkedRecord
from services.reporting.audit.entry import COLLECTION
from services.reporting.audit.staging import Stage
from services.reporting.audit.trail import INDEXES
from tests.support.servers import Running
from tests.support.tallies import STRANGE, broken, record, records

NAME = "audit_tallies"


@pytest.fixture
async def database(servers: Running) -> AsyncIterator[mongo.Database]:
    """A database of the test's own, with the trail's indexes."""
    client = mongo.connect(servers.mongodb)
    database = client[f"staging_{random_id()[:8]}"]
    for index in INDEXES[COLLECTION]:
        await database[COLLECTION].create_index(list(index.keys))
    yield database
    await mongo.close(client)


def stage(database: mongo.Database) -> Stage:
    return Stage(database, NAME, SystemClock())


async def entries(database: mongo.Database) -> list[mongo.Document]:
    found: list[mongo.Document] = await database[COLLECTION].find().sort([("subject", 1), ("offset", 1)]).to_list(None)
    return found


def moved(one: ParkedRecord, offset: int) -> ParkedRecord:
    """A copy of a record further behind on its topic."""
    return replace(one, offset=offset)


async def test_another_event_under_a_used_id_is_evidence(database: mongo.Database) -> None:
    """Whoever reuses source and id of an event cannot hide behind it; delivered again it is still one entry."""
    first, forged = record("a", 1, id="used"), record("b", 1, id="used", offset=7)
    for _ in range(2):
        await stage(database).apply([first, forged])
        await stage(database).apply([forged, first])

    found = await entries(database)
    assert [one["subject"] for one in found] == ["a", "b"]
    assert [one.get("contradicts") for one in found] == [None, found[0]["_id"]]


async def test_what_is_delivered_again_is_staged_once_and_stays_as_it_was(database: mongo.Database) -> None:
    """Within a batch, over batches, and as another copy on the topic; the first one counts."""
    await stage(database).apply([*records("a", 1, 2), *records("a", 1)])
    before = await entries(database)

    again = [moved(one, one.offset + 10) for one in records("a", 1, 2, 3)]
    assert await stage(database).apply(again) == []

    after = await entries(database)
    assert [one["sequence"] for one in before] == [1, 2]
    assert after[:2] == before
    assert [(one["sequence"], one["offset"]) for one in after] == [(1, 1), (2, 2), (3, 13)]


async def test_racing_processes_stage_each_event_once(database: mongo.Database) -> None:
    """Six of them with the same batch at the same time, as after a rebalance."""
    batch = [one for subject in "abcdefgh" for one in records(subject, *range(1, 26))]

    await asyncio.gather(*(stage(database).apply(batch) for _ in range(6)))

    found = await entries(database)
    assert sorted((one["subject"], one["sequence"]) for one in found) == [
        (s, n) for s in "abcdefgh" for n in range(1, 26)
    ]


async def test_two_events_that_claim_one_sequence_are_both_kept(database: mongo.Database) -> None:
    """A fork is evidence, in whichever order it came."""
    await stage(database).apply([record("a", 2, id="one"), record("a", 1), record("a", 2, id="other")])

    found = await entries(database)
    assert sorted(one["_id"].partition("|")[2] for one in found if one["sequence"] == 2) == ["one", "other"]
    assert len({one["digest"] for one in found}) == 3


async def test_an_event_that_nobody_can_use_is_staged(database: mongo.Database) -> None:
    """Holes, unknown types and data that no reader takes are events all the same; nothing waits for anything."""
    await stage(database).apply([record("a", 5), record("b", 1, type=STRANGE), broken(record("c", 1))])

    assert [(one["subject"], one["sequence"]) for one in await entries(database)] == [("a", 5), ("b", 1), ("c", 1)]
    assert await database[parking.COLLECTION].count_documents({}) == 0


async def test_what_is_no_event_is_parked_under_this_consumer(database: mongo.Database) -> None:
    """It lies aside with its reason and says so once; what comes with it and behind it is staged."""
    headless, gone = replace(record("a", 1), headers=[]), broken(record("a", 2), None)

    aside = await stage(database).apply([headless, gone, record("a", 3)])
    again = await stage(database).apply([headless, gone, record("a", 4)])

    assert (aside, again) == ([headless, gone], [])
    rows = await database[parking.COLLECTION].find().sort("offset", 1).to_list(None)
    assert [(row["consumer"], row["offset"], row["reason"]) for row in rows] == [
        (NAME, 1, "no_id"),
        (NAME, 2, "tombstone"),
    ]
    assert [one["sequence"] for one in await entries(database)] == [3, 4]


async def test_a_large_batch_is_staged_whole(database: mongo.Database) -> None:
    """Over several bulks, some of whose events stand there already."""
    batch = [record(f"s{n % 50}", n // 50 + 1) for n in range(5_000)]
    await stage(database).apply(batch[1_500:2_500])

    await stage(database).apply(batch)

    assert await database[COLLECTION].count_documents({}) == 5_000
