"""Feeds a topic into an applier from outside the service's own processes: for rebuilds and refills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from services.chassis.errors import Transient
from services.chassis.kafka import BrokerAway, partitions_of
from services.chassis.logging import get_logger
from services.chassis.projector.consumer import FETCH_BYTES, MAX_RECORDS, WAIT, Applies

log = get_logger(__name__)
Vector = Mapping[int, int]  # per partition the offset behind the last record
Progress = Callable[[int, int], None]  # records done, records in all
_PAUSE = 1.0  # seconds, while a server is away
_LOOK = 0.1  # seconds between two looks at where a group stands
# A running process of the service may hold the group: then its own commits count, and the fences drop the rest.
_OTHERS_COMMIT = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


@dataclass(frozen=True, slots=True)
class Source:
    """A topic and, to go on where it was left, a consumer group; without one it is read from its first record."""

    bootstrap: str
    topic: str
    group: str | None = None


async def end_of(bootstrap: str, topic: str) -> Vector:
    """The end of each partition now. Raises ``BrokerAway``."""
    async with _reading(Source(bootstrap, topic)) as (consumer, places):
        return await _ends(consumer, places)


async def committed(source: Source) -> Vector:
    """Where the group stands; 0 for a partition that it has not committed. Raises ``BrokerAway``."""
    async with _reading(source) as (consumer, places):
        return {place.partition: await consumer.committed(place) or 0 for place in places}


async def abreast(source: Source, *, patience: float = 10.0) -> bool:
    """Whether the group comes to have committed all that the topic holds now, within so many seconds.

    Raises ``BrokerAway``.
    """
    async with _reading(source) as (consumer, places):
        ends, deadline = await _ends(consumer, places), asyncio.get_running_loop().time() + patience
        while True:
            stands = {place.partition: await consumer.committed(place) or 0 for place in places}
            if all(stands[partition] >= end for partition, end in ends.items()):
                return True
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_LOOK)


async def feed(source: Source, applier: Applies, *, progress: Progress | None = None) -> Vector:
    """Apply the topic up to the end that it has now and return that vector.

    Offsets are committed after each batch, so a feeding that was killed goes on where it stood. A server that
    goes away is waited for. Raises ``BrokerAway`` where there is no broker at the start.
    """
    async with _reading(source) as (consumer, places):
        ends = await _ends(consumer, places)
        begun = {place: await _begin(consumer, place, source) for place in places}
        total = sum(max(ends[place.partition] - offset, 0) for place, offset in begun.items())
        done = 0
        while left := [place for place in places if await consumer.position(place) < ends[place.partition]]:
            fetched = await consumer.getmany(*left, timeout_ms=WAIT, max_records=MAX_RECORDS)
            records = [
                record for place in fetched for record in fetched[place] if record.offset < ends[place.partition]
            ]
            await _patiently(applier, records)
            await _commit(source, consumer, left, ends)
            done += len(records)
            del fetched, records  # one batch in memory, not two, while the next one is fetched
            if progress:
                progress(done, total)
        if progress:
            progress(total, total)
        return ends


@asynccontextmanager
async def _reading(source: Source) -> AsyncIterator[tuple[Any, list[TopicPartition]]]:
    places = [TopicPartition(source.topic, number) for number in await partitions_of(source.bootstrap, source.topic)]
    if not places:
        raise BrokerAway(f"Kafka has no topic {source.topic}: run tandem provision.")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=source.bootstrap,
        group_id=source.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        async with asyncio.timeout(10):
            await consumer.start()
        consumer.assign(places)
        yield consumer, places
    except (OSError, KafkaError, TimeoutError) as error:
        raise BrokerAway(f"Kafka at {source.bootstrap} does not answer: {error!r}") from error
    finally:
        with suppress(Exception):
            await asyncio.wait_for(consumer.stop(), 5)


async def _ends(consumer: Any, places: Sequence[TopicPartition]) -> Vector:
    ends = await consumer.end_offsets(places)
    return {place.partition: offset for place, offset in ends.items()}


async def _begin(consumer: Any, place: TopicPartition, source: Source) -> int:
    if source.group is None or await consumer.committed(place) is None:
        await consumer.seek_to_beginning(place)
    return int(await consumer.position(place))


async def _patiently(applier: Applies, records: Sequence[Any]) -> None:
    while records:
        try:
            await applier.apply(records)
        except Transient as error:
            log.error("feeding_waits", reason=error.detail)
            await asyncio.sleep(_PAUSE)
        else:
            return


async def _commit(source: Source, consumer: Any, places: Sequence[TopicPartition], ends: Vector) -> None:
    """Commit what was applied: never past the end that was asked for."""
    if source.group is None:
        return
    offsets = {place: min(await consumer.position(place), ends[place.partition]) for place in places}
    with suppress(*_OTHERS_COMMIT):
        await consumer.commit(offsets)
