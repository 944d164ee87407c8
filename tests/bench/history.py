"""A long history: consecutive editions of 500 pairs, 20 events each, in Tandem's wire form.

``python -m tests.bench.history EVENTS PARTITION…`` fills those partitions of the topic at ``TANDEM_KAFKA``.
Within an edition the pairs' events are interleaved, and no edition goes on after the next has begun. So an
event costs the same to apply however long the history is, while the documents grow in number with it.
A batch holds several editions, so that it matters little where one is cut: editions larger than a batch
are cut less often at the ends of the topic, which a short history has more of.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from pydantic import TypeAdapter

from services.chassis import envelope
from services.chassis.projector import Projection
from services.chassis.settings import Settings
from services.chassis.wire import Incoming, rfc3339

PAIRS, EVENTS_EACH, PARTITIONS = 500, 20, 6
EDITION = PAIRS * EVENTS_EACH
TYPE = "org.tandem.session.held.v1"
_TIMES = [rfc3339(datetime(2026, 9, 1, 9, tzinfo=UTC) + timedelta(days=17 * n)) for n in range(EVENTS_EACH + 1)]
_BATCH, _BATCH_BYTES = 500, 768 * 1024


class Held(Incoming):
    """What readers take from a session that was held."""

    session_id: str
    pair_id: str
    edition_id: str
    number: int
    held_at: datetime
    minutes: int
    mentor_subsidiary: str
    mentee_subsidiary: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What the projection keeps of a pair."""

    edition_id: str
    held: int
    minutes: int
    last: datetime


def fold(state: Totals | None, event: envelope.Event, data: Held) -> Totals:
    """Count one session."""
    if state is None:
        return Totals(data.edition_id, 1, data.minutes, data.held_at)
    return Totals(state.edition_id, state.held + 1, state.minutes + data.minutes, data.held_at)


def topic(events: int) -> str:
    """The topic that holds this many events."""
    return f"bench-history-{events}"


def projection(events: int) -> Projection[Totals]:
    """One document per pair, folded from the topic of that many events."""
    return Projection("history", 1, topic(events), {TYPE: Held}, TypeAdapter(Totals), fold)


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of one edition, and the partition to which Kafka's own partitioner sends its key."""

    edition: str
    id: str
    partition: int

    def held(self, number: int) -> tuple[bytes, list[tuple[str, bytes]]]:
        """Value and headers of its session of this number, which is its sequence too."""
        at = _TIMES[number]
        session = f"{self.id[:24]}{number:012x}"
        data = (
            f'{{"session_id":"{session}","pair_id":"{self.id}","edition_id":"{self.edition}","number":{number},'
            f'"held_at":"{at}","minutes":{45 + number},"mentor_subsidiary":"lisbon","mentee_subsidiary":"group"}}'
        )
        event = envelope.Event(
            id=session,
            source="/tandem/sessions",
            type=TYPE,
            subject=self.id,
            sequence=number,
            time=at,
            data=data.encode(),
            actor=self.id,
            subsidiary="group",
            edition=self.edition,
            traceparent=f"00-{self.id.replace('-', '')}-{number:016x}-01",
            dataschema=f"urn:tandem:schema:{TYPE}",
        )
        return envelope.write(event)


def edition(number: int) -> list[Pair]:
    """The pairs of one edition."""
    place, parts = DefaultPartitioner(), list(range(PARTITIONS))
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"edition {number}"))
    ids = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"pair {number}/{pair}")) for pair in range(PAIRS))
    return [Pair(name, id, place(id.encode(), parts, parts)) for id in ids]


Written = tuple[bytes, bytes, list[tuple[str, bytes]]]


def records(events: int, partition: int) -> Iterator[Written]:
    """Key, value and headers of the records of one partition, in order."""
    for number in range(events // EDITION):
        here = [pair for pair in edition(number) if pair.partition == partition]
        for sequence in range(1, EVENTS_EACH + 1):
            for pair in here:
                yield pair.id.encode(), *pair.held(sequence)


async def fill(events: int, partitions: Sequence[int]) -> None:
    """Write the records of these partitions, which nobody else fills; what is under way is bounded."""
    async with AIOKafkaProducer(
        bootstrap_servers=Settings().kafka, acks="all", enable_idempotence=True, max_batch_size=_BATCH_BYTES
    ) as producer:
        unfinished = {partition: records(events, partition) for partition in partitions}
        sent = []
        while unfinished:
            for partition, left in list(unfinished.items()):
                if some := list(islice(left, _BATCH)):
                    batch = _packed(producer.create_batch(), some)
                    sent.append(await producer.send_batch(batch, topic(events), partition=partition))
                else:
                    del unfinished[partition]
        await asyncio.gather(*sent)


def _packed(batch: Any, some: Sequence[Written]) -> Any:
    for key, value, headers in some:
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            raise OverflowError(f"{len(some)} records are more than {_BATCH_BYTES} bytes")
    return batch


if __name__ == "__main__":
    asyncio.run(fill(int(sys.argv[1]), [int(one) for one in sys.argv[2:]]))
