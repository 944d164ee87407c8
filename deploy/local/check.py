"""The count that must come out: accepted = published = projected, taken from the stores and topics themselves."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from deploy.local.addresses import Addresses
from services.chassis import envelope, manifests, mongo, parking
from services.chassis.history import records_of
from services.chassis.service import Service
from services.chassis.settings import Settings

_PATIENCE = 30.0  # seconds for what is under way to arrive


@dataclass(frozen=True, slots=True)
class Counts:
    """``accepted``: the sum of ``sequence`` over all aggregates; ``published``: the distinct (topic, subject,
    sequence) on the event topics; ``projected``: the sum of reporting's fences; ``parked``: records put aside;
    ``forks``: sequences with two event ids.
    """

    accepted: int
    published: int
    projected: int
    parked: int
    forks: int

    @property
    def agree(self) -> bool:
        """Whether nothing was lost, doubled, parked or forked, and there was something to count."""
        return self.accepted == self.published == self.projected > 0 and not self.parked and not self.forks

    def __str__(self) -> str:
        line = f"accepted={self.accepted} published={self.published} projected={self.projected} parked={self.parked}"
        return f"{line} forks={self.forks}" if self.forks else line


async def databases_in_use() -> list[str]:
    """The databases of Tandem that lie on a server named by ``TANDEM_MONGODB``; none where it names none."""
    if not os.environ.get("TANDEM_MONGODB"):
        return []
    settings = Settings()
    client = mongo.connect(settings.mongodb)
    try:
        names = await client.list_database_names()
    finally:
        await mongo.close(client)
    ours = {f"{settings.database_prefix}_{service.name}" for service in manifests.manifests()}
    return sorted(ours & set(names))


async def count(addresses: Addresses) -> Counts:
    """Count until the figures agree, at most half a minute; the last figures otherwise."""
    client = mongo.connect(addresses.mongodb)
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            counts = await _count(addresses, client, manifests.manifests())
            if counts.agree or time.monotonic() > deadline:
                return counts
            await asyncio.sleep(0.5)
    finally:
        await mongo.close(client)


async def _count(addresses: Addresses, client: mongo.Client, services: Sequence[Service]) -> Counts:
    prefix = Settings().database_prefix
    accepted = projected = parked = 0
    for service in services:
        database = client[f"{prefix}_{service.name}"]
        parked += await database[parking.COLLECTION].count_documents({})
        if any(topic.kind == "event" for topic in service.owns):
            accepted += await _sum(database, service.aggregates, "sequence")
        if service.name == "reporting":
            projected += await _sum(database, service.projections, "seq")
    ids = await _published(addresses.kafka, services)
    forks = sum(len(seen) > 1 for seen in ids.values())
    return Counts(accepted, len(ids), projected, parked, forks)


async def _sum(database: mongo.Database, collections: Sequence[str], field: str) -> int:
    total = 0
    for name in collections:
        async for document in database[name].find({}, {field: 1}):
            total += document[field]
    return total


async def _published(kafka: str, services: Sequence[Service]) -> dict[tuple[str, str, int], set[str]]:
    ids: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for topic in (topic.name for service in services for topic in service.owns if topic.kind == "event"):
        async for record in records_of(kafka, topic):
            with suppress(envelope.Rejected):  # counted where it was parked
                event = envelope.read_event(record)
                ids[topic, event.subject, event.sequence].add(event.id)
    return ids
