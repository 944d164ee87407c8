"""What `matching` listens to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.chassis import directory
from services.chassis.directory import Directory
from services.chassis.runtime import Runtime
from services.chassis.state_table import StateTable
from services.matching import contracts, store
from services.matching.projections import CANDIDATES

Changed = Callable[[list[Any]], None]
# Read from the first record once more by whoever comes from an earlier release, which did not keep companies' names
# nor levels, half days and what is said of video.
PERSONS, PROFILES = f"{directory.COLLECTION}_v2", f"{store.PROFILES}_v2"


def subscribe(runtime: Runtime, persons: Directory, profiles: StateTable, *, people_changed: Changed) -> None:
    """Register the subscribers of this process.

    ``people_changed`` is called with each batch that may tell of somebody whose pair cannot go on, once it is applied.
    """
    _candidates(runtime, people_changed)
    _persons(runtime, persons, people_changed)
    _profiles(runtime, profiles)


def _candidates(runtime: Runtime, people_changed: Changed) -> None:
    consumer = runtime.projected(CANDIDATES)

    @runtime.subscriber(contracts.APPLICATIONS, consumer)
    async def keep_candidates_on_applications(records: list[object]) -> None:
        """Take over editions, which mentors are selected, which executives are obliged; then have pairs looked at.

        Ordering key: the aggregate's id. Idempotent by the fence (subject, sequence).
        What cannot be read is parked.
        """
        await consumer.handle(records)
        people_changed(records)


def _persons(runtime: Runtime, persons: Directory, people_changed: Changed) -> None:
    consumer = runtime.consumer(PERSONS, persons.table)

    @runtime.subscriber(directory.TOPIC, consumer)
    async def keep_person_on_directory_changed(records: list[object]) -> None:
        """Take over who works where, for whom, and who has left; then have pairs looked at.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)
        people_changed(records)


def _profiles(runtime: Runtime, profiles: StateTable) -> None:
    consumer = runtime.consumer(PROFILES, profiles)

    @runtime.subscriber(contracts.PROFILES, consumer)
    async def keep_profile_on_profile_changed(records: list[object]) -> None:
        """Take over skills, wishes, languages, place and capacity, from which points are counted.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read, or is out of range, is parked.
        """
        await consumer.handle(records)
