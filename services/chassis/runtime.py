"""One process of a service: its clients, its relay, its consumers and its background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, TypeVar

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from services.chassis import collector, groups, kafka, logging, metrics, mongo
from services.chassis.access import AccessLog
from services.chassis.aggregate import AggregateKind, Repository
from services.chassis.auth.signing_in import SigningIn
from services.chassis.backlog import Backlog
from services.chassis.clock import Clock, clock_from
from services.chassis.directory import Directory
from services.chassis.errors import Transient
from services.chassis.exporting import Exporting
from services.chassis.feeds import Feed, Feeds
from services.chassis.health import Health
from services.chassis.heartbeat import SECONDS, Beats, Heartbeat
from services.chassis.lag import Lag, Reader
from services.chassis.logging import get_logger
from services.chassis.operations.feeding import Source, abreast
from services.chassis.projector import (
    FETCH_BYTES,
    MAX_RECORDS,
    WAIT,
    Consumer,
    Projection,
    Projector,
    all_buffered,
    raw_decoder,
    raw_parser,
)
from services.chassis.projector.consumer import Applies
from services.chassis.provision import missing_promises
from services.chassis.relay import LOOP, Relay
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.sweep import Sweep

log = get_logger(__name__)
S = TypeVar("S")
E = TypeVar("E")
POLL = 300_000  # milliseconds after which a consumer that waits for a server gives its partitions to others
_STOP = 14.0  # seconds for the consumers to finish their batches
_CANCELLATIONS, _CANCELLED = 3, 1.5  # times that a task is cancelled; seconds it gets each time
_LOOK_AFTER = "operations"  # the loop that carries out what operators want of the consumers
_MEASURES, _MEASURED = "measures", 5.0  # the loop that measures what waits; seconds between two looks
_HEARTBEAT = "heartbeat"  # the loop that shows a topic's readers how old what they know is
_RETRY = 1.0  # seconds between two attempts to reach the broker
Task = Callable[[], Awaitable[None]]
Handler = Callable[[list[object]], Awaitable[None]]


class Runtime:
    """Holds what a composition root wires together; ``start`` and ``stop`` belong to the application's lifespan."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service.name
        self.manifest = service
        self.settings = settings
        self.clock: Clock = clock_from(settings.clock)
        self.health = Health()
        self.client: mongo.Client = mongo.connect(settings.mongodb)
        self.database: mongo.Database = self.client[f"{settings.database_prefix}_{service.name}"]
        self.broker: KafkaBroker = kafka.broker(settings.kafka)
        self._publisher = kafka.Publisher(settings.kafka)
        self.relay = Relay(self.database, service.aggregates, self._publisher, self.health)
        self.access = AccessLog(self.database, service.name, self.clock, accepted=self.relay.wake)
        self.directory = Directory(self.database, self.clock)
        self.signing_in = SigningIn(settings, self.directory, self.access, self.clock)
        self.beats: Beats | None = None
        self._background: list[tuple[str, Task]] = []
        if service.aggregates:
            self.health.expect(LOOP, turns=True)
            self._background.append((LOOP, self.relay.run))
        self._closing: list[tuple[str, Task]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.feeds = Feeds(self.database, self.clock, self.group)
        self._backlog, self._lag = Backlog(self.database, service.aggregates, self.clock), Lag()
        self._exporting = Exporting(service.name, settings)

    def repository(self, kind: AggregateKind[S, E]) -> Repository[S, E]:
        """The aggregates of a kind, whose accepted events wake the relay."""
        return Repository(self.database, kind, clock=self.clock, accepted=self.relay.wake)

    def projected(self, projection: Projection[Any]) -> Consumer:
        """A consumer that feeds this projection: the build of it that is live for this version of the code."""
        projector = Projector(self.database, projection, self.clock)
        return self.consumer(projection.collection, projector, projection=projection)

    def consumer(self, name: str, applier: Applies, *, projection: Projection[Any] | None = None) -> Consumer:
        """A consumer under this name; the service's subscribers hand it their batches."""
        self.health.expect(name)
        metrics.expect_consumer(name)
        consumer = Consumer(name, applier, self.health, stop=lambda why: self._stopped(name, why), clock=self.clock)
        self.feeds.add(Feed(consumer, build=name, projection=projection))
        return consumer

    async def _stopped(self, name: str, why: str) -> None:
        await groups.stop(self.database, self.feeds.all[name].build, groups.Stop(why, self.clock.now()))

    def subscriber(self, topic: str, consumer: Consumer) -> Callable[[Handler], Any]:
        """Declare a FastStream subscriber that gets raw records in batches, at least once, from the first one on.

        The one place that states FastStream's options, all of them, since its defaults lose events.
        Offsets are committed when the handler returns; it hands each batch to ``consumer``.
        """
        subscriber: Any = self.broker.subscriber(
            topic,
            batch=True,
            max_records=MAX_RECORDS,
            batch_timeout_ms=WAIT,
            max_partition_fetch_bytes=FETCH_BYTES,
            group_id=consumer.name,  # completed at the start, by what the database says
            group_instance_id=self.member(consumer.name),
            auto_offset_reset="earliest",
            max_poll_interval_ms=POLL,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            parser=raw_parser,
            decoder=raw_decoder,
        )
        subscriber.get_msg = consumer.watching(all_buffered)
        feed = self.feeds.of(consumer)
        feed.topic, feed.subscriber = topic, subscriber
        declare: Callable[[Handler], Any] = subscriber
        return declare

    async def group(self, consumer: str) -> str:
        """The consumer group of one of this service's consumers over this database. Raises ``Unavailable``."""
        epoch = await groups.epoch(self.database, consumer)
        return f"{self.settings.group_prefix}.{self.service}.{consumer}.{epoch}"

    async def abreast(self, *consumers: str) -> bool:
        """Whether the service comes to have applied, within seconds, all that these consumers' topics hold now.

        Told by what their groups committed, so it holds for all processes of the service. A copy that is built anew
        shows the past for a while; whoever does what cannot be undone asks here first.
        Raises ``BrokerAway``, ``Unavailable``.
        """
        if not self.feeds.running:
            return False
        feeds = [self.feeds.all[name] for name in consumers]
        sources = [Source(self.settings.kafka, feed.topic, await self.group(feed.build)) for feed in feeds]
        return all(await asyncio.gather(*map(abreast, sources)))

    def member(self, consumer: str) -> str | None:
        """This process's fixed place in that group, so that a restart need not wait for a session to time out."""
        instance = self.settings.instance
        return f"{instance}.{self.service}.{consumer}" if instance else None

    def sweep(self, name: str, work: Callable[[], Awaitable[object]], *, woken: asyncio.Event, seconds: float) -> None:
        """Have ``work`` done as long as the process lives: whenever ``woken`` is set, and every ``seconds``."""
        self.health.expect(name, turns=True, every=seconds)
        self._background.append((name, Sweep(name, work, self.health, woken=woken, seconds=seconds).run))

    def at_stop(self, name: str, closing: Task) -> None:
        """Have something of the service's own closed at the stop, after its loops ended; it gets three seconds."""
        self._closing.append((name, closing))

    def beat(self, beats: Beats) -> None:
        """Have a heartbeat published on a topic of this service as long as the process lives."""
        self.beats = beats
        heart = Heartbeat(self.database, self.manifest.aggregates, self._publisher, self.clock, beats)
        self.sweep(_HEARTBEAT, heart.beat, woken=asyncio.Event(), seconds=SECONDS)

    async def start(self) -> None:
        """Start everything without waiting for any server."""
        logging.configure(self.service, self.settings)
        self._exporting.start()
        metrics.BUILD.labels(self.service, version("tandem")).set(1)
        collector.relax()
        self.sweep(_MEASURES, self._measure, woken=asyncio.Event(), seconds=_MEASURED)
        if self.feeds.all:
            self.sweep(_LOOK_AFTER, self.feeds.look_after, woken=asyncio.Event(), seconds=1.0)
        jobs = [*self._background, ("broker", self._consume)]
        self._tasks = [asyncio.create_task(self._guarded(name, task), name=name) for name, task in jobs]
        log.info("service_started")

    async def stop(self) -> None:
        """Stop within bounds: finish running batches, then close the clients."""
        await self._end_tasks()
        for name, closing in self._closing:
            await self._bounded(name, closing(), 3)
        await self._bounded("consumers", self.broker.stop(), _STOP)
        await self._bounded("producer", self._publisher.stop(), 4)
        await self._bounded("issuers", self.signing_in.stop(), 2)
        await self._bounded("database", mongo.close(self.client), 3)
        await self._bounded("traces", self._exporting.stop(), 4)
        log.info("service_stopped")

    async def _measure(self) -> None:
        """Measure what waits: records, pending events, parked records. Raises ``Unavailable``."""
        feeds = self.feeds.all.values()
        clients = [(feed.consumer, feed.subscriber.consumer) for feed in feeds if feed.subscriber is not None]
        await self._lag.measure(Reader(consumer.batches, client) for consumer, client in clients)
        for consumer, _ in clients:
            consumer.broker_answers(consumer.name not in self._lag.unanswered)
        await self._backlog.measure({feed.name: feed.build for feed in feeds})
        if as_of := await self.directory.as_of():
            metrics.DIRECTORY_AGE.set((self.clock.now() - as_of).total_seconds())

    async def close(self) -> None:
        """Close the clients of a runtime that was never started."""
        await self._bounded("database", mongo.close(self.client), 3)

    async def _end_tasks(self) -> None:
        """Cancel the background tasks, more than once: a library may swallow a cancellation."""
        running = set(self._tasks)
        for _ in range(_CANCELLATIONS):
            for task in running:
                task.cancel()
            if running:
                _, running = await asyncio.wait(running, timeout=_CANCELLED)
        if running:
            log.warning("tasks_left", tasks=sorted(task.get_name() for task in running))

    async def _bounded(self, step: str, stopping: Awaitable[Any], seconds: float) -> None:
        try:
            await asyncio.wait_for(stopping, seconds)
        except Exception as error:
            log.warning("stop_step_failed", step=step, error=repr(error))

    async def _guarded(self, name: str, task: Task) -> None:
        try:
            await task()
        except Exception as error:
            self.health.stopped(name, f"bug: {error!r}")
            log.error("task_halted", task=name, exc_info=error)

    async def _consume(self) -> None:
        """Start the subscribers once all topics and unique indexes are there.

        Without a topic the start would hang, without an index a promise could be broken.
        """
        if not self.feeds.all:
            return
        while True:
            try:
                topics = await kafka.missing_topics(self.settings.kafka, self.manifest.topics)
                indexes = await missing_promises(self.manifest, self.database)
                missing = [*(f"no topic {name}" for name in topics), *(f"no unique index {name}" for name in indexes)]
                if not missing:
                    await self._join()
                    break
                self._all_wait(f"{', '.join(missing)}: run tandem provision")
            except Transient as error:
                self._all_wait(error.detail)
            except Exception as error:
                self._all_wait(f"cannot start consuming: {error!r}")
            await asyncio.sleep(_RETRY)
        for name in self.feeds.all:
            self.health.turned(name)

    async def _join(self) -> None:
        await self.feeds.prepare()
        await self.broker.start()
        self.feeds.started()

    def _all_wait(self, reason: str) -> None:
        log.warning("consumers_wait", reason=reason)
        for name in self.feeds.all:
            self.health.waiting(name, reason)
