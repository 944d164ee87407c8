"""RFC 9457 problems: a stable type, what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.chassis.clock import ClockUnreadable
from services.chassis.errors import FieldError, Refused, Transient
from services.chassis.logging import get_logger

log = get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
_TITLES = {404: "There is no such resource", 405: "This method is not offered here", 413: "The request is too large"}


class Unauthenticated(Refused):
    """Nobody says who is calling."""

    status = 401
    kind = "unauthenticated"
    title = "Say who you are"


class Malformed(Refused):
    """A header is missing or cannot be used."""

    status = 400
    kind = "malformed-header"
    title = "A header is missing or cannot be used"


class PreconditionRequired(Refused):
    """A change needs the ETag of what the caller saw."""

    status = 428
    kind = "precondition-required"
    title = "Send If-Match"


def problem(
    status: int,
    kind: str,
    title: str,
    detail: str,
    *,
    fields: Sequence[FieldError] = (),
    retry_after: int | None = None,
) -> JSONResponse:
    """The answer to a request that could not be carried out."""
    body: dict[str, Any] = {
        "type": f"urn:tandem:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if fields:
        body["errors"] = [{"field": field.field, "message": field.message} for field in fields]
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a problem."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return problem(error.status, error.kind, error.title, error.detail, fields=error.fields)

    @app.exception_handler(Transient)
    async def transient(request: Request, error: Transient) -> JSONResponse:
        title = "A server Tandem needs does not answer"
        return problem(503, error.kind, title, error.detail, retry_after=error.retry_after)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [FieldError(_place(item["loc"]), item["msg"]) for item in error.errors()]
        detail = "Correct the fields named in errors and send it again."
        return problem(422, "invalid", "The request cannot be used as it is", detail, fields=fields)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        title = _TITLES.get(error.status_code, str(error.detail))
        kind = title.lower().replace(" ", "-") if error.status_code not in _TITLES else _KINDS[error.status_code]
        return problem(error.status_code, kind, title, str(error.detail))

    @app.exception_handler(ClockUnreadable)
    async def clock(request: Request, error: ClockUnreadable) -> JSONResponse:
        return problem(503, "clock-unreadable", "The injected clock cannot be read", str(error), retry_after=2)

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.url.path, exc_info=error)
        detail = "This is a fault of Tandem's. Its log has the details under the request id."
        return problem(500, "internal", "Something went wrong", detail)


_KINDS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


def _place(location: Sequence[Any]) -> str:
    """A JSON pointer into the body, or the name of the header, query or path parameter."""
    where, *rest = location or ("body",)
    if where == "body":
        return "/" + "/".join(str(part) for part in rest)
    return f"{where} {'.'.join(str(part) for part in rest)}"
