"""Parking: records that cannot be applied lie here with their reason and bytes until they can.

Later records of the same subject queue behind; everything else flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis import metrics, mongo
from services.chassis.candidates import Candidate, Reading, event_id
from services.chassis.clock import Clock
from services.chassis.logging import get_logger
from services.chassis.service import Index

log = get_logger(__name__)
COLLECTION = "parked"
INDEXES = (Index((("consumer", 1), ("partition", 1))), Index((("consumer", 1), ("subject", 1))))


@dataclass(slots=True)
class ParkedRecord:
    """A record as it came from the topic, read back from parking."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Parking:
    """The parked records of one consumer."""

    def __init__(self, database: mongo.Database, consumer: str, clock: Clock) -> None:
        self._collection: mongo.Collection = database[COLLECTION]
        self._consumer = consumer
        self._clock = clock

    async def park(self, candidates: Sequence[Candidate]) -> None:
        """Put records aside; parking the same one again changes nothing."""
        if not candidates:
            return
        now = self._clock.now()
        rows = [self._row(candidate) for candidate in candidates]
        writes = [
            mongo.UpdateOne({"_id": row.pop("_id")}, {"$set": row, "$setOnInsert": {"parked_at": now}}, upsert=True)
            for row in rows
        ]
        try:
            with mongo.unavailable():
                await self._collection.bulk_write(writes, ordered=False)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise
        for candidate in candidates:
            metrics.PARKED.labels(self._consumer, candidate.reason).inc()
            log.warning("record_parked", **self._where(candidate), reason=candidate.reason, detail=candidate.detail)

    def _where(self, candidate: Candidate) -> dict[str, Any]:
        record = candidate.record
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        return {**where, "subject": candidate.subject, "sequence": candidate.sequence}

    def _row(self, candidate: Candidate) -> mongo.Document:
        record = candidate.record
        return {
            "_id": self._id(candidate),
            "consumer": self._consumer,
            **self._where(candidate),
            "event_id": event_id(candidate),
            "reason": candidate.reason,
            "detail": candidate.detail,
            "key": record.key,
            "value": record.value,
            "headers": [[name, value] for name, value in record.headers or ()],
        }

    def _id(self, candidate: Candidate) -> str:
        """One row per claimed sequence, so that copies do not pile up; a fork keeps a row of its own."""
        record = candidate.record
        if candidate.subject is None or candidate.sequence is None:
            return f"{self._consumer}|{record.topic}|{record.partition}|{record.offset}"
        place = f"{self._consumer}|{record.topic}|{candidate.subject}|{candidate.sequence}"
        return f"{place}|{event_id(candidate)}" if candidate.reason == "fork" else place

    async def queued(
        self, partitions: Iterable[int], subjects: Sequence[str], reading: Reading
    ) -> dict[str, list[Candidate]]:
        """What is parked of these subjects, in order of sequence, read anew."""
        here = {"consumer": self._consumer, "partition": {"$in": sorted(set(partitions))}}
        with mongo.unavailable():
            if await self._collection.find_one(here, {"_id": 1}) is None:
                return {}
        queued: dict[str, list[Candidate]] = {}
        for chunk in mongo.in_chunks(list(subjects)):
            query = {"consumer": self._consumer, "subject": {"$in": chunk}}
            with mongo.unavailable():
                rows = await self._collection.find(query).to_list(None)
            for row in sorted(rows, key=lambda row: row["sequence"] or 0):
                queued.setdefault(row["subject"], []).append(_read_again(row, reading))
        return queued

    async def remove(self, rows: Sequence[str]) -> None:
        """Forget records that were applied or superseded."""
        for chunk in mongo.in_chunks(rows, 1000):
            with mongo.unavailable():
                await self._collection.delete_many({"_id": {"$in": chunk}})
        metrics.DRAINED.labels(self._consumer).inc(len(rows))


def _read_again(row: mongo.Document, reading: Reading) -> Candidate:
    headers = [(name, value) for name, value in row["headers"]]
    record = ParkedRecord(row["topic"], row["partition"], row["offset"], row["key"], row["value"], headers)
    candidate = reading.candidate(record)
    candidate.row, candidate.parked_as = row["_id"], row["reason"]
    return candidate
