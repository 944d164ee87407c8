"""The seam to FastStream: what cannot be fetched halts, what cannot be reached waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import ConsumerStoppedError, NodeNotReadyError, UnsupportedCodecError

from services.chassis.clock import ClockUnreadable
from services.chassis.health import Health, State
from services.chassis.projector import Consumer
from tests.support.tallies import records


class Nobody:
    """Applies nothing, or raises what it was given, once."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.applied = 0

    async def apply(self, records: Any) -> list[Any]:
        """Raise what is left to raise, then succeed."""
        if self.errors:
            raise self.errors.pop(0)
        self.applied += len(records)
        return []


def fetching(error: Exception | None) -> Any:
    """A fetch that raises, or gives a batch."""

    async def fetch(client: Any) -> list[Any]:
        if error:
            raise error
        return [client]

    return fetch


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), UnsupportedCodecError("lz4"), ValueError("x" * 5000)]
)
async def test_what_cannot_be_decoded_halts_and_shows(error: Exception) -> None:
    """No further fetch, so no commit over records that nobody got; health says why, briefly."""
    health = Health()
    watched = Consumer("pairs", Nobody(), health).watching(fetching(error))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watched(None), 0.05)
    assert health.loops["pairs"].state is State.STOPPED
    assert type(error).__name__ in health.loops["pairs"].reason
    assert len(health.loops["pairs"].reason) <= 300


async def test_a_broker_that_is_away_is_waited_for() -> None:
    """FastStream tries again by itself; health tells, until a fetch succeeds."""
    health = Health()
    consumer = Consumer("pairs", Nobody(), health)
    with pytest.raises(NodeNotReadyError):
        await consumer.watching(fetching(NodeNotReadyError("away")))(None)
    assert health.loops["pairs"].state is State.WAITING
    assert await consumer.watching(fetching(None))("record") == ["record"]
    assert health.loops["pairs"].state is State.RUNNING


async def test_a_stopped_client_ends_the_fetch() -> None:
    """Stopping is no failure."""
    health = Health()
    with pytest.raises(ConsumerStoppedError):
        await Consumer("pairs", Nobody(), health).watching(fetching(ConsumerStoppedError()))(None)
    assert "pairs" not in health.loops


async def test_an_unreadable_clock_is_waited_for() -> None:
    """It passes: nothing is lost, and the same batch is applied afterwards."""
    applier = Nobody(ClockUnreadable("the clock file is away"))
    await Consumer("pairs", applier, Health()).handle(records("a", 1))
    assert applier.applied == 1
