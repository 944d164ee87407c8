"""The gate knows of each route's query parameters what OpenAPI tells of them, no more and no less."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import manifests
from services.chassis.http.gate import routes_of

SERVICES = ("applications", "matching", "notifications", "people", "reporting", "sessions")


@pytest.mark.parametrize("service", SERVICES)
async def test_parameters_that_pass_the_gate_are_those_that_openapi_names(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the document offers is never refused as unknown."""
    monkeypatch.setenv("TANDEM_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("TANDEM_MONGODB", "mongodb://127.0.0.1:1")
    app = manifests.manifest(service).app()
    paths: dict[str, Any] = app.openapi()["paths"]

    for route in routes_of(app):
        method, path = route.split(" ", 1)
        told = paths[path][method.lower()].get("parameters", ())
        assert app.state.parameters[route] == {one["name"] for one in told if one["in"] == "query"}, route
