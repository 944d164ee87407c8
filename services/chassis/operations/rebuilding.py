"""Rebuild, compare, switch and refill: what an operator does with the read models of one service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.chassis import collector, groups, logging, mongo, parking
from services.chassis.aggregate import Command
from services.chassis.errors import NotFound, Refused
from services.chassis.feeds import Feed
from services.chassis.manifests import manifest
from services.chassis.operations import comparing
from services.chassis.operations.comparing import Comparison
from services.chassis.operations.feeding import Progress, Source, committed, end_of, feed
from services.chassis.projector import Projection, Projector
from services.chassis.projector.builds import Alias, Build, Builds, must_be_switchable
from services.chassis.projector.consumer import Applies
from services.chassis.provision import create_indexes
from services.chassis.runtime import Runtime

_CLOSE = 1_000  # records that may have come in meanwhile for a build to count as caught up
_PATIENCE = 60.0  # seconds for two builds to stand at the same sequences


class NotRebuildable(Refused):
    """The consumer feeds no projection that could be built beside the live one."""

    kind = "not-rebuildable"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A build that has caught up: how many records this run read, how many lie in its parking, how long it took."""

    build: Build
    records: int
    parked: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One consumer in the list; ``lag`` is None where its group never committed; ``builds`` are all there are."""

    service: str
    consumer: str
    kind: str
    topic: str
    live: str
    previous: str | None
    builds: tuple[Build, ...]
    documents: int | None
    lag: int | None
    parked: int
    stopped: str | None


@asynccontextmanager
async def opened(service: str) -> AsyncIterator[ReadModels]:
    """The read models of a service, without serving it; logs only what fails. Raises ``UnknownService``."""
    app = manifest(service).app()
    runtime: Runtime = app.state.runtime
    logging.configure(service, runtime.settings.model_copy(update={"log_level": "error"}))
    try:
        yield ReadModels(runtime)
    finally:
        await runtime.close()


class ReadModels:
    """The read models of one service and what can be done with them.

    Every method raises ``Unavailable`` and ``BrokerAway`` where a server is away.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._database = runtime.database
        self._kafka = runtime.settings.kafka

    def feed(self, name: str) -> Feed:
        """The consumer of that name, or that feeds the projection of that name. Raises ``NotFound``."""
        for one in self.runtime.feeds.all.values():
            if name in (one.name, one.title):
                return one
        known = ", ".join(one.title for one in self.runtime.feeds.all.values())
        raise NotFound(f"{self.runtime.service} has no read model {name}; it has: {known or 'none'}.")

    def _projection(self, name: str) -> Projection[Any]:
        found = self.feed(name).rebuildable
        if found is None:
            raise NotRebuildable(
                f"{name} cannot be built beside the live one; tandem projections refill reads it anew."
            )
        return found

    def builds(self, name: str) -> Builds:
        """The builds of a projection. Raises ``NotFound``, ``NotRebuildable``."""
        return Builds(self._database, self._projection(name), self.runtime.clock)

    async def rebuild(
        self,
        name: str,
        command: Command,
        *,
        fresh: bool = False,
        progress: Progress | None = None,
    ) -> Rebuilt:
        """Build the projection anew beside the live one until it has caught up; an unfinished build is gone on with."""
        projection, builds, began = self._projection(name), self.builds(name), time.monotonic()
        collector.relax()
        await self.runtime.access.operated(command, "projection_rebuilt", name, "begun anew" if fresh else "built anew")
        build = await self._begin(projection, builds, fresh=fresh)
        await self._index(projection, build)
        before = await committed(await self._source(projection, build.collection))
        reached = await self._catch_up(projection, build, progress)
        await builds.ready(build)
        with mongo.unavailable():
            parked = await self._database[parking.COLLECTION].count_documents({"consumer": build.collection})
        records = sum(reached.values()) - sum(before.values())
        return Rebuilt(build, records, parked, time.monotonic() - began)

    async def _begin(self, projection: Projection[Any], builds: Builds, *, fresh: bool) -> Build:
        await builds.mine()
        alias = await builds.alias()
        for build in alias.unfinished if alias else []:
            if build.version == projection.version and not fresh and build.ready_at is None:
                return build
            if build.version == projection.version and build.collection != projection.collection:
                await self._forget(builds, build)
        return await builds.begin()

    async def _forget(self, builds: Builds, build: Build) -> None:
        """Remove a build that nobody reads, and all that it left."""
        await builds.forget(build)
        with mongo.unavailable():
            await self._database.drop_collection(build.collection)
            await self._database[parking.COLLECTION].delete_many({"consumer": build.collection})
        await groups.forget(self._database, build.collection)

    async def _index(self, projection: Projection[Any], build: Build) -> None:
        wanted = self.runtime.manifest.indexes.get(projection.collection, ())
        await create_indexes(self._database[build.collection], build.collection, wanted)

    async def _source(self, projection: Projection[Any], build: str) -> Source:
        return Source(self._kafka, projection.topic, await self.runtime.group(build))

    async def _catch_up(
        self, projection: Projection[Any], build: Build, progress: Progress | None
    ) -> Mapping[int, int]:
        source = await self._source(projection, build.collection)
        projector = Projector(self._database, projection, self.runtime.clock, build=build.collection)
        while True:
            reached = await feed(source, projector, progress=progress)
            end = await end_of(self._kafka, projection.topic)
            if sum(end.values()) - sum(reached.values()) <= _CLOSE:
                return reached

    async def compare(self, name: str, build: str | None = None) -> tuple[Comparison, Build]:
        """Compare the live build with another one (the newest), each document where both have seen the same."""
        projection, builds = self._projection(name), self.builds(name)
        alias = await self._alias(builds, name)
        other = alias.build(build) if build else self._newest(alias)
        live_of, build_of = self._database[alias.live], self._database[other.collection]
        await self._follow(projection, alias, other)
        found = await comparing.compare(live_of, build_of)
        deadline = time.monotonic() + _PATIENCE
        while found.moving and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            await self._follow(projection, alias, other)
            found = await comparing.again(live_of, build_of, found)
        return found, other

    async def _follow(self, projection: Projection[Any], alias: Alias, build: Build) -> None:
        """Bring a build up to date that no process feeds."""
        if build.version == projection.version and build.collection != alias.live:
            await self._catch_up(projection, build, None)

    def _newest(self, alias: Alias) -> Build:
        others = [build for build in alias.builds if build.collection != alias.live]
        if not others:
            raise NotFound("There is no other build; tandem projections rebuild makes one.")
        return others[-1]

    async def _alias(self, builds: Builds, name: str) -> Alias:
        alias = await builds.alias()
        if alias is None:
            raise NotFound(f"{name} was never started; serve {self.runtime.service} first.")
        return alias

    async def switch(
        self, name: str, command: Command, *, reason: str, to: str | None = None, back: bool = False
    ) -> Alias:
        """Bring the build up to date and make it live; ``back`` takes the one that was live before."""
        projection, builds = self._projection(name), self.builds(name)
        alias = await self._alias(builds, name)
        if back and alias.previous is None:
            raise NotFound(f"{name} was never switched, so there is no way back.")
        target = alias.build(to or (alias.previous if back else self._newest(alias).collection) or "")
        if target.ready_at is not None or target.collection == alias.previous:
            await self._follow(projection, alias, target)
        must_be_switchable(alias, target)
        await self.runtime.access.operated(command, "projection_switched", f"{name}/{target.collection}", reason)
        return await builds.switch(target.collection)

    async def refill(self, name: str, command: Command, *, reason: str, progress: Progress | None = None) -> int:
        """Deliver the whole topic once more through the consumer's own handler; what was applied is dropped there."""
        one = self.feed(name)
        collector.relax()
        await self.runtime.access.operated(command, "consumer_refilled", one.name, reason)
        if one.projection and one.projection.before_refill:
            await one.projection.before_refill()
        reached = await feed(Source(self._kafka, one.topic), await self._live(one), progress=progress)
        return sum(reached.values())

    async def _live(self, one: Feed) -> Applies:
        if one.rebuildable is None:
            return one.consumer.applier
        mine = await Builds(self._database, one.rebuildable, self.runtime.clock).mine()
        return Projector(self._database, one.rebuildable, self.runtime.clock, build=mine.collection)

    async def listed(self) -> list[Line]:
        """All consumers of the service, as they stand."""
        return [await self._line(one) for one in self.runtime.feeds.all.values()]

    async def line(self, name: str) -> Line:
        """One consumer as it stands. Raises ``NotFound``."""
        return await self._line(self.feed(name))

    async def _line(self, one: Feed) -> Line:
        alias = await Builds(self._database, one.rebuildable, self.runtime.clock).alias() if one.rebuildable else None
        live = alias.live if alias else one.name
        stop = await groups.stopped(self._database, live)
        with mongo.unavailable():
            parked = await self._database[parking.COLLECTION].count_documents({"consumer": live})
        return Line(
            service=self.runtime.service,
            consumer=one.title,
            kind="projection" if one.rebuildable else "reaction" if one.projection else "table",
            topic=one.topic,
            live=live,
            previous=alias.previous if alias else None,
            builds=alias.builds if alias else (),
            documents=await self._documents(one, live),
            lag=await self._lag(one.topic, live),
            parked=parked,
            stopped=stop.reason if stop else None,
        )

    async def _documents(self, one: Feed, live: str) -> int | None:
        """How many documents a consumer keeps; None where it shares a collection with others."""
        kept = self._database[live] if one.projection else getattr(one.consumer.applier, "collection", None)
        if kept is None:
            return None
        with mongo.unavailable():
            return int(await kept.estimated_document_count())

    async def _lag(self, topic: str, build: str) -> int | None:
        with mongo.unavailable():
            if await self._database[groups.COLLECTION].find_one({"_id": build}, {"_id": 1}) is None:
                return None
        source = Source(self._kafka, topic, await self.runtime.group(build))
        stands, end = await committed(source), await end_of(self._kafka, topic)
        return sum(end.values()) - sum(stands.values())
