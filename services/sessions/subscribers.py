"""What `sessions` listens to."""

from __future__ import annotations

from services.chassis import directory
from services.chassis.projector import only_react
from services.chassis.runtime import Runtime
from services.sessions import contracts
from services.sessions.handlers import Handlers

WORKSPACE_FENCES = "pair_workspaces"  # not the name of before pairs ended: those who read by it passed their ends by


def subscribe(runtime: Runtime, handlers: Handlers) -> None:
    """Register the subscribers of this process."""
    _workspaces(runtime, handlers)
    _persons(runtime)


def _workspaces(runtime: Runtime, handlers: Handlers) -> None:
    following = only_react(WORKSPACE_FENCES, contracts.PAIRS, contracts.READS, handlers.follow_pair)
    consumer = runtime.projected(following)

    @runtime.subscriber(contracts.PAIRS, consumer)
    async def follow_pair_on_pair_matched_or_ended(records: list[object]) -> None:
        """Open the workspace of each new pair; end that of one that ended, and cancel its sessions to come.

        Ordering key: the pair id. Idempotent by the fence in the workspace (``seen``).
        What cannot be read or is refused is parked.
        """
        await consumer.handle(records)


def _persons(runtime: Runtime) -> None:
    consumer = runtime.consumer(directory.COLLECTION, runtime.directory.table)

    @runtime.subscriber(directory.TOPIC, consumer)
    async def keep_directory_on_directory_changed(records: list[object]) -> None:
        """Take over who belongs to the group, in which roles, so that this service knows who may do what.

        Ordering key: the record key. Idempotent by the sequence in the key's entry; only the newest counts.
        What cannot be read is parked.
        """
        await consumer.handle(records)
