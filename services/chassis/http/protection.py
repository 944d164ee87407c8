"""What is denied or protected leaves a trace: denials are recorded as they are answered, reads before they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.chassis.access import AccessLog, Resource
from services.chassis.aggregate import Command
from services.chassis.errors import Denied
from services.chassis.http.problems import problem
from services.chassis.http.requests import Caller, command_of
from services.chassis.logging import get_logger

log = get_logger(__name__)


def install(app: FastAPI, access: AccessLog) -> None:
    """Record every denial of the application in ``access``."""
    app.state.access = access

    @app.exception_handler(Denied)
    async def denied(request: Request, error: Denied) -> JSONResponse:
        await _recorded(access, command_of(request), error)
        return problem(error.status, error.kind, error.title, error.detail)


async def _recorded(access: AccessLog, command: Command | None, error: Denied) -> None:
    """A denial that cannot be recorded is a denial all the same."""
    where = {"resource_kind": error.resource_kind, "resource_id": error.resource_id, "rule": error.rule}
    if command is None or command.actor is None:
        log.warning("denial_without_actor", **where)
        return
    try:
        await access.denied(command, Resource(error.resource_kind, error.resource_id), error.rule)
    except Exception as failure:
        log.error("denial_not_recorded", actor=command.actor, **where, exc_info=failure)


def protected_read(kind: str, parameter: str | None = None) -> Callable[[Request, Command], Awaitable[Command]]:
    """A dependency that records a read before the route serves it, and hands on who reads.

    ``parameter`` is the path parameter that names the record; without one all of the kind is read.
    What cannot be recorded is not served: the database being away is 503.
    """

    async def recorded(request: Request, command: Caller) -> Command:
        access: AccessLog = request.app.state.access
        id = request.path_params[parameter] if parameter else "*"
        await access.read(command, Resource(kind, id))
        return command

    return recorded
