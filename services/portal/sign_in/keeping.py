"""Keeps the tokens of a session fresh: of all requests that need fresh ones, one asks the issuer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.chassis.logging import get_logger
from services.portal.sign_in.browser import Browser
from services.portal.sign_in.issuer import IssuerAway, Partner, SignInFailed
from services.portal.sign_in.sealing import CannotOpen, Seal, Tokens
from services.portal.store import Sealed, Sessions

log = get_logger(__name__)
_EARLY = timedelta(seconds=30)  # before the end of an access token
_LOOK = 0.05  # seconds between two looks at what another request makes
_LOOKS = 200


class SignedOut(Exception):
    """The session is over: the issuer gives no more tokens for it."""


class Keeping:
    """Access tokens for the requests of signed-in browsers."""

    def __init__(self, sessions: Sessions, seal: Seal, partner: Partner) -> None:
        self._sessions = sessions
        self._seal = seal
        self._partner = partner

    async def access(self, browser: Browser) -> str:
        """An access token that is good for half a minute yet. Raises ``SignedOut``, ``Transient``."""
        tokens = browser.tokens
        if tokens is None:
            raise SignedOut
        if tokens.ends - self._sessions.now() > _EARLY:
            return tokens.access
        return await self.fresh(browser)

    async def fresh(self, browser: Browser) -> str:
        """An access token that is newer than the browser's. Raises ``SignedOut``, ``Transient``."""
        stored = browser.stored
        if stored is None or stored.tokens is None or browser.tokens is None:
            raise SignedOut
        if await self._sessions.claim(stored.id, stored.tokens.version):
            browser.tokens = await self._refreshed(stored.id, stored.tokens.version, browser.tokens)
        else:
            browser.tokens = await self._by_another(stored.id, stored.tokens.version)
        return browser.tokens.access

    async def _refreshed(self, id: str, version: int, tokens: Tokens) -> Tokens:
        try:
            fresh = await self._partner.refresh(tokens)
        except SignInFailed as error:
            log.info("session_ended_by_issuer", reason=error.reason)
            await self._sessions.delete(id)
            raise SignedOut from error
        except IssuerAway:
            await self._sessions.release(id, version)
            raise
        await self._sessions.refreshed(id, version, Sealed(self._seal.seal(fresh, id), version + 1, fresh.ends))
        return fresh

    async def _by_another(self, id: str, version: int) -> Tokens:
        """The tokens that another request gets, is getting, or got. Raises ``SignedOut``, ``IssuerAway``."""
        for _ in range(_LOOKS):
            found = await self._sessions.find(id)
            if found is None or found.tokens is None:
                raise SignedOut
            if found.tokens.version != version:
                try:
                    return self._seal.open(found.tokens.content, id)
                except CannotOpen as error:
                    raise SignedOut from error
            await asyncio.sleep(_LOOK)
        raise IssuerAway("The sign-in service does not answer.")
