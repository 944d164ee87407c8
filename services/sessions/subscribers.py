"""What `sessions` listens to."""

from __future__ import annotations

from services.chassis.projector import only_react
from services.chassis.runtime import Runtime
from services.sessions import contracts
from services.sessions.handlers import Handlers

WORKSPACE_FENCES = "workspace_openings"


def subscribe(runtime: Runtime, handlers: Handlers) -> None:
    """Register the subscribers of this process."""
    openings = only_react(WORKSPACE_FENCES, contracts.PAIRS, contracts.READS, handlers.open_workspace)
    consumer = runtime.projected(openings)

    @runtime.subscriber(contracts.PAIRS, consumer)
    async def open_workspace_on_pair_matched(records: list[object]) -> None:
        """Open the workspace of each new pair.

        Ordering key: the pair id. Idempotent by the fence in the workspace (``seen``).
        What cannot be read or is refused is parked.
        """
        await consumer.handle(records)
