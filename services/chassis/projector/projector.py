"""Read, fold, write fenced, read again on a mismatch: one batch of records into a projection."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from services.chassis import metrics, mongo
from services.chassis.candidates import Candidate, Reading, Record
from services.chassis.clock import Clock
from services.chassis.errors import Poison, Refused
from services.chassis.logging import get_logger
from services.chassis.parking import NOTHING, Parking
from services.chassis.projector.heads import Advance, Heads, Written
from services.chassis.projector.projection import Projection
from services.chassis.projector.reaction import traced
from services.chassis.projector.selection import (
    Head,
    Selection,
    Skip,
    copies_beyond,
    drained,
    put_in,
    select,
    step_id,
)

log = get_logger(__name__)
_BREATH = 2_000  # records read between two looks at the event loop
_QUEUES = ("gap", "copy")  # reasons of what only waits for others
Work = dict[str, list[Candidate]]


@dataclass(slots=True)
class Round:
    """What one round over the subjects of a batch comes to."""

    advances: list[Advance] = field(default_factory=list)
    waiting: list[Candidate] = field(default_factory=list)
    drained: dict[str, list[str]] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    singly: set[str] = field(default_factory=set)
    replaced: dict[str, set[str | None]] = field(default_factory=dict)
    queueing: set[str] = field(default_factory=set)
    applied: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Care:
    """What one batch must remember over its rounds: records newly put aside for a fault, and delicate subjects.

    ``slow`` are subjects whose new state cannot be stored: they go one event at a time, so that the culprit is
    found. ``spoiled`` are the culprits by partition and offset, with the reason; they wait like unreadable ones.
    """

    aside: list[Record] = field(default_factory=list)
    slow: set[str] = field(default_factory=set)
    spoiled: dict[tuple[int, int], str] = field(default_factory=dict)

    def mark(self, candidates: Iterable[Candidate]) -> None:
        """Treat culprits as bad copies."""
        for candidate in candidates:
            if why := self.spoiled.get((candidate.record.partition, candidate.record.offset)):
                candidate.event, candidate.reason, candidate.detail = None, "unstorable", why


class Projector:
    """Applies batches of records to one projection; whoever else does the same does no harm."""

    def __init__(
        self, database: mongo.Database, projection: Projection[Any], clock: Clock, *, build: str | None = None
    ) -> None:
        """``build`` is the collection to write to, the projection's first one where it is not given."""
        self.projection = projection
        self.build = build or projection.collection
        self._react = traced(projection)
        self._reading = Reading(projection.readers)
        self.heads = Heads(database[self.build], projection.state)
        self.parking = Parking(database, self.build, clock, name=projection.name)

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Apply a batch; afterwards every record is applied, was seen before, or is parked.

        Returns those that had to be parked for the first time and for a fault of their own.
        Ordering key: the subject. Idempotent by (subject, sequence). Raises ``Unavailable`` with
        nothing lost: the same batch may be applied again.
        """
        name = self.projection.collection
        metrics.RECORDS.labels(name).inc(len(records))
        care = Care()
        work = await self._sorted_by_subject(records, care)
        await self._until_settled(work, {record.partition for record in records}, care)
        return care.aside

    async def revisit(self, partition: int, subjects: Iterable[str]) -> None:
        """Apply what can be applied of these subjects without any new record. Raises ``Unavailable``."""
        await self._until_settled({subject: [] for subject in subjects}, {partition}, Care())

    async def head(self, subject: str) -> Head:
        """How far the subject has been applied, read anew. Raises ``Unavailable``."""
        self.heads.forget([subject])
        return (await self.heads.read([subject]))[subject]

    async def _until_settled(self, work: Work, partitions: set[int], care: Care) -> None:
        while work:
            work = await self._round(work, partitions, care)

    async def _sorted_by_subject(self, records: Sequence[Record], care: Care) -> Work:
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
        care.aside += [orphan.record for orphan in await self.parking.park(orphans)]
        return work

    async def _round(self, work: Work, partitions: set[int], care: Care) -> Work:
        """One pass; what must be done again because another process moved it meanwhile."""
        heads = await self.heads.read(work)
        queued, given_up = await asyncio.gather(
            self.parking.queued(partitions, list(work), self._reading),
            self.parking.drops.of(partitions, list(work)),
        )
        outcome = Round(queueing=set(queued))
        for subject, arrived in work.items():
            before = heads[subject]
            if subject in care.slow:
                care.mark([*queued.get(subject, ()), *arrived])
            selection = select(before, queued.get(subject, ()), arrived, given_up.get(subject, NOTHING))
            if selection.fork_found and len(arrived) > 1:
                outcome.singly.add(subject)
                continue
            if subject in care.slow and len(selection.steps) > 1:
                del selection.steps[1:]
                outcome.unfinished.add(subject)
            after = await self._advanced(before, selection, outcome)
            if selection.others:
                selection.waiting += copies_beyond(selection, after.sequence)
            if selection.waiting:
                outcome.waiting += selection.waiting
            if after is not before:
                outcome.advances.append(Advance(subject, before, after, selection.steps))
            if subject in outcome.replaced:
                outcome.unfinished.add(subject)  # what stood behind the fork may go on
            if subject in queued:
                ids = {after.last, *(step_id(step) for step in selection.steps), *outcome.replaced.get(subject, ())}
                given = given_up.get(subject, NOTHING)
                outcome.drained[subject] = drained(queued[subject], after.sequence, ids, given)
        again = await self._settle(outcome, work, care)
        for subject in outcome.singly:
            await self._one_by_one(subject, work[subject], care)
        return again

    async def _one_by_one(self, subject: str, arrived: Sequence[Candidate], care: Care) -> None:
        """Apply a subject's records each on its own, in the order of the topic.

        Where two events claim a sequence, which came first decides: however the topic is cut into batches,
        a rebuild must come to what was live.
        """
        for record in sorted((one.record for one in arrived), key=lambda record: (record.partition, record.offset)):
            await self._until_settled({subject: [self._reading.candidate(record)]}, {record.partition}, care)

    async def _advanced(self, before: Head, selection: Selection, outcome: Round) -> Head:
        """Fold the steps; the first that a rule refuses waits with all that follow."""
        fold, react = self.projection.fold, self._react
        state, last, sequence, skipped = before.state, before.last, before.sequence, before.skipped
        for n, step in enumerate(selection.steps):
            if isinstance(step, Skip):
                sequence, last, skipped = step.sequence, step.event_id, (*skipped, step.sequence)
                continue
            event: Any = step.event
            try:
                if step.data is None:
                    outcome.unknown += 1
                else:
                    if react:
                        await react(event, step.data)
                    state = fold(state, event, step.data)
            except (Refused, Poison) as error:
                instead = await self._by_another_copy(state, selection.others.get(event.sequence, ()))
                if instead is None:
                    _hold_back(selection, n, error)
                    break
                state, copy = instead
                event = copy.event
                outcome.replaced.setdefault(event.subject, set()).update(put_in(selection, copy))
            sequence, last = event.sequence, event.id
        if sequence == before.sequence:
            return before
        outcome.applied += sequence - before.sequence
        return Head(sequence, last, state, skipped)

    async def _by_another_copy(self, state: Any, copies: Iterable[Candidate]) -> tuple[Any, Candidate] | None:
        """The first copy of a refused event that is not refused, and the state that it comes to, if there is one."""
        for copy in copies:
            event: Any = copy.event
            with suppress(Refused, Poison):
                if self._react and copy.data is not None:
                    await self._react(event, copy.data)
                return (self.projection.fold(state, event, copy.data) if copy.data is not None else state), copy
        return None

    async def _settle(self, outcome: Round, work: Work, care: Care) -> Work:
        fresh = [
            candidate
            for candidate in outcome.waiting
            if candidate.row is None or candidate.parked_as != candidate.reason
        ]
        care.aside += _at_fault(await self.parking.park(fresh), outcome.queueing)
        written = await self.heads.write(outcome.advances)
        self._take_care(outcome, written, care)
        unsettled = written.missed | written.unstorable.keys()
        rows = [row for subject, ids in outcome.drained.items() if subject not in unsettled for row in ids]
        if rows:
            await self.parking.remove(rows)
        self._count(outcome, fresh, written.missed)
        again = {subject: work[subject] for subject in unsettled | outcome.unfinished}
        moved = await self._moved_behind(fresh)
        return {**{subject: [] for subject in moved}, **again}

    def _take_care(self, outcome: Round, written: Written, care: Care) -> None:
        """An unstorable step of several is taken apart; a single one is the culprit."""
        for advance in outcome.advances:
            if (why := written.unstorable.get(advance.subject)) is not None:
                care.slow.add(advance.subject)
                if len(advance.steps) == 1 and isinstance(culprit := advance.steps[0], Candidate):
                    care.spoiled[culprit.record.partition, culprit.record.offset] = why

    async def _moved_behind(self, parked: Sequence[Candidate]) -> set[str]:
        """Subjects that another process took on while records of theirs were being parked."""
        subjects = {candidate.subject for candidate in parked if candidate.subject}
        if not subjects:
            return set()
        believed = await self.heads.read(subjects)
        self.heads.forget(subjects)
        now = await self.heads.read(subjects)
        return {subject for subject in subjects if now[subject].sequence != believed[subject].sequence}

    def _count(self, outcome: Round, parked: Sequence[Candidate], missed: set[str]) -> None:
        name = self.projection.collection
        metrics.APPLIED.labels(name).inc(outcome.applied)
        metrics.UNKNOWN.labels(name).inc(outcome.unknown)
        metrics.MISSED.labels(name).inc(len(missed))
        for candidate in parked:
            if candidate.reason == "fork":
                metrics.FORKS.labels(name).inc()
                log.error("fork_detected", subject=candidate.subject, sequence=candidate.sequence)


def _at_fault(parked: Iterable[Candidate], queueing: Collection[str]) -> list[Record]:
    """The records that were put aside for a fault of their own, and the first of each subject that begins to wait."""
    waiting = set(queueing)
    at_fault = []
    for candidate in parked:
        if candidate.reason not in _QUEUES or candidate.subject not in waiting:
            at_fault.append(candidate.record)
        if candidate.subject is not None:
            waiting.add(candidate.subject)
    return at_fault


def _hold_back(selection: Selection, n: int, error: Refused | Poison) -> None:
    refused, *behind = selection.steps[n:]
    assert isinstance(refused, Candidate)  # what is passed over is not folded, so it cannot be refused
    refused.reason = error.reason if isinstance(error, Poison) else "refused"
    refused.detail = error.detail
    held = [step for step in behind if isinstance(step, Candidate)]
    for step in held:
        step.reason = "gap"
    selection.waiting += [refused, *held]
    del selection.steps[n:]
