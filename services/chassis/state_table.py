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


@dataclass(slots=True)
class Said:
    """What a batch says of a key: its newest record and, before that one, where it was forgotten outright.

    ``sequence`` 0 stands for no record; ``entry`` None forgets the key under a sequence of its own.
    ``forgotten_at`` is the offset of the last tombstone without a sequence; ``floor`` the highest
    sequence that lay before it.
    """

    sequence: int = 0
    entry: mongo.Document | None = None
    forgotten_at: int | None = None
    floor: int = 0

    def newest(self, sequence: int, entry: mongo.Document | None) -> None:
        """A record; an older one changes nothing."""
        if sequence > max(self.sequence, self.floor):
            self.sequence, self.entry = sequence, entry

    def forgotten(self, offset: int) -> None:
        """A tombstone without a sequence: it comes after all that lies before it."""
        self.forgotten_at, self.floor = offset, max(self.sequence, self.floor)
        self.sequence, self.entry = 0, None


class StateTable:
    """Keeps one document ``{_id, seq, gone, entry}`` per key of a state topic.

    Older records than the one applied are ignored, holes are normal. A tombstone without a sequence is
    fenced by its offset (``forgotten_at``). What cannot be read is parked and holds nobody up, since the
    key's next record carries the full state again. ``key`` is the field of the entry that must be the key.
    """

    def __init__(
        self,
        database: mongo.Database,
        collection: str,
        type_: str,
        model: type[BaseModel],
        clock: Clock,
        *,
        key: str | None = None,
    ) -> None:
        self.collection: mongo.Collection = database[collection]
        self.name = collection
        self._reading = Reading({type_: model})
        self.parking = Parking(database, collection, clock)
        self._key = key

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Apply a batch and return the records that had to be parked for the first time.

        Ordering key: the record key. Idempotent by (key, sequence). A parked record is forgotten when a later
        one of its key was applied. Raises ``Unavailable``.
        """
        metrics.RECORDS.labels(self.name).inc(len(records))
        said: dict[str, Said] = {}
        unreadable = []
        for record in records:
            if record.value is None and record.key:
                _note_tombstone(said.setdefault(record.key.decode("utf-8", "replace"), Said()), record)
                continue
            candidate = self._reading.candidate(record)
            if candidate.event is None or self._contradicts_itself(candidate):
                unreadable.append(candidate)
            elif candidate.data is not None:
                entry = candidate.data.model_dump(mode="json")
                said.setdefault(candidate.event.subject, Said()).newest(candidate.event.sequence, entry)
        aside = await self._put_aside(unreadable)
        await self._write([_forget(key, one) for key, one in said.items() if one.forgotten_at is not None])
        await self._write([_replace(key, one) for key, one in said.items() if one.sequence])
        await self._forget_superseded(records, unreadable)
        metrics.APPLIED.labels(self.name).inc(len(said))
        return aside

    async def _forget_superseded(self, records: Sequence[Record], unreadable: Sequence[Candidate]) -> None:
        faulty = {id(candidate.record) for candidate in unreadable}
        newest = {record.key: record.offset for record in records if record.key and id(record) not in faulty}
        if rows := await self.parking.superseded(newest):
            await self.parking.remove(rows)

    def _contradicts_itself(self, candidate: Candidate) -> bool:
        """Whether key, subject and entry name different things; then nobody knows whose state it is."""
        named = {candidate.subject, (candidate.record.key or b"").decode("utf-8", "replace")}
        if self._key and candidate.data is not None:
            named.add(getattr(candidate.data, self._key))
        if len(named) == 1:
            return False
        candidate.reason, candidate.detail = "invalid_data", "key, subject and what the entry names differ"
        return True

    async def _put_aside(self, unreadable: list[Candidate]) -> list[Record]:
        for candidate in unreadable:
            candidate.subject = None  # its row is named by its offset: nothing queues behind it
        return [candidate.record for candidate in await self.parking.park(unreadable)]

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


def _note_tombstone(said: Said, record: Record) -> None:
    sequence = sequence_hint(record)
    if sequence is None:
        said.forgotten(record.offset)
    else:
        said.newest(sequence, None)


def _forget(key: str, said: Said) -> mongo.UpdateOne:
    not_yet = {"_id": key, "forgotten_at": {"$not": {"$gte": said.forgotten_at}}}
    fields = {"gone": True, "entry": None, "forgotten_at": said.forgotten_at}
    return mongo.UpdateOne(not_yet, {"$set": fields, "$max": {"seq": said.floor}}, upsert=True)


def _replace(key: str, said: Said) -> mongo.UpdateOne:
    older = {"_id": key, "seq": {"$lt": said.sequence}}
    fields = {"seq": said.sequence, "gone": said.entry is None, "entry": said.entry}
    return mongo.UpdateOne(older, {"$set": fields}, upsert=True)
