"""How many documents of an edition are in which state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chassis import mongo
from services.chassis.service import Index

OF_AN_EDITION = (
    Index((("state.edition_id", 1), ("_id", 1))),
    Index((("state.edition_id", 1), ("state.status", 1), ("_id", 1))),
)


async def count_by_status(
    collection: mongo.Collection, edition_id: str, within: Mapping[str, Any]
) -> Mapping[str, int]:
    """How many documents of this edition that match ``within`` are in which status; one without any is left out."""
    group = {"_id": "$state.status", "number": {"$sum": 1}}
    with mongo.unavailable():
        rows = await mongo.aggregate(
            collection, [{"$match": {"state.edition_id": edition_id, **within}}, {"$group": group}]
        )
    return {row["_id"]: row["number"] for row in rows}
