"""Timers: due documents that fire once, whoever is there to fire them.

A timer is ``{_id, kind, subject, due, data, state, claim: {by, until}, attempts, problem, fired_at}``. Workers
claim what is due by compare-and-set; a claim expires, so a crash is made good; a timer is marked fired by
compare-and-set on the worker's own claim. Whatever a handler does must bear repetition: a crash between its
effect and the mark brings the timer again. ``Timer.key`` names the command that it carries out.

What is due is told by the injected clock. Claims and pauses go by the machine's own clock, since the injected
one may stand still; machines must agree to within a few seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis import metrics, mongo
from services.chassis.clock import Clock, SystemClock
from services.chassis.errors import Transient
from services.chassis.health import Health
from services.chassis.ids import derived_id, random_id
from services.chassis.logging import get_logger
from services.chassis.service import Index
from services.chassis.wire import rfc3339

log = get_logger(__name__)
COLLECTION = "timers"
INDEXES = (Index((("state", 1), ("due", 1))), Index((("problem", 1),), partial={"state": "waiting"}))
LOOP = "timers"  # the worker's loop
HANDLERS = "timer_handlers"  # what its handlers wait for, or failed on
PAGE = 100  # timers looked at in one turn
_TURN = 20.0  # seconds after which a turn begins nothing more, so that the loop shows that it turns
_LONGEST = 60.0  # seconds between two attempts of a timer whose handler fails
_COUNTED = 10_000  # due timers up to which the gauge counts
_BRIEF = 300  # characters of a problem
_FREE: mongo.Document = {"by": "", "until": datetime(1970, 1, 1, tzinfo=UTC)}


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that is due: its kind, whom it is about, and what was handed to it; ``attempts`` counts this one."""

    id: str
    kind: str
    subject: str
    due: datetime
    data: Mapping[str, Any]
    attempts: int

    @property
    def key(self) -> str:
        """The idempotency key of the command that it carries out: the same at each attempt."""
        return derived_id("timer", self.id, rfc3339(self.due))


Handler = Callable[[Timer], Awaitable[None]]


class Timers:
    """Sets timers and takes them back; ``scheduled`` is called when one is set."""

    def __init__(self, database: mongo.Database, *, scheduled: Callable[[], None] = lambda: None) -> None:
        self._timers: mongo.Collection = database[COLLECTION]
        self._scheduled = scheduled

    async def schedule(
        self, id: str, *, kind: str, subject: str, due: datetime, data: Mapping[str, Any] | None = None
    ) -> bool:
        """Have ``kind``'s handler called at ``due``; whether the timer was set or moved.

        The same again changes nothing. Another ``due`` moves a timer that waits, also under a handler that
        is at work: it comes again then. Fired and cancelled ones stay what they are. Raises ``Unavailable``.
        """
        due = _storable(due)
        fields = {"kind": kind, "subject": subject, "due": due, "data": dict(data or {})}
        fresh = {**fields, "state": "waiting", "claim": _FREE, "attempts": 0, "problem": None, "fired_at": None}
        moved = {**fields, "claim": _FREE, "attempts": 0, "problem": None}
        with mongo.unavailable():
            try:
                done = await self._timers.update_one({"_id": id}, {"$setOnInsert": fresh}, upsert=True)
            except mongo.DuplicateKeyError:  # another process set it at the same moment
                done = None
            if done is None or done.matched_count:
                waiting = {"_id": id, "state": "waiting", "due": {"$ne": due}}
                done = await self._timers.update_one(waiting, {"$set": moved})
        changed = bool(done.matched_count or done.upserted_id)
        if changed:
            self._scheduled()
        return changed

    async def cancel(self, id: str) -> bool:
        """Take back a timer that waits; whether there was one. A handler that is at work on it goes on.

        Raises ``Unavailable``.
        """
        with mongo.unavailable():
            cancelled = {"$set": {"state": "cancelled", "claim": _FREE, "problem": None}}
            done = await self._timers.update_one({"_id": id, "state": "waiting"}, cancelled)
        return bool(done.matched_count)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works: for how long a claim holds and how many timers are fired at a time.

    ``pause`` is the first wait of a timer whose handler failed; it doubles up to a minute.
    """

    claim: timedelta = timedelta(seconds=60)
    at_once: int = 8
    pause: timedelta = timedelta(seconds=1)


class TimerWorker:
    """Fires what is due; any number of workers of any number of processes may do so.

    ``clock`` says what is due, ``machine`` when a claim expires. ``work`` belongs into a sweep
    (``runtime.sweep(LOOP, worker.work, woken=worker.woken, seconds=1)``).
    """

    def __init__(
        self,
        database: mongo.Database,
        handlers: Mapping[str, Handler],
        health: Health,
        *,
        clock: Clock,
        machine: Clock | None = None,
        pace: Pace | None = None,
        woken: asyncio.Event | None = None,
    ) -> None:
        self._timers: mongo.Collection = database[COLLECTION]
        self._handlers = dict(handlers)
        self._health = health
        self._clock = clock
        self._machine = machine or SystemClock()
        self._pace = pace or Pace()
        self.woken = woken or asyncio.Event()
        health.expect(HANDLERS)
        for kind in handlers:
            metrics.expect_timers(kind)

    async def work(self) -> int:
        """Fire one page of what is due, and have the next turn begin at once where there may be more.

        The number of timers fired. A handler that fails leaves its own timer for later, nobody else's.
        Raises ``Unavailable``, ``ClockUnreadable``.
        """
        due = await self._due(self._clock.now(), _storable(self._machine.now()))
        if len(due) == PAGE:
            self.woken.set()
        turn = _Turn()
        await asyncio.gather(*(self._lane(due, turn) for _ in range(self._pace.at_once)))
        await self._tell()
        if turn.error:
            raise turn.error
        return turn.fired

    async def _due(self, now: datetime, machine: datetime) -> list[mongo.Document]:
        """The longest due first, in an order of this worker's own, so that several seldom meet."""
        due = {"state": "waiting", "due": {"$lte": now}, "kind": {"$in": sorted(self._handlers)}}
        with mongo.unavailable():
            metrics.TIMERS_DUE.set(await self._timers.count_documents(due, limit=_COUNTED))
            free = self._timers.find({**due, "claim.until": {"$lte": machine}}).sort("due", 1).limit(PAGE)
            found: list[mongo.Document] = await free.to_list(PAGE)
        random.shuffle(found)
        return found

    async def _lane(self, due: list[mongo.Document], turn: _Turn) -> None:
        """Take one timer after the other until none is left, the turn is over or the database is away."""
        try:
            while due and not turn.error:
                if turn.is_over():
                    self.woken.set()
                    return
                fired = await self._fire(due.pop())
                turn.fired += fired
        except Transient as error:
            turn.error = error

    async def _fire(self, found: mongo.Document) -> bool:
        claim = await self._claim(found)
        if claim is None:
            return False
        timer = _timer(found)
        metrics.TIMER_LATENESS.labels(timer.kind).observe(max(0.0, (self._clock.now() - timer.due).total_seconds()))
        problem, pause = await self._handled(timer)
        if problem is None:
            fired = {"state": "fired", "fired_at": self._clock.now(), "claim": _FREE, "problem": None}
            done = await self._settle(timer, claim, fired)
        else:
            until = _storable(self._machine.now()) + timedelta(seconds=pause)
            await self._settle(timer, claim, {"claim": {"by": "", "until": until}, "problem": problem})
            done = False
        metrics.TIMERS_FIRED.labels(timer.kind).inc(done)
        return done

    async def _claim(self, found: mongo.Document) -> str | None:
        """Claim a timer as it was found; None where somebody else was first, or it was moved or taken back."""
        mine = random_id()
        free = {f"claim.{name}": value for name, value in found["claim"].items()}
        as_found = {"_id": found["_id"], "state": "waiting", "due": found["due"], **free}
        until = _storable(self._machine.now() + self._pace.claim)
        claimed = {"$set": {"claim": {"by": mine, "until": until}}, "$inc": {"attempts": 1}}
        with mongo.unavailable():
            done = await self._timers.update_one(as_found, claimed)
        return mine if done.matched_count else None

    async def _handled(self, timer: Timer) -> tuple[str | None, float]:
        """Call the handler: what went wrong, None for nothing, and how many seconds to leave the timer alone."""
        pause = self._pace.pause.total_seconds() * 2 ** min(timer.attempts - 1, 20)
        pause = min(pause, _LONGEST) * random.uniform(0.8, 1.2)
        seconds = self._pace.claim.total_seconds()
        claimed = asyncio.timeout(seconds)
        try:
            async with claimed:  # past it, nobody else would be kept from the timer any longer
                await self._handlers[timer.kind](timer)
        except Transient as error:
            log.warning("timer_waits", timer_id=timer.id, kind=timer.kind, reason=error.detail, seconds=pause)
            return f"waits: {timer.kind}: {error.detail}"[:_BRIEF], pause
        except Exception as error:
            if claimed.expired():
                log.warning("timer_outlived_its_claim", timer_id=timer.id, kind=timer.kind, seconds=seconds)
                return f"waits: {timer.kind}: its handler took longer than {seconds:g} seconds", pause
            log.error("timer_failed", timer_id=timer.id, kind=timer.kind, seconds=pause, exc_info=error)
            return f"bug: {timer.kind}: {type(error).__name__}", pause
        return None, 0.0

    async def _settle(self, timer: Timer, claim: str, fields: mongo.Document) -> bool:
        """Write what became of a claimed timer; False where the claim is no longer this worker's."""
        with mongo.unavailable():
            own = {"_id": timer.id, "state": "waiting", "claim.by": claim}
            done = await self._timers.update_one(own, {"$set": fields})
        return bool(done.matched_count)

    async def _tell(self) -> None:
        """Say in this process's health what timers wait for, whichever process found out; bugs first."""
        with mongo.unavailable():
            waiting = {"state": "waiting", "problem": {"$gt": ""}, "kind": {"$in": sorted(self._handlers)}}
            found = await self._timers.find(waiting, {"problem": 1}).sort("problem", 1).limit(1).to_list(1)
        problem = found[0]["problem"] if found else ""
        if problem.startswith("bug"):
            self._health.stopped(HANDLERS, problem)
        elif problem:
            self._health.waiting(HANDLERS, problem)
        else:
            self._health.turned(HANDLERS)


@dataclass(slots=True)
class _Turn:
    """One turn of a worker: what came of it so far, and for how long it may begin more."""

    fired: int = 0
    error: Transient | None = None
    until: float = field(default_factory=lambda: asyncio.get_running_loop().time() + _TURN)

    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() > self.until


def _timer(found: mongo.Document) -> Timer:
    return Timer(
        id=found["_id"],
        kind=found["kind"],
        subject=found["subject"],
        due=found["due"],
        data=found["data"],
        attempts=found["attempts"] + 1,
    )


def _storable(instant: datetime) -> datetime:
    """The instant in whole milliseconds, as the database keeps it."""
    return instant.astimezone(UTC).replace(microsecond=instant.microsecond // 1000 * 1000)
