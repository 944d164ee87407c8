"""Consumer groups belong to a database: one that is new reads its topics from their first record.

Offsets lie in Kafka, what they stand for lies in the database. If the group's name did not change with
the database, a lost database would come back empty with all of its offsets at the end.
"""

from __future__ import annotations

from contextlib import suppress

from services.chassis import mongo
from services.chassis.ids import random_id

COLLECTION = "consumers"


async def epoch(database: mongo.Database, consumer: str) -> str:
    """The mark that this database gave the consumer when it first started here. Raises ``Unavailable``."""
    consumers: mongo.Collection = database[COLLECTION]
    with mongo.unavailable():
        with suppress(mongo.DuplicateKeyError):  # another process was first
            await consumers.update_one({"_id": consumer}, {"$setOnInsert": {"epoch": random_id()[:8]}}, upsert=True)
        document = await consumers.find_one({"_id": consumer})
    return str(document["epoch"])
