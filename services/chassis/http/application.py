"""The application factory: one process serves HTTP, relays and consumes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.responses import JSONResponse

from services.chassis import metrics, mongo
from services.chassis.http import gate, middleware, operations, paths, problems, protection
from services.chassis.runtime import Runtime

BODY_LIMIT = 256 * 1024  # bytes


_PROBLEM: dict[str, Any] = {
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    "headers": {"X-Request-Id": {"description": "Names this request in the log", "schema": {"type": "string"}}},
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request was refused; the problem says why and what to do", **_PROBLEM},
    "5XX": {"description": "Not the caller's fault; after 503 try again as Retry-After says", **_PROBLEM},
}


_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT, or an API key tdm_…",
    "description": "An access token of an issuer of the settings, or an API key of a service account",
}


_IF_MATCH = "if-match"
_FORMS = {_IF_MATCH: '^"[0-9]{1,18}"$', "idempotency-key": r"^[\x21-\x7e]{1,128}$"}


class _Application(FastAPI):
    """Describes once what holds for every operation: the problem it may answer with, and that it needs a login."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        if "Problem" not in schemas:
            schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update({**schema.pop("$defs"), "Problem": schema})
            components["securitySchemes"] = {"bearer": _BEARER}
            self._require_login(document["paths"])
            _require_headers(document["paths"])
        return document

    def _require_login(self, described: dict[str, Any]) -> None:
        for route in gate.routes_of(self):
            method, path = route.split(" ", 1)
            if operation := described.get(path, {}).get(method.lower()):
                operation["security"] = [{"bearer": []}]


def _require_headers(described: dict[str, Any]) -> None:
    """Say which headers a request must bear, in which form; FastAPI knows them as optional, so that 428 can answer."""
    for operation in (one for methods in described.values() for one in methods.values()):
        headers = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "header"}
        for name in headers.keys() & _FORMS.keys():
            headers[name]["required"] = name == _IF_MATCH or _IF_MATCH not in headers
            headers[name]["schema"] = {"type": "string", "pattern": _FORMS[name]}


def create_app(runtime: Runtime, *, title: str, routers: Sequence[APIRouter], body_limit: int = BODY_LIMIT) -> FastAPI:
    """An application that starts without Kafka or database and stops within bounds.

    Raises ``RuleMissing`` where the service's rules say nothing of a route.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = _Application(
        title=title,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=_PROBLEMS,
    )
    app.state.service = runtime.service
    app.state.runtime = runtime
    app.include_router(health(runtime))
    for router in (operations.routes(runtime), *routers):
        app.include_router(router, dependencies=[Depends(gate.permitted)])
    paths.expect(app)
    problems.install(app)
    protection.install(app, runtime.access)
    gate.install(app, {**runtime.manifest.rules, **operations.RULES}, runtime.signing_in.authentication)
    app.add_middleware(middleware.BodyLimit, limit=body_limit)
    app.add_middleware(gate.Authenticated)
    app.add_middleware(middleware.ProbedFromHere, trusted=runtime.settings.trusted_network)
    app.add_middleware(middleware.Observed)
    return app


def health(runtime: Runtime) -> APIRouter:
    """Signs of life and metrics, which need no login."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health")
    async def summary() -> JSONResponse:
        alive, database, consuming = runtime.health.alive, await _database(runtime), runtime.health.consuming
        facts = {"service": runtime.service, "alive": alive, "database": database or "answers", "consuming": consuming}
        return _verdict(alive and not database and consuming, {**facts, "loops": runtime.health.report()})

    @router.get("/health/live")
    async def live() -> JSONResponse:
        return _verdict(runtime.health.alive, {"loops": runtime.health.report()})

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        wrong = await _database(runtime)
        building = {} if wrong else await runtime.feeds.building()
        keyless = await runtime.signing_in.missing()
        facts = {
            "database": wrong or "answers",
            **({"read_models": building} if building else {}),
            **({"no_signing_keys_of": list(keyless)} if keyless else {}),
        }
        return _verdict(not wrong and not building and not keyless, facts)

    @router.get("/health/consumers")
    async def consumers() -> JSONResponse:
        return _verdict(runtime.health.consuming, {"loops": runtime.health.report()})

    @router.get("/metrics")
    async def exposition() -> Response:
        runtime.health.report()
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")

    return router


async def _database(runtime: Runtime) -> str:
    """What is wrong with the database, or nothing."""
    try:
        with mongo.unavailable():
            await runtime.database.command("ping")
    except mongo.Unavailable as error:
        return error.detail
    return ""


def _verdict(good: bool, facts: dict[str, Any]) -> JSONResponse:
    return JSONResponse({"status": "ok" if good else "unavailable", **facts}, 200 if good else 503)
