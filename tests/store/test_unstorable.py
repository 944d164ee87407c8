"""An event whose effect the database cannot store is parked like an unreadable one; nobody halts."""

from __future__ import annotations

import pytest

from services.chassis import mongo, parking
from services.chassis.clock import SystemClock
from services.chassis.projector import Projector
from tests.support.tallies import projection, record, records

SEEN = projection()
BEYOND_64_BITS = -(2**63) - 1


@pytest.fixture
def projector(database: mongo.Database) -> Projector:
    return Projector(database, SEEN, SystemClock())


async def seen(database: mongo.Database) -> dict[str, list[int]]:
    return {one["_id"]: one["state"]["amounts"] async for one in database[SEEN.collection].find()}


async def parked(database: mongo.Database) -> dict[tuple[str, int], str]:
    rows = await database[parking.COLLECTION].find().to_list(None)
    return {(row["subject"], row["sequence"]): row["reason"] for row in rows}


async def test_the_culprit_is_parked_and_its_neighbours_flow(projector: Projector, database: mongo.Database) -> None:
    """Among many events of many subjects exactly the one that cannot be stored waits, and those behind it."""
    culprit = record("a", 3, amount=BEYOND_64_BITS)
    await projector.apply([*records("a", 1, 2), culprit, *records("a", 4, 5), *records("b", 1, 2)])
    assert await seen(database) == {"a": [1, 2], "b": [1, 2]}
    assert await parked(database) == {("a", 3): "unstorable", ("a", 4): "gap", ("a", 5): "gap"}


async def test_a_repaired_event_drains_the_queue(projector: Projector, database: mongo.Database) -> None:
    """The same event, produced again with a value that can be stored, takes the culprit's place."""
    await projector.apply([*records("a", 1), record("a", 2, amount=BEYOND_64_BITS), *records("a", 3)])
    await projector.apply([record("a", 2, amount=7, offset=100)])
    assert await seen(database) == {"a": [1, 7, 3]}
    assert await parked(database) == {}


async def test_a_later_record_does_not_make_the_culprit_spin(projector: Projector, database: mongo.Database) -> None:
    """What was parked is tried once more with each batch of its subject, and waits on."""
    await projector.apply([*records("a", 1), record("a", 2, amount=BEYOND_64_BITS)])
    await projector.apply(records("a", 3))
    assert await seen(database) == {"a": [1]}
    assert await parked(database) == {("a", 2): "unstorable", ("a", 3): "gap"}


async def test_a_document_that_grows_past_the_limit_stops_growing(
    projector: Projector, database: mongo.Database
) -> None:
    """Sixteen megabytes of state are the database's limit; the event that would pass it waits."""
    document = {"_id": "a", "seq": 1, "last": "x", "state": {"amounts": [1]}}
    await database[SEEN.collection].insert_one({**document, "padding": "x" * (16 * 2**20 - 200)})
    many = [record("a", sequence, amount=sequence) for sequence in range(2, 60)]
    await projector.apply(many)
    stored = await database[SEEN.collection].find_one({"_id": "a"}, {"padding": 0})
    assert stored["state"]["amounts"] == list(range(1, stored["seq"] + 1))
    reasons = await parked(database)
    assert reasons["a", stored["seq"] + 1] == "unstorable"
    assert len(reasons) == 59 - stored["seq"]
