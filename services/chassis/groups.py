"""Consumer groups belong to a database: one that is new reads its topics from their first record.

Offsets lie in Kafka, what they stand for lies in the database. If the group's name did not change with
the database, a lost database would come back empty with all of its offsets at the end.
A consumer that had to stop stays so in all processes and over restarts, until an operator resumes it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.chassis import mongo
from services.chassis.ids import random_id

COLLECTION = "consumers"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why and since when a consumer stands still."""

    reason: str
    at: datetime


async def epoch(database: mongo.Database, consumer: str) -> str:
    """The mark that this database gave the consumer when it first started here. Raises ``Unavailable``."""
    consumers: mongo.Collection = database[COLLECTION]
    with mongo.unavailable():
        with suppress(mongo.DuplicateKeyError):  # another process was first
            await consumers.update_one({"_id": consumer}, {"$setOnInsert": {"epoch": random_id()[:8]}}, upsert=True)
        document = await consumers.find_one({"_id": consumer})
    return str(document["epoch"])


async def forget(database: mongo.Database, consumer: str) -> None:
    """Forget the mark: the consumer will read its topic from the first record. Raises ``Unavailable``."""
    with mongo.unavailable():
        await database[COLLECTION].delete_one({"_id": consumer})


async def stopped(database: mongo.Database, consumer: str) -> Stop | None:
    """Why the consumer must stand still, or None. Raises ``Unavailable``."""
    with mongo.unavailable():
        document = await database[COLLECTION].find_one({"_id": consumer}, {"stopped": 1})
    return Stop(**document["stopped"]) if document and document.get("stopped") else None


async def stop(database: mongo.Database, consumer: str, why: Stop) -> None:
    """Have all processes hold the consumer; what stopped it first stays the reason. Raises ``Unavailable``."""
    running = {"_id": consumer, "stopped": None}
    with mongo.unavailable():
        await database[COLLECTION].update_one(running, {"$set": {"stopped": {"reason": why.reason, "at": why.at}}})


async def resume(database: mongo.Database, consumer: str) -> bool:
    """Let the consumer go on; False where it was not stopped. Raises ``Unavailable``."""
    held = {"_id": consumer, "stopped": {"$ne": None}}
    with mongo.unavailable():
        done = await database[COLLECTION].update_one(held, {"$set": {"stopped": None}})
    return bool(done.modified_count)
