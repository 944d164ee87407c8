"""What `sessions` listens to."""

from __future__ import annotations

from faststream import AckPolicy

from services.chassis.projector import FETCH_BYTES, MAX_RECORDS, only_react, raw_decoder, raw_parser
from services.chassis.runtime import Runtime
from services.sessions import contracts
from services.sessions.handlers import Handlers

WORKSPACE_FENCES = "workspace_openings"


def subscribe(runtime: Runtime, handlers: Handlers) -> None:
    """Register the subscribers of this process."""
    openings = only_react(WORKSPACE_FENCES, contracts.PAIRS, contracts.READS, handlers.open_workspace)
    consumer = runtime.projected(openings)

    @runtime.broker.subscriber(
        contracts.PAIRS,
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
        group_id=runtime.group(openings.name),
        group_instance_id=runtime.member(openings.name),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        parser=raw_parser,
        decoder=raw_decoder,
    )
    async def open_workspace_on_pair_matched(records: list[object]) -> None:
        """Open the workspace of each new pair.

        Ordering key: the pair id. Idempotent by the fence in the workspace (``seen``).
        What cannot be read or is refused is parked.
        """
        await consumer.handle(records)
