"""What `reporting` listens to."""

from __future__ import annotations

from typing import Any

from services.chassis import directory
from services.chassis.projector import Consumer
from services.chassis.runtime import Runtime
from services.reporting import contracts
from services.reporting.audit.staging import Stage
from services.reporting.projections import board


def subscribe(runtime: Runtime) -> None:
    """Register the subscribers of this process."""
    _applications(runtime)
    _pairs(runtime)
    _sessions(runtime)
    _audit(runtime)
    _persons(runtime)


def _applications(runtime: Runtime) -> None:
    projection = board.APPLICATIONS
    consumer = runtime.projected(projection)

    @runtime.subscriber(contracts.APPLICATIONS, consumer)
    async def update_board_on_edition_application_or_participation(records: list[object]) -> None:
        """Fold editions, applications and participations.

        Ordering key: the aggregate's id. Idempotent by the fence (subject, sequence).
        What cannot be read or placed is parked.
        """
        await consumer.handle(records)


def _pairs(runtime: Runtime) -> None:
    projection = board.PAIRS
    consumer = runtime.projected(projection)

    @runtime.subscriber(contracts.PAIRS, consumer)
    async def update_board_on_pair_matched(records: list[object]) -> None:
        """Fold pairs.

        Ordering key: the pair's id. Idempotent by the fence (subject, sequence).
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _sessions(runtime: Runtime) -> None:
    projection = board.SESSIONS
    consumer = runtime.projected(projection)

    @runtime.subscriber(contracts.SESSIONS, consumer)
    async def update_board_on_session(records: list[object]) -> None:
        """Fold the sessions of each pair.

        Ordering key: the pair's id. Idempotent by the fence (subject, sequence).
        What cannot be read is parked.
        """
        await consumer.handle(records)


def _audit(runtime: Runtime) -> None:
    consumers = {topic: _staging(runtime, topic) for topic in contracts.EVENT_TOPICS}

    @runtime.subscriber(contracts.APPLICATIONS, consumers[contracts.APPLICATIONS])
    @runtime.subscriber(contracts.PAIRS, consumers[contracts.PAIRS])
    @runtime.subscriber(contracts.SESSIONS, consumers[contracts.SESSIONS])
    @runtime.subscriber(contracts.ACCESS_APPLICATIONS, consumers[contracts.ACCESS_APPLICATIONS])
    @runtime.subscriber(contracts.ACCESS_MATCHING, consumers[contracts.ACCESS_MATCHING])
    @runtime.subscriber(contracts.ACCESS_NOTIFICATIONS, consumers[contracts.ACCESS_NOTIFICATIONS])
    @runtime.subscriber(contracts.ACCESS_PEOPLE, consumers[contracts.ACCESS_PEOPLE])
    @runtime.subscriber(contracts.ACCESS_REPORTING, consumers[contracts.ACCESS_REPORTING])
    @runtime.subscriber(contracts.ACCESS_SESSIONS, consumers[contracts.ACCESS_SESSIONS])
    async def stage_entry_on_any_event(records: list[Any]) -> None:
        """Stage every event of every topic for the audit trail; each topic has a consumer of its own.

        Ordering key: none, for an entry stands by itself. Idempotent by the event's source and id.
        What is no event at all is parked, and nothing waits behind it.
        """
        await consumers[records[0].topic].handle(records)


def _staging(runtime: Runtime, topic: str) -> Consumer:
    name = f"audit_{topic.removeprefix('tandem.').rpartition('.')[0].replace('.', '_')}"
    return runtime.consumer(name, Stage(runtime.database, name, runtime.clock))


def _persons(runtime: Runtime) -> None:
    consumer = runtime.consumer(directory.COLLECTION, runtime.directory.table)

    @runtime.subscriber(directory.TOPIC, consumer)
    async def keep_directory_on_directory_changed(records: list[object]) -> None:
        """Take over who belongs to the group, in which roles, so that this service knows who may do what.

        Ordering key: the record key. Idempotent by the sequence in the key's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)
