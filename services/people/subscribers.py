"""What `people` listens to: its own directory, as everybody reads it, and which API keys are used anywhere."""

from __future__ import annotations

from typing import Any

from services.chassis import directory
from services.chassis.runtime import Runtime
from services.people.contracts import topics
from services.people.store.heard_uses import HeardUses


def subscribe(runtime: Runtime) -> None:
    """Register the subscribers of this process."""
    _persons(runtime)
    _keys(runtime)


def _persons(runtime: Runtime) -> None:
    consumer = runtime.consumer(directory.COLLECTION, runtime.directory.table)

    @runtime.subscriber(directory.TOPIC, consumer)
    async def keep_directory_on_directory_changed(records: list[object]) -> None:
        """Take over who belongs to the group, in which roles, so that this service knows who may do what.

        Ordering key: the record key. Idempotent by the sequence in the key's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _keys(runtime: Runtime) -> None:
    names = {topic: f"key_uses_{topic.split('.')[2]}" for topic in topics.ACCESS_LOGS}
    consumers = {topic: runtime.consumer(name, HeardUses(runtime.database, name)) for topic, name in names.items()}

    @runtime.subscriber(topics.ACCESS_TOPIC, consumers[topics.ACCESS_TOPIC])
    @runtime.subscriber(topics.ACCESS_APPLICATIONS, consumers[topics.ACCESS_APPLICATIONS])
    @runtime.subscriber(topics.ACCESS_MATCHING, consumers[topics.ACCESS_MATCHING])
    @runtime.subscriber(topics.ACCESS_NOTIFICATIONS, consumers[topics.ACCESS_NOTIFICATIONS])
    @runtime.subscriber(topics.ACCESS_REPORTING, consumers[topics.ACCESS_REPORTING])
    @runtime.subscriber(topics.ACCESS_SESSIONS, consumers[topics.ACCESS_SESSIONS])
    async def note_use_on_key_used(records: list[Any]) -> None:
        """Note when each API key was last used, wherever that was; each topic has a consumer of its own.

        Ordering key: none, the latest instant counts. Idempotent, since an instant is noted once.
        Nothing is parked: what cannot be read says nothing of a key.
        """
        await consumers[records[0].topic].handle(records)
