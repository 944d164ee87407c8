"""Roster imports: an aggregate each, its file in chunks, and what it would change, one document each.

Beside state and events an import's document has ``time`` (when it was uploaded) and ``work: {by, until, attempts,
done, total}``: who is at it, until when at most, for the how manieth time, and how far. The file is deleted when the
import ends, what it would change ``KEPT`` days later. Claims go by the machine's own clock, since the injected one may
stand still.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind, Loaded
from services.chassis.clock import SystemClock
from services.chassis.service import Index
from services.people import contracts
from services.people.domain.roster_import import BUSY, ImportMoved, Job, evolve
from services.people.domain.rules import RuleBroken

ROSTER_IMPORTS: AggregateKind[Job, ImportMoved] = AggregateKind(
    name="roster import",
    collection="roster_imports",
    source="/tandem/people",
    state=TypeAdapter(Job),
    evolve=evolve,
    outgoing=contracts.of_import,
    rules=(RuleBroken,),
)
CHUNKS, CHANGES = "roster_import_chunks", "roster_import_changes"
INDEXES = {
    ROSTER_IMPORTS.collection: (Index((("time", -1), ("_id", -1))), Index((("state.state", 1), ("work.until", 1)))),
    CHUNKS: (Index((("import", 1), ("number", 1))),),
}
KEPT = timedelta(days=30)
_CHUNK = 1024 * 1024  # bytes
_CLAIM = timedelta(seconds=60)
_FREE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on an import, of which this is the ``attempt`` without any progress."""

    loaded: Loaded[Job]
    by: str
    attempt: int

    @property
    def id(self) -> str:
        """The import's id."""
        return self.loaded.id

    @property
    def job(self) -> Job:
        """The import as it was when it was claimed, or when the work on it moved it last."""
        return self.loaded.state


class ClaimLost(Exception):
    """Somebody else works on this import, or it was cancelled."""


class Imports:
    """What belongs to imports beside their aggregates. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self.jobs: mongo.Collection = database[ROSTER_IMPORTS.collection]
        self.changes: mongo.Collection = database[CHANGES]
        self._chunks: mongo.Collection = database[CHUNKS]
        self._clock = SystemClock()

    async def keep(self, id: str, body: bytes) -> None:
        """Keep a file for an import; the first one under an id stays."""
        for start in range(0, len(body), _CHUNK):
            chunk = {"import": id, "number": start // _CHUNK, "bytes": body[start : start + _CHUNK]}
            with mongo.unavailable():
                await self._chunks.update_one({"_id": f"{id}:{start}"}, {"$setOnInsert": chunk}, upsert=True)

    async def body(self, id: str) -> bytes:
        """The file."""
        with mongo.unavailable():
            found = await self._chunks.find({"import": id}).sort("number", 1).to_list(None)
        return b"".join(document["bytes"] for document in found)

    async def discard(self, id: str) -> None:
        """Delete the file of an import that has ended."""
        with mongo.unavailable():
            await self._chunks.delete_many({"import": id})

    async def enter(self, id: str, at: datetime) -> None:
        """Have an import listed by its time, and worked on."""
        fresh = {"time": at, "work": {"by": "", "until": _FREE, "attempts": 0, "done": 0, "total": 0}}
        with mongo.unavailable():
            await self.jobs.update_one({"_id": id, "work": {"$exists": False}}, {"$set": fresh})

    async def progress(self, id: str) -> tuple[int, int]:
        """How many people or lines of this step are done, of how many (0 while nobody knows)."""
        with mongo.unavailable():
            found = await self.jobs.find_one({"_id": id}, {"work": 1})
        return progress_of(found or {})

    async def claim(self, by: str) -> tuple[str, int] | None:
        """Take the oldest import that waits for somebody to go on with it: its id, and which attempt this is."""
        now = self._clock.now()
        waiting = {"state.state": {"$in": sorted(BUSY)}}
        free = {**waiting, "work.until": {"$lt": now}}
        with mongo.unavailable():
            async for document in self.jobs.find({**waiting, "work": {"$exists": False}}, {"state.at": 1}):
                await self.enter(document["_id"], datetime.fromisoformat(document["state"]["at"]))
            for document in await self.jobs.find(free, {"work": 1}).sort("time", 1).limit(10).to_list(None):
                mine = {"$set": {"work.by": by, "work.until": now + _CLAIM}, "$inc": {"work.attempts": 1}}
                if (await self.jobs.update_one({"_id": document["_id"], **free}, mine)).matched_count:
                    return document["_id"], document["work"]["attempts"] + 1
        return None

    async def hold(self, claim: Claim, *, done: int = 0, total: int = 0) -> None:
        """Say how far the work is and keep the claim. Raises ``ClaimLost``."""
        held = {"_id": claim.id, "version": claim.loaded.version, "work.by": claim.by}
        far = {"work.until": self._clock.now() + _CLAIM, "work.done": done, "work.total": total}
        with mongo.unavailable():
            kept = await self.jobs.update_one(held, {"$set": far})
        if not kept.matched_count:
            raise ClaimLost(claim.id)

    async def release(self, id: str, by: str, *, attempts: int) -> None:
        """Give a claim back, so that whoever comes next need not wait, after so many attempts."""
        back = {"work.by": "", "work.until": _FREE, "work.attempts": attempts, "work.done": 0, "work.total": 0}
        with mongo.unavailable():
            await self.jobs.update_one({"_id": id, "work.by": by}, {"$set": back})

    async def write_changes(self, id: str, changes: Sequence[mongo.Document]) -> None:
        """Add changes, each under its own id; the same again changes nothing."""
        if not changes:
            return
        new = [{"_id": f"{id}:{change['kind']}:{change['number']:07}", **change} for change in changes]
        try:
            with mongo.unavailable():
                await self.changes.insert_many(new, ordered=False)
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise

    async def forget_changes(self, id: str) -> None:
        """Drop the changes of a dry run that is made anew."""
        with mongo.unavailable():
            await self.changes.delete_many(changes_of(id))

    async def ids_of_joiners(self, id: str) -> dict[str, str]:
        """The person ids that joiners were promised, by the keys of their rows."""
        with mongo.unavailable():
            found = self.changes.find(changes_of(id, "joiners"), {"key": 1, "person_id": 1})
            return {document["key"]: document["person_id"] async for document in found}

    async def people_listed(self, id: str, kind: str) -> frozenset[str]:
        """The ids of the people whom the dry run listed under a kind."""
        with mongo.unavailable():
            found = self.changes.find(changes_of(id, kind), {"person_id": 1})
            return frozenset([document["person_id"] async for document in found])

    async def faults(self, id: str, kinds: Sequence[str]) -> AsyncIterator[mongo.Document]:
        """Everything of these kinds, one kind after the other, in the order of the file."""
        for kind in kinds:
            with mongo.unavailable():
                async for document in self.changes.find(changes_of(id, kind)).sort("_id", 1):
                    yield document

    async def forget_old(self, now: datetime) -> None:
        """Delete the files and changes of imports that are older than ``KEPT``."""
        old = {"time": {"$lt": now - KEPT}, "forgotten": {"$exists": False}}
        with mongo.unavailable():
            for document in await self.jobs.find(old, {"state.reading": 1}).limit(100).to_list(None):
                await self._chunks.delete_many({"import": document["_id"]})
                await self.changes.delete_many(changes_of(document["_id"]))
                erased: mongo.Document = {"state.reading.letters_to_check": []} if document["state"]["reading"] else {}
                await self.jobs.update_one({"_id": document["_id"]}, {"$set": {"forgotten": True, **erased}})


def changes_of(id: str, kind: str = "") -> dict[str, Any]:
    """The query for the changes of an import, of one kind or of all: their ids begin with both."""
    return {"_id": {"$gte": f"{id}:{kind}", "$lt": f"{id}:{kind};" if kind else f"{id};"}}


def progress_of(document: mongo.Document) -> tuple[int, int]:
    """As ``Imports.progress``, of an import's document."""
    work = document.get("work", {})
    return work.get("done", 0), work.get("total", 0)
