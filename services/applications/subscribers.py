"""What `applications` listens to."""

from __future__ import annotations

import asyncio

from services.applications import contracts, store
from services.applications.handlers import Handlers
from services.applications.store.rechecks import Noting, Rechecks
from services.chassis import directory
from services.chassis.projector import only_react
from services.chassis.runtime import Runtime

PAIR_FENCES = "mentee_pairs"


def subscribe(
    runtime: Runtime, handlers: Handlers, rechecks: Rechecks, *, people_changed: asyncio.Event, learnt: asyncio.Event
) -> None:
    """Register the subscribers of this process.

    ``people_changed`` is set after each batch of the directory, ``learnt`` after each one that tells of persons.
    """
    persons = runtime.consumer(directory.COLLECTION, Noting(runtime.directory.table, rechecks))
    profiles = runtime.consumer(store.PROFILES, Noting(handlers.applications.profiles, rechecks))

    @runtime.subscriber(directory.TOPIC, persons)
    async def enrol_executives_on_directory_changed(records: list[object]) -> None:
        """Take over what is new of persons, then have executives enrolled and applicants' rules counted anew.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await persons.handle(records)
        people_changed.set()
        learnt.set()

    @runtime.subscriber(contracts.PROFILES, profiles)
    async def keep_profile_on_profile_changed(records: list[object]) -> None:
        """Take over what the rules of a call are counted from, then have those of applicants counted anew.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await profiles.handle(records)
        learnt.set()

    _pairs(runtime, handlers)


def _pairs(runtime: Runtime, handlers: Handlers) -> None:
    reaction = only_react(PAIR_FENCES, contracts.PAIRS, contracts.FROM_PAIRS, handlers.participations.note_pair)
    consumer = runtime.projected(reaction)

    @runtime.subscriber(contracts.PAIRS, consumer)
    async def note_pair_on_pair_matched_or_ended(records: list[object]) -> None:
        """Take over which executive has a mentor, and which has none any more.

        Ordering key: the pair id. Idempotent by the fence in the participation (``seen``).
        What cannot be read, or names an executive who is not known yet, is parked.
        """
        await consumer.handle(records)
