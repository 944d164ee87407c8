"""The gate: whoever asks for anything but a sign of life is somebody, and each route's rule says what they may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from services.chassis.aggregate import Command
from services.chassis.auth.authentication import Authenticator
from services.chassis.auth.principal import Principal
from services.chassis.auth.rules import Permit, Rules, permit
from services.chassis.errors import FieldError, Invalid, Refused, Transient
from services.chassis.http.middleware import PROBED, App, Receive, Scope, Send
from services.chassis.http.paths import path_of
from services.chassis.http.problems import refusal, unavailable

_OPEN = (*PROBED, "/openapi.json")
_MOST, _LONGEST = 10, 100  # unknown parameters that an answer names, and characters of a name


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
    """What the rule of this route lets the caller do.

    Raises ``RoleMissing``; ``Invalid`` for a query parameter that the route has not, which would mean nothing.
    """
    principal: Principal = request.state.principal
    request.state.command = Command(actor=principal.id, traceparent=request.state.traceparent)
    route = f"{request.method} {path_of(request.scope)}"
    allowed = permit(request.app.state.rules[route], principal, route)
    _refuse_unknown(request, request.app.state.parameters[route])
    return allowed


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """A filter with a mistake in its name must not list everything; a command that takes no parameter reads none."""
    unknown = sorted(request.query_params.keys() - known)[:_MOST]
    if not unknown or not (known or request.method == "GET"):
        return
    there = f"there are {', '.join(sorted(known))}" if known else "it takes none"
    fields = [FieldError(f"query {name[:_LONGEST]}", "this route has no such parameter") for name in unknown]
    raise Invalid(f"The query has a parameter that this route does not know; {there}.", fields=fields)


Permitted = Annotated[Permit, Depends(permitted)]


def install(app: FastAPI, rules: Rules, authenticator: Authenticator) -> None:
    """Hold the application's routes and these rules against each other. Raises ``RuleMissing``."""
    app.state.rules, app.state.authenticator = rules, authenticator
    app.state.parameters = dict(_parameters_of(app))
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


def _parameters_of(app: FastAPI) -> Iterable[tuple[str, frozenset[str]]]:
    """Each route's query parameters, those of what it depends on included."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            names = frozenset(_names(context.original_route.dependant))
            yield from ((f"{method} {context.path}", names) for method in context.methods or ())


def _names(dependant: Dependant) -> Iterable[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for other in dependant.dependencies:
        yield from _names(other)
