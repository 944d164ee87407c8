"""Publishers that crash at one of their writes, as a killed process does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.chassis import mongo
from services.chassis.aggregate import Repository
from services.chassis.clock import SystemClock
from services.matching import store
from services.matching.handlers import Handlers, PairHandlers
from services.matching.worker import Publisher


class Crash(BaseException):
    """The process ends here."""


class Countdown:
    """Lets a number of writes through and crashes before or after the next one."""

    def __init__(self, writes: int, *, after: bool) -> None:
        self.left = writes
        self.after = after

    def before_write(self) -> None:
        """A write is about to be made."""
        if self.left == 0 and not self.after:
            raise Crash

    def after_write(self) -> None:
        """A write was made."""
        if self.left == 0:
            raise Crash
        self.left -= 1


class Fragile(Repository[Any, Any]):
    """A repository of a process that will crash."""

    countdown: Countdown

    async def _write(self, before: mongo.Document | None, after: mongo.Document) -> bool:
        self.countdown.before_write()
        done = await super()._write(before, after)
        self.countdown.after_write()
        return done


def crashing(database: mongo.Database, handlers: Handlers, countdown: Countdown) -> Publisher:
    """A worker that will crash, at a write of a run or of a pair."""
    runs = Fragile(database, store.RUNS, clock=SystemClock())
    pairs = Fragile(database, store.PAIRS, clock=SystemClock())
    runs.countdown = pairs.countdown = countdown
    at_risk = replace(handlers.runs, runs=runs)
    return Publisher(replace(handlers, runs=at_risk, pairs=PairHandlers(pairs, SystemClock())))
