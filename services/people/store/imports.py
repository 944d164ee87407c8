"""Roster imports: one document per job, its file in chunks, and what it would change, one document each.

``{_id, version, time, claim: {by, until}, fingerprint, job}``; the job's body is deleted when it ends, all of it
``KEPT`` days later. Claims go by the machine's own clock, since the injected one may stand still.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import KeyReused, LostUpdate
from services.chassis.clock import SystemClock
from services.chassis.errors import NotFound
from services.chassis.service import Index
from services.people.domain.roster_import import BUSY, ENDED, Job

JOBS, CHUNKS, CHANGES = "roster_imports", "roster_import_chunks", "roster_import_changes"
INDEXES = {
    JOBS: (Index((("time", -1), ("_id", -1))), Index((("job.state", 1), ("claim.until", 1)))),
    CHUNKS: (Index((("import", 1), ("number", 1))),),
}
KEPT = timedelta(days=30)
_CHUNK = 1024 * 1024  # bytes
_CLAIM = timedelta(seconds=60)
_NOBODY = {"by": "", "until": datetime(1970, 1, 1, tzinfo=UTC)}
_JOB: TypeAdapter[Job] = TypeAdapter(Job)


@dataclass(frozen=True, slots=True)
class Stored:
    """An import as it stands; ``version`` is its ETag."""

    id: str
    version: int
    job: Job


class ClaimLost(Exception):
    """Somebody else works on this import, or it was cancelled."""


class Imports:
    """All imports. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self.jobs: mongo.Collection = database[JOBS]
        self.changes: mongo.Collection = database[CHANGES]
        self._chunks: mongo.Collection = database[CHUNKS]
        self._clock = SystemClock()

    async def create(self, id: str, job: Job, body: bytes, fingerprint: str | None) -> Stored:
        """Keep a file and its job; the same again is the same job. Raises ``KeyReused`` for another file."""
        with mongo.unavailable():
            for number in range(0, len(body), _CHUNK):
                chunk = {"import": id, "number": number, "bytes": body[number : number + _CHUNK]}
                await self._chunks.update_one({"_id": f"{id}:{number}"}, {"$setOnInsert": chunk}, upsert=True)
            fresh = {"version": 1, "time": job.at, "claim": _NOBODY, "fingerprint": fingerprint, "job": _dumped(job)}
            done = await self.jobs.update_one({"_id": id}, {"$setOnInsert": fresh}, upsert=True)
            document = await self.jobs.find_one({"_id": id})
        if not done.upserted_id and document["fingerprint"] != fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request; use a new one.")
        return stored(document)

    async def get(self, id: str) -> Stored:
        """One import. Raises ``NotFound``."""
        with mongo.unavailable():
            document = await self.jobs.find_one({"_id": id})
        if document is None:
            raise NotFound(f"There is no roster import {id}.")
        return stored(document)

    async def body(self, id: str) -> bytes:
        """The file."""
        with mongo.unavailable():
            found = await self._chunks.find({"import": id}).sort("number", 1).to_list(None)
        return b"".join(document["bytes"] for document in found)

    async def move(self, seen: Stored, job: Job) -> Stored:
        """Change an import by compare-and-set on what was seen. Raises ``LostUpdate``."""
        change = {"$set": {"job": _dumped(job)}, "$inc": {"version": 1}}
        with mongo.unavailable():
            done = await self.jobs.update_one({"_id": seen.id, "version": seen.version}, change)
        if not done.matched_count:
            raise LostUpdate("Load it again, look at what changed, and repeat the command with the new ETag.")
        if job.state in ENDED:
            with mongo.unavailable():
                await self._chunks.delete_many({"import": seen.id})
        return replace(seen, version=seen.version + 1, job=job)

    async def claim(self, by: str) -> Stored | None:
        """Take the oldest import that waits for somebody to go on with it; each claim counts as an attempt."""
        now = self._clock.now()
        free = {"job.state": {"$in": sorted(BUSY)}, "claim.until": {"$lt": now}}
        with mongo.unavailable():
            for document in await self.jobs.find(free, {"_id": 1}).sort("time", 1).limit(10).to_list(None):
                mine = {"$set": {"claim": {"by": by, "until": now + _CLAIM}}, "$inc": {"job.attempts": 1}}
                if (await self.jobs.update_one({"_id": document["_id"], **free}, mine)).matched_count:
                    return await self.get(document["_id"])
        return None

    async def hold(self, seen: Stored, by: str, *, done: int, total: int) -> None:
        """Say how far the work is and keep the claim. Raises ``ClaimLost``."""
        until = self._clock.now() + _CLAIM
        held = {"_id": seen.id, "version": seen.version, "claim.by": by}
        with mongo.unavailable():
            held_on = {"claim.until": until, "job.done": done, "job.total": total}
            kept = await self.jobs.update_one(held, {"$set": held_on})
        if not kept.matched_count:
            raise ClaimLost(seen.id)

    async def release(self, id: str, by: str, *, counts: bool) -> None:
        """Give a claim back, so that whoever comes next need not wait; whether it ``counts`` as an attempt."""
        back = {"$set": {"claim": _NOBODY}, "$inc": {"job.attempts": 0 if counts else -1}}
        with mongo.unavailable():
            await self.jobs.update_one({"_id": id, "claim.by": by}, back)

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

    async def faults(self, id: str, kinds: Sequence[str]) -> AsyncIterator[mongo.Document]:
        """Everything of these kinds, one kind after the other, in the order of the file."""
        for kind in kinds:
            with mongo.unavailable():
                async for document in self.changes.find(changes_of(id, kind)).sort("_id", 1):
                    yield document

    async def forget_old(self, now: datetime) -> None:
        """Delete what is older than ``KEPT``."""
        with mongo.unavailable():
            old = await self.jobs.find({"time": {"$lt": now - KEPT}}, {"_id": 1}).limit(100).to_list(None)
            for document in old:
                await self._chunks.delete_many({"import": document["_id"]})
                await self.changes.delete_many(changes_of(document["_id"]))
                await self.jobs.delete_one({"_id": document["_id"]})


def changes_of(id: str, kind: str = "") -> dict[str, Any]:
    """The query for the changes of an import, of one kind or of all: their ids begin with both."""
    return {"_id": {"$gte": f"{id}:{kind}", "$lt": f"{id}:{kind};" if kind else f"{id};"}}


def stored(document: mongo.Document) -> Stored:
    """An import from its document."""
    return Stored(document["_id"], document["version"], _JOB.validate_python(document["job"]))


def _dumped(job: Job) -> Any:
    return _JOB.dump_python(job, mode="json")
