"""Promises of the timers: fired when due, once, whoever fires them and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from services.chassis import mongo
from services.chassis.errors import Transient
from services.chassis.health import Health, State
from services.chassis.timers import COLLECTION, HANDLERS, LOOP, Handler, Pace, Timer, Timers, TimerWorker
from tests.support.clocks import HandClock

KIND = "reminder"


@dataclass(slots=True)
class Bench:
    """Timers over a database, the two clocks of their workers, and what the handlers were called with."""

    database: mongo.Database
    clock: HandClock = field(default_factory=HandClock)
    machine: HandClock = field(default_factory=HandClock)
    health: Health = field(default_factory=Health)
    calls: list[Timer] = field(default_factory=list)

    @property
    def timers(self) -> Timers:
        """Where timers are set."""
        return Timers(self.database)

    def worker(self, handler: Handler | None = None, **pace: Any) -> TimerWorker:
        """A worker, as another process would have one."""

        async def noted(timer: Timer) -> None:
            self.calls.append(timer)
            if handler:
                await handler(timer)

        paced = Pace(**pace)
        return TimerWorker(
            self.database, {KIND: noted}, self.health, clock=self.clock, machine=self.machine, pace=paced
        )

    async def set(self, id: str, **later: float) -> bool:
        """Set a timer that is due so much later than the clock shows."""
        due = self.clock.now() + timedelta(**later)
        return await self.timers.schedule(id, kind=KIND, subject=f"about {id}", due=due, data={"n": 1})

    async def states(self) -> Counter[str]:
        """How many timers are in which state."""
        return Counter([document["state"] async for document in self.database[COLLECTION].find()])


@pytest.fixture
def bench(database: mongo.Database) -> Bench:
    """An empty bench."""
    return Bench(database)


async def test_a_timer_is_fired_when_it_is_due_and_once(bench: Bench) -> None:
    """Not a moment earlier, with all that was handed to it, and never again."""
    await bench.set("one", minutes=5)
    worker = bench.worker()
    bench.clock.passes(minutes=4, seconds=59)
    assert await worker.work() == 0
    bench.clock.passes(seconds=1)

    assert [await worker.work(), await worker.work()] == [1, 0]

    [fired] = bench.calls
    assert (fired.id, fired.kind, fired.subject, fired.data) == ("one", KIND, "about one", {"n": 1})
    assert (fired.due, fired.attempts) == (bench.clock.now(), 1)
    assert bench.health.loops[HANDLERS].state is State.RUNNING


async def test_several_workers_fire_hundreds_of_timers_once_each(bench: Bench) -> None:
    """Whoever is first has it; nothing is left and nothing is fired twice."""
    await asyncio.gather(*(bench.set(f"timer {n}") for n in range(300)))
    workers = [bench.worker() for _ in range(5)]

    while sum(await asyncio.gather(*(worker.work() for worker in workers))):
        pass

    assert Counter(timer.id for timer in bench.calls) == Counter(f"timer {n}" for n in range(300))
    assert await bench.states() == {"fired": 300}


async def test_a_full_page_makes_the_next_turn_begin_at_once(bench: Bench) -> None:
    """A backlog does not wait for the next look between two pages."""
    await asyncio.gather(*(bench.set(f"timer {n}") for n in range(101)))
    worker = bench.worker()

    assert await worker.work() == 100
    assert worker.woken.is_set()
    worker.woken.clear()
    assert await worker.work() == 1
    assert not worker.woken.is_set()


async def test_a_crash_between_claim_and_firing_is_made_good(bench: Bench) -> None:
    """The claim of a dead worker keeps others away until it expires, by the machine's clock; then one of them fires."""
    await bench.set("one")
    reached, dead = asyncio.Event(), asyncio.Event()

    async def die(timer: Timer) -> None:
        reached.set()
        await dead.wait()

    dying = asyncio.create_task(bench.worker(die).work())
    await reached.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    bench.clock.passes(days=1)
    bench.machine.passes(seconds=59)
    assert await bench.worker().work() == 0
    bench.machine.passes(seconds=2)

    assert await bench.worker().work() == 1

    assert [timer.attempts for timer in bench.calls] == [1, 2]
    assert len({timer.key for timer in bench.calls}) == 1


async def test_a_worker_that_outlived_its_claim_marks_nothing(bench: Bench) -> None:
    """It stood still, another one fired meanwhile: its own mark and its own failure miss."""
    await bench.set("one")
    reached, woken = asyncio.Event(), asyncio.Event()

    async def stand_still(timer: Timer) -> None:
        reached.set()
        await woken.wait()

    sleeping = asyncio.create_task(bench.worker(stand_still).work())
    await reached.wait()
    bench.machine.passes(seconds=61)
    bench.clock.passes(seconds=61)
    assert await bench.worker().work() == 1
    bench.clock.passes(hours=1)
    woken.set()

    assert await sleeping == 0

    document = await bench.database[COLLECTION].find_one({"_id": "one"})
    assert document["fired_at"] == bench.clock.now() - timedelta(hours=1)
    assert len({timer.key for timer in bench.calls}) == 1


async def test_a_handler_that_takes_too_long_is_given_up(bench: Bench) -> None:
    """It is stopped when its claim expires, so that it never holds up the others, and comes again."""
    await bench.set("one")

    async def hang(timer: Timer) -> None:
        await asyncio.Event().wait()

    assert await bench.worker(hang, claim=timedelta(seconds=0.2)).work() == 0

    assert bench.health.loops[HANDLERS].state is State.WAITING
    bench.machine.passes(seconds=2)
    assert await bench.worker().work() == 1


async def test_scheduling_again_moves_a_timer_until_it_has_fired(bench: Bench) -> None:
    """The same again changes nothing, another instant moves it, and what was fired stays fired."""
    assert await bench.set("one", hours=1)
    assert not await bench.set("one", hours=1)
    assert await bench.set("one", hours=2)
    bench.clock.passes(hours=1)
    assert await bench.worker().work() == 0
    bench.clock.passes(hours=1)
    assert await bench.worker().work() == 1

    assert not await bench.set("one", hours=3)
    bench.clock.passes(hours=3)
    assert await bench.worker().work() == 0


async def test_many_who_schedule_the_same_timer_set_one(bench: Bench) -> None:
    """The id makes them one; only one of them is told that it was set."""
    done = await asyncio.gather(*(bench.set("one", hours=1) for _ in range(10)))
    assert sorted(done) == [False] * 9 + [True]


async def test_a_timer_that_is_moved_under_its_handler_comes_again(bench: Bench) -> None:
    """A handler may move its own timer on; each firing has a key of its own."""
    await bench.set("one")

    async def again(timer: Timer) -> None:
        await bench.set("one", hours=1)

    assert await bench.worker(again).work() == 0
    assert await bench.worker().work() == 0
    bench.clock.passes(hours=1)
    assert await bench.worker().work() == 1

    assert len({timer.key for timer in bench.calls}) == 2


async def test_cancelled_is_cancelled(bench: Bench) -> None:
    """It is never fired, and a late repetition of the order to set it does not bring it back."""
    await bench.set("one", hours=1)
    assert [await bench.timers.cancel("one"), await bench.timers.cancel("one")] == [True, False]
    assert not await bench.timers.cancel("nothing")
    assert not await bench.set("one", hours=1)
    assert not await bench.set("one")
    bench.clock.passes(hours=2)
    assert await bench.worker().work() == 0


async def test_cancelling_races_with_firing_and_one_of_them_wins(bench: Bench) -> None:
    """Whoever is told that it was cancelled will not find it fired, and the other way round."""
    names = [f"timer {n}" for n in range(60)]
    await asyncio.gather(*(bench.set(name) for name in names))

    async def cancel_all() -> list[bool]:
        return [await bench.timers.cancel(name) for name in names]

    results = await asyncio.gather(bench.worker().work(), bench.worker().work(), cancel_all())

    cancelled = sum(results[2])
    assert results[0] + results[1] == 60 - cancelled
    assert await bench.states() == Counter({"fired": 60 - cancelled, "cancelled": cancelled}) + Counter()


async def test_a_server_that_is_away_means_later_and_later_again(bench: Bench) -> None:
    """The pauses double up to a minute, by the machine's clock; health says what is waited for."""
    await bench.set("one")
    answers: list[Exception | None] = [Transient("no mail server")] * 9
    worker = bench.worker(lambda timer: _answered(answers))

    pauses = [await _pause(bench, worker) for _ in range(9)]

    expected = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(0.8 * e <= pause <= 1.2 * e + 0.02 for pause, e in zip(pauses, expected, strict=True)), pauses
    assert bench.health.loops[HANDLERS].reason == "waits: reminder: no mail server"
    assert await worker.work() == 1
    assert bench.health.loops[HANDLERS].state is State.RUNNING


async def test_a_bug_in_a_handler_stops_nobody_else(bench: Bench) -> None:
    """All others are fired, that one comes again later, and health is red until it succeeds."""
    await asyncio.gather(*(bench.set(f"timer {n}") for n in range(20)))
    broken = {"timer 7"}

    async def handle(timer: Timer) -> None:
        if timer.id in broken:
            raise ZeroDivisionError("secret")

    worker = bench.worker(handle)
    assert await worker.work() == 19
    assert bench.health.loops[HANDLERS].state is State.STOPPED
    assert bench.health.loops[HANDLERS].reason == "bug: reminder: ZeroDivisionError"
    assert await worker.work() == 0
    broken.clear()
    bench.machine.passes(seconds=2)
    assert await worker.work() == 1
    assert bench.health.loops[HANDLERS].state is State.RUNNING
    assert LOOP not in bench.health.loops


async def test_kinds_without_a_handler_are_left_to_those_who_have_one(bench: Bench) -> None:
    """A process that does not know a kind does not touch its timers."""
    await bench.timers.schedule("other", kind="unknown here", subject="x", due=bench.clock.now())
    assert await bench.worker().work() == 0
    [document] = await bench.database[COLLECTION].find().to_list(None)
    assert (document["state"], document["attempts"], document["problem"]) == ("waiting", 0, None)


async def test_setting_a_timer_wakes_the_worker(bench: Bench) -> None:
    """What is due at once is fired at once, not at the next look."""
    worker = bench.worker()
    timers = Timers(bench.database, scheduled=worker.woken.set)
    await timers.schedule("one", kind=KIND, subject="x", due=bench.clock.now())
    assert worker.woken.is_set()


def _answered(answers: list[Exception | None]) -> Awaitable[None]:
    async def answer() -> None:
        if answers and (error := answers.pop()):
            raise error

    return answer()


async def _pause(bench: Bench, worker: TimerWorker) -> float:
    """Seconds of the machine's clock that a timer is left alone after it failed now; moves the clock past them."""
    assert await worker.work() == 0
    document = await bench.database[COLLECTION].find_one({"_id": "one"})
    left: timedelta = document["claim"]["until"] - bench.machine.now()
    bench.machine.passes(seconds=left.total_seconds() - 0.01)
    calls = len(bench.calls)
    assert (await worker.work(), len(bench.calls)) == (0, calls)
    bench.machine.passes(seconds=0.02)
    return left.total_seconds()
