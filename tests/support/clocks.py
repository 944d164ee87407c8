"""Clocks that a test sets by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class HandClock:
    """A clock that stands until it is moved on."""

    instant: datetime = datetime(2026, 4, 1, 9, tzinfo=UTC)

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.instant

    def passes(self, **by: float) -> None:
        """Move it on, e.g. ``hours=2``."""
        self.instant += timedelta(**by)
