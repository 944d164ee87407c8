"""The documents of a projection: read, and written fenced on exactly what was read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.projector.selection import Head, Step

_CACHED = 20_000  # heads: nearly all that a long rebuild needs of memory


@dataclass(slots=True)
class Advance:
    """A subject's way from one head to the next, by these steps."""

    subject: str
    before: Head
    after: Head
    steps: Sequence[Step] = ()


@dataclass(slots=True)
class Written:
    """What became of a bulk: ``missed`` had been moved by somebody else, ``unstorable`` can never be written so."""

    missed: set[str] = field(default_factory=set)
    unstorable: dict[str, str] = field(default_factory=dict)


class Heads:
    """The heads of all subjects of one projection.

    What this process wrote last is remembered and saves the read. That is never trusted: sequence and
    last event id stand in the filter of every write, so a stale memory misses and is read again.
    """

    def __init__(self, collection: mongo.Collection, state: TypeAdapter[Any]) -> None:
        self._collection = collection
        self._dump = state.dump_python
        self._load = state.validate_python
        self._known: dict[str, Head] = {}

    def forget(self, subjects: Iterable[str]) -> None:
        """Read these from the database next time."""
        for subject in subjects:
            self._known.pop(subject, None)

    async def read(self, subjects: Collection[str]) -> dict[str, Head]:
        """The head of each subject; sequence 0 where there is none yet."""
        known = self._known
        cold = [subject for subject in subjects if subject not in known]
        if cold:
            if len(known) + len(cold) > _CACHED:
                known.clear()
                cold = list(subjects)
            known.update(await self._fetch(cold))
        return {subject: known[subject] for subject in subjects}

    async def _fetch(self, subjects: list[str]) -> dict[str, Head]:
        heads = {subject: Head(0, None, None) for subject in subjects}
        for chunk in mongo.in_chunks(subjects):
            with mongo.unavailable():
                documents = await self._collection.find({"_id": {"$in": chunk}}).to_list(None)
            for document in documents:
                state = None if document["state"] is None else self._load(document["state"])
                skipped = tuple(document.get("skipped", ()))
                heads[document["_id"]] = Head(document["seq"], document["last"], state, skipped)
        return heads

    async def write(self, advances: list[Advance]) -> Written:
        """Write all advances in one bulk; where one of them can never be written, each on its own."""
        if not advances:
            return Written()
        try:
            hits = await self._bulk([self._operation(advance) for advance in advances])
        except mongo.Unstorable as error:
            self.forget(advance.subject for advance in advances)
            return await self._apart(advances, error)
        except BaseException:
            self.forget(advance.subject for advance in advances)  # what happened is unknown
            raise
        if hits == len(advances):
            self._known.update((advance.subject, advance.after) for advance in advances)
            return Written()
        return Written(await self._missed(advances))

    async def _apart(self, advances: list[Advance], error: mongo.Unstorable) -> Written:
        if len(advances) == 1:
            return Written(unstorable={advances[0].subject: str(error)})
        together = Written()
        for advance in advances:
            written = await self.write([advance])
            together.missed |= written.missed
            together.unstorable |= written.unstorable
        return together

    def _operation(self, advance: Advance) -> Any:
        before, after = advance.before, advance.after
        fields = {"seq": after.sequence, "last": after.last, "state": self._stored(after.state)}
        if after.skipped:
            fields["skipped"] = list(after.skipped)
        if before.sequence == 0:
            return mongo.InsertOne({"_id": advance.subject, **fields})
        return mongo.UpdateOne({"_id": advance.subject, "seq": before.sequence, "last": before.last}, {"$set": fields})

    def _stored(self, state: Any) -> Any:
        """None stands for itself: all that was heard of the subject are events of types unknown here."""
        return None if state is None else self._dump(state, mode="json")

    async def _bulk(self, operations: list[Any]) -> int:
        try:
            with mongo.writing():
                done = await self._collection.bulk_write(operations, ordered=False)
        except mongo.BulkWriteError as error:
            return int(error.details["nMatched"]) + int(error.details["nInserted"])
        return int(done.matched_count) + int(done.inserted_count)

    async def _missed(self, advances: list[Advance]) -> set[str]:
        """Compare with what stands there now; whoever wrote it, the same event there means the same state."""
        self.forget(advance.subject for advance in advances)
        now = await self.read([advance.subject for advance in advances])
        return {
            a.subject
            for a in advances
            if (now[a.subject].sequence, now[a.subject].last) != (a.after.sequence, a.after.last)
        }
