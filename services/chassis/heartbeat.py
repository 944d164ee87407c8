"""A heartbeat: records on every partition of a state topic that show its readers how old what they know is.

A reader that has the heartbeat of an instant on all partitions has everything that was accepted a little before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from services.chassis import kafka, mongo
from services.chassis.clock import Clock
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger
from services.chassis.outbox import Origin, Outgoing, event_of, pending
from services.chassis.wire import rfc3339

log = get_logger(__name__)
EVERY = timedelta(minutes=1)  # between two heartbeats
SECONDS = 1.0  # of real time between two looks at the clock, which may jump
_COLLECTION = "heartbeats"


@dataclass(frozen=True, slots=True)
class Beats:
    """What a heartbeat is made of: its topic, its type, who publishes it, and its data.

    ``data`` gets the record's key, the instant and the number of partitions.
    """

    topic: str
    type: str
    service: str
    data: Callable[[str, datetime, int], BaseModel]


class Heartbeat:
    """Publishes a heartbeat a minute by the injected clock, as long as the service's events get out.

    Several processes doing so are harmless: a sequence that rises with each attempt says which is the newest.
    """

    def __init__(
        self,
        database: mongo.Database,
        aggregates: Sequence[str],
        publisher: kafka.Publisher,
        clock: Clock,
        beats: Beats,
    ) -> None:
        self._last: mongo.Collection = database[_COLLECTION]
        self._aggregates: Sequence[mongo.Collection] = [database[name] for name in aggregates]
        self._publisher = publisher
        self._clock = clock
        self._beats = beats
        self._partitions: Sequence[int] = ()

    async def beat(self) -> None:
        """Publish a heartbeat where a minute has passed since the last. Raises a ``Transient``; may be repeated."""
        now = self._clock.now()
        if not await self._is_due(now) or await self._is_behind(now):
            return
        if not self._partitions:
            self._partitions = await kafka.partitions_of(self._publisher.bootstrap, self._beats.topic)
            if not self._partitions:
                return
        sequence = await self._next_sequence(now)
        outcomes = await self._publisher.publish(self._records(now, sequence), partitions=self._partitions)
        if all(outcomes):
            with mongo.unavailable():
                await self._last.update_one({"_id": self._beats.topic}, {"$set": {"at": now}})

    async def _is_due(self, now: datetime) -> bool:
        """Whether a minute lies between now and the last one, also where the clock was set back."""
        with mongo.unavailable():
            last = await self._last.find_one({"_id": self._beats.topic})
        return not last or "at" not in last or abs(now - last["at"]) >= EVERY

    async def _is_behind(self, now: datetime) -> bool:
        """Whether a record of the topic waits since before the last minute; then no reader may feel safe."""
        record = {"topic": self._beats.topic, "time": {"$lt": rfc3339(now - EVERY)}}
        old = {"outbox.sequence": {"$gt": 0}, "outbox": {"$elemMatch": record}}
        for collection in self._aggregates:
            with mongo.unavailable():
                waiting: Any = await collection.find_one(old, {"_id": 1})
            if waiting:
                log.warning("heartbeat_withheld", subject=waiting["_id"])
                return True
        return False

    async def _next_sequence(self, now: datetime) -> int:
        """Above every one before, also after the database came back from an older backup: the seconds since 1970.

        Where the clock stood still or was set back, one more than the last.
        """
        mine = {"_id": self._beats.topic}
        with mongo.unavailable():
            await self._last.update_one(mine, {"$inc": {"sequence": 1}}, upsert=True)
            await self._last.update_one(mine, {"$max": {"sequence": int(now.timestamp())}})
            document = await self._last.find_one(mine)
        sequence: int = document["sequence"]
        return sequence

    def _records(self, now: datetime, sequence: int) -> list[tuple[str, Any]]:
        beats = self._beats
        origin = Origin(f"/tandem/{beats.service}", beats.service, now)
        records = []
        for number in self._partitions:
            key = derived_id(beats.service, "heartbeat", beats.topic, str(number))
            outgoing = Outgoing(beats.topic, beats.type, beats.data(key, now, len(self._partitions)))
            records.append(
                (beats.topic, event_of(pending(outgoing, subject=key, sequence=sequence, origin=origin), key))
            )
        return records
