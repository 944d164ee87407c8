"""The consumers of one process while they run: which build each feeds, what operators want of it, what holds it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.chassis import groups, mongo
from services.chassis.clock import Clock
from services.chassis.logging import get_logger
from services.chassis.projector import Consumer, Projection, Projector
from services.chassis.projector.builds import Builds
from services.chassis.projector.flags import Repairable, carry_out

log = get_logger(__name__)


@dataclass(slots=True)
class Feed:
    """One consumer: its topic and FastStream subscriber once declared, and its projection where it feeds one.

    ``build`` is the collection it feeds and the name of its consumer group; without a projection its own name.
    """

    consumer: Consumer
    build: str
    projection: Projection[Any] | None = None
    topic: str = ""
    subscriber: Any = None

    @property
    def name(self) -> str:
        """The consumer's name, which stays when its projection is built anew."""
        return self.consumer.name

    @property
    def title(self) -> str:
        """What people call it: its projection where it feeds one."""
        return self.projection.name if self.projection else self.name

    @property
    def rebuildable(self) -> Projection[Any] | None:
        """Its projection where that can be built anew beside the live one."""
        return self.projection if self.projection and self.projection.rebuildable else None

    @property
    def partitions(self) -> list[int]:
        """The partitions that are assigned to this process now."""
        running = self.subscriber.consumer if self.subscriber is not None else None
        return sorted(place.partition for place in running.assignment()) if running is not None else []


class Feeds:
    """All consumers of one process."""

    def __init__(self, database: mongo.Database, clock: Clock, group: Callable[[str], Awaitable[str]]) -> None:
        self._database = database
        self._clock = clock
        self._group = group
        self._running = False
        self.all: dict[str, Feed] = {}

    def add(self, feed: Feed) -> None:
        """Take a consumer in."""
        self.all[feed.name] = feed

    def of(self, consumer: Consumer) -> Feed:
        """The feed of a consumer."""
        return self.all[consumer.name]

    @property
    def running(self) -> bool:
        """Whether the subscribers were started."""
        return self._running

    async def building(self) -> dict[str, str]:
        """The projections that this version of the code cannot serve yet, each with why. Raises ``Unavailable``."""
        waiting = {}
        for feed in self.all.values():
            if (projection := feed.rebuildable) is None:
                continue
            alias = await Builds(self._database, projection, self._clock).alias()
            if alias and alias.build(alias.live).version != projection.version:
                waiting[feed.name] = (
                    f"{alias.live} is live, but this version reads version {projection.version}: "
                    f"build it (tandem projections rebuild), then switch"
                )
        return waiting

    async def prepare(self) -> None:
        """Before the subscribers start: tell each its build, its group and what holds it. Raises ``Unavailable``."""
        for feed in self.all.values():
            feed.build = await self._wanted_build(feed)
            await self._point(feed)
            await self._look_for_a_stop(feed)

    def started(self) -> None:
        """The subscribers run; from now on they are looked after."""
        self._running = True

    async def look_after(self) -> None:
        """Follow switches, hold or release, carry out what operators flagged. Raises ``Unavailable``."""
        if not self._running:
            return
        for feed in self.all.values():
            await self._look_for_a_stop(feed)
            if (build := await self._wanted_build(feed)) != feed.build:
                await self._move(feed, build)
            if isinstance(feed.consumer.applier, Repairable):
                async with feed.consumer.alone:
                    await carry_out(feed.consumer.applier, feed.partitions)

    async def _wanted_build(self, feed: Feed) -> str:
        if feed.rebuildable is None:
            return feed.build
        mine = await Builds(self._database, feed.rebuildable, self._clock).mine()
        return mine.collection

    async def _look_for_a_stop(self, feed: Feed) -> None:
        asked = time.monotonic()
        stop = await groups.stopped(self._database, feed.build)
        feed.consumer.hold(stop.reason if stop else None, known_at=asked)

    async def _move(self, feed: Feed, build: str) -> None:
        """Finish the running batch, then go on with the other build where its own group stands."""
        log.info("projection_switched", consumer=feed.name, before=feed.build, now=build)
        await feed.subscriber.stop()
        feed.build = build
        await self._point(feed)
        await feed.subscriber.start()

    async def _point(self, feed: Feed) -> None:
        if feed.subscriber is not None:
            feed.subscriber.group_id = await self._group(feed.build)
        if feed.projection is not None and isinstance(feed.consumer.applier, Projector):
            feed.consumer.applier = Projector(self._database, feed.projection, self._clock, build=feed.build)
