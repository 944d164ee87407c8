"""Staging: every event of every topic is put into the audit trail, once, and never changed there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.chassis import envelope, metrics, mongo
from services.chassis.candidates import Candidate, Record
from services.chassis.clock import Clock
from services.chassis.parking import Parking
from services.reporting.audit.entry import COLLECTION, entry_of

_AT_ONCE = 2_000  # entries in one bulk, and records read between two looks at the event loop


class Stage:
    """Puts events into the audit trail. Insert-only: an entry that stands there stays as it is.

    No fence and no order: an event that a projection cannot use, or that contradicts another one, is
    evidence all the same. Only a record that is no event at all is parked, and nothing waits behind it.
    """

    def __init__(self, database: mongo.Database, name: str, clock: Clock) -> None:
        self.name = name
        self.parking = Parking(database, name, clock)
        self._entries: mongo.Collection = database[COLLECTION]

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Stage a batch and return the records that had to be parked for the first time.

        Ordering key: none. Idempotent by the event's source and id. Raises ``Unavailable`` with nothing lost:
        the same batch may be applied again, and by several processes at once.
        """
        metrics.RECORDS.labels(self.name).inc(len(records))
        aside: list[Candidate] = []
        for start in range(0, len(records), _AT_ONCE):
            await self._write(_inserts(records[start : start + _AT_ONCE], aside))
            await asyncio.sleep(0)
        return [candidate.record for candidate in await self.parking.park(aside)]

    async def _write(self, inserts: Sequence[mongo.InsertOne[mongo.Document]]) -> None:
        """Insert what does not stand there yet: a duplicate was staged before, or by another process meanwhile.

        Inserts, not upserts, since they cost a quarter.
        """
        if not inserts:
            return
        try:
            with mongo.unavailable():
                await self._entries.bulk_write(inserts, ordered=False)
            staged = len(inserts)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise
            staged = (error.details or {}).get("nInserted", 0)
        metrics.APPLIED.labels(self.name).inc(staged)


def _inserts(records: Sequence[Record], aside: list[Candidate]) -> list[mongo.InsertOne[mongo.Document]]:
    """The writes for these records; those that are no events go ``aside``."""
    inserts = []
    for record in records:
        try:
            event = envelope.read_event(record)
        except envelope.Rejected as error:
            aside.append(Candidate(record, None, None, reason=error.reason, detail=error.detail))
            continue
        inserts.append(mongo.InsertOne(entry_of(event, record)))
    return inserts
