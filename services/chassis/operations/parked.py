"""Parked records as operators see them, and the flags by which they have one tried again or given up.

A flag is carried out by the consumer of the record's partition; nobody else touches the read model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis import groups, mongo, parking
from services.chassis.access import AccessLog
from services.chassis.aggregate import Command
from services.chassis.clock import Clock
from services.chassis.errors import NotFound, Refused

_FACTS = {"key": 0, "value": 0, "headers": 0}


class NotParked(NotFound):
    """No record lies in parking under this reference."""


class NothingMissing(Refused):
    """The record does not wait for one before it."""

    kind = "nothing-missing"


class NotStopped(Refused):
    """The consumer was not stopped by the park limit."""

    kind = "not-stopped"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parked records; what is None does not narrow. ``consumer`` may be a projection: then all its builds."""

    consumer: str | None = None
    subject: str | None = None
    reason: str | None = None

    @property
    def query(self) -> dict[str, Any]:
        """As a database query."""
        builds = {"$regex": rf"^{re.escape(self.consumer)}(_v\d+(_\d+)?)?$"} if self.consumer else None
        named = {"consumer": builds, "subject": self.subject, "reason": self.reason}
        return {name: value for name, value in named.items() if value is not None}


class ParkedRecords:
    """The parked records of one service. Every change is on its access log before it is asked for."""

    def __init__(self, database: mongo.Database, access: AccessLog, clock: Clock) -> None:
        self._database = database
        self.collection: mongo.Collection = database[parking.COLLECTION]
        self._access = access
        self._clock = clock

    async def listed(self, wanted: Wanted, limit: int) -> list[mongo.Document]:
        """The first of these, in order of id, without their bytes. Raises ``Unavailable``."""
        with mongo.unavailable():
            found: list[mongo.Document] = (
                await self.collection.find(wanted.query, _FACTS).sort("_id", 1).limit(limit).to_list(None)
            )
        return found

    async def get(self, ref: str) -> mongo.Document:
        """One record with its bytes. Raises ``NotParked``, ``Unavailable``."""
        with mongo.unavailable():
            found: mongo.Document | None = await self.collection.find_one({"ref": ref})
        if found is None:
            raise NotParked(f"No record {ref} lies in parking; it was settled, or the reference is wrong.")
        return found

    async def still_there(self, ref: str) -> mongo.Document | None:
        """The record without its bytes, or None once it is settled. Raises ``Unavailable``."""
        with mongo.unavailable():
            found: mongo.Document | None = await self.collection.find_one({"ref": ref}, _FACTS)
        return found

    async def retry(self, ref: str, command: Command) -> mongo.Document:
        """Have the record tried again; one that is about to be dropped is. Raises ``NotParked``, ``Unavailable``."""
        row = await self.get(ref)
        await self._access.operated(command, "record_retried", f"{row['consumer']}/{ref}", "tried again")
        return await self._flagged(row, self._flag("retry", command, "tried again"), unless="drop")

    async def drop(self, ref: str, command: Command, *, reason: str, missing: bool = False) -> mongo.Document:
        """Give the record up for good, or with ``missing`` instead those before it that never came.

        Raises ``NotParked``, ``Invalid`` (no reason), ``Unavailable``.
        """
        row = await self.get(ref)
        if missing and row["reason"] != "gap":
            raise NothingMissing(f"{ref} does not wait for what is missing: it was parked as {row['reason']}.")
        action = "missing_records_dropped" if missing else "record_dropped"
        await self._access.operated(command, action, f"{row['consumer']}/{ref}", reason)
        flag = self._flag("drop", command, reason)
        return await self._flagged(row, {**flag, "missing": True} if missing else flag)

    def _flag(self, action: str, command: Command, reason: str) -> dict[str, Any]:
        return {"action": action, "by": command.actor or "nobody", "reason": reason.strip(), "at": self._clock.now()}

    async def _flagged(
        self, row: mongo.Document, flag: Mapping[str, str | bool | datetime], *, unless: str = ""
    ) -> mongo.Document:
        with mongo.unavailable():
            here = {"_id": row["_id"], "flag.action": {"$ne": unless}}
            await self.collection.update_one(here, {"$set": {"flag": flag}})
        return {**row, "flag": flag}

    async def resume(self, consumer: str, command: Command, *, reason: str) -> None:
        """Let a consumer go on that the park limit stopped. Raises ``NotStopped``, ``Unavailable``."""
        if await groups.stopped(self._database, consumer) is None:
            raise NotStopped(f"{consumer} is not stopped.")
        await self._access.operated(command, "consumer_resumed", consumer, reason)
        await groups.resume(self._database, consumer)
