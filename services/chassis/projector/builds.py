"""The builds of a projection: each its own collection and consumer group; one alias document says which is live.

``{_id: name, live, previous, builds: [{collection, version, begun_at, ready_at}]}`` in the collection
``projections``. Readers and processes ask here; switching is one write.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.errors import NotFound, Refused
from services.chassis.projector.projection import Projection

COLLECTION = "projections"
_FRESH = 1.0  # seconds for which a reader relies on what the alias said


class SwitchRefused(Refused):
    """The build cannot be made live; the message says why."""

    kind = "switch-refused"


@dataclass(frozen=True, slots=True)
class Build:
    """One build; ``ready_at`` is set once it had caught up with the topic."""

    collection: str
    version: int
    begun_at: datetime
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """Which build of a projection is live, which one was before, and all there are, oldest first."""

    live: str
    previous: str | None
    builds: tuple[Build, ...]

    def build(self, collection: str) -> Build:
        """The build of that name. Raises ``NotFound``."""
        for build in self.builds:
            if build.collection == collection:
                return build
        raise NotFound(f"There is no build {collection}; there are: {', '.join(one.collection for one in self.builds)}")

    def of_version(self, version: int) -> Build | None:
        """The build that code of this version feeds and reads: the live one, else its newest; None without any."""
        live = self.build(self.live)
        if live.version == version:
            return live
        own = [build for build in self.builds if build.version == version]
        return own[-1] if own else None

    @property
    def unfinished(self) -> list[Build]:
        """Builds that are neither live nor the way back, newest first."""
        return [build for build in reversed(self.builds) if build.collection not in (self.live, self.previous)]


class Builds:
    """The builds of one projection."""

    def __init__(self, database: mongo.Database, projection: Projection[Any], clock: Clock) -> None:
        self._aliases: mongo.Collection = database[COLLECTION]
        self._projection = projection
        self._clock = clock

    async def alias(self) -> Alias | None:
        """What there is, or None before the projection's first start. Raises ``Unavailable``."""
        with mongo.unavailable():
            found = await self._aliases.find_one({"_id": self._projection.name})
        return _alias(found) if found else None

    async def mine(self) -> Build:
        """The build that this code feeds and reads; made where there is none. Raises ``Unavailable``."""
        found = await self.alias()
        build = found.of_version(self._projection.version) if found else None
        if build:
            return build
        first = self._projection.collection
        if found is None:
            begun = {"live": first, "previous": None, "builds": [self._row(first)]}
            with mongo.unavailable():
                await self._upserted(begun)
        else:
            await self._add(first)
        return await self.mine()

    async def _upserted(self, begun: dict[str, Any]) -> None:
        try:
            await self._aliases.update_one({"_id": self._projection.name}, {"$setOnInsert": begun}, upsert=True)
        except mongo.DuplicateKeyError:  # another process was first
            return

    async def _add(self, collection: str) -> None:
        new = {"_id": self._projection.name, "builds.collection": {"$ne": collection}}
        with mongo.unavailable():
            await self._aliases.update_one(new, {"$push": {"builds": self._row(collection)}})

    def _row(self, collection: str) -> dict[str, Any]:
        row = {"collection": collection, "version": self._projection.version}
        return {**row, "begun_at": self._clock.now(), "ready_at": None}

    async def begin(self) -> Build:
        """A new build of this code's version. Raises ``Unavailable``."""
        mine = await self.mine()
        found = await self.alias()
        assert found is not None
        if found.live != mine.collection and mine.ready_at is None:
            return mine  # this version was never built to its end
        taken = {build.collection for build in found.builds}
        first, number = self._projection.collection, 2
        while f"{first}_{number}" in taken:
            number += 1
        await self._add(f"{first}_{number}")
        return (await self._known()).build(f"{first}_{number}")

    async def ready(self, build: Build) -> None:
        """The build has caught up with its topic. Raises ``Unavailable``."""
        here = {"_id": self._projection.name, "builds.collection": build.collection}
        with mongo.unavailable():
            await self._aliases.update_one(here, {"$set": {"builds.$.ready_at": self._clock.now()}})

    async def switch(self, to: str) -> Alias:
        """Make a build live; the one before is kept as the way back. Raises ``NotFound``, ``SwitchRefused``."""
        found = await self._known()
        must_be_switchable(found, found.build(to))
        as_read = {"_id": self._projection.name, "live": found.live}
        with mongo.unavailable():
            done = await self._aliases.update_one(as_read, {"$set": {"live": to, "previous": found.live}})
        if not done.matched_count:
            raise SwitchRefused("Somebody else switched at the same moment; look at tandem projections list.")
        return await self._known()

    async def forget(self, build: Build) -> None:
        """Take a build off the list that is neither live nor the way back. Raises ``Unavailable``."""
        unused = {"live": {"$ne": build.collection}, "previous": {"$ne": build.collection}}
        with mongo.unavailable():
            await self._aliases.update_one(
                {"_id": self._projection.name, **unused}, {"$pull": {"builds": {"collection": build.collection}}}
            )

    async def _known(self) -> Alias:
        found = await self.alias()
        if found is None:
            raise NotFound(f"The projection {self._projection.name} was never started; serve its service first.")
        return found


def must_be_switchable(alias: Alias, build: Build) -> None:
    """Raises ``SwitchRefused`` where the build is live already or has not caught up."""
    to = build.collection
    if alias.live == to:
        raise SwitchRefused(f"{to} is live already.")
    if build.ready_at is None and alias.previous != to:
        raise SwitchRefused(f"{to} has not caught up with its topic yet; run tandem projections rebuild to the end.")


class ReadModel:
    """The documents of a projection as its service reads them: always those of the build that is live for it."""

    def __init__(self, database: mongo.Database, projection: Projection[Any]) -> None:
        self._database = database
        self._aliases: mongo.Collection = database[COLLECTION]
        self.projection = projection
        self._name = projection.collection
        self._asked = float("-inf")

    async def collection(self) -> mongo.Collection:
        """The collection to read from, at most a second behind a switch. Raises ``Unavailable``."""
        now = time.monotonic()
        if now - self._asked > _FRESH:
            with mongo.unavailable():
                found = await self._aliases.find_one({"_id": self.projection.name})
            build = _alias(found).of_version(self.projection.version) if found else None
            self._name, self._asked = build.collection if build else self.projection.collection, now
        return self._database[self._name]


async def live_of(database: mongo.Database, first: str) -> str:
    """The live build of the projection whose first one is ``first``; that one itself before any switch.

    Raises ``Unavailable``.
    """
    with mongo.unavailable():
        found = await database[COLLECTION].find_one({"builds.collection": first}, {"live": 1})
    return str(found["live"]) if found else first


def _alias(document: mongo.Document) -> Alias:
    builds: Sequence[dict[str, Any]] = document["builds"]
    return Alias(document["live"], document["previous"], tuple(Build(**build) for build in builds))
