"""The injected clock of a run: it goes on like a clock, only faster, so that a session is over after seconds."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.chassis.wire import rfc3339

BEGINS = datetime(2026, 3, 2, 8, tzinfo=UTC)
RATE = 60  # seconds that pass in each of the machine's: the directory counts as stale after a quarter of an hour
_TICK = 0.2  # seconds between two movements


class PassingTime:
    """Writes the instant into the file that the services read."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._began = time.monotonic()
        self._write()

    def now(self) -> datetime:
        """The present instant; what a service sees lags behind by one movement at most."""
        return BEGINS + timedelta(seconds=(time.monotonic() - self._began) * RATE)

    async def until(self, instant: datetime) -> None:
        """Wait until this instant is over."""
        await asyncio.sleep(max(0.0, (instant - self.now()).total_seconds() / RATE))

    async def pass_by(self) -> None:
        """Move the clock for ever."""
        while True:
            self._write()
            await asyncio.sleep(_TICK)

    def _write(self) -> None:
        partial = self.file.with_name(self.file.name + ".partial")
        partial.write_text(rfc3339(self.now()) + "\n")
        partial.replace(self.file)
