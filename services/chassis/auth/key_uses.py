"""The uses of API keys go on record, a few an hour, so that their owners see which key is still in use."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.chassis.access import AccessLog
from services.chassis.clock import Clock
from services.chassis.errors import Refused, Transient
from services.chassis.logging import get_logger

log = get_logger(__name__)
APART = timedelta(minutes=15)  # between two notes of one key by one process
_MOST = 10_000  # keys remembered at a time


class KeyUses:
    """Notes uses in the access log; a use that cannot be noted is a use all the same."""

    def __init__(self, access: AccessLog, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    async def note(self, account_id: str, key_id: str) -> None:
        """Have it recorded that the key was used now, unless it was a moment ago."""
        now = self._clock.now()
        noted = self._noted.get(key_id)
        if noted and abs(now - noted) < APART:
            return
        if len(self._noted) >= _MOST:
            self._noted.clear()
        self._noted[key_id] = now
        try:
            await self._access.key_used(account_id, key_id)
        except (Refused, Transient) as error:
            log.warning("key_use_not_recorded", key_id=key_id, error=error.kind)
