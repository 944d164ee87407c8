"""Who solves which run: a claim beside the aggregate, and how far the work is.

A run's document has ``work: {by, until, tries, step, done, of}``: which claim is on it, until when at most, the claims
that count as attempts, and how far the newest is. A claim that is not held runs out, so a process that died is made
good by the next one. What a lost claim does yet is nobody's harm: the run knows its newest attempt.
Claims go by the machine's own clock, since the injected one may stand still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.chassis import mongo
from services.chassis.clock import SystemClock
from services.matching.domain.run import WAITING
from services.matching.store.runs import RUNS

_CLAIM = timedelta(seconds=20)
_FREE = datetime(1970, 1, 1, tzinfo=UTC)
_WAITING = {"state.state": {"$in": sorted(WAITING)}}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: ``done`` of ``of`` parts of a step, which is reading, scoring, solving, proving or writing.

    ``attempts`` counts how often somebody began to solve it.
    """

    step: str | None = None
    done: int = 0
    of: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to solve a run; ``by`` is its name, this is the ``attempt`` at it, counted from 1."""

    run_id: str
    by: str
    attempt: int


class ClaimLost(Exception):
    """Somebody else solves this run, or nobody waits for it any more."""


class Work:
    """The claims on runs that wait for their proposal. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self._runs: mongo.Collection = database[RUNS.collection]
        self._clock = SystemClock()

    async def claim(self, by: str) -> Claim | None:
        """Take the run that waits longest and that nobody is at, under a name of its own; None where there is none."""
        now = self._clock.now()
        free = {**_WAITING, "$or": [{"work": {"$exists": False}}, {"work.until": {"$lt": now}}]}
        fields = {"state.requested_at": 1, "work.tries": 1}
        with mongo.unavailable():
            found = await self._runs.find(free, fields).to_list(None)
            for document in sorted(found, key=lambda one: (one["state"]["requested_at"], one["_id"])):
                mine = {"work.by": by, "work.until": now + _CLAIM, "work.step": "reading", "work.done": 0, "work.of": 0}
                taken = {"$set": mine, "$addToSet": {"work.tries": by}}
                if (await self._runs.update_one({"_id": document["_id"], **free}, taken)).matched_count:
                    return Claim(document["_id"], by, progress_of(document).attempts + 1)
        return None

    async def hold(self, claim: Claim, progress: Progress) -> None:
        """Say how far the work is and keep the claim. Raises ``ClaimLost``."""
        far = {"work.step": progress.step, "work.done": progress.done, "work.of": progress.of}
        held = {"_id": claim.run_id, "work.by": claim.by, **_WAITING}
        with mongo.unavailable():
            kept = await self._runs.update_one(held, {"$set": {"work.until": self._clock.now() + _CLAIM, **far}})
        if not kept.matched_count:
            raise ClaimLost(claim.run_id)

    async def release(self, claim: Claim, *, counts: bool = True, rest: float = 0.0) -> None:
        """Give a claim back: whoever comes next need not wait, or only for ``rest`` seconds.

        One that does not ``count`` was no attempt at the run, also where it was lost meanwhile. May be repeated.
        """
        until = self._clock.now() + timedelta(seconds=rest) if rest else _FREE
        with mongo.unavailable():
            mine = {"_id": claim.run_id, "work.by": claim.by}
            await self._runs.update_one(mine, {"$set": {"work.by": "", "work.until": until}})
            if not counts:
                await self._runs.update_one({"_id": claim.run_id}, {"$pull": {"work.tries": claim.by}})

    async def waiting_since(self) -> tuple[datetime, ...]:
        """When the runs were requested that wait for their proposal, in no order."""
        with mongo.unavailable():
            found = await self._runs.find(_WAITING, {"state.requested_at": 1}).to_list(None)
        return tuple(datetime.fromisoformat(one["state"]["requested_at"]) for one in found)

    async def progress(self, run_id: str) -> Progress:
        """How far a run is."""
        with mongo.unavailable():
            found = await self._runs.find_one({"_id": run_id}, {"work": 1})
        return progress_of(found or {})


def progress_of(document: mongo.Document) -> Progress:
    """As ``Work.progress``, of a run's document."""
    work = document.get("work", {})
    return Progress(work.get("step"), work.get("done", 0), work.get("of", 0), len(work.get("tries", ())))
