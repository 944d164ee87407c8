"""Staging: every event of every topic is put into the audit trail, once, and never changed there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.chassis import envelope, metrics, mongo
from services.chassis.candidates import Candidate, Record
from services.chassis.clock import Clock
from services.chassis.logging import get_logger
from services.chassis.parking import Parking
from services.reporting.audit.entry import COLLECTION, entry_of

log = get_logger(__name__)
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
            await self._write(_entries(records[start : start + _AT_ONCE], aside))
            await asyncio.sleep(0)
        return [candidate.record for candidate in await self.parking.park(aside)]

    async def _write(self, entries: Sequence[mongo.Document]) -> None:
        """Insert what does not stand there yet: a duplicate was staged before, or by another process meanwhile.

        Inserts, not upserts, since they cost a quarter.
        """
        if not entries:
            return
        try:
            with mongo.unavailable():
                await self._entries.bulk_write([mongo.InsertOne(entry) for entry in entries], ordered=False)
            staged = len(entries)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise
            details = error.details or {}
            staged = details.get("nInserted", 0)
            await self._keep_contradictions([entries[one["index"]] for one in details["writeErrors"]])
        metrics.APPLIED.labels(self.name).inc(staged)

    async def _keep_contradictions(self, duplicates: Sequence[mongo.Document]) -> None:
        """What bears the source and id of another record is evidence: it is kept under its digest too."""
        for chunk in mongo.in_chunks(sorted({entry["_id"] for entry in duplicates})):
            with mongo.unavailable():
                staged = await self._entries.find({"_id": {"$in": chunk}}, {"digest": 1}).to_list(None)
            digests = {one["_id"]: one["digest"] for one in staged}
            for entry in duplicates:
                if entry["_id"] in digests and entry["digest"] != digests[entry["_id"]]:
                    await self._keep({**entry, "_id": f"{entry['_id']}|{entry['digest']}", "contradicts": entry["_id"]})

    async def _keep(self, entry: mongo.Document) -> None:
        with mongo.unavailable():
            done = await self._entries.update_one({"_id": entry["_id"]}, {"$setOnInsert": entry}, upsert=True)
        if done.upserted_id is not None:
            log.error("event_id_used_twice", entry=entry["contradicts"], topic=entry["topic"], offset=entry["offset"])


def _entries(records: Sequence[Record], aside: list[Candidate]) -> list[mongo.Document]:
    """The entries of these records; those that are no events go ``aside``."""
    entries = []
    for record in records:
        try:
            event = envelope.read_event(record)
        except envelope.Rejected as error:
            aside.append(Candidate(record, None, None, reason=error.reason, detail=error.detail))
            continue
        entries.append(entry_of(event, record))
    return entries
