"""Read, fold, write fenced, read again on a mismatch: one batch of records into a projection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis import metrics, mongo
from services.chassis.candidates import Candidate, Reading, Record
from services.chassis.clock import Clock
from services.chassis.errors import Poison, Refused
from services.chassis.logging import get_logger
from services.chassis.parking import Parking
from services.chassis.projector.heads import Advance, Heads, Written
from services.chassis.projector.projection import Projection
from services.chassis.projector.selection import Head, Selection, drained, select

log = get_logger(__name__)
_BREATH = 2_000  # records read between two looks at the event loop
Work = dict[str, list[Candidate]]


@dataclass(slots=True)
class Round:
    """What one round over the subjects of a batch comes to."""

    advances: list[Advance] = field(default_factory=list)
    waiting: list[Candidate] = field(default_factory=list)
    drained: dict[str, list[str]] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    applied: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Care:
    """Subjects whose new state cannot be stored: they go one event at a time, so that the culprit is found.

    ``spoiled`` are the culprits by partition and offset, with the reason; they wait like unreadable ones.
    """

    slow: set[str] = field(default_factory=set)
    spoiled: dict[tuple[int, int], str] = field(default_factory=dict)

    def mark(self, candidates: Iterable[Candidate]) -> None:
        """Treat culprits as bad copies."""
        for candidate in candidates:
            if why := self.spoiled.get((candidate.record.partition, candidate.record.offset)):
                candidate.event, candidate.reason, candidate.detail = None, "unstorable", why


class Projector:
    """Applies batches of records to one projection; whoever else does the same does no harm."""

    def __init__(self, database: mongo.Database, projection: Projection[Any], clock: Clock) -> None:
        self.projection = projection
        self._reading = Reading(projection.readers)
        self.heads = Heads(database[projection.collection], projection.state)
        self._parking = Parking(database, projection.collection, clock)

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply a batch; afterwards every record is applied, was seen before, or is parked.

        Ordering key: the subject. Idempotent by (subject, sequence). Raises ``Unavailable`` with
        nothing lost: the same batch may be applied again.
        """
        name = self.projection.collection
        metrics.RECORDS.labels(name).inc(len(records))
        work = await self._sorted_by_subject(records)
        partitions = {record.partition for record in records}
        care = Care()
        while work:
            work = await self._round(work, partitions, care)

    async def _sorted_by_subject(self, records: Sequence[Record]) -> Work:
        work: Work = {}
        orphans = []
        read = self._reading.candidate
        for n, record in enumerate(records, 1):
            candidate = read(record)
            if candidate.subject is None:
                orphans.append(candidate)
            elif candidate.subject in work:
                work[candidate.subject].append(candidate)
            else:
                work[candidate.subject] = [candidate]
            if n % _BREATH == 0:
                await asyncio.sleep(0)
        await self._parking.park(orphans)
        return work

    async def _round(self, work: Work, partitions: set[int], care: Care) -> Work:
        """One pass; what must be done again because another process moved it meanwhile."""
        heads = await self.heads.read(work)
        queued = await self._parking.queued(partitions, list(work), self._reading)
        outcome = Round()
        for subject, arrived in work.items():
            before = heads[subject]
            if subject in care.slow:
                care.mark([*queued.get(subject, ()), *arrived])
            selection = select(before, queued.get(subject, ()), arrived)
            if subject in care.slow and len(selection.steps) > 1:
                del selection.steps[1:]
                outcome.unfinished.add(subject)
            after = await self._advanced(before, selection, outcome)
            if selection.waiting:
                outcome.waiting += selection.waiting
            if after is not before:
                outcome.advances.append(Advance(subject, before, after, selection.steps))
            if subject in queued:
                ids = {after.last, *(step.event.id for step in selection.steps if step.event)}
                outcome.drained[subject] = drained(queued[subject], after.sequence, ids)
        return await self._settle(outcome, work, care)

    async def _advanced(self, before: Head, selection: Selection, outcome: Round) -> Head:
        """Fold the steps; the first that a rule refuses waits with all that follow."""
        fold, react = self.projection.fold, self.projection.react
        state, last, sequence = before.state, before.last, before.sequence
        for n, step in enumerate(selection.steps):
            event: Any = step.event
            try:
                if step.data is None:
                    outcome.unknown += 1
                else:
                    if react:
                        await react(event, step.data)
                    state = fold(state, event, step.data)
            except (Refused, Poison) as error:
                _hold_back(selection, n, error)
                break
            sequence, last = event.sequence, event.id
        if sequence == before.sequence:
            return before
        outcome.applied += sequence - before.sequence
        return Head(sequence, last, state)

    async def _settle(self, outcome: Round, work: Work, care: Care) -> Work:
        fresh = [
            candidate
            for candidate in outcome.waiting
            if candidate.row is None or candidate.parked_as != candidate.reason
        ]
        await self._parking.park(fresh)
        written = await self.heads.write(outcome.advances)
        self._take_care(outcome, written, care)
        unsettled = written.missed | written.unstorable.keys()
        rows = [row for subject, ids in outcome.drained.items() if subject not in unsettled for row in ids]
        if rows:
            await self._parking.remove(rows)
        self._count(outcome, fresh, written.missed)
        again = {subject: work[subject] for subject in unsettled | outcome.unfinished}
        moved = await self._moved_behind(fresh)
        return {**{subject: [] for subject in moved}, **again}

    def _take_care(self, outcome: Round, written: Written, care: Care) -> None:
        """An unstorable step of several is taken apart; a single one is the culprit."""
        for advance in outcome.advances:
            if (why := written.unstorable.get(advance.subject)) is not None:
                care.slow.add(advance.subject)
                if len(advance.steps) == 1:
                    culprit = advance.steps[0].record
                    care.spoiled[culprit.partition, culprit.offset] = why

    async def _moved_behind(self, parked: Sequence[Candidate]) -> set[str]:
        """Subjects whose hole another process filled while their later records were being parked."""
        gaps = {c.subject for c in parked if c.reason == "gap" and c.subject}
        if not gaps:
            return set()
        believed = await self.heads.read(gaps)
        self.heads.forget(gaps)
        now = await self.heads.read(gaps)
        return {subject for subject in gaps if now[subject].sequence != believed[subject].sequence}

    def _count(self, outcome: Round, parked: Sequence[Candidate], missed: set[str]) -> None:
        name = self.projection.collection
        metrics.APPLIED.labels(name).inc(outcome.applied)
        metrics.UNKNOWN.labels(name).inc(outcome.unknown)
        metrics.MISSED.labels(name).inc(len(missed))
        for candidate in parked:
            if candidate.reason == "fork":
                metrics.FORKS.labels(name).inc()
                log.error("fork_detected", subject=candidate.subject, sequence=candidate.sequence)


def _hold_back(selection: Selection, n: int, error: Refused | Poison) -> None:
    refused, *behind = selection.steps[n:]
    refused.reason = error.reason if isinstance(error, Poison) else "refused"
    refused.detail = error.detail
    for step in behind:
        step.reason = "gap"
    selection.waiting += [refused, *behind]
    del selection.steps[n:]
