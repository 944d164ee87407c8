"""What every answer carries and every request must: the content policy, and that a change comes from our own pages."""

from __future__ import annotations

import secrets
from typing import Any

from services.chassis.http.middleware import READING, App, BodyLimit
from services.chassis.logging import get_logger
from services.portal.sign_in.browser import Browser

log = get_logger(__name__)
_FIXED = (
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
REPORTS = "/csp-reports"


def policy(nonce: str, issuer: str) -> str:
    """The content security policy of one answer; forms may be sent on to the issuer, where signing out ends."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'; "
        f"connect-src 'self'; form-action 'self' {issuer}; base-uri 'none'; frame-ancestors 'none'; "
        f"require-trusted-types-for 'script'; trusted-types htmx; report-uri {REPORTS}"
    )


class Guarded:
    """Gives each request a nonce, each answer the policy that names it, and lets nothing be kept in caches.

    Fragments have the policy too: without it htmx could not tell its own elements from injected ones.
    """

    def __init__(self, app: App, *, issuer: str, secure: bool) -> None:
        self._app = app
        self._issuer = issuer
        self._fixed = (*_FIXED, *(((b"strict-transport-security", b"max-age=31536000"),) if secure else ()))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with ``state.nonce``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        scope.setdefault("state", {})["nonce"] = nonce

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                added = [*self._fixed, (b"content-security-policy", policy(nonce, self._issuer).encode())]
                if b"cache-control" not in present:
                    added.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, sending)


class OwnPagesOnly:
    """Refuses what is not asked of this very origin, and changes that do not come from its own pages.

    A browser says where a request comes from in Sec-Fetch-Site, an older one in Origin; who says neither is refused.
    """

    def __init__(self, app: App, *, origin: str, refused: App, free: tuple[str, ...]) -> None:
        self._app = app
        self._origin = origin
        self._host = origin.partition("://")[2]
        self._refused = refused
        self._free = free

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, or have it refused."""
        if scope["type"] != "http" or scope["path"].startswith(self._free) or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        log.warning("request_of_foreign_page_refused", method=scope["method"])
        await self._refused(scope, receive, send)

    def _is_ours(self, scope: Any) -> bool:
        headers: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get(b"host", "").lower() != self._host:
            return False
        if scope["method"] in READING:
            return True
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return headers.get(b"origin") == self._origin


class Bounded:
    """Refuses large bodies: ``known`` bytes for who is signed in, ``unknown`` for everybody else.

    It must stand behind the session, which costs one look-up, so that a stranger's body is not even read.
    """

    def __init__(self, app: App, *, known: int, unknown: int, refused: App) -> None:
        self._known, self._unknown = BodyLimit(app, known, refused), BodyLimit(app, unknown, refused)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with its whole body, or have it refused."""
        browser = scope.get("session")
        limit = self._known if isinstance(browser, Browser) and browser.signed_in else self._unknown
        await limit(scope, receive, send)
