"""Notes of persons of whom something was learnt, until their applications are counted anew; a crash loses none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.chassis import directory, mongo
from services.chassis.candidates import Record
from services.chassis.clock import Clock
from services.chassis.ids import random_id
from services.chassis.state_table import StateTable

COLLECTION = "rechecks"
_TYPE = "ce_type"
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """A person of whom something was learnt; ``mark`` is another one each time."""

    person_id: str
    mark: str


class Rechecks:
    """The notes, one a person. All methods raise ``Unavailable``."""

    def __init__(self, database: mongo.Database, clock: Clock) -> None:
        self._collection: mongo.Collection = database[COLLECTION]
        self._clock = clock

    async def note(self, person_ids: Iterable[str]) -> None:
        """Write the persons down; of one who is there the note becomes another one."""
        for chunk in mongo.in_chunks(sorted(set(person_ids))):
            said = {"mark": random_id(), "since": self._clock.now()}
            writes = [mongo.UpdateOne({"_id": id}, {"$set": said}, upsert=True) for id in chunk]
            try:
                with mongo.unavailable():
                    await self._collection.bulk_write(writes, ordered=False)
            except mongo.BulkWriteError as error:
                if not mongo.only_duplicates(error):  # a duplicate was written by another process at this moment
                    raise

    async def page(self, after: str) -> list[Note]:
        """The next notes, at most a thousand, in the order of the persons' ids."""
        with mongo.unavailable():
            found = await self._collection.find({"_id": {"$gt": after}}).sort("_id", 1).limit(_PAGE).to_list(None)
        return [Note(document["_id"], document["mark"]) for document in found]

    async def forget(self, notes: Sequence[Note]) -> None:
        """Remove these notes, but none that became another one meanwhile."""
        marks = sorted({note.mark for note in notes})
        for chunk in mongo.in_chunks([note.person_id for note in notes]):
            with mongo.unavailable():
                await self._collection.delete_many({"_id": {"$in": chunk}, "mark": {"$in": marks}})


class Noting:
    """Feeds a state table, then notes the persons of whom a batch tells, before the batch counts as done.

    Whatever breaks off in between, the batch comes again, and its persons are noted then.
    """

    def __init__(self, table: StateTable, rechecks: Rechecks) -> None:
        self.collection, self.parking, self.name = table.collection, table.parking, table.name
        self._table = table
        self._rechecks = rechecks

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Apply a batch as the table does, and note its persons. Raises ``Unavailable``."""
        aside = await self._table.apply(records)
        await self._rechecks.note(id for record in records if (id := _person(record)))
        return aside


def _person(record: Record) -> str | None:
    """The person a record may tell of; what is said in its headers to be of another type is passed over."""
    types = {value for name, value in record.headers if name == _TYPE}
    if record.key is None or types & _OF_NO_PERSON:
        return None
    return record.key.decode("utf-8", "replace")


_OF_NO_PERSON = {type_.encode() for type_ in (directory.SUBSIDIARY, directory.ACCOUNT, directory.HEARTBEAT)}
