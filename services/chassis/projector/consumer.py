"""The seam to FastStream: raw records in, back-off in place, a halt on bugs, offsets after the write."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any, Protocol

from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError

from services.chassis import metrics
from services.chassis.candidates import Record
from services.chassis.errors import Transient
from services.chassis.health import Health
from services.chassis.logging import get_logger

log = get_logger(__name__)
MAX_RECORDS = 20_000  # the memory cap of a batch: all that is buffered, up to this many
FETCH_BYTES = 8 * 1024 * 1024  # buffered per partition: deep buffers fold many events of a subject into one write
WAIT = 500  # milliseconds for which a fetch waits for the first record
_BACKOFF = (0.2, 10.0)  # seconds
_UNREADABLE = (CorruptRecordException, UnsupportedCodecError)


class Applies(Protocol):
    """Whatever takes a batch of records."""

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply all of them; raises ``Transient`` when it must be tried again."""
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


class Consumer:
    """Feeds batches to an applier; a batch returns only when all of it is done, so its offsets may be committed."""

    def __init__(self, name: str, applier: Applies, health: Health) -> None:
        self.name = name
        self._applier = applier
        self._health = health

    async def handle(self, records: Sequence[Any]) -> None:
        """Apply a batch, waiting in place while a server is away; never raises for a record.

        A bug halts the consumer here: the offset stays, health and log say why.
        """
        pause = _BACKOFF[0]
        began = time.perf_counter()
        while True:
            try:
                await self._applier.apply(records)
            except Transient as error:
                self._health.waiting(self.name, error.detail)
                log.warning("consumer_waits", consumer=self.name, reason=error.detail, seconds=pause)
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 2, _BACKOFF[1])
            except Exception as error:
                await self._halt(error)
            else:
                self._health.turned(self.name)
                metrics.BATCH_SECONDS.labels(self.name).observe(time.perf_counter() - began)
                return

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
                self._health.turned(self.name)
                return fetched

        return watched

    async def _halt(self, error: Exception) -> None:
        """Stay here for ever: nothing more is fetched or committed, and a restart begins where this began."""
        self._health.stopped(self.name, f"cannot go on: {type(error).__name__}: {error}")
        log.error("consumer_halted", consumer=self.name, exc_info=error)
        await asyncio.Event().wait()
