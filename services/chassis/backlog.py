"""What waits in a service's database: events to be published, and parked records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chassis import metrics, mongo, parking
from services.chassis.clock import Clock

_PENDING = {"outbox.sequence": {"$gt": 0}}


class Backlog:
    """Measures the outboxes of a database's aggregate collections, and what its consumers have parked.

    The figures are the database's: each process of the service shows the same.
    """

    def __init__(self, database: mongo.Database, collections: Sequence[str], clock: Clock) -> None:
        self._database = database
        self._collections = collections
        self._clock = clock
        for name in collections:
            metrics.expect_outbox(name)

    async def measure(self, builds: Mapping[str, str]) -> None:
        """Measure all of it once; ``builds`` gives the name under which each consumer parks. Raises ``Unavailable``."""
        for name in self._collections:
            await self._measure_outbox(name)
        await self._measure_parking(builds)

    async def _measure_outbox(self, name: str) -> None:
        each = {"events": {"$size": "$outbox"}, "head": {"$arrayElemAt": ["$outbox", 0]}}
        total = {"_id": None, "events": {"$sum": "$events"}, "oldest": {"$min": "$head.time"}}
        stages: list[mongo.Document] = [{"$match": _PENDING}, {"$project": each}, {"$group": total}]
        with mongo.unavailable():
            found = await mongo.aggregate(self._database[name], stages)
        events, oldest = (found[0]["events"], found[0]["oldest"]) if found else (0, None)
        metrics.OUTBOX_EVENTS.labels(name).set(events)
        metrics.OUTBOX_SECONDS.labels(name).set(self._age(oldest))

    def _age(self, time: str | None) -> float:
        return max(0.0, (self._clock.now() - datetime.fromisoformat(time)).total_seconds()) if time else 0.0

    async def _measure_parking(self, builds: Mapping[str, str]) -> None:
        per_subject = {"_id": {"consumer": "$consumer", "subject": "$subject"}, "records": {"$sum": 1}}
        with mongo.unavailable():
            rows = await mongo.aggregate(self._database[parking.COLLECTION], [{"$group": per_subject}])
        for consumer, build in builds.items():
            own: list[dict[str, Any]] = [row for row in rows if row["_id"].get("consumer") == build]
            metrics.PARKING_RECORDS.labels(consumer).set(sum(row["records"] for row in own))
            subjects = sum(row["_id"].get("subject") is not None for row in own)
            metrics.PARKING_SUBJECTS.labels(consumer).set(subjects)
