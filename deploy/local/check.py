"""The count that must come out: accepted = published = projected = staged, taken from stores and topics themselves."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.local import topic_counts
from deploy.local.addresses import Addresses
from deploy.local.mailed import Mailed, mailed
from services.chassis import manifests, mongo, parking
from services.chassis.projector import builds
from services.chassis.projector.builds import live_of
from services.chassis.service import Service
from services.chassis.settings import Settings

_PATIENCE = 30.0  # seconds for what is under way to arrive


@dataclass(frozen=True, slots=True)
class Counts:
    """Over the topics that reporting folds: ``accepted``: the sum of their sequences over all aggregates;
    ``published``: the distinct (topic, subject, sequence) there; ``projected``: the sum of reporting's fences;
    ``staged``: as ``published``, in the audit trail. Over all event topics: ``forks``: sequences with two event
    ids; ``differing``: what was not published or staged as it was accepted, a sentence per topic.
    ``parked``: records put aside; ``mailed``: what was mailed and what should have been.
    """

    accepted: int
    published: int
    projected: int
    staged: int
    parked: int
    forks: int
    mailed: Mailed
    differing: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether nothing was lost, doubled, parked or forked, and there was something to count."""
        counted = self.accepted == self.published == self.projected == self.staged > 0 and self.mailed.agree
        return counted and not self.parked and not self.forks and not self.differing

    def __str__(self) -> str:
        line = f"accepted={self.accepted} published={self.published} projected={self.projected}"
        line = f"{line} staged={self.staged} {self.mailed} parked={self.parked}"
        line = f"{line} forks={self.forks}" if self.forks else line
        return "\n".join([line, *(f"  {sentence}" for sentence in self.differing)])


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
    projected = parked = 0
    folded: set[str] = set()
    for service in services:
        database = client[f"{prefix}_{service.name}"]
        parked += await _parked(database)
        if service.name == "reporting":
            live = [await live_of(database, name) for name in service.projections]
            projected += await _sum(database, live, "seq")
            folded.update(service.folds)
    topics = await topic_counts.counts(addresses.kafka, client, prefix, services)
    board = [topics[topic] for topic in folded]
    return Counts(
        accepted=sum(one.accepted for one in board),
        published=sum(len(one.published) for one in board),
        projected=projected,
        staged=sum(len(one.staged) for one in board),
        parked=parked,
        forks=sum(one.forks for one in topics.values()),
        mailed=await mailed(addresses),
        differing=tuple(str(one) for one in topics.values() if not one.agrees),
    )


async def _parked(database: mongo.Database) -> int:
    """The parked records, but for those of builds that are not live."""
    aliases = await database[builds.COLLECTION].find().to_list(None)
    others = [one["collection"] for alias in aliases for one in alias["builds"] if one["collection"] != alias["live"]]
    return int(await database[parking.COLLECTION].count_documents({"consumer": {"$nin": others}}))


async def _sum(database: mongo.Database, collections: Sequence[str], field: str) -> int:
    total = 0
    for name in collections:
        async for document in database[name].find({}, {field: 1}):
            total += document[field]
    return total
