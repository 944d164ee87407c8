"""Per event topic: how many events were accepted, lie on the topic, and stand in the audit trail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from services.chassis import envelope, mongo
from services.chassis.aggregate import sequence_on
from services.chassis.history import records_of
from services.chassis.service import Service

_AUDITING, _AUDIT = "reporting", "audit"  # the service that stages events, and the collection it does so in


@dataclass(slots=True)
class TopicCount:
    """``accepted`` by the owner's aggregates; ``published`` and ``staged`` are events by (subject, sequence)."""

    topic: str
    accepted: int = 0
    published: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    staged: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def forks(self) -> int:
        """Sequences on the topic with two event ids."""
        return sum(len(ids) > 1 for ids in self.published.values())

    @property
    def agrees(self) -> bool:
        """Whether exactly what was accepted was published, and exactly that was staged, event by event."""
        return self.accepted == len(self.published) and self.published == self.staged

    def __str__(self) -> str:
        numbers = f"accepted={self.accepted} published={len(self.published)} staged={len(self.staged)}"
        published, staged = _ids(self.published), _ids(self.staged)
        lost, strange = len(published - staged), len(staged - published)
        return f"{self.topic}: {numbers}, {lost} events not staged, {strange} staged that are not there"


def _ids(events: dict[tuple[str, int], set[str]]) -> set[str]:
    return {id for ids in events.values() for id in ids}


async def counts(kafka: str, client: mongo.Client, prefix: str, services: Sequence[Service]) -> dict[str, TopicCount]:
    """The counts of every event topic of these services, by topic."""
    found: dict[str, TopicCount] = {}
    for service in services:
        owned = [topic.name for topic in service.owns if topic.kind == "event"]
        accepted = await _accepted(client[f"{prefix}_{service.name}"], service.aggregates, owned)
        for topic in owned:
            found[topic] = TopicCount(topic, accepted[topic])
            await _published(kafka, found[topic])
    await _staged(client[f"{prefix}_{_AUDITING}"], found)
    return found


async def _accepted(database: mongo.Database, aggregates: Sequence[str], topics: Sequence[str]) -> Counter[str]:
    accepted: Counter[str] = Counter()
    for name in aggregates if topics else ():
        async for document in database[name].find({}, {"sequence": 1, "sequences": 1}):
            accepted.update({topic: sequence_on(document, topic) for topic in topics})
    return accepted


async def _published(kafka: str, count: TopicCount) -> None:
    async for record in records_of(kafka, count.topic):
        with suppress(envelope.Rejected):  # counted where it was parked
            event = envelope.read_event(record)
            count.published[event.subject, event.sequence].add(f"{event.source}|{event.id}")


async def _staged(database: mongo.Database, found: dict[str, TopicCount]) -> None:
    async for entry in database[_AUDIT].find({}, {"topic": 1, "subject": 1, "sequence": 1}):
        if entry["topic"] in found:
            found[entry["topic"]].staged[entry["subject"], entry["sequence"]].add(entry["_id"])
