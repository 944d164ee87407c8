"""What every request passes before a route sees it: who asks from where, under which id, how much."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import gethostname
from typing import Any

import structlog
from starlette.responses import JSONResponse

from services.chassis import metrics, traces
from services.chassis.http.paths import path_of
from services.chassis.http.problems import internal, problem
from services.chassis.ids import random_id
from services.chassis.logging import get_logger
from services.chassis.settings import Network

Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = get_logger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GONE = 499  # counted for a request that got no answer, since its caller went away before it was complete
_LENGTH = re.compile(r"[0-9]{1,18}")
READING = {"GET", "HEAD", "OPTIONS"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
PROBED = ("/health", "/metrics")  # for whoever watches this machine; nobody else reaches them
_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]", "::1"}


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


class ProbedFromHere:
    """Refuses signs of life and metrics to whoever does not come from this machine, since they need no login.

    The ``Host`` header must name this machine too, so that a web page cannot reach them by a
    name that resolves to it. With a ``trusted`` network, its addresses count as this machine, and so does
    the host's own name: a container's callers come from a network of its own, never from loopback.
    """

    def __init__(self, app: App, trusted: Network | None = None) -> None:
        self._app = app
        self._trusted = trusted
        self._names = _LOCAL_NAMES | ({gethostname().lower()} if trusted else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from this machine or asks for something else; 403 for the rest."""
        probes = scope["type"] == "http" and scope["path"].startswith(PROBED)
        if probes and not (self._from_here(scope) and self._asks_for_here(scope)):
            detail = "Health and metrics are answered on the loopback interface and to the trusted network only."
            await problem(403, "loopback-only", "Only from this machine", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _from_here(self, scope: Scope) -> bool:
        address = _address((scope.get("client") or ("",))[0])
        return address is not None and (address.is_loopback or self._trusts(address))

    def _asks_for_here(self, scope: Scope) -> bool:
        host = _header(scope, b"host").lower()
        name = host if host in self._names else host.rsplit(":", 1)[0]
        if name in self._names:
            return True
        address = _address(name.strip("[]"))  # nobody can point a number at us, so those of the network are safe
        return address is not None and self._trusts(address)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return self._trusted is not None and address in self._trusted


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that the text is; one of IPv4 in IPv6's clothes is taken for what it is."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


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
        status, began = _GONE, time.perf_counter()

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        metrics.HTTP_IN_FLIGHT.inc()
        with structlog.contextvars.bound_contextvars(request_id=request_id), _span(scope) as span:
            scope.setdefault("state", {})["traceparent"] = traces.traceparent(span)
            try:
                await self._app(scope, receive, sending)
            except Exception as error:
                log.error("request_failed", path=scope["path"], exc_info=error)
                if status != _GONE:
                    raise  # half an answer is out: only a broken connection says so
                await internal()(scope, receive, sending)
            finally:
                _count(scope, status, time.perf_counter() - began)
                _tell(span, scope, status)


def _span(scope: Scope) -> AbstractContextManager[traces.Span]:
    """The span of a request, in the trace it came with; of what probes and scrapes ask every second none is kept."""
    parent = _header(scope, b"traceparent")
    recorded = not scope["path"].startswith(PROBED)
    return traces.span(_method(scope), traces.SpanKind.SERVER, parent=parent, recorded=recorded)


def _tell(span: traces.Span, scope: Scope, status: int) -> None:
    method, route = _method(scope), path_of(scope)
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        traces.failed(span, str(status))
    if method not in READING:
        log.info("request_answered", method=method, route=route, status=status)


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = path_of(scope)
    metrics.HTTP_IN_FLIGHT.dec()
    metrics.HTTP_REQUESTS.labels(_method(scope), route, str(status)).inc()
    metrics.HTTP_SECONDS.labels(route).observe(seconds)
    if status >= 500:
        metrics.HTTP_ERRORS.labels(route).inc()


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


class BodyLimit:
    """Refuses bodies over a number of bytes, announced or not, before anybody reads them.

    The answer is a problem, or what ``refused`` answers.
    """

    def __init__(self, app: App, limit: int, refused: App | None = None) -> None:
        self._app = app
        self._limit = limit
        self._refused = refused or self._too_large()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, or answer 413; what broke off on its way is dropped."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = _header(scope, b"content-length")
        if _LENGTH.fullmatch(announced) and int(announced) > self._limit:
            await self._refused(scope, receive, send)
            return
        try:
            body = await self._read(receive)
        except _Incomplete:
            return
        if len(body) > self._limit:
            await self._refused(scope, receive, send)
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
