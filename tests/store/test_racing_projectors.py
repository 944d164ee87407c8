"""Two processes on one partition, as after a rebalance: the same documents as one process would have made."""

from __future__ import annotations

import asyncio
import random

import pytest

from services.chassis import mongo, parking
from services.chassis.clock import SystemClock
from services.chassis.envelope import Event
from services.chassis.parking import ParkedRecord as Record
from services.chassis.projector import Projector
from tests.support.tallies import RaisedIn, broken, projection, record

SUBJECTS = [f"subject-{n:02}" for n in range(12)]
EVENTS = 9  # per subject


def history(chance: random.Random) -> list[Record]:
    """The log of all subjects, interleaved, with copies, with bad records before their good ones, and some late."""
    turns = [subject for subject in SUBJECTS for _ in range(EVENTS)]
    chance.shuffle(turns)
    following = {subject: iter(range(1, EVENTS + 1)) for subject in SUBJECTS}
    log: list[Record] = []
    late: list[Record] = []
    for subject in turns:
        one = record(subject, next(following[subject]), offset=len(log))
        match chance.randrange(10):
            case 0:
                log += [one, one]
            case 1:
                log.append(broken(one))
                late.append(one)
            case 2:
                late.append(one)
            case _:
                log.append(one)
        if late and chance.random() < 0.2:
            log.append(late.pop(chance.randrange(len(late))))
    chance.shuffle(late)
    return [*log, *late]


async def deliver(log: list[Record], consumers: list[Projector], chance: random.Random) -> None:
    """Batches as a topic gives them: each begins where everything before is committed, two overlap at a time."""
    committed = 0
    while committed < len(log):
        ends = [min(len(log), committed + chance.randint(1, 25)) for _ in consumers]
        starts = [chance.randint(max(0, committed - 15), committed) for _ in consumers]
        batches = [log[start:end] for start, end in zip(starts, ends, strict=True)]
        chance.shuffle(consumers)
        await asyncio.gather(*(one.apply(batch) for one, batch in zip(consumers, batches, strict=True)))
        committed = max(ends)


@pytest.mark.parametrize("seed", range(4))
async def test_overlapping_batches_of_two_processes_end_in_one_state(database: mongo.Database, seed: int) -> None:
    """Copies, bad records, late arrivals, each process with its own memory: every event once, in order, none parked."""
    chance = random.Random(seed)
    seen = projection()
    consumers = [Projector(database, seen, SystemClock()) for _ in range(2)]

    await deliver(history(chance), consumers, chance)

    documents = await database[seen.collection].find().to_list(None)
    assert {one["_id"]: one["state"]["amounts"] for one in documents} == {
        subject: list(range(1, EVENTS + 1)) for subject in SUBJECTS
    }
    assert {one["seq"] for one in documents} == {EVENTS}
    assert await database[parking.COLLECTION].find().to_list(None) == []


async def test_a_process_that_stood_still_does_no_harm(database: mongo.Database) -> None:
    """It stops between reading and writing while another takes over and goes on; then it finishes its old batch."""
    read, go_on = asyncio.Event(), asyncio.Event()

    async def stand_still(event: Event, data: RaisedIn) -> None:
        read.set()
        await go_on.wait()

    batch = [record(subject, n) for subject in SUBJECTS for n in (1, 2, 4)]
    rest = [record(subject, n) for subject in SUBJECTS for n in (5, 3, 6)]
    slow = Projector(database, projection(react=stand_still), SystemClock())
    standing = asyncio.create_task(slow.apply(batch))
    await read.wait()
    successor = Projector(database, projection(), SystemClock())
    await successor.apply(batch)
    await successor.apply(rest)

    go_on.set()
    await standing

    documents = await database[projection().collection].find().to_list(None)
    assert {one["_id"]: one["state"]["amounts"] for one in documents} == {
        subject: [1, 2, 3, 4, 5, 6] for subject in SUBJECTS
    }
    assert await database[parking.COLLECTION].find().to_list(None) == []


async def test_bad_copy_that_is_put_aside_too_late_does_not_stay(database: mongo.Database) -> None:
    """A process reads a bad copy, another applies the good one, and only then the first puts its copy aside."""
    read, go_on = asyncio.Event(), asyncio.Event()

    async def stand_still(event: Event, data: RaisedIn) -> None:
        read.set()
        await go_on.wait()

    slow = Projector(database, projection(react=stand_still), SystemClock())
    standing = asyncio.create_task(slow.apply([record("another", 1), broken(record("subject", 1))]))
    await read.wait()
    await Projector(database, projection(), SystemClock()).apply([record("subject", 1)])

    go_on.set()
    await standing

    assert await database[parking.COLLECTION].find().to_list(None) == []
