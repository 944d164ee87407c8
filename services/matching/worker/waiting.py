"""Measures which runs wait for their proposal, so that somebody hears of one that does not move."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis import metrics
from services.chassis.clock import Clock
from services.matching.store import Work


@dataclass(frozen=True, slots=True)
class Waiting:
    """Looks at the runs that wait, also while the solver is at one of them."""

    claims: Work
    clock: Clock

    async def measure(self) -> None:
        """Tell how many runs wait, and since when the oldest does. Raises ``Unavailable``."""
        since = await self.claims.waiting_since()
        metrics.RUNS_WAITING.set(len(since))
        now = self.clock.now()
        metrics.RUN_AGE.set(max(((now - one).total_seconds() for one in since), default=0.0))
