"""The parked records of one consumer, and the flags that operators set on them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis import metrics, mongo
from services.chassis.candidates import Candidate, Reading, event_id
from services.chassis.clock import Clock
from services.chassis.logging import get_logger
from services.chassis.parking.drops import Drops
from services.chassis.service import Index

log = get_logger(__name__)
COLLECTION = "parked"
INDEXES = (
    Index((("consumer", 1), ("partition", 1))),
    Index((("consumer", 1), ("subject", 1))),
    Index((("consumer", 1), ("flag.action", 1))),
    Index((("ref", 1),)),
)


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
    """The parked records of one consumer; what was given up is known under ``name``, for all builds of it."""

    def __init__(self, database: mongo.Database, consumer: str, clock: Clock, *, name: str | None = None) -> None:
        self._collection: mongo.Collection = database[COLLECTION]
        self._consumer = consumer
        self._clock = clock
        self.drops = Drops(database, name or consumer)

    async def park(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Put records aside and return those that did not lie here before; the same one again only counts.

        Records that were given up are left out. Raises ``Unavailable``.
        """
        candidates = await self._not_given_up(candidates)
        if not candidates:
            return []
        fresh = await self._written(candidates)
        for candidate in fresh:
            metrics.PARKED.labels(self._consumer, candidate.reason).inc()
            log.warning("record_parked", **self._where(candidate), reason=candidate.reason, detail=candidate.detail)
        return fresh

    async def _not_given_up(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        unplaced = [_place(one) for one in candidates if one.subject is None or one.sequence is None]
        given_up = await self.drops.records(unplaced)
        return [one for one in candidates if _place(one) not in given_up] if given_up else candidates

    async def _written(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        now = self._clock.now()
        writes = []
        for row in [self._row(candidate) for candidate in candidates]:
            update = {"$set": row, "$setOnInsert": {"parked_at": now}, "$inc": {"times": 1}}
            writes.append(mongo.UpdateOne({"_id": row.pop("_id")}, update, upsert=True))
        try:
            with mongo.unavailable():
                done = await self._collection.bulk_write(writes, ordered=False)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise
            return [candidates[one["index"]] for one in (error.details or {}).get("upserted", [])]
        return [candidates[n] for n in done.upserted_ids or {}]

    def _where(self, candidate: Candidate) -> dict[str, Any]:
        record = candidate.record
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        return {**where, "subject": candidate.subject, "sequence": candidate.sequence}

    def _row(self, candidate: Candidate) -> mongo.Document:
        record = candidate.record
        id = self._id(candidate)
        return {
            "_id": id,
            "ref": hashlib.sha256(id.encode()).hexdigest()[:16],
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
        """One row per claimed sequence, so that copies do not pile up; a fork and another content have their own."""
        record = candidate.record
        if candidate.subject is None or candidate.sequence is None:
            return f"{self._consumer}|{record.topic}|{record.partition}|{record.offset}"
        place = f"{self._consumer}|{record.topic}|{candidate.subject}|{candidate.sequence}"
        if candidate.reason == "copy":
            return f"{place}|copy|{hashlib.sha256(record.value or b'').hexdigest()[:16]}"
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

    async def flagged(self, partitions: Iterable[int]) -> list[mongo.Document]:
        """The rows of these partitions that an operator wants tried again or given up. Raises ``Unavailable``."""
        query = {"consumer": self._consumer, "flag.action": {"$in": ["retry", "drop"]}}
        with mongo.unavailable():
            rows: list[mongo.Document] = await self._collection.find(query).to_list(None)
        here = set(partitions)
        return sorted((row for row in rows if row["partition"] in here), key=lambda row: row["sequence"] or 0)

    async def sequences(self, subject: str) -> set[int]:
        """The sequences of a subject that lie here. Raises ``Unavailable``."""
        with mongo.unavailable():
            rows = await self._collection.find(
                {"consumer": self._consumer, "subject": subject}, {"sequence": 1}
            ).to_list(None)
        return {row["sequence"] for row in rows if row["sequence"] is not None}

    async def again(self, row: mongo.Document) -> mongo.Document | None:
        """The row as it is now, or None where it was removed. Raises ``Unavailable``."""
        with mongo.unavailable():
            found: mongo.Document | None = await self._collection.find_one({"_id": row["_id"]})
        return found

    async def tried(self, row: mongo.Document) -> None:
        """What the flag asked for was tried; the record still waits. Raises ``Unavailable``."""
        update = {"$unset": {"flag": ""}, "$set": {"tried_at": self._clock.now()}}
        with mongo.unavailable():
            await self._collection.update_one({"_id": row["_id"], "flag": row["flag"]}, update)

    async def superseded(self, keys: dict[bytes, int]) -> list[str]:
        """The rows of these record keys that lie before the offsets given. Raises ``Unavailable``."""
        with mongo.unavailable():
            if await self._collection.find_one({"consumer": self._consumer}, {"_id": 1}) is None:
                return []
        settled: list[str] = []
        for chunk in mongo.in_chunks(list(keys)):
            query = {"consumer": self._consumer, "key": {"$in": chunk}}
            with mongo.unavailable():
                rows = await self._collection.find(query, {"key": 1, "offset": 1}).to_list(None)
            settled += [row["_id"] for row in rows if row["offset"] < keys[row["key"]]]
        return settled

    async def remove(self, rows: Sequence[str]) -> None:
        """Forget records that were applied or superseded."""
        for chunk in mongo.in_chunks(rows, 1000):
            with mongo.unavailable():
                await self._collection.delete_many({"_id": {"$in": chunk}})
        metrics.DRAINED.labels(self._consumer).inc(len(rows))


def record_of(row: mongo.Document) -> ParkedRecord:
    """The record of a row, as it came from the topic."""
    headers = [(name, value) for name, value in row["headers"]]
    return ParkedRecord(row["topic"], row["partition"], row["offset"], row["key"], row["value"], headers)


def _place(candidate: Candidate) -> tuple[int, int]:
    return candidate.record.partition, candidate.record.offset


def _read_again(row: mongo.Document, reading: Reading) -> Candidate:
    candidate = reading.candidate(record_of(row))
    candidate.row, candidate.parked_as = row["_id"], row["reason"]
    return candidate
