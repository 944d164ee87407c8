"""The paths of an application's routes as callers see them: a router inside another knows only its part."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from services.chassis import metrics


def expect(app: FastAPI) -> None:
    """Remember all paths of the application, and show the metrics of each route from the start."""
    app.state.paths = {}
    for context in iter_route_contexts(app.routes):
        if context.path is not None:
            app.state.paths[id(context.original_route)] = context.path
            for method in context.methods or ():
                metrics.expect_route(method, context.path, getattr(context, "status_code", None) or 200)


def path_of(scope: Any) -> str:
    """The path of the route that a request reached, with names in place of ids; ``unknown`` where it reached none."""
    route = scope.get("route")
    paths: dict[int, str] = getattr(scope["app"].state, "paths", {}) if "app" in scope else {}
    return paths.get(id(route)) or getattr(route, "path", None) or "unknown"
