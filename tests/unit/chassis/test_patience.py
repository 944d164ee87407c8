"""One-time jobs wait for servers that are still starting, and for nothing else."""

from __future__ import annotations

import time

import pytest

from services.chassis.kafka import BrokerAway
from services.chassis.patience import patiently


class Starting:
    """A server that is away for the first ``times``."""

    def __init__(self, times: float, error: Exception | None = None) -> None:
        self.times = times
        self.asked = 0
        self._error = error or BrokerAway("still starting")

    async def ask(self) -> str:
        self.asked += 1
        if self.asked <= self.times:
            raise self._error
        return "there"


async def test_a_server_that_comes_in_time_is_waited_for() -> None:
    """Its answer is returned."""
    assert await patiently(Starting(3).ask, 10, pause=0.001) == "there"


async def test_patience_ends_with_the_servers_own_reason() -> None:
    """Close to the time that was given, never long after it."""
    server, began = Starting(float("inf")), time.monotonic()
    with pytest.raises(BrokerAway, match="still starting"):
        await patiently(server.ask, 0.3, pause=0.05)
    assert 0.2 < time.monotonic() - began < 5
    assert server.asked > 2


async def test_without_patience_it_is_asked_once() -> None:
    """As before there was any."""
    server = Starting(1)
    with pytest.raises(BrokerAway):
        await patiently(server.ask, 0)
    assert server.asked == 1


async def test_what_is_no_passing_failure_is_not_repeated() -> None:
    """A wrong setting stays wrong."""
    server = Starting(1, ValueError("wrong"))
    with pytest.raises(ValueError, match="wrong"):
        await patiently(server.ask, 10)
    assert server.asked == 1
