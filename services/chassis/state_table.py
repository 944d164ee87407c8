"""A state topic as a table: per key only the newest record counts; a tombstone forgets the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from services.chassis import metrics, mongo
from services.chassis.candidates import Candidate, Reading, Record
from services.chassis.clock import Clock
from services.chassis.envelope import sequence_hint
from services.chassis.parking import Parking


@dataclass(frozen=True, slots=True)
class Newest:
    """What a batch says last of a key; ``entry`` None forgets it, ``sequence`` None does so unconditionally."""

    sequence: int | None
    entry: mongo.Document | None


class StateTable:
    """Keeps one document ``{_id, seq, gone, entry}`` per key of a state topic.

    Older records than the one applied are ignored, holes are normal. What cannot be read is parked and
    holds nobody up, since the key's next record carries the full state again.
    """

    def __init__(
        self, database: mongo.Database, collection: str, type_: str, model: type[BaseModel], clock: Clock
    ) -> None:
        self.collection: mongo.Collection = database[collection]
        self.name = collection
        self._reading = Reading({type_: model})
        self._parking = Parking(database, collection, clock)

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply a batch. Ordering key: the record key. Idempotent by (key, sequence). Raises ``Unavailable``."""
        metrics.RECORDS.labels(self.name).inc(len(records))
        newest: dict[str, Newest] = {}
        unreadable = []
        for record in records:
            if record.value is None and record.key:
                _supersede(newest, record.key.decode("utf-8", "replace"), Newest(sequence_hint(record), None))
                continue
            candidate = self._reading.candidate(record)
            if candidate.event is None:
                unreadable.append(candidate)
            elif candidate.data is not None:
                entry = candidate.data.model_dump(mode="json")
                _supersede(newest, candidate.event.subject, Newest(candidate.event.sequence, entry))
        await self._put_aside(unreadable)
        await self._write([_write_of(key, value) for key, value in newest.items()])
        metrics.APPLIED.labels(self.name).inc(len(newest))

    async def _put_aside(self, unreadable: list[Candidate]) -> None:
        for candidate in unreadable:
            candidate.subject = None  # its row is named by its offset: nothing queues behind it
        await self._parking.park(unreadable)

    async def _write(self, writes: list[mongo.UpdateOne]) -> None:
        if not writes:
            return
        try:
            with mongo.unavailable():
                await self.collection.bulk_write(writes, ordered=False)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):  # a duplicate is a newer one that stands already
                raise

    async def get(self, key: str) -> mongo.Document | None:
        """The entry of a key, or None where there is none or it was forgotten."""
        with mongo.unavailable():
            document = await self.collection.find_one({"_id": key})
        return document["entry"] if document else None

    async def all(self, query: Mapping[str, Any]) -> list[mongo.Document]:
        """All entries whose fields match; names in ``query`` are those of the entry, e.g. ``executive``."""
        wanted = {f"entry.{name}": value for name, value in query.items()}
        with mongo.unavailable():
            documents = await self.collection.find({"gone": False, **wanted}).to_list(None)
        return [document["entry"] for document in documents]


def _supersede(newest: dict[str, Newest], key: str, said: Newest) -> None:
    before = newest.get(key)
    if before is None or said.sequence is None or before.sequence is None or said.sequence > before.sequence:
        newest[key] = said


def _write_of(key: str, newest: Newest) -> mongo.UpdateOne:
    fields = {"gone": newest.entry is None, "entry": newest.entry}
    if newest.sequence is None:
        return mongo.UpdateOne({"_id": key}, {"$set": fields, "$setOnInsert": {"seq": 0}}, upsert=True)
    older = {"_id": key, "seq": {"$lt": newest.sequence}}
    return mongo.UpdateOne(older, {"$set": {**fields, "seq": newest.sequence}}, upsert=True)
