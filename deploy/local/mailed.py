"""Whether everybody who was matched got their mail, and nobody got it twice: counted at the mail server itself."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import httpx2

from deploy.local.addresses import Addresses
from services.chassis import envelope
from services.chassis.history import records_of

_TOPIC, _TYPE, _EACH = "tandem.pairs.v1", "org.tandem.pair.matched.v1", 2


@dataclass(frozen=True, slots=True)
class Mailed:
    """``messages`` at the mail server, how many of them are ``different``, and how many are ``due``."""

    messages: int = 0
    different: int = 0
    due: int = 0

    @property
    def agree(self) -> bool:
        """Whether each message that is due was sent once."""
        return self.messages == self.different == self.due

    def __str__(self) -> str:
        if self.agree:
            return f"mailed={self.messages}"
        return f"mailed={self.messages} (different={self.different} due={self.due})"


async def mailed(addresses: Addresses) -> Mailed:
    """Count; nothing is due where no service mails, or where mail leaves this machine."""
    if not (addresses.mail and "notifications" in addresses.services):
        return Mailed()
    async with httpx2.AsyncClient(timeout=30) as http:
        kept = (await http.get(f"{addresses.mail}/messages.json")).json()
    matched = set()
    async for record in records_of(addresses.kafka, _TOPIC):
        with suppress(envelope.Rejected):  # counted where it was parked
            event = envelope.read_event(record)
            if event.type == _TYPE:
                matched.add((event.subject, event.sequence))
    return Mailed(len(kept), len({one["message_id"] for one in kept}), _EACH * len(matched))
