"""What `reporting` listens to."""

from __future__ import annotations

from services.chassis.runtime import Runtime
from services.reporting import contracts
from services.reporting.projections import board


def subscribe(runtime: Runtime) -> None:
    """Register the subscribers of this process."""
    _applications(runtime)
    _pairs(runtime)
    _sessions(runtime)


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
