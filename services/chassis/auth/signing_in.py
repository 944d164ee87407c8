"""What a process needs to know who is asking: its client to the issuers, their keys, its copy of the directory."""

from __future__ import annotations

import httpx2

from services.chassis.access import AccessLog
from services.chassis.auth.api_keys import peppers_from
from services.chassis.auth.authentication import Authentication
from services.chassis.auth.issuers import issuers_from
from services.chassis.auth.key_uses import KeyUses
from services.chassis.auth.tokens import Verifier
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.settings import Settings


class SigningIn:
    """Wires the authentication of a process; ``missing`` says what would keep everybody out."""

    def __init__(self, settings: Settings, directory: Directory, access: AccessLog, clock: Clock) -> None:
        self._http = httpx2.AsyncClient(follow_redirects=False)
        self._verifier = Verifier(issuers_from(settings.issuers), self._http)
        peppers = peppers_from(settings.key_peppers.get_secret_value())
        self.authentication = Authentication(
            self._verifier,
            directory,
            clock,
            peppers=peppers,
            uses=KeyUses(access, clock),
            contact=settings.access_contact,
        )

    async def missing(self) -> tuple[str, ...]:
        """The names of the issuers whose keys are not known; they are fetched where that can be."""
        return await self._verifier.prepare()

    async def stop(self) -> None:
        """Close the client."""
        await self._http.aclose()
