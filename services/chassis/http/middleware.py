"""What every request passes before a route sees it: who asks from where, under which id, how much."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import structlog
from starlette.responses import JSONResponse

from services.chassis import metrics, traces
from services.chassis.http.problems import internal, problem
from services.chassis.ids import random_id
from services.chassis.logging import get_logger

Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = get_logger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GONE = 499  # counted for a request that got no answer, since its caller went away before it was complete
_LENGTH = re.compile(r"[0-9]{1,18}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]", "::1"}


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


class LoopbackOnly:
    """Refuses whoever does not come from this machine: until there is a log-in, the caller is only a header.

    The ``Host`` header must name this machine too, so that a web page cannot reach the service by a
    name that resolves to it.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from this machine; 403 for all else."""
        if scope["type"] == "http" and not (_from_here(scope) and _asks_for_here(scope)):
            detail = "There is no log-in yet, so this service answers on the loopback interface only."
            await problem(403, "loopback-only", "Only from this machine", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _from_here(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return bool(client and ip_address(client[0]).is_loopback)
    except ValueError:
        return False


def _asks_for_here(scope: Scope) -> bool:
    host = _header(scope, b"host").lower()
    return host in _LOCAL_NAMES or host.rsplit(":", 1)[0] in _LOCAL_NAMES


class Observed:
    """Gives each request an id and a trace, binds the id to its logs, counts it, and hands the id back.

    A bug is logged and answered here, so that the answer bears the id under which the log has it.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = _header(scope, b"x-request-id")
        request_id = given if _REQUEST_ID.fullmatch(given) else random_id()
        scope.setdefault("state", {})["traceparent"] = traces.continued(_header(scope, b"traceparent"))
        status, began = _GONE, time.perf_counter()

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            except Exception as error:
                log.error("request_failed", path=scope["path"], exc_info=error)
                if status != _GONE:
                    raise  # half an answer is out: only a broken connection says so
                await internal()(scope, receive, sending)
            finally:
                route = getattr(scope.get("route"), "path", "unknown")
                method = scope["method"] if scope["method"] in _METHODS else "other"
                metrics.HTTP_REQUESTS.labels(method, route, str(status)).inc()
                metrics.HTTP_SECONDS.labels(route).observe(time.perf_counter() - began)


class BodyLimit:
    """Refuses bodies over a number of bytes, announced or not, before anybody reads them."""

    def __init__(self, app: App, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, or answer 413; what broke off on its way is dropped."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = _header(scope, b"content-length")
        if _LENGTH.fullmatch(announced) and int(announced) > self._limit:
            await self._too_large()(scope, receive, send)
            return
        try:
            body = await self._read(receive)
        except _Incomplete:
            return
        if len(body) > self._limit:
            await self._too_large()(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _read(self, receive: Receive) -> bytes:
        """The whole body, or its beginning as soon as that is too large."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Incomplete
            body += message.get("body", b"")
            if len(body) > self._limit or not message.get("more_body"):
                return bytes(body)

    def _too_large(self) -> JSONResponse:
        detail = f"The body may have at most {self._limit} bytes."
        return problem(413, "too-large", "The request is too large", detail)


class _Incomplete(Exception):
    """The caller went away before the body was complete; half a body must never be carried out."""


def _replay(body: bytes, receive: Receive) -> Receive:
    replayed = False

    async def again() -> Any:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
