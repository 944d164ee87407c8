"""Nobody but this machine gets an answer, and no web page reaches the issuer under a name of its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.local.issuer.reach import Reach
from deploy.local.issuer.words import NAME


class LoopbackOnly:
    """Refuses (403) whoever connects from elsewhere, or asks for this server by a name that others may have."""

    def __init__(self, app: ASGIApp, reach: Reach) -> None:
        self._app = app
        self._reach = reach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not self._from_here(scope):
            await PlainTextResponse(f"{NAME}\n", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _from_here(self, scope: Scope) -> bool:
        client = scope.get("client") or ("", 0)
        return self._reach.admits(client[0]) and self._reach.names(_hostname(Headers(scope=scope).get("host", "")))


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
