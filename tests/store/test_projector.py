"""Promises of the projector: published means applied, once; bad input is parked and in nobody's way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.chassis import mongo, parking
from services.chassis.clock import SystemClock
from services.chassis.envelope import Event
from services.chassis.errors import Refused, Transient
from services.chassis.parking import ParkedRecord as Record
from services.chassis.projector import Projector, only_react
from tests.support.tallies import STRANGE, TYPE, RaisedIn, broken, projection, record, records

SEEN = projection()


@pytest.fixture
def projector(database: mongo.Database) -> Projector:
    return Projector(database, SEEN, SystemClock())


def another(database: mongo.Database) -> Projector:
    """Another process with the same projection, which remembers nothing."""
    return Projector(database, SEEN, SystemClock())


async def seen(database: mongo.Database) -> dict[str, list[int]]:
    """Per subject the amounts in the order in which they were applied."""
    documents = await database[SEEN.collection].find().to_list(None)
    return {one["_id"]: one["state"]["amounts"] if one["state"] else [] for one in documents}


async def parked(database: mongo.Database) -> dict[tuple[str | None, int | None], str]:
    """The reason of each parked record, by subject and sequence."""
    rows = await database[parking.COLLECTION].find().to_list(None)
    return {(row["subject"], row["sequence"]): row["reason"] for row in rows}


def counted(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, {"consumer": SEEN.collection, **labels}) or 0


async def test_records_are_folded_in_order_into_one_document_per_subject(
    projector: Projector, database: mongo.Database
) -> None:
    """Batch after batch the document says how far it is and which event came last."""
    await projector.apply([*records("a", 1, 2), *records("b", 1)])
    await projector.apply([*records("b", 2), *records("a", 3)])

    assert await seen(database) == {"a": [1, 2, 3], "b": [1, 2]}
    document = await database[SEEN.collection].find_one({"_id": "a"})
    last = dict(record("a", 3).headers)["ce_id"].decode()
    assert (document["seq"], document["last"]) == (3, last)
    assert await parked(database) == {}


async def test_records_of_a_batch_need_not_lie_in_order(projector: Projector, database: mongo.Database) -> None:
    """What is there is put in order before it is applied."""
    await projector.apply(records("a", 3, 1, 2))

    assert await seen(database) == {"a": [1, 2, 3]}
    assert await parked(database) == {}


@pytest.mark.parametrize("remembers", [True, False])
async def test_a_batch_that_begins_with_a_redelivery_loses_nothing(
    projector: Projector, database: mongo.Database, remembers: bool
) -> None:
    """What was applied before is dropped, what follows it is applied, whether this process remembers or reads."""
    await projector.apply(records("a", 1, 2))

    await (projector if remembers else another(database)).apply(records("a", 1, 2, 2, 3, 3, 4))

    assert await seen(database) == {"a": [1, 2, 3, 4]}
    assert await parked(database) == {}


async def test_a_memory_that_another_process_made_stale_is_found_out(
    projector: Projector, database: mongo.Database
) -> None:
    """A redelivery or a new record that meets a stale memory is neither applied twice nor parked for good."""
    other = another(database)
    await projector.apply(records("a", 1))
    await other.apply(records("a", 2, 3))

    await projector.apply(records("a", 2))  # believes that 2 comes next
    await other.apply(records("a", 4, 5))
    await projector.apply(records("a", 6))  # believes that there is a gap

    assert await seen(database) == {"a": [1, 2, 3, 4, 5, 6]}
    assert await parked(database) == {}


async def test_a_write_that_was_overtaken_is_done_again_on_what_stands_there(database: mongo.Database) -> None:
    """Between reading and writing another process applies part of the batch: the rest still follows, once."""
    overtaken = []

    async def overtake(event: Event, data: Any) -> None:
        if not overtaken:
            overtaken.append(event.sequence)
            await another(database).apply(records("a", 1, 2))

    slow = Projector(database, projection(react=overtake), SystemClock())
    missed = counted("tandem_missed_writes_total")

    await slow.apply([*records("a", 1, 2, 3), *records("b", 1)])

    assert overtaken == [1]
    assert await seen(database) == {"a": [1, 2, 3], "b": [1]}
    assert counted("tandem_missed_writes_total") == missed + 1


async def test_a_write_that_was_overtaken_in_the_middle_of_a_history_is_done_again(database: mongo.Database) -> None:
    """The same with documents that exist: the fence stands in the filter of the update."""
    overtaken = []

    async def overtake(event: Event, data: Any) -> None:
        if event.sequence == 3 and not overtaken:
            overtaken.append(event.sequence)
            await another(database).apply(records("a", 3, 4, 5))

    slow = Projector(database, projection(react=overtake), SystemClock())
    await slow.apply(records("a", 1, 2))

    await slow.apply(records("a", 3, 4))

    assert overtaken == [3]
    assert await seen(database) == {"a": [1, 2, 3, 4, 5]}


async def test_a_record_beyond_a_hole_waits_for_what_is_missing(projector: Projector, database: mongo.Database) -> None:
    """It is parked as a gap, and drains as soon as the missing one arrives late."""
    drained = counted("tandem_drained_records_total")
    await projector.apply([*records("a", 1, 3, 4), *records("b", 1)])
    assert await seen(database) == {"a": [1], "b": [1]}
    assert await parked(database) == {("a", 3): "gap", ("a", 4): "gap"}

    await projector.apply(records("a", 2))

    assert await seen(database) == {"a": [1, 2, 3, 4], "b": [1]}
    assert await parked(database) == {}
    assert counted("tandem_drained_records_total") == drained + 2


async def test_later_records_queue_behind_a_parked_one(projector: Projector, database: mongo.Database) -> None:
    """Batch after batch joins the queue, whichever process gets it, and all drains in order."""
    await projector.apply(records("a", 2))
    await another(database).apply(records("a", 3))
    await projector.apply(records("a", 5))

    await another(database).apply(records("a", 1))

    assert await seen(database) == {"a": [1, 2, 3]}
    assert await parked(database) == {("a", 5): "gap"}


async def test_a_hole_that_is_filled_while_a_record_is_being_parked_is_noticed(database: mongo.Database) -> None:
    """Another process applies what was missing between this one's look and its parking: nothing stays behind."""
    filled = []

    async def fill(event: Event, data: Any) -> None:
        if event.subject == "b" and not filled:
            filled.append(event)
            await another(database).apply(records("a", 1))

    slow = Projector(database, projection(react=fill), SystemClock())

    await slow.apply([*records("a", 2), *records("b", 1)])

    assert filled
    assert await seen(database) == {"a": [1, 2], "b": [1]}
    assert await parked(database) == {}


async def test_a_good_copy_replaces_a_bad_one(projector: Projector, database: mongo.Database) -> None:
    """What cannot be read is parked with its reason; the good record comes and drains the subject's queue."""
    await projector.apply([*records("a", 1), broken(record("a", 2)), *records("a", 3), *records("b", 1)])
    assert await seen(database) == {"a": [1], "b": [1]}
    assert await parked(database) == {("a", 2): "bad_json", ("a", 3): "gap"}

    await projector.apply([broken(record("a", 3)), *records("a", 2)])

    assert await seen(database) == {"a": [1, 2, 3], "b": [1]}
    assert await parked(database) == {}


def renumbered(record: Record, sequence: bytes) -> Record:
    headers = {**dict(record.headers), "ce_sequence": sequence}
    return replace(record, headers=list(headers.items()), offset=record.offset + 1000)


def structured_without_sequence(record: Record) -> Record:
    members = {
        name.removeprefix("ce_"): (value or b"").decode() for name, value in record.headers if name.startswith("ce_")
    }
    body = {**members, "data": {"amount": 2}, "sequence": "soon"}
    headers = [("content-type", b"application/cloudevents+json")]
    return replace(record, value=json.dumps(body).encode(), headers=headers, offset=record.offset + 1000)


WRONG = {
    "no number": (renumbered(record("a", 2), b"soon"), "bad_sequence"),
    "of another place": (renumbered(record("a", 2), b"0000000099"), "gap"),
    "structured": (structured_without_sequence(record("a", 2)), "bad_sequence"),
}


@pytest.mark.parametrize(("wrong", "reason"), WRONG.values(), ids=WRONG)
async def test_a_record_with_a_wrong_sequence_is_settled_by_its_good_copy(
    projector: Projector, database: mongo.Database, wrong: Record, reason: str
) -> None:
    """Once the event is applied under its right sequence, the record that claimed another is no longer parked."""
    await projector.apply([*records("a", 1), wrong])
    assert list((await parked(database)).values()) == [reason]

    await projector.apply(records("a", 2))

    assert await seen(database) == {"a": [1, 2]}
    assert await parked(database) == {}


@pytest.mark.parametrize("wrong", [wrong for wrong, _ in WRONG.values()], ids=WRONG)
async def test_a_record_with_a_wrong_sequence_beside_its_good_copy_is_not_parked(
    projector: Projector, database: mongo.Database, wrong: Record
) -> None:
    """In one batch or after it: an event that is in its place is not missing anywhere."""
    for batch in ([*records("a", 1), wrong, *records("a", 2)], [wrong]):
        await projector.apply(batch)

        assert await seen(database) == {"a": [1, 2]}
        assert await parked(database) == {}


async def test_what_was_applied_but_still_lies_parked_is_removed(
    projector: Projector, database: mongo.Database
) -> None:
    """A crash between the write and the removal: the batch comes again, and nothing stays parked."""
    await projector.apply([WRONG["no number"][0], *records("a", 2)])
    left = await database[parking.COLLECTION].find().to_list(None)
    assert len(left) == 2
    await projector.apply(records("a", 1))
    await database[parking.COLLECTION].insert_many(left)

    await another(database).apply(records("a", 1))

    assert await seen(database) == {"a": [1, 2]}
    assert await parked(database) == {}


async def test_copies_of_a_bad_record_do_not_pile_up(projector: Projector, database: mongo.Database) -> None:
    """Whatever claims the same place of a subject is parked once, however often and however spoiled it comes."""
    bad = broken(record("a", 2))
    nameless = replace(bad, offset=9, headers=[one for one in bad.headers if one[0] != "ce_id"])

    await projector.apply([bad])
    await projector.apply([nameless])
    await projector.apply([bad, nameless])

    assert await database[parking.COLLECTION].count_documents({}) == 1


async def test_a_record_that_belongs_nowhere_is_parked_alone(projector: Projector, database: mongo.Database) -> None:
    """Without subject and key nothing queues behind it; its bytes and headers are kept as they came."""
    nameless = [("ce_type", TYPE.encode()), ("ce_id", None), ("x", b"\xff")]
    orphan = Record("tandem.tallies.v1", 3, 77, None, b"\x00\xff", nameless)

    await projector.apply([orphan, *records("a", 1)])
    await projector.apply([orphan])

    assert await seen(database) == {"a": [1]}
    [row] = await database[parking.COLLECTION].find().to_list(None)
    assert (row["topic"], row["partition"], row["offset"], row["subject"]) == ("tandem.tallies.v1", 3, 77, None)
    assert (row["key"], row["value"], row["headers"]) == (None, b"\x00\xff", [list(one) for one in nameless])
    assert row["reason"] == "no_id"


async def test_a_fork_is_parked_and_stops_its_subject(projector: Projector, database: mongo.Database) -> None:
    """The same sequence with another id: an alarm; later records wait, other subjects flow."""
    forks = counted("tandem_forks_total")
    await projector.apply([*records("a", 1, 2), *records("b", 1)])

    await projector.apply([record("a", 2, id="another"), *records("b", 2)])
    await another(database).apply([*records("a", 3), *records("b", 3)])

    assert await seen(database) == {"a": [1, 2], "b": [1, 2, 3]}
    assert await parked(database) == {("a", 2): "fork", ("a", 3): "gap"}
    assert counted("tandem_forks_total") == forks + 1


async def test_a_fork_within_a_batch_is_decided_by_the_order_of_the_topic(
    projector: Projector, database: mongo.Database
) -> None:
    """The first is applied as if it had come alone, the other is kept, and the subject stands still behind it.

    Were it decided by how the topic is cut into batches, a rebuild would come to something else.
    """
    await projector.apply([*records("a", 1, 2), record("a", 2, id="another", offset=3), record("a", 3, offset=4)])

    assert await seen(database) == {"a": [1, 2]}
    assert await parked(database) == {("a", 2): "fork", ("a", 3): "gap"}


async def test_what_the_fold_refuses_waits_with_all_that_follows(
    projector: Projector, database: mongo.Database
) -> None:
    """A refusal parks the record as refused, poison under its own reason; what came before is applied."""
    await projector.apply([*records("a", 1), record("a", 2, amount=5000), *records("a", 3)])
    await projector.apply([*records("b", 1), record("b", 2, amount=0), *records("b", 3)])

    assert await seen(database) == {"a": [1], "b": [1]}
    assert await parked(database) == {
        ("a", 2): "refused",
        ("a", 3): "gap",
        ("b", 2): "invalid_data",
        ("b", 3): "gap",
    }


async def test_a_refused_reaction_is_tried_again_with_the_next_record(database: mongo.Database) -> None:
    """Once the rule no longer says no, the queue drains, each reaction in its order."""
    closed, reacted = [True], []

    async def react(event: Event, data: RaisedIn) -> None:
        if closed[0] and event.sequence == 2:
            raise Refused("not yet")
        reacted.append(event.sequence)

    projector = Projector(
        database, only_react("reactions", "tandem.tallies.v1", {TYPE: RaisedIn}, react), SystemClock()
    )
    await projector.apply(records("a", 1, 2, 3))
    assert await parked(database) == {("a", 2): "refused", ("a", 3): "gap"}

    closed[0] = False
    await projector.apply(records("a", 4))

    assert reacted == [1, 2, 3, 4]
    assert await parked(database) == {}


async def test_a_reaction_whose_server_is_away_loses_nothing(database: mongo.Database) -> None:
    """Nothing is written before all reactions of the batch were carried out; the batch can be applied again."""
    away, reacted = [True], []

    async def react(event: Event, data: RaisedIn) -> None:
        if away[0] and event.sequence == 2:
            raise Transient("away")
        reacted.append(event.sequence)

    projector = Projector(database, projection(react=react), SystemClock())
    with pytest.raises(Transient):
        await projector.apply(records("a", 1, 2))
    assert await seen(database) == {}

    away[0] = False
    await projector.apply(records("a", 1, 2))

    assert await seen(database) == {"a": [1, 2]}
    assert reacted == [1, 1, 2]


async def test_an_unknown_type_advances_the_fence_and_is_counted(
    projector: Projector, database: mongo.Database
) -> None:
    """A new type never breaks an old reader: the state stays, the sequence goes on, also as the first of all."""
    unknown = counted("tandem_unknown_events_total")

    await projector.apply([record("a", 1, type=STRANGE), *records("a", 2), record("a", 3, type=STRANGE)])
    await projector.apply([record("b", 1, type=STRANGE)])

    assert await seen(database) == {"a": [2], "b": []}
    fences: Mapping[str, int] = {one["_id"]: one["seq"] for one in await database[SEEN.collection].find().to_list(None)}
    assert fences == {"a": 3, "b": 1}
    assert counted("tandem_unknown_events_total") == unknown + 3
