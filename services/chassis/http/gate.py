"""The gate: whoever asks for anything but a sign of life is somebody, and each route's rule says what they may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from services.chassis.aggregate import Command
from services.chassis.auth.authentication import Authenticator
from services.chassis.auth.principal import Principal
from services.chassis.auth.rules import Permit, Rules, permit
from services.chassis.errors import Refused, Transient
from services.chassis.http.middleware import PROBED, App, Receive, Scope, Send
from services.chassis.http.paths import path_of
from services.chassis.http.problems import refusal, unavailable

_OPEN = (*PROBED, "/openapi.json")


class RuleMissing(Exception):
    """A route is in no table of rules, or a rule is about no route; then nothing is served."""


class Authenticated:
    """Lets pass who the application's authenticator knows, before anything of the body is read.

    What is answered is for them alone, so nobody on the way keeps it.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the principal in the request's state; 401, 403 or 503 where there is none."""
        if scope["type"] == "http" and not is_open(scope["path"]):
            send = _unkept(send)
            authenticator: Authenticator = scope["app"].state.authenticator
            try:
                principal = await authenticator.principal(Headers(scope=scope))
            except (Refused, Transient) as error:
                await _answer(error)(scope, receive, send)
                return
            scope.setdefault("state", {})["principal"] = principal
        await self._app(scope, receive, send)


def _unkept(send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
        await send(message)

    return sending


def is_open(path: str) -> bool:
    """Whether a path needs no login."""
    return path in _OPEN or path.startswith("/health/")


def _answer(error: Refused | Transient) -> JSONResponse:
    return refusal(error) if isinstance(error, Refused) else unavailable(error)


async def permitted(request: Request) -> Permit:
    """What the rule of this route lets the caller do. Raises ``RoleMissing``."""
    principal: Principal = request.state.principal
    request.state.command = Command(actor=principal.id, traceparent=request.state.traceparent)
    route = f"{request.method} {path_of(request.scope)}"
    return permit(request.app.state.rules[route], principal, route)


Permitted = Annotated[Permit, Depends(permitted)]


def install(app: FastAPI, rules: Rules, authenticator: Authenticator) -> None:
    """Hold the application's routes and these rules against each other. Raises ``RuleMissing``."""
    app.state.rules, app.state.authenticator = rules, authenticator
    if others := [str(one.path) for one in iter_route_contexts(app.routes) if not one.methods]:
        raise RuleMissing(f"{app.title}: no rule can guard {', '.join(others)}, which is no plain route")
    routes = set(routes_of(app))
    if missing := routes - set(rules):
        raise RuleMissing(f"{app.title}: no rule says who may {', '.join(sorted(missing))}")
    if idle := set(rules) - routes:
        raise RuleMissing(f"{app.title}: there is no route {', '.join(sorted(idle))}")


def routes_of(app: FastAPI) -> Iterable[str]:
    """The routes that need a login, as ``METHOD /path``."""
    for context in iter_route_contexts(app.routes):
        if context.path is not None and not is_open(context.path):
            for method in context.methods or ():
                yield f"{method} {context.path}"
