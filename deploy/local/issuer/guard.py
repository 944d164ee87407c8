"""Nobody but this machine gets an answer, and no web page reaches the issuer under a name of its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.local.issuer.issuing import is_loopback
from deploy.local.issuer.words import NAME


class LoopbackOnly:
    """Refuses (403) whoever connects from elsewhere, or asks for this server by another than a loopback name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not _from_here(scope):
            await PlainTextResponse(f"{NAME}\n", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _from_here(scope: Scope) -> bool:
    client = scope.get("client") or ("", 0)
    return is_loopback(client[0]) and is_loopback(_hostname(Headers(scope=scope).get("host", "")))


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
