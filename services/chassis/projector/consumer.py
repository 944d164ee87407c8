"""The seam to FastStream: raw records in, back-off in place, a halt on bugs, offsets after the write."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any, NoReturn, Protocol, TypeVar

from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError

from services.chassis import metrics
from services.chassis.batch import Batches
from services.chassis.candidates import Record
from services.chassis.clock import Clock
from services.chassis.errors import Transient
from services.chassis.health import Health
from services.chassis.logging import get_logger
from services.chassis.parking import ParkLimit

log = get_logger(__name__)
R = TypeVar("R")
MAX_RECORDS = 20_000  # the memory cap of a batch: all that is buffered, up to this many
FETCH_BYTES = 8 * 1024 * 1024  # buffered per partition: deep buffers fold many events of a subject into one write
WAIT = 500  # milliseconds for which a fetch waits for the first record
_BACKOFF = (0.2, 10.0)  # seconds
_LOOK = 0.5  # seconds between two looks whether a held consumer may go on
_UNREADABLE = (CorruptRecordException, UnsupportedCodecError)


class Applies(Protocol):
    """Whatever takes a batch of records."""

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Apply all of them, and return those that had to be parked for the first time and for a fault of their own.

        Raises ``Transient`` when it must be tried again.
        """
        ...


async def all_buffered(client: Any) -> tuple[Any, ...]:
    """All that the Kafka client has buffered, up to ``MAX_RECORDS``; waits a while for the first record.

    FastStream's own fetch sleeps after an empty one, and a record that comes meanwhile has to wait.
    """
    fetched = await client.getmany(timeout_ms=WAIT, max_records=MAX_RECORDS)
    return tuple(chain.from_iterable(fetched.values()))


async def raw_parser(message: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Let FastStream see one record without headers; the handler gets all as they came.

    Its own parser would fail on null and non-UTF-8 headers, and would touch every record once more.
    """
    parsed = await original((dataclasses.replace(message[0], headers=()),))
    parsed.raw_message = message  # keeps the class that acknowledges, and its consumer
    return parsed


async def raw_decoder(message: Any) -> Any:
    """The records of the batch, untouched."""
    return list(message.raw_message)


Stop = Callable[[str], Awaitable[None]]


class Consumer:
    """Feeds batches to an applier; a batch returns only when all of it is done, so its offsets may be committed.

    ``stop`` writes down that the park limit was reached. Whoever does something else with the applier than
    handing it batches does so within ``alone``.
    """

    def __init__(
        self, name: str, applier: Applies, health: Health, *, stop: Stop | None = None, clock: Clock | None = None
    ) -> None:
        self.name = name
        self.batches = Batches(name, clock)
        self.applier = applier
        self.alone = asyncio.Lock()
        self._health = health
        self._stop = stop
        self._limit = ParkLimit()
        self._held: str | None = None
        self._held_since = 0.0
        self._unanswered = False
        metrics.HELD.labels(name).set(0)

    async def handle(self, records: Sequence[Any]) -> None:
        """Apply a batch, waiting in place while a server is away; never raises for a record.

        A bug halts the consumer here: the offset stays, health and log say why. Past the park limit it
        stays here too, until an operator resumes it.
        """
        with self.batches.applying(records):
            await self._while_held()
            began = time.perf_counter()
            aside = await self._patiently(lambda: self._apply(records))
            self._health.turned(self.name)
            metrics.BATCH_SECONDS.labels(self.name).observe(time.perf_counter() - began)
        why = self._limit.note(records, {(record.partition, record.offset) for record in aside})
        if why and self._stop:
            await self._patiently(lambda: self._stopped(why))
            await self._while_held()

    async def _apply(self, records: Sequence[Any]) -> Sequence[Record]:
        self._health.busy(self.name)
        async with self.alone:
            return await self.applier.apply(records)

    async def _patiently(self, step: Callable[[], Awaitable[R]]) -> R:
        pause = _BACKOFF[0]
        while True:
            try:
                return await step()
            except Transient as error:
                self._health.waiting(self.name, error.detail)
                log.warning("consumer_waits", consumer=self.name, reason=error.detail, seconds=pause)
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 2, _BACKOFF[1])
            except Exception as error:
                await self._halt(error)

    async def _stopped(self, why: str) -> None:
        assert self._stop is not None
        await self._stop(why)
        self.hold(why, known_at=time.monotonic())
        log.error("park_limit_reached", consumer=self.name, reason=why)

    def hold(self, why: str | None, *, known_at: float) -> None:
        """Stand still for this reason, or go on; ``known_at`` (monotonic) is when that was found out."""
        if why is None and known_at < self._held_since:
            return
        if why is not None and self._held is None:
            self._held_since = time.monotonic()
            metrics.HELD.labels(self.name).set(1)
        if why is None and self._held is not None:
            self._limit.forget()
            metrics.HELD.labels(self.name).set(0)
            log.info("consumer_resumed", consumer=self.name)
            self._health.turned(self.name)
        self._held = why

    async def _while_held(self) -> None:
        while self._held is not None:
            self._health.stopped(self.name, f"park limit: {self._held}; repair, then tandem parked resume")
            await asyncio.sleep(_LOOK)

    def broker_answers(self, answers: bool) -> None:
        """Take note of whether the broker answered when it was asked: a fetch from one that is away finds nothing."""
        self._unanswered = not answers
        if not answers and self._held is None:
            self._health.waiting(self.name, "Kafka does not answer")

    def watching(self, fetch: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        """Fetch through ``fetch``, and halt on what cannot be fetched.

        aiokafka raises in the middle of a buffer that it cannot decode, when it has moved on past other
        partitions' records already: one more fetch, and the next commit would lose them.
        """

        async def watched(client: Any) -> Any:
            try:
                fetched = await fetch(client)
            except ConsumerStoppedError:
                raise
            except _UNREADABLE as error:
                await self._halt(error)
            except KafkaError as error:
                self._health.waiting(self.name, f"Kafka: {error!r}")
                raise
            except Exception as error:
                await self._halt(error)
            else:
                if self._held is None and not self._unanswered:
                    self._health.turned(self.name)
                return fetched

        return watched

    async def _halt(self, error: Exception) -> NoReturn:
        """Stay here for ever: nothing more is fetched or committed, and a restart begins where this began."""
        self._health.stopped(self.name, f"cannot go on: {type(error).__name__}: {error}")
        log.error("consumer_halted", consumer=self.name, exc_info=error)
        while True:
            await asyncio.Event().wait()
