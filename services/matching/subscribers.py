"""What `matching` listens to."""

from __future__ import annotations

from services.chassis import directory
from services.chassis.directory import Directory
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

    @runtime.subscriber(contracts.APPLICATIONS, consumer)
    async def keep_candidates_on_applications(records: list[object]) -> None:
        """Take over editions, which mentors are selected, which executives are obliged.

        Ordering key: the aggregate's id. Idempotent by the fence (subject, sequence).
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _persons(runtime: Runtime, persons: Directory) -> None:
    consumer = runtime.consumer(directory.COLLECTION, persons.table)

    @runtime.subscriber(directory.TOPIC, consumer)
    async def keep_person_on_directory_changed(records: list[object]) -> None:
        """Take over who works where, for whom, and who has left.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _profiles(runtime: Runtime, profiles: StateTable) -> None:
    consumer = runtime.consumer(store.PROFILES, profiles)

    @runtime.subscriber(contracts.PROFILES, consumer)
    async def keep_profile_on_profile_changed(records: list[object]) -> None:
        """Take over skills, wishes, languages, place and capacity, from which points are counted.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read, or is out of range, is parked.
        """
        await consumer.handle(records)
