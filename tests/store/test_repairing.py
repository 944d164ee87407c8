"""Promises to operators: what is parked can be tried again or given up, and what was given up stays so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis import mongo, parking
from services.chassis.access import AccessLog
from services.chassis.aggregate import Command
from services.chassis.clock import SystemClock
from services.chassis.errors import Invalid
from services.chassis.operations.parked import NothingMissing, NotParked, ParkedRecords, Wanted
from services.chassis.parking import drops
from services.chassis.projector import Projector
from services.chassis.projector.flags import carry_out
from services.chassis.state_table import Entry, StateTable
from tests.support.tallies import TYPE, RaisedIn, broken, projection, record, records

SEEN = projection()
ALL = range(6)
OPERATOR = Command(actor="olga")
LOST, REPAIRED, FORKED = record("a", 2, amount=0), record("a", 2, offset=9), record("a", 2, id="another")


@pytest.fixture
def projector(database: mongo.Database) -> Projector:
    return Projector(database, SEEN, SystemClock())


@pytest.fixture
def operator(database: mongo.Database) -> ParkedRecords:
    return ParkedRecords(database, AccessLog(database, "tallies", SystemClock()), SystemClock())


async def parked(database: mongo.Database) -> dict[int | None, str]:
    rows = await database[parking.COLLECTION].find().to_list(None)
    return {row["sequence"]: row["reason"] for row in rows}


async def document(database: mongo.Database, build: str = SEEN.collection) -> Any:
    return await database[build].find_one({"_id": "a"})


async def ref_of(operator: ParkedRecords, sequence: int | None, reason: str | None = None) -> str:
    rows = await operator.listed(Wanted(reason=reason), 100)
    return next(str(row["ref"]) for row in rows if row["sequence"] == sequence)


async def test_a_retried_record_is_applied_once_the_reason_is_gone(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """A new version of the code applies what the old one could not, and what queued behind it."""
    await projector.apply([record("a", 1), LOST, record("a", 3)])
    await operator.retry(await ref_of(operator, 2), OPERATOR)
    await carry_out(projector, ALL)
    assert await parked(database) == {2: "invalid_data", 3: "gap"}
    assert (await operator.still_there(await ref_of(operator, 2)) or {})["tried_at"] is not None

    def generous(state: Any, event: Any, data: RaisedIn) -> Any:
        return type(state or SEEN.fold(None, event, RaisedIn(amount=1)))(
            (*(state.amounts if state else ()), data.amount)
        )

    mended = Projector(database, replace(SEEN, fold=generous), SystemClock())
    await operator.retry(await ref_of(operator, 2), OPERATOR)
    await carry_out(mended, ALL)

    assert await parked(database) == {}
    assert (await document(database))["state"]["amounts"] == [1, 0, 3]


async def test_a_dropped_record_is_passed_over_and_its_queue_drains(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """The fence moves past it without folding; the events behind it are applied in order."""
    await projector.apply([record("a", 1), LOST, *records("a", 3, 4)])
    await operator.drop(await ref_of(operator, 2), OPERATOR, reason="Entered by mistake.")

    await carry_out(projector, ALL)

    assert await parked(database) == {}
    found = await document(database)
    assert (found["seq"], found["state"]["amounts"], found["skipped"]) == (4, [1, 3, 4], [2])
    await projector.apply([REPAIRED])
    assert (await document(database))["state"]["amounts"] == [1, 3, 4]
    assert await parked(database) == {}


async def test_a_drop_that_is_not_next_waits_for_its_turn(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """Giving up the third record says nothing of the second, which is still to come."""
    await projector.apply([record("a", 1), *records("a", 3, 4)])
    await operator.drop(await ref_of(operator, 3), OPERATOR, reason="Wrong.")
    await carry_out(projector, ALL)
    assert (await document(database))["seq"] == 1

    await projector.apply([record("a", 2)])
    await carry_out(projector, ALL)

    found = await document(database)
    assert (found["state"]["amounts"], found["skipped"]) == ([1, 2, 4], [3])
    assert await parked(database) == {}


async def test_what_never_came_can_be_given_up_so_that_the_waiting_go_on(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """With ``missing`` the hole is passed over, not the record behind it."""
    await projector.apply([record("a", 1), *records("a", 4, 5)])
    await operator.drop(await ref_of(operator, 4), OPERATOR, reason="Lost with the old broker.", missing=True)

    await carry_out(projector, ALL)

    found = await document(database)
    assert (found["state"]["amounts"], found["skipped"], found["seq"]) == ([1, 4, 5], [2, 3], 5)
    assert await parked(database) == {}


async def test_a_dropped_fork_frees_its_subject(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """The copy that was applied first stands; the other one is ignored from then on, also when it comes again."""
    await projector.apply(records("a", 1, 2))
    await projector.apply([FORKED, record("a", 3)])
    assert await parked(database) == {2: "fork", 3: "gap"}

    await operator.drop(await ref_of(operator, 2), OPERATOR, reason="From the test system.")
    await carry_out(projector, ALL)
    await projector.apply([FORKED, record("a", 4)])

    assert (await document(database))["state"]["amounts"] == [1, 2, 3, 4]
    assert await parked(database) == {}


async def test_a_dropped_sequence_frees_its_subject_of_forks_too(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """Whatever claims a sequence that was given up no longer holds anybody up, live and in a rebuild."""
    log = [record("a", 1, amount=0), record("a", 2), record("a", 2, id="another", offset=3), record("a", 3, offset=4)]
    await projector.apply(log)
    assert (await parked(database))[1] == "invalid_data"
    for sequence, reason in ((2, "gap"), (1, None)):
        await operator.drop(await ref_of(operator, sequence, reason), OPERATOR, reason="Wrong.")
    await carry_out(projector, ALL)

    assert await parked(database) == {}
    rebuilt = Projector(database, SEEN, SystemClock(), build="seen_v1_2")
    await rebuilt.apply(log)
    assert (await document(database))["skipped"] == [1, 2]
    assert (await document(database))["state"]["amounts"] == [3]
    assert await document(database, "seen_v1_2") == await document(database)


async def test_a_dropped_record_without_a_place_is_ignored_by_its_offset(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """What names no sequence holds nobody up; given up, it is not parked again when it is read again."""
    nameless = record("a", 7)
    nameless.headers = [(name, value) for name, value in nameless.headers if name != "ce_sequence"]
    await projector.apply([nameless])
    await operator.drop(await ref_of(operator, None), OPERATOR, reason="Not ours.")

    await carry_out(projector, ALL)
    await projector.apply([nameless])

    assert await parked(database) == {}


async def test_a_good_copy_that_was_faster_than_the_drop_withdraws_it(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """What was applied after all must be applied in a rebuild too."""
    await projector.apply([record("a", 1), LOST])
    row = await operator.get(await ref_of(operator, 2))
    await projector.apply([REPAIRED])
    given_up = drops.Drop("sequence", row["partition"], 2, "a", 2, None, "olga", "Too late.", datetime.now(UTC))
    await projector.parking.drops.add(given_up)

    await carry_out(projector, ALL)

    assert await database[drops.COLLECTION].count_documents({}) == 0
    rebuilt = Projector(database, SEEN, SystemClock(), build="seen_v1_2")
    await rebuilt.apply([record("a", 1), LOST, REPAIRED])
    assert (await document(database, "seen_v1_2"))["state"] == (await document(database))["state"]


async def test_only_the_consumer_of_the_partition_carries_out(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """A process that does not read the partition leaves its flags alone."""
    await projector.apply([record("a", 1), LOST])
    await operator.drop(await ref_of(operator, 2), OPERATOR, reason="Wrong.")

    await carry_out(projector, [LOST.partition + 1])

    assert (await document(database))["seq"] == 1


async def test_two_processes_carry_out_the_same_flags(
    projector: Projector, operator: ParkedRecords, database: mongo.Database
) -> None:
    """During a rebalance both may believe that the partition is theirs; the outcome is that of one."""
    await projector.apply([record("a", 1), LOST, *records("a", 3, 4)])
    await operator.drop(await ref_of(operator, 2), OPERATOR, reason="Wrong.")
    other = Projector(database, SEEN, SystemClock())

    await asyncio.gather(carry_out(projector, ALL), carry_out(other, ALL), other.apply([REPAIRED]))
    await carry_out(projector, ALL)

    found = await document(database)
    assert found["state"]["amounts"] == [1, 3, 4] if found.get("skipped") else [1, 2, 3, 4]
    assert await parked(database) == {}
    assert await database[drops.COLLECTION].count_documents({}) == len(found.get("skipped", []))


async def test_a_retry_does_not_take_back_a_drop(operator: ParkedRecords, projector: Projector) -> None:
    """Two operators at once: what was given up on record is given up."""
    await projector.apply([record("a", 1), LOST])
    ref = await ref_of(operator, 2)
    await operator.drop(ref, OPERATOR, reason="Wrong.")
    await operator.retry(ref, OPERATOR)
    assert (await operator.get(ref))["flag"]["action"] == "drop"


async def test_only_what_waits_can_have_what_is_missing_given_up(operator: ParkedRecords, projector: Projector) -> None:
    """A fork or a spoiled record waits for nothing; it is said so, and nothing is dropped."""
    await projector.apply([record("a", 1), LOST])
    with pytest.raises(NothingMissing):
        await operator.drop(await ref_of(operator, 2), OPERATOR, reason="Wrong.", missing=True)


async def test_a_projections_name_finds_the_records_of_all_its_builds(
    operator: ParkedRecords, projector: Projector
) -> None:
    """As the list of projections names it; another projection whose name begins alike is not meant."""
    await projector.apply([record("a", 1), LOST])
    assert len(await operator.listed(Wanted(consumer="seen"), 10)) == 1
    assert len(await operator.listed(Wanted(consumer="seen_v1"), 10)) == 1
    assert await operator.listed(Wanted(consumer="see"), 10) == []


async def test_nobody_drops_without_a_reason_or_what_is_not_there(
    operator: ParkedRecords, projector: Projector
) -> None:
    """The trail must show why; a wrong reference is said to be one."""
    with pytest.raises(NotParked):
        await operator.drop("0" * 16, OPERATOR, reason="Why not.")
    await projector.apply([record("a", 1), LOST])
    ref = await ref_of(operator, 2)
    with pytest.raises(Invalid):
        await operator.drop(ref, OPERATOR, reason="  ")
    assert "flag" not in (await operator.get(ref))


async def test_a_drop_is_on_record_before_it_is_asked_for(
    operator: ParkedRecords, projector: Projector, database: mongo.Database
) -> None:
    """Who, what and why stand in the outbox of the access log."""
    await projector.apply([record("a", 1), LOST])
    ref = await ref_of(operator, 2)
    await operator.drop(ref, OPERATOR, reason="Entered by mistake.")
    [log] = await database["access"].find().to_list(None)
    [entry] = log["outbox"]
    assert entry["actor"] == "olga"
    assert f'"target":"seen_v1/{ref}"' in entry["data"]
    assert "Entered by mistake." in entry["data"]


async def test_a_table_forgets_what_a_later_record_of_the_key_made_good(database: mongo.Database) -> None:
    """A state topic repeats the full state, so a bad record is settled by the next good one."""
    table = StateTable(database, "table", {TYPE: Entry(RaisedIn)}, SystemClock())
    await table.apply([broken(record("a", 1)), broken(record("b", 1, offset=2))])
    assert await database[parking.COLLECTION].count_documents({}) == 2

    await table.apply([record("a", 2, offset=5)])

    rows = await database[parking.COLLECTION].find().to_list(None)
    assert [row["key"] for row in rows] == [b"b"]


async def test_a_tables_record_can_be_tried_again_and_given_up(
    database: mongo.Database, operator: ParkedRecords
) -> None:
    """The same commands serve tables."""
    table = StateTable(database, "table", {TYPE: Entry(RaisedIn)}, SystemClock())
    await table.apply([broken(record("a", 1)), broken(record("b", 1, offset=2))])
    one, other = [row["ref"] for row in await operator.listed(Wanted(), 10)]
    await operator.retry(one, OPERATOR)
    await operator.drop(other, OPERATOR, reason="Not ours.")

    await carry_out(table, ALL)

    [left] = await operator.listed(Wanted(), 10)
    assert (left["ref"], "flag" in left, left["times"]) == (one, False, 2)
    await table.apply([broken(record("a", 1)), broken(record("b", 1, offset=2))])
    assert len(await operator.listed(Wanted(), 10)) == 1
