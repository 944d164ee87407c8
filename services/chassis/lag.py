"""How far a process's consumers are behind: in records, and in seconds that the oldest has been waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError

from services.chassis import metrics
from services.chassis.batch import Batches
from services.chassis.clock import Clock, SystemClock
from services.chassis.logging import get_logger

log = get_logger(__name__)
_PATIENCE = 3.0  # seconds for the broker to tell one consumer's ends


@dataclass(frozen=True, slots=True)
class Standing:
    """A partition of which records are left: the position it stands at, and since when it has been seen there."""

    position: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer as far as its lag is concerned; ``client`` is its Kafka client, None while it has none."""

    batches: Batches
    client: Any


class Lag:
    """Measures the lag of a process's consumers, over the partitions that are theirs at the moment.

    Seconds count from when the oldest record in hand came to its topic; of records that were not even
    fetched, only since when they have been seen to wait. What cannot be measured stays as it was.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()  # Kafka stamps records by the machine's time
        self._standing: dict[str, dict[Any, Standing]] = {}  # per consumer
        self.unanswered: set[str] = set()  # consumers whose broker did not answer when asked last

    async def measure(self, readers: Iterable[Reader]) -> None:
        """Measure all of them once; a broker that is away costs three seconds at most."""
        await asyncio.gather(*(self._measure(reader) for reader in readers))

    async def _measure(self, reader: Reader) -> None:
        name = reader.batches.consumer
        try:
            async with asyncio.timeout(_PATIENCE):
                behind = await self._behind(reader)
        except (KafkaError, OSError, TimeoutError) as error:
            log.debug("lag_unknown", consumer=name, error=repr(error))
            self.unanswered.add(name)
        except Exception as error:  # the client may be stopped or rebalanced meanwhile; a figure is not worth a halt
            log.warning("lag_unknown", consumer=name, exc_info=error)
        else:
            self.unanswered.discard(name)
            metrics.LAG_RECORDS.labels(name).set(behind + len(reader.batches.in_hand))
        since = self._oldest(reader)
        metrics.LAG_SECONDS.labels(name).set(max(0.0, (self._clock.now() - since).total_seconds()) if since else 0)

    async def _behind(self, reader: Reader) -> int:
        """Records that are on the topic and were not fetched yet."""
        mine = reader.client.assignment() if reader.client else ()
        before = self._standing.get(reader.batches.consumer, {})
        standing = {partition: before[partition] for partition in mine if partition in before}
        self._standing[reader.batches.consumer] = standing
        behind = 0
        for partition, end in (await reader.client.end_offsets(mine)).items() if mine else ():
            position = await reader.client.position(partition)
            behind += max(0, end - position)
            if end <= position:
                standing.pop(partition, None)
            elif partition not in standing or standing[partition].position != position:
                standing[partition] = Standing(position, self._clock.now())
        return behind

    def _oldest(self, reader: Reader) -> datetime | None:
        known = [seen.since for seen in self._standing.get(reader.batches.consumer, {}).values()]
        if in_hand := reader.batches.oldest():
            known.append(in_hand)
        return min(known, default=None)
