"""What `applications` listens to."""

from __future__ import annotations

import asyncio

from services.applications import contracts, store
from services.applications.handlers import Handlers
from services.chassis import directory
from services.chassis.runtime import Runtime


def subscribe(runtime: Runtime, handlers: Handlers, people_changed: asyncio.Event) -> None:
    """Register the subscribers of this process; ``people_changed`` is set after each batch of the directory."""
    persons = runtime.consumer(directory.COLLECTION, handlers.directory.table)
    profiles = runtime.consumer(store.PROFILES, handlers.profiles)

    @runtime.subscriber(directory.TOPIC, persons)
    async def enrol_executives_on_directory_changed(records: list[object]) -> None:
        """Take over what is new of persons, then have the executives among them enrolled.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await persons.handle(records)
        people_changed.set()

    @runtime.subscriber(contracts.PROFILES, profiles)
    async def keep_profile_on_profile_changed(records: list[object]) -> None:
        """Take over dates of birth and languages, from which the rules of a call are counted.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await profiles.handle(records)
