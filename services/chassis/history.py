"""A topic from its first record to the last that stands there now."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer

from services.chassis.candidates import Record


async def records_of(bootstrap: str, topic: str) -> AsyncIterator[Record]:
    """All records of ``topic`` up to the end it had when the reading began, in order per partition.

    Belongs to no consumer group and commits nothing. The topic must exist.
    """
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = list(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        left = {place for place in partitions if ends[place] > await consumer.position(place)}
        while left:
            for place, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[place]:
                        yield record
            left = {place for place in left if await consumer.position(place) < ends[place]}
    finally:
        await consumer.stop()
