"""One process of a service: its clients, its relay, its consumers and its background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from services.chassis import collector, groups, kafka, logging, mongo
from services.chassis.aggregate import AggregateKind, Repository
from services.chassis.clock import Clock, clock_from
from services.chassis.errors import Transient
from services.chassis.health import Health
from services.chassis.logging import get_logger
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
_STOP = 14.0  # seconds for the consumers to finish their batches
_CANCELLATIONS, _CANCELLED = 3, 1.5  # times that a task is cancelled; seconds it gets each time
_RETRY = 1.0  # seconds between two attempts to reach the broker
Task = Callable[[], Awaitable[None]]
Handler = Callable[[list[object]], Awaitable[None]]


class Runtime:
    """Holds what a composition root wires together; ``start`` and ``stop`` belong to the application's lifespan."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service.name
        self._manifest = service
        self.settings = settings
        self.clock: Clock = clock_from(settings.clock)
        self.health = Health()
        self.client: mongo.Client = mongo.connect(settings.mongodb)
        self.database: mongo.Database = self.client[f"{settings.database_prefix}_{service.name}"]
        self.broker: KafkaBroker = kafka.broker(settings.kafka)
        self._publisher = kafka.Publisher(settings.kafka)
        self.relay = Relay(self.database, service.aggregates, self._publisher, self.health)
        self._background: list[tuple[str, Task]] = []
        if service.aggregates:
            self.health.expect(LOOP, turns=True)
            self._background.append((LOOP, self.relay.run))
        self._tasks: list[asyncio.Task[None]] = []
        self._consumers: list[str] = []
        self._subscribers: list[tuple[str, Any]] = []

    def repository(self, kind: AggregateKind[S, E]) -> Repository[S, E]:
        """The aggregates of a kind, whose accepted events wake the relay."""
        return Repository(self.database, kind, clock=self.clock, accepted=self.relay.wake)

    def projected(self, projection: Projection[Any]) -> Consumer:
        """A consumer that feeds this projection."""
        return self.consumer(projection.collection, Projector(self.database, projection, self.clock))

    def consumer(self, name: str, applier: Applies) -> Consumer:
        """A consumer under this name; the service's subscribers hand it their batches."""
        self.health.expect(name)
        self._consumers.append(name)
        return Consumer(name, applier, self.health)

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
            ack_policy=AckPolicy.NACK_ON_ERROR,
            parser=raw_parser,
            decoder=raw_decoder,
        )
        subscriber.get_msg = consumer.watching(all_buffered)
        self._subscribers.append((consumer.name, subscriber))
        declare: Callable[[Handler], Any] = subscriber
        return declare

    async def group(self, consumer: str) -> str:
        """The consumer group of one of this service's consumers over this database. Raises ``Unavailable``."""
        epoch = await groups.epoch(self.database, consumer)
        return f"{self.settings.group_prefix}.{self.service}.{consumer}.{epoch}"

    def member(self, consumer: str) -> str | None:
        """This process's fixed place in that group, so that a restart need not wait for a session to time out."""
        instance = self.settings.instance
        return f"{instance}.{self.service}.{consumer}" if instance else None

    def sweep(self, name: str, work: Callable[[], Awaitable[object]], *, woken: asyncio.Event, seconds: float) -> None:
        """Have ``work`` done as long as the process lives: whenever ``woken`` is set, and every ``seconds``."""
        self.health.expect(name, turns=True)
        self._background.append((name, Sweep(name, work, self.health, woken=woken, seconds=seconds).run))

    async def start(self) -> None:
        """Start everything without waiting for any server."""
        logging.configure(self.service, self.settings)
        collector.relax()
        jobs = [*self._background, ("broker", self._consume)]
        self._tasks = [asyncio.create_task(self._guarded(name, task), name=name) for name, task in jobs]
        log.info("service_started")

    async def stop(self) -> None:
        """Stop within bounds: finish running batches, then close the clients."""
        await self._end_tasks()
        await self._bounded("consumers", self.broker.stop(), _STOP)
        await self._bounded("producer", self._publisher.stop(), 4)
        await self._bounded("database", mongo.close(self.client), 3)
        log.info("service_stopped")

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
        if not self._consumers:
            return
        while True:
            try:
                topics = await kafka.missing_topics(self.settings.kafka, self._manifest.topics)
                indexes = await missing_promises(self._manifest, self.database)
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
        for name in self._consumers:
            self.health.turned(name)

    async def _join(self) -> None:
        for name, subscriber in self._subscribers:
            subscriber.group_id = await self.group(name)
        await self.broker.start()

    def _all_wait(self, reason: str) -> None:
        log.warning("consumers_wait", reason=reason)
        for name in self._consumers:
            self.health.waiting(name, reason)
