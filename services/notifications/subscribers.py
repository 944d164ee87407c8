"""What `notifications` listens to."""

from __future__ import annotations

from dataclasses import replace

from services.chassis import directory
from services.chassis.projector import only_react
from services.chassis.runtime import Runtime
from services.notifications import contracts, store
from services.notifications.handlers import Handlers

DELIVERY_FENCES = "pair_messages"


def subscribe(runtime: Runtime, handlers: Handlers, people: store.People) -> None:
    """Register the subscribers of this process."""
    _pairs(runtime, handlers)
    _persons(runtime, people)
    _contacts(runtime, people)


def _pairs(runtime: Runtime, handlers: Handlers) -> None:
    messages = only_react(DELIVERY_FENCES, contracts.PAIRS, contracts.FROM_PAIRS, handlers.follow_pair)
    consumer = runtime.projected(replace(messages, before_refill=handlers.beginning.forget_replay))

    @runtime.subscriber(contracts.PAIRS, consumer)
    async def tell_of_pair_on_pair_changed(records: list[object]) -> None:
        """Have mentor and executive of each new pair told about each other, unless it has ended before that.

        Ordering key: the pair id. Idempotent by the delivery's id, which follows from event, recipient and template;
        what is settled is not suppressed again. What cannot be read is parked.
        """
        await consumer.handle(records)


def _persons(runtime: Runtime, people: store.People) -> None:
    consumer = runtime.consumer(directory.COLLECTION, people.directory.table)

    @runtime.subscriber(directory.TOPIC, consumer)
    async def keep_person_on_directory_changed(records: list[object]) -> None:
        """Take over who speaks which language, lives in which zone, and who has left.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _contacts(runtime: Runtime, people: store.People) -> None:
    consumer = runtime.consumer(store.CONTACTS, people.contacts)

    @runtime.subscriber(contracts.CONTACTS, consumer)
    async def keep_contact_on_contacts_changed(records: list[object]) -> None:
        """Take over names and addresses.

        Ordering key: the person id. Idempotent by the sequence in the person's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)
