"""Promises of state tables: per key the newest record counts, and what is forgotten stays forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from services.chassis import mongo, parking
from services.chassis.clock import SystemClock
from services.chassis.parking import ParkedRecord as Record
from services.chassis.state_table import Entry, StateTable
from tests.support.tallies import STRANGE, TYPE, RaisedIn, broken, record


@pytest.fixture
def table(database: mongo.Database) -> StateTable:
    return StateTable(database, "levels", {TYPE: Entry(RaisedIn)}, SystemClock())


def tombstone(key: str, sequence: int | None, offset: int = 0) -> Record:
    """The record that forgets a key, as Tandem writes it or, without a sequence, as any tool may."""
    full = record(key, sequence or 1, offset=offset)
    return replace(full, value=None, headers=full.headers if sequence else [])


async def levels(table: StateTable) -> dict[str, int]:
    documents = await table.collection.find({"gone": False}).to_list(None)
    return {one["_id"]: one["entry"]["amount"] for one in documents}


async def test_the_newest_record_of_a_key_counts(table: StateTable) -> None:
    """Within a batch and over batches, whatever the holes between the sequences."""
    await table.apply([record("a", 1), record("a", 7), record("b", 3)])
    await table.apply([record("a", 20), record("b", 5)])

    assert await levels(table) == {"a": 20, "b": 5}
    assert await table.get("a") == {"amount": 20}
    assert await table.all({"amount": 5}) == [{"amount": 5}]
    assert await table.get("nobody") is None


async def test_versions_of_a_type_count_as_one(database: mongo.Database) -> None:
    """A key that is told of in the second version is found as one of the first; another type is not."""
    entries = {TYPE: Entry(RaisedIn), STRANGE: Entry(RaisedIn)}
    table = StateTable(database, "versions", entries, SystemClock())
    await table.apply([record("a", 1), record("b", 1, amount=1, type=STRANGE)])

    assert await table.get("b") == await table.get("a") == {"amount": 1}
    assert len(await table.all({})) == 2
    assert len(await table.all({}, STRANGE)) == 1


async def test_older_records_are_ignored(table: StateTable) -> None:
    """In a later batch and in the same one."""
    await table.apply([record("a", 7), record("a", 3, amount=1)])
    await table.apply([record("a", 5, amount=2)])

    assert await levels(table) == {"a": 7}


async def test_who_reads_more_of_a_record_gets_it_by_reading_it_again(
    table: StateTable, database: mongo.Database
) -> None:
    """As a service does after an upgrade; what was forgotten since stays forgotten."""

    class Raised(RaisedIn):
        note: str = "none"

    records = [record("a", 3, amount=9), record("b", 2)]
    await table.apply([*records, tombstone("b", None, offset=5)])
    learnt = StateTable(database, "levels", {TYPE: Entry(Raised)}, SystemClock())
    await learnt.apply(records)

    assert await learnt.get("a") == {"amount": 9, "note": "none"}
    assert await learnt.get("b") is None


async def test_racing_tables_end_with_the_newest(database: mongo.Database) -> None:
    """Several processes apply different batches of a key at the same time, in any order."""
    tables = [StateTable(database, "levels", {TYPE: Entry(RaisedIn)}, SystemClock()) for _ in range(6)]

    await asyncio.gather(*(table.apply([record("a", n), record("b", 20 - n)]) for n, table in enumerate(tables, 1)))

    assert await levels(tables[0]) == {"a": 6, "b": 19}


async def test_a_tombstone_forgets_its_key(table: StateTable) -> None:
    """Nothing of the entry stays; an older redelivery does not bring it back, a newer record does."""
    await table.apply([record("a", 1), record("a", 2), record("b", 1)])

    await table.apply([tombstone("a", 3)])
    assert await table.collection.find_one({"_id": "a"}, {"type": 0}) == {
        "_id": "a",
        "seq": 3,
        "gone": True,
        "entry": None,
    }
    await table.apply([record("a", 1), record("a", 2)])
    assert await levels(table) == {"b": 1}
    await table.apply([record("a", 4)])
    assert await levels(table) == {"a": 4, "b": 1}
    await table.apply([tombstone("a", 3)])
    assert await levels(table) == {"a": 4, "b": 1}


async def test_a_tombstone_without_a_sequence_forgets_what_lies_before_it(table: StateTable) -> None:
    """What was known before is gone for good; a record behind it counts, also when all of it comes again."""
    log = [record("a", 1, offset=10), record("a", 2, offset=11), tombstone("a", None, 12), record("a", 3, offset=13)]
    await table.apply(log[:2])
    await table.apply(log[2:3])
    assert await levels(table) == {}
    await table.apply(log[:2])
    assert await levels(table) == {}

    await table.apply(log[3:])
    assert await levels(table) == {"a": 3}
    for again in (log[2:3], log[1:3], log):
        await table.apply(again)
        assert await levels(table) == {"a": 3}


async def test_a_redelivery_behind_a_tombstone_does_not_hide_it(table: StateTable) -> None:
    """An older copy in the tombstone's own batch neither revives the key nor keeps the tombstone from its work."""
    await table.apply([record("a", 5, offset=10)])

    await table.apply([tombstone("a", None, 12), record("a", 4, offset=13)])

    assert await levels(table) == {}


async def test_what_a_tombstone_forgot_within_its_batch_stays_forgotten(table: StateTable) -> None:
    """A slow process that writes its older batch afterwards does not bring back what was never written."""
    await table.apply([record("a", 3, offset=10), tombstone("a", None, 11)])

    await table.apply([record("a", 3, offset=10)])

    assert await levels(table) == {}


async def test_a_tombstone_of_an_unknown_key_is_remembered(table: StateTable) -> None:
    """It may be there before the records it forgets, when those come again."""
    await table.apply([tombstone("a", 3), tombstone("b", None)])
    await table.apply([record("a", 2)])

    assert await levels(table) == {}


async def test_what_cannot_be_read_is_parked_and_holds_nobody_up(table: StateTable, database: mongo.Database) -> None:
    """The bad record lies aside with its reason; the next record of its key is applied at once."""
    without_amount = broken(record("b", 1, offset=21), b'{"amount":"much"}')

    await table.apply([broken(record("a", 1, offset=20)), record("a", 2), without_amount])
    await table.apply([record("b", 2)])

    assert await levels(table) == {"a": 2, "b": 2}
    rows = await database[parking.COLLECTION].find().to_list(None)
    assert {row["offset"]: (row["reason"], row["consumer"]) for row in rows} == {
        20: ("bad_json", "levels"),
        21: ("invalid_data", "levels"),
    }


async def test_records_of_another_type_are_passed_over(table: StateTable, database: mongo.Database) -> None:
    """A type that this version does not know changes nothing and is no fault."""
    await table.apply([record("a", 1), record("a", 2, type=STRANGE), record("b", 1, type=STRANGE)])

    assert await levels(table) == {"a": 1}
    assert await database[parking.COLLECTION].count_documents({}) == 0
