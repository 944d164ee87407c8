"""What operators see of HTTP: requests, errors and durations by route, from the start; spans; health in one answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from fastapi import APIRouter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY

from services.chassis import metrics
from services.chassis.auth.rules import everyone
from services.chassis.http import create_app
from services.chassis.ids import random_id
from services.chassis.manifests import manifests
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.support.applications import never
from tests.support.asking import client_of
from tests.support.servers import Running
from tests.support.small_service import Small, running_small
from tests.support.tracing import TRACE, recording
from tests.support.trusting import trusting

NOWHERE = "127.0.0.1:1"  # nobody ever listens there


@pytest_asyncio.fixture(scope="module")
async def small(servers: Running) -> AsyncIterator[Small]:
    """The small service on a real database, its broker away."""
    async with running_small(Settings(kafka=NOWHERE, mongodb=servers.mongodb, database_prefix="observed")) as running:
        yield running


def value(name: str, **labels: str) -> float | None:
    """The value of a time series, None where there is none."""
    return REGISTRY.get_sample_value(name, labels)


def nested() -> tuple[Any, str]:
    """An application whose route lies in a router inside another one, and that route's whole path."""
    name = f"r{random_id()[:8]}"
    outer, inner = APIRouter(prefix="/v1"), APIRouter(prefix=f"/{name}")

    @inner.post("/{thing_id}/part", status_code=201)
    async def make(thing_id: str) -> Mapping[str, str]:
        return {"thing_id": thing_id}

    outer.include_router(inner)
    path = f"/v1/{name}/{{thing_id}}/part"
    rules = {f"POST {path}": everyone("nested")}
    runtime = Runtime(Service("nested", never, rules=rules), Settings(kafka=NOWHERE, mongodb=f"mongodb://{NOWHERE}/"))
    return trusting(create_app(runtime, title="Nested", routers=[outer])), path


async def test_a_route_is_counted_by_its_whole_path_from_the_start() -> None:
    """However deep its router lies; a method that it does not offer is told those that it does."""
    app, path = nested()
    ordinary = {"method": "POST", "route": path, "status": "201"}
    assert value("tandem_http_requests_total", **ordinary) == 0
    assert value("tandem_http_errors_total", route=path) == 0
    assert value("tandem_http_seconds_count", route=path) == 0
    async with client_of(app) as client:
        assert (await client.post(path.format(thing_id="7"))).status_code == 201
        refused = await client.get(path.format(thing_id="7"))
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert value("tandem_http_requests_total", **ordinary) == 1
    assert value("tandem_http_seconds_count", route=path) == 2
    assert value("tandem_http_errors_total", route=path) == 0


async def test_failures_of_ours_are_errors_and_refusals_are_not(small: Small) -> None:
    """A 500 is counted as an error and marks its span; a 4xx does neither."""
    route = "/v1/failing/{how}"
    before = value("tandem_http_errors_total", route=route) or 0
    with recording() as recorded:
        assert (await small.http.get("/v1/failing/bug", headers={"traceparent": TRACE})).status_code == 500
        assert (await small.http.get("/v1/failing/refused", headers={"traceparent": TRACE})).status_code == 409
    assert value("tandem_http_errors_total", route=route) == before + 1
    failed, refused = recorded.named(f"GET {route}", TRACE[3:35])
    assert (failed.status.status_code, refused.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    assert failed.attributes
    assert failed.attributes["http.response.status_code"] == 500


async def test_a_request_is_in_flight_until_it_is_answered(small: Small) -> None:
    """Also one that fails; the one that asks for the metrics sees itself."""
    await small.http.get("/v1/failing/bug")
    assert "tandem_http_in_flight 1.0" in (await small.http.get("/metrics")).text
    assert value("tandem_http_in_flight") == 0


async def test_probes_and_scrapes_leave_no_spans(small: Small) -> None:
    """They come every few seconds; they are counted all the same."""
    before = value("tandem_http_requests_total", method="GET", route="/metrics", status="200") or 0
    with recording() as recorded:
        for path in ("/metrics", "/health", "/health/live", "/health/ready", "/health/consumers"):
            await small.http.get(path)
    assert not [span.name for span in recorded.all() if span.name.startswith("GET")]
    assert value("tandem_http_requests_total", method="GET", route="/metrics", status="200") == before + 1


async def test_health_in_one_answer(small: Small) -> None:
    """The service's name, each of the three verdicts, and all loops; 503 as long as one is bad."""
    answer = await small.http.get("/health")
    found = answer.json()
    assert (answer.status_code, found["status"], found["service"]) == (503, "unavailable", "small")
    assert (found["alive"], found["database"], found["consuming"]) == (True, "answers", False)
    assert {"relay", "measures", "listening"} <= found["loops"].keys()
    app, _ = nested()
    async with client_of(app) as client:
        gone = (await client.get("/health")).json()
    assert (gone["alive"], gone["status"]) == (True, "unavailable")
    assert "does not answer" in gone["database"]


@pytest.mark.parametrize("manifest", [one for one in manifests() if one.owns], ids=lambda manifest: manifest.name)
def test_each_services_metrics_are_there_from_the_start(manifest: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its consumers', outboxes' and routes' series stand at 0 before anything happens: a first failure is a rise."""
    monkeypatch.setenv("TANDEM_KAFKA", NOWHERE)
    monkeypatch.setenv("TANDEM_MONGODB", f"mongodb://{NOWHERE}/")
    app = manifest.app()
    for collection in manifest.aggregates:
        assert value("tandem_outbox_events", collection=collection) is not None
    for consumer in (fences for fences in manifest.projections if fences.endswith("_v1")):
        for name in ("tandem_consumer_lag_records", "tandem_forks_total", "tandem_parking_records"):
            assert value(name, consumer=consumer) is not None, (name, consumer)
        assert value("tandem_parked_records_total", consumer=consumer, reason="gap") is not None
    for path in app.openapi()["paths"]:
        assert value("tandem_http_errors_total", route=path) is not None, path
    assert {"tandem_relayed_events_total", "tandem_publish_seconds"} <= {one.name for one in metrics.CATALOGUE}
