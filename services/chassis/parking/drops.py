"""What operators gave up, kept for ever: every build of a projection passes over the same records.

Three kinds: a *sequence* of a subject is passed over, whatever record bears it; a *copy*, one of two events
that claim the same sequence, is ignored; a *record* that names no place in a subject is ignored by its offset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.chassis import mongo
from services.chassis.service import Index

COLLECTION = "dropped"
INDEXES = (Index((("name", 1), ("partition", 1))), Index((("name", 1), ("subject", 1))))
Place = tuple[int, int]  # partition, offset


@dataclass(frozen=True, slots=True)
class Given:
    """What was given up of one subject: sequences with the id of the event that bore them; copies by both."""

    sequences: Mapping[int, str | None] = field(default_factory=dict)
    copies: Collection[tuple[int, str]] = frozenset()


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Drop:
    """One thing that was given up, by whom, when and why; ``subject`` is None for a *record*."""

    kind: Literal["sequence", "copy", "record"]
    partition: int
    offset: int
    subject: str | None
    sequence: int | None
    event_id: str | None
    by: str
    reason: str
    at: datetime


class Drops:
    """What was given up of one projection (of all its builds) or one table."""

    def __init__(self, database: mongo.Database, name: str) -> None:
        self._collection: mongo.Collection = database[COLLECTION]
        self._name = name

    async def add(self, drop: Drop) -> None:
        """Give something up; again changes nothing. Raises ``Unavailable``."""
        fields = {name: getattr(drop, name) for name in Drop.__slots__}
        settled = {"settled": drop.kind != "sequence"}
        update = {"$setOnInsert": {"name": self._name, **fields, **settled}}
        with mongo.unavailable():
            await self._collection.update_one({"_id": self._id(drop)}, update, upsert=True)

    def _id(self, drop: Drop) -> str:
        match drop.kind:
            case "sequence":
                return f"{self._name}|{drop.subject}|{drop.sequence}"
            case "copy":
                return f"{self._name}|{drop.subject}|{drop.sequence}|{drop.event_id}"
            case "record":
                return f"{self._name}|{drop.partition}|{drop.offset}"

    async def of(self, partitions: Iterable[int], subjects: Sequence[str]) -> dict[str, Given]:
        """What was given up of these subjects. Raises ``Unavailable``."""
        if not await self._any(partitions):
            return {}
        found: dict[str, list[mongo.Document]] = {}
        for chunk in mongo.in_chunks(list(subjects)):
            query = {"name": self._name, "subject": {"$in": chunk}}
            with mongo.unavailable():
                for row in await self._collection.find(query).to_list(None):
                    found.setdefault(row["subject"], []).append(row)
        return {subject: _given(rows) for subject, rows in found.items()}

    async def records(self, places: Collection[Place]) -> set[Place]:
        """Which of these records were given up. Raises ``Unavailable``."""
        partitions = {partition for partition, _ in places}
        if not partitions or not await self._any(partitions):
            return set()
        query = {"name": self._name, "partition": {"$in": sorted(partitions)}, "kind": "record"}
        with mongo.unavailable():
            rows = await self._collection.find(query, {"partition": 1, "offset": 1}).to_list(None)
        return {(row["partition"], row["offset"]) for row in rows} & set(places)

    async def _any(self, partitions: Iterable[int]) -> bool:
        query = {"name": self._name, "partition": {"$in": sorted(set(partitions))}}
        with mongo.unavailable():
            return await self._collection.find_one(query, {"_id": 1}) is not None

    async def unsettled(self, partitions: Iterable[int]) -> list[mongo.Document]:
        """Sequences that were given up and not yet passed over, in order. Raises ``Unavailable``."""
        query: dict[str, Any] = {"name": self._name, "partition": {"$in": sorted(set(partitions))}, "settled": False}
        with mongo.unavailable():
            rows: list[mongo.Document] = await self._collection.find(query).to_list(None)
        return sorted(rows, key=lambda row: (row["subject"], row["sequence"]))

    async def settle(self, row: mongo.Document) -> None:
        """The sequence was passed over. Raises ``Unavailable``."""
        with mongo.unavailable():
            await self._collection.update_one({"_id": row["_id"]}, {"$set": {"settled": True}})

    async def withdraw(self, row: mongo.Document) -> None:
        """A good copy of the sequence was applied before it could be passed over. Raises ``Unavailable``."""
        with mongo.unavailable():
            await self._collection.delete_one({"_id": row["_id"], "settled": False})


def _given(rows: Iterable[mongo.Document]) -> Given:
    rows = list(rows)
    return Given(
        sequences={row["sequence"]: row["event_id"] for row in rows if row["kind"] == "sequence"},
        copies=frozenset((row["sequence"], row["event_id"]) for row in rows if row["kind"] == "copy"),
    )
