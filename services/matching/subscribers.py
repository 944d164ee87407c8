"""What `matching` listens to."""

from __future__ import annotations

from faststream import AckPolicy

from services.chassis import directory
from services.chassis.directory import Directory
from services.chassis.projector import FETCH_BYTES, MAX_RECORDS, raw_decoder, raw_parser
from services.chassis.runtime import Runtime
from services.chassis.state_table import StateTable
from services.matching import contracts, store
from services.matching.projections import CANDIDATES


def subscribe(runtime: Runtime, persons: Directory, profiles: StateTable) -> None:
    """Register the subscribers of this process."""
    _candidates(runtime)
    _persons(runtime, persons)
    _profiles(runtime, profiles)


def _candidates(runtime: Runtime) -> None:
    consumer = runtime.projected(CANDIDATES)

    @runtime.broker.subscriber(
        contracts.APPLICATIONS,
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
        group_id=runtime.group(CANDIDATES.collection),
        group_instance_id=runtime.member(CANDIDATES.collection),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        parser=raw_parser,
        decoder=raw_decoder,
    )
    async def keep_candidates_on_applications(records: list[object]) -> None:
        """Take over editions, selected mentors, obliged and exempt executives.

        Ordering key: the aggregate's id. Idempotent by the fence (subject, sequence).
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _persons(runtime: Runtime, persons: Directory) -> None:
    consumer = runtime.consumer(directory.COLLECTION, persons.table)

    @runtime.broker.subscriber(
        directory.TOPIC,
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
        group_id=runtime.group(directory.COLLECTION),
        group_instance_id=runtime.member(directory.COLLECTION),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        parser=raw_parser,
        decoder=raw_decoder,
    )
    async def keep_person_on_directory_changed(records: list[object]) -> None:
        """Take over who works where, for whom, and who has left.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _profiles(runtime: Runtime, profiles: StateTable) -> None:
    consumer = runtime.consumer(store.PROFILES, profiles)

    @runtime.broker.subscriber(
        contracts.PROFILES,
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
        group_id=runtime.group(store.PROFILES),
        group_instance_id=runtime.member(store.PROFILES),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        parser=raw_parser,
        decoder=raw_decoder,
    )
    async def keep_profile_on_profile_changed(records: list[object]) -> None:
        """Take over skills, wishes, languages, place and capacity, from which points are counted.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read, or is out of range, is parked.
        """
        await consumer.handle(records)
