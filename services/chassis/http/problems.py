"""RFC 9457 problems: a stable type, what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from services.chassis.auth.authentication import Unauthenticated
from services.chassis.errors import FieldError, Refused, Transient
from services.chassis.http.paths import path_of

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The body cannot be read",
    404: "There is no such resource",
    405: "This method is not offered here",
    413: "The request is too large",
}
_KINDS = {400: "malformed-body", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
_DETAILS = {400: "The body must be JSON in UTF-8 that does not nest deeply."}


class FieldProblem(BaseModel):
    """One field that a request got wrong."""

    field: Annotated[str, Field(description="JSON pointer into the body, or the name of the header or parameter")]
    message: Annotated[str, Field(description="What is wrong with it")]


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    type: Annotated[str, Field(description="Stable; the same for the same kind of problem")]
    title: str
    status: int
    detail: Annotated[str, Field(description="What to do")]
    errors: Annotated[list[FieldProblem] | None, Field(description="The fields to correct")] = None


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
    members: Mapping[str, object] = MappingProxyType({}),
    retry_after: int | None = None,
) -> JSONResponse:
    """The answer to a request that could not be carried out; ``members`` are extension members of the problem."""
    body: dict[str, Any] = {
        **members,
        "type": f"urn:tandem:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if fields:
        body["errors"] = [{"field": field.field, "message": field.message} for field in fields]
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def refusal(error: Refused) -> JSONResponse:
    """The answer where a rule says no; nobody's request is answered with how to say who they are."""
    answer = problem(error.status, error.kind, error.title, error.detail, fields=error.fields, members=error.members)
    if isinstance(error, Unauthenticated):
        answer.headers["WWW-Authenticate"] = error.challenge
    return answer


def unavailable(error: Transient) -> JSONResponse:
    """The answer while something is away."""
    title = "Something Tandem needs does not answer"
    return problem(503, error.kind, title, error.detail, retry_after=error.retry_after)


def internal() -> JSONResponse:
    """The answer to a request that met a bug; it says nothing of the inside."""
    detail = "This is a fault of Tandem's. Its log has the details under the request id."
    return problem(500, "internal", "Something went wrong", detail)


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a problem."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return refusal(error)

    @app.exception_handler(Transient)
    async def transient(request: Request, error: Transient) -> JSONResponse:
        return unavailable(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = error.errors()
        if any(_is_no_object(item) for item in errors) and not _is_json(request):
            field = FieldError("header content-type", "send application/json")
            title = "The body is not of a type that is taken here"
            return problem(415, "unsupported-media-type", title, "Send the body as JSON.", fields=[field])
        fields = [_field(item, error.body) for item in errors]
        detail = "Correct the fields named in errors and send it again."
        return problem(422, "invalid", "The request cannot be used as it is", detail, fields=fields)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        title = _TITLES.get(error.status_code, str(error.detail))
        kind = _KINDS.get(error.status_code, title.lower().replace(" ", "-"))
        answer = problem(error.status_code, kind, title, _DETAILS.get(error.status_code, str(error.detail)))
        answer.headers.update(error.headers or {})
        if error.status_code == 405 and (offered := _offered(request)):
            answer.headers["Allow"] = ", ".join(offered)
        return answer


def _offered(request: Request) -> list[str]:
    """The methods of all routes with this path; Starlette's own header names those of the first one only."""
    offered = request.app.openapi()["paths"].get(path_of(request.scope), ())
    return sorted(method.upper() for method in offered)


def _is_no_object(error: Any) -> bool:
    return tuple(error["loc"]) == ("body",) and error["type"] != "missing"


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _field(error: Any, body: Any) -> FieldError:
    if error["type"] == "json_invalid":
        _, position = error["loc"]
        return FieldError("body", f"is no JSON at character {position}: {error['ctx']['error']}")
    named = error.get("ctx", {}).get("pointer")  # by a rule over the whole body that knows which field is meant
    return FieldError(named or _place(error["loc"], body), error["msg"])


def _place(location: Sequence[Any], body: Any) -> str:
    """A JSON pointer into the body, ``body`` for all of it, or the name of the header, query or path parameter."""
    where, *rest = location or ("body",)
    if where == "body":
        return "".join(f"/{_escaped(str(part))}" for part in _there(rest, body)) or "body"
    return f"{where} {'.'.join(str(part) for part in rest)}"


def _there(parts: Sequence[Any], body: Any) -> Iterator[Any]:
    """The parts on the way through what was sent; which of several forms was tried is no part of it."""
    for number, part in enumerate(parts, 1):
        try:
            body = body[part]
        except (LookupError, TypeError):
            if number < len(parts):
                continue
        yield part


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
