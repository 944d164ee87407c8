"""Editions as they stood a moment ago, for those who apply in great numbers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from services.applications.domain.edition import Edition
from services.applications.handlers.editions import Editions

SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class RecentEditions:
    """Remembers an edition for a second while its call is open.

    That breaks no promise: the deadline is an instant in the edition, and rules are frozen once the call is open.
    What is changed in this process is forgotten at once.
    """

    editions: Editions
    known: dict[str, tuple[float, Edition]] = field(default_factory=dict)

    async def get(self, edition_id: str) -> Edition:
        """The edition, at most a second old. Raises ``NotFound``, ``Unavailable``."""
        known = self.known.get(edition_id)
        if known and time.monotonic() - known[0] < SECONDS:
            return known[1]
        asked = time.monotonic()
        edition = (await self.editions.get(edition_id)).state
        if edition.stage == "call_open":
            self.known[edition_id] = (asked, edition)
        return edition

    def forget(self) -> None:
        """Look every edition up anew."""
        self.known.clear()
