"""The relay: one task per process that brings pending events to their topics, heads first.

Per aggregate and topic at most one event is in flight, always the oldest, and it is removed only after
the broker has acknowledged it. So a topic may hold an event twice, but never out of order and never with
a hole. Relays of several processes race harmlessly.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis import metrics, mongo, traces
from services.chassis.health import Health
from services.chassis.kafka import BrokerAway, Publisher
from services.chassis.logging import get_logger
from services.chassis.outbox import event_of
from services.chassis.sweep import Sweep

log = get_logger(__name__)
PAGE = 500  # aggregates
_SWEEP = 1.0  # seconds between two looks for what other processes left behind
_SKIP = 30.0  # seconds an aggregate is left alone whose head the broker refuses
LOOP = "relay"


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest pending event of an aggregate for one topic."""

    collection: str
    subject: str
    entry: mongo.Document


@dataclass(slots=True)
class SkipList:
    """Heads that the broker refuses, so that they do not starve the others."""

    until: dict[str, float] = field(default_factory=dict)

    def add(self, subject: str) -> None:
        """Leave this one alone for a while."""
        self.until[subject] = time.monotonic() + _SKIP

    def current(self) -> list[str]:
        """Those to be left alone now."""
        now = time.monotonic()
        self.until = {subject: until for subject, until in self.until.items() if until > now}
        return list(self.until)


class Relay:
    """Publishes the outboxes of a database's aggregate collections."""

    def __init__(
        self, database: mongo.Database, collections: Iterable[str], publisher: Publisher, health: Health
    ) -> None:
        self._collections: Mapping[str, mongo.Collection] = {name: database[name] for name in collections}
        self._publisher = publisher
        self._skipped = SkipList()
        self._newest_first = False
        self._woken = asyncio.Event()
        self._sweep = Sweep(LOOP, self._turn, health, woken=self._woken, seconds=_SWEEP)

    def wake(self) -> None:
        """A command was accepted: look at once instead of at the next sweep."""
        self._woken.set()

    async def run(self) -> None:
        """Relay until cancelled; broker or database away means waiting, never giving up."""
        await self._sweep.run()

    async def _turn(self) -> None:
        """One page at a time, so that a relay that never comes to an end still shows that it turns."""
        if heads := await self.heads():
            self._woken.set()
            await self.relay(heads)

    async def heads(self) -> list[Head]:
        """The next page of heads.

        While more wait than a page holds, every other page begins with the aggregates that have the highest sequences:
        a change of somebody known, such as a role taken away, does not wait until thousands of new ones are out.
        """
        heads: list[Head] = []
        full = False
        skipped = self._skipped.current()
        for name, collection in self._collections.items():
            query: mongo.Document = {"outbox.sequence": {"$gt": 0}}
            if skipped:
                query["_id"] = {"$nin": skipped}
            with mongo.unavailable():
                pending = collection.find(query, {"outbox": 1}).limit(PAGE)
                if self._newest_first:
                    pending = pending.sort([("outbox.sequence", -1)])
                found = await pending.to_list(PAGE)
            heads += [Head(name, document["_id"], entry) for document in found for entry in _oldest(document["outbox"])]
            full = full or len(found) == PAGE
        self._newest_first = full and not self._newest_first
        return heads

    async def relay(self, heads: Sequence[Head]) -> int:
        """Publish one page of heads and remove exactly what was acknowledged."""
        links = (head.entry["traceparent"] for head in heads)
        attributes: traces.Attributes = {"messaging.batch.message_count": len(heads)}
        with traces.span("relay page", links=links, attributes=attributes):
            return await self._relayed(heads)

    async def _relayed(self, heads: Sequence[Head]) -> int:
        outcomes = await self._published(heads)
        acknowledged = [head for head, outcome in zip(heads, outcomes, strict=True) if outcome]
        for head, outcome in zip(heads, outcomes, strict=True):
            if outcome is False:
                self._skipped.add(head.subject)
                log.error("event_refused_by_broker", subject=head.subject, event_id=head.entry["id"])
        await self._remove(acknowledged)
        metrics.RELAYED.inc(len(acknowledged))
        if None in outcomes:
            raise BrokerAway("Kafka did not acknowledge all events; they are sent again.")
        return len(acknowledged)

    async def _published(self, heads: Sequence[Head]) -> list[bool | None]:
        """Publish them; those that were acknowledged have it in their traces."""
        events = [(head.entry["topic"], event_of(head.entry, head.subject)) for head in heads]
        began = time.perf_counter()
        with metrics.PUBLISH_SECONDS.time():
            outcomes = await self._publisher.publish(events)
        done = (event for event, outcome in zip(events, outcomes, strict=True) if outcome)
        traces.sent(((topic, event.traceparent) for topic, event in done), time.perf_counter() - began)
        return outcomes

    async def _remove(self, heads: Sequence[Head]) -> None:
        """One request for each hundred of them: no other event has the id of one of these."""
        for name, collection in self._collections.items():
            for some in mongo.in_chunks([head for head in heads if head.collection == name]):
                subjects, ids = {head.subject for head in some}, [head.entry["id"] for head in some]
                with mongo.unavailable():
                    await collection.update_many(
                        {"_id": {"$in": list(subjects)}}, {"$pull": {"outbox": {"id": {"$in": ids}}}}
                    )


def _oldest(outbox: Sequence[mongo.Document]) -> Iterable[mongo.Document]:
    """The first pending event for each topic."""
    first: dict[str, mongo.Document] = {}
    for entry in outbox:
        first.setdefault(entry["topic"], entry)
    return first.values()
