"""The session of a browser while a request runs: what pages keep in it, and its cookie."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from services.chassis.errors import Transient
from services.portal.sign_in.sealing import CannotOpen, Seal, Tokens
from services.portal.store import Sealed, Sessions, Stored, id_of, new_cookie

COOKIE = "__Host-tandem"
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"  # Strict would lose the session on the way back from the issuer
_LONGEST_COOKIE = 64  # characters
App = Callable[[Any, Any, Any], Awaitable[None]]


class Browser(dict[str, Any]):
    """What is kept for a browser, as a dictionary; ``tokens`` are those of whoever is signed in.

    ``begin`` and ``end`` take effect when the answer starts: a session that begins has a new cookie, always.
    """

    def __init__(self, stored: Stored | None = None, tokens: Tokens | None = None) -> None:
        super().__init__(copy.deepcopy(dict(stored.data)) if stored else {})
        self.stored = stored
        self.tokens = tokens
        self.begun = False
        self.ended = False

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return self.tokens is not None and not self.ended

    def begin(self, tokens: Tokens) -> None:
        """Somebody is signed in now: nothing of what was kept before stays, nor does the cookie."""
        self.clear()
        self.tokens = tokens
        self.begun = True

    def end(self) -> None:
        """Nobody is signed in any more."""
        self.clear()
        self.tokens = None
        self.ended = True


class BrowserSessions:
    """Finds the session of each request and keeps what became of it before the answer starts.

    Where the database is away, ``away`` answers: nobody is signed out by that.
    """

    def __init__(self, app: App, *, sessions: Sessions, seal: Seal, away: App, without: tuple[str, ...] = ()) -> None:
        self._app = app
        self._sessions = sessions
        self._seal = seal
        self._away = away
        self._without = without

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with its session in ``scope["session"]``."""
        if scope["type"] != "http" or scope["path"].startswith(self._without):
            await self._app(scope, receive, send)
            return
        try:
            browser = await self._found(scope)
        except Transient:
            await self._away(scope, receive, send)
            return
        scope["session"] = browser
        given_up = False

        async def sending(message: Any) -> None:
            nonlocal given_up
            if message["type"] == "http.response.start":
                try:
                    cookie = await self._kept(browser)
                except Transient:
                    given_up = True
                    await self._away(scope, receive, send)
                    return
                if cookie is not None:
                    message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            if not given_up:
                await send(message)

        await self._app(scope, receive, sending)

    async def _found(self, scope: Any) -> Browser:
        cookie = _cookie(scope)
        stored = await self._sessions.find(id_of(cookie)) if cookie else None
        if stored is None:
            return Browser()
        if stored.tokens is None:
            return Browser(stored)
        try:
            return Browser(stored, self._seal.open(stored.tokens.content, stored.id))
        except CannotOpen:
            return Browser()

    async def _kept(self, browser: Browser) -> str | None:
        """Write what changed; the value of Set-Cookie where there is something to set. Raises ``Transient``."""
        stored = browser.stored
        if browser.ended:
            if stored is not None:
                await self._sessions.delete(stored.id)
            return f"{COOKIE}=; Max-Age=0; {_ATTRIBUTES}"
        if browser.begun or (stored is None and browser):
            return await self._begun(browser)
        if stored is not None:
            await self._sessions.update(stored, None if dict(browser) == dict(stored.data) else browser)
        return None

    async def _begun(self, browser: Browser) -> str:
        """A session under a new cookie; the one before is over at once."""
        cookie = new_cookie()
        id = id_of(cookie)
        tokens = browser.tokens
        sealed = Sealed(self._seal.seal(tokens, id), 1, tokens.ends) if tokens else None
        await self._sessions.insert(id, browser, sealed)
        if browser.stored is not None:
            await self._sessions.delete(browser.stored.id)
        return f"{COOKIE}={cookie}; {_ATTRIBUTES}"


def _cookie(scope: Any) -> str | None:
    """The session's cookie, if it looks like one of ours."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                return None
            return found.value if found and 0 < len(found.value) <= _LONGEST_COOKIE else None
    return None
