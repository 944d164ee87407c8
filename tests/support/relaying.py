"""Relaying until nothing is left, for tests that have no loop running."""

from __future__ import annotations

from services.chassis.relay import Relay


async def drain(relay: Relay) -> int:
    """Publish page after page until no head is left; the number of events published."""
    published = 0
    while heads := await relay.heads():
        published += await relay.relay(heads)
    return published
