"""What is too large for a run's document: its certificate, with all allowed pairs and their points, compressed.

A chunk is ``{_id: evidence:kind:number, run, evidence, kind, number, bytes}``. ``evidence`` names one attempt at a
run; the one whose proposal the run took over stands in the run's state, the others are forgotten.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

from services.chassis import mongo
from services.chassis.errors import NotFound
from services.chassis.service import Index

CHUNKS = "run_chunks"
INDEXES = (Index((("run", 1), ("evidence", 1))),)
CERTIFICATE, PEOPLE = "certificate", "people"
SIZE = 1024 * 1024  # bytes


class NothingKept(NotFound):
    """Of this attempt nothing of the kind is kept."""


class RunChunks:
    """The chunks of runs. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self._chunks: mongo.Collection = database[CHUNKS]

    async def keep(self, run_id: str, evidence: str, kind: str, number: int, data: bytes) -> None:
        """Keep one chunk, of at most 15 MiB; the first one under its number stays."""
        chunk = {"run": run_id, "evidence": evidence, "kind": kind, "number": number, "bytes": data}
        with mongo.unavailable():
            named = {"_id": _id(evidence, kind, number)}
            await self._chunks.update_one(named, {"$setOnInsert": chunk}, upsert=True)

    async def keep_whole(self, run_id: str, evidence: str, kind: str, data: bytes) -> None:
        """Keep something compressed that is at hand as a whole."""
        for number, part in enumerate(_parts(zlib.compress(data))):
            await self.keep(run_id, evidence, kind, number, part)

    async def compressed(self, evidence: str, kind: str) -> AsyncIterator[bytes]:
        """The chunks in their order, as they are kept. Raises ``NothingKept`` before the first."""
        number = 0
        while True:
            with mongo.unavailable():
                found = await self._chunks.find_one({"_id": _id(evidence, kind, number)}, {"bytes": 1})
            if found is None and number == 0:
                raise NothingKept(f"Of this run's {kind} nothing is kept any more; request another run.")
            if found is None:
                return
            yield found["bytes"]
            number += 1

    async def read(self, evidence: str, kind: str) -> AsyncIterator[bytes]:
        """What was kept, as a stream of its own bytes. Raises ``NothingKept`` before the first."""
        opened = zlib.decompressobj()
        async for part in self.compressed(evidence, kind):
            yield opened.decompress(part)
        yield opened.flush()

    async def forget_attempt(self, run_id: str, evidence: str) -> None:
        """Delete the chunks of one attempt, whose proposal the run did not take over."""
        with mongo.unavailable():
            await self._chunks.delete_many({"run": run_id, "evidence": evidence})

    async def forget(self, run_id: str, *, but: str | None) -> None:
        """Delete the chunks of a run that nobody solves any more, all but those of the attempt that it took over."""
        query = {"run": run_id, **({"evidence": {"$ne": but}} if but else {})}
        with mongo.unavailable():
            await self._chunks.delete_many(query)


def _id(evidence: str, kind: str, number: int) -> str:
    return f"{evidence}:{kind}:{number:05}"


def _parts(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), SIZE):
        yield data[start : start + SIZE]
