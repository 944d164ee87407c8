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
from services.chassis.together import Together


@dataclass(frozen=True, slots=True)
class Entry:
    """The entries of one type; ``key`` is the field of the entry that must be the record's key."""

    model: type[BaseModel]
    key: str | None = None


@dataclass(slots=True)
class Said:
    """What a batch says of a key: its newest record and, before that one, where it was forgotten outright.

    ``sequence`` 0 stands for no record; ``entry`` None forgets the key under a sequence of its own.
    ``forgotten_at`` is the offset of the last tombstone without a sequence; ``floor`` the highest
    sequence that lay before it.
    """

    sequence: int = 0
    entry: mongo.Document | None = None
    type: str | None = None
    forgotten_at: int | None = None
    floor: int = 0

    def newest(self, sequence: int, entry: mongo.Document | None, type_: str | None = None) -> None:
        """A record; an older one changes nothing."""
        if sequence > self.floor and sequence >= self.sequence:
            self.sequence, self.entry, self.type = sequence, entry, type_

    def forgotten(self, offset: int) -> None:
        """A tombstone without a sequence: it comes after all that lies before it."""
        self.forgotten_at, self.floor = offset, max(self.sequence, self.floor)
        self.sequence, self.entry, self.type = 0, None, None


class StateTable:
    """Keeps one document ``{_id, seq, gone, type, entry}`` per key of a state topic.

    Older records than the one applied are ignored, holes are normal; the same one is read again, so that a service
    that has learnt to read more of it gets it by reading its topic anew. A tombstone without a sequence is
    fenced by its offset (``forgotten_at``). What cannot be read is parked and holds nobody up, since the
    key's next record carries the full state again. ``entries`` names the types that the topic carries;
    a document without a type is of the first one, and versions of a type that share its model count as it.
    """

    def __init__(self, database: mongo.Database, collection: str, entries: Mapping[str, Entry], clock: Clock) -> None:
        self.collection: mongo.Collection = database[collection]
        self.name = collection
        self._reading = Reading({type_: entry.model for type_, entry in entries.items()})
        self._keys = {entry.model: entry.key for entry in entries.values()}
        self._first = next(iter(entries))
        first = entries[self._first].model
        self._like_first = frozenset(type_ for type_, entry in entries.items() if entry.model is first)
        self.parking = Parking(database, collection, clock)
        self._getting: Together[str, mongo.Document | None] = Together(self._get_all)

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
                newest = said.setdefault(candidate.event.subject, Said()).newest
                newest(candidate.event.sequence, entry, candidate.event.type)
        aside = await self._put_aside(unreadable)
        await self._write([_forget(key, one) for key, one in said.items() if one.forgotten_at is not None])
        known = [(key, one) for key, one in said.items() if one.sequence]
        standing = await self._write([_replace(key, one) for key, one in known])
        await self._write([_read_again(*known[place]) for place in standing])
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
        if candidate.data is not None and (key := self._keys[type(candidate.data)]):
            named.add(getattr(candidate.data, key))
        if len(named) == 1:
            return False
        candidate.reason, candidate.detail = "invalid_data", "key, subject and what the entry names differ"
        return True

    async def _put_aside(self, unreadable: list[Candidate]) -> list[Record]:
        for candidate in unreadable:
            candidate.subject = None  # its row is named by its offset: nothing queues behind it
        return [candidate.record for candidate in await self.parking.park(unreadable)]

    async def _write(self, writes: list[mongo.UpdateOne]) -> list[int]:
        """Write them all; the places of those before which as new a record, or a newer one, stood already."""
        if not writes:
            return []
        try:
            with mongo.unavailable():
                await self.collection.bulk_write(writes, ordered=False)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise
            return [failure["index"] for failure in (error.details or {})["writeErrors"]]
        return []

    async def get(self, key: str) -> mongo.Document | None:
        """The entry of a key if it is of the first type, or None; also where it was forgotten.

        Those who ask at the same moment share a query (``together``). Raises ``Unavailable``.
        """
        return await self._getting.ask(key)

    async def _get_all(self, keys: Sequence[str]) -> list[mongo.Document | None]:
        found = {document["_id"]: document for document in await self._found({"_id": {"$in": list(set(keys))}})}
        entries = {
            key: document["entry"]
            for key, document in found.items()
            if document.get("type", self._first) in self._like_first
        }
        return [entries.get(key) for key in keys]

    async def all(self, query: Mapping[str, Any], type_: str | None = None) -> list[mongo.Document]:
        """All entries of a type, by default the first, whose fields match.

        Names in ``query`` are those of the entry, e.g. ``executive``. Raises ``Unavailable``.
        """
        types = {type_} if type_ else self._like_first
        return [entry for one, entry in await self.any(query) if one in types]

    async def any(self, query: Mapping[str, Any]) -> list[tuple[str, mongo.Document]]:
        """All entries whose fields match, each with its type. Raises ``Unavailable``."""
        wanted = {f"entry.{name}": value for name, value in query.items()}
        found = await self._found({"gone": False, **wanted})
        return [(document.get("type", self._first), document["entry"]) for document in found]

    async def of_type(self, type_: str) -> list[mongo.Document]:
        """All entries of a type other than the first, found by an index on ``type``. Raises ``Unavailable``."""
        return [document["entry"] for document in await self._found({"type": type_, "gone": False})]

    async def _found(self, query: Mapping[str, Any]) -> list[mongo.Document]:
        with mongo.unavailable():
            found: list[mongo.Document] = await self.collection.find(query).to_list(None)
        return found


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
    return mongo.UpdateOne({"_id": key, "seq": {"$lt": said.sequence}}, {"$set": _fields(said)}, upsert=True)


def _read_again(key: str, said: Said) -> mongo.UpdateOne:
    """Where the very record stands that is written, unless it was forgotten since."""
    return mongo.UpdateOne({"_id": key, "seq": said.sequence, "gone": False}, {"$set": _fields(said)})


def _fields(said: Said) -> mongo.Document:
    fields: mongo.Document = {"seq": said.sequence, "gone": said.entry is None, "entry": said.entry}
    return fields if said.type is None else {**fields, "type": said.type}
