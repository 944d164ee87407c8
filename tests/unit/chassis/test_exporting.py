"""Spans leave the process where a collector is named, and nothing waits for one that is away."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import ValidationError

from services.chassis import settings as settings_module
from services.chassis import traces
from services.chassis.exporting import Exporting
from services.chassis.settings import Settings
from tests.support.tracing import TRACE


class Collector:
    """Takes what is exported."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.requests: list[ExportTraceServiceRequest] = []


@contextmanager
def collecting() -> Iterator[tuple[str, Collector]]:
    """A collector on a port of this machine, and its address."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.paths.append(self.path)
            collector.requests.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", collector
    finally:
        server.shutdown()
        server.server_close()


async def test_spans_reach_the_collector_when_the_process_stops_at_the_latest() -> None:
    """With the service's name and version, in the trace they came with."""
    with collecting() as (address, collector):
        exporting = Exporting("sessions", Settings(otlp=address))
        exporting.start()
        with traces.span("work", parent=TRACE) as span:
            assert span.is_recording()
        await exporting.stop()
    assert collector.paths == ["/v1/traces"]
    (resource,) = collector.requests[0].resource_spans
    names = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert names["service.name"] == "tandem-sessions"
    assert names["service.version"]
    (exported,) = resource.scope_spans[0].spans
    assert (exported.name, exported.trace_id.hex()) == ("work", TRACE[3:35])
    with traces.span("afterwards") as span:
        assert not span.is_recording()


async def test_without_a_collector_nothing_is_recorded() -> None:
    """Starting and stopping change nothing."""
    exporting = Exporting("sessions", Settings())
    exporting.start()
    with traces.span("work") as span:
        assert not span.is_recording()
    await exporting.stop()


async def test_a_collector_that_hangs_does_not_hold_the_process() -> None:
    """It takes connections and never answers: stopping takes a few seconds at most, and the loop turns meanwhile."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        exporting = Exporting("sessions", Settings(otlp=f"http://127.0.0.1:{deaf.getsockname()[1]}"))
        exporting.start()
        with traces.span("work"):
            """Nothing."""
        began = time.monotonic()
        turning = asyncio.create_task(asyncio.sleep(0.01))
        await exporting.stop()
    assert turning.done()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("address", ["collector:4318", "ftp://collector", "http://", "http://a b", "http://a?b"])
def test_what_is_no_address_of_a_collector_is_refused(address: str) -> None:
    """Before anything starts, with what to write instead."""
    with pytest.raises(ValidationError, match=r"otlp\n.*write http://host:port"):
        Settings(otlp=address)


def test_a_missing_exporter_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telemetry is an extra; whoever asks for traces without it learns so at the start."""
    monkeypatch.setattr(settings_module, "_EXPORTER", "opentelemetry.exporter.nowhere.at.all")
    with pytest.raises(ValidationError, match=r"pip install tandem\[telemetry\]"):
        Settings(otlp="http://127.0.0.1:4318")
    assert Settings().otlp == ""


@pytest.mark.parametrize("ratio", [-0.1, 1.1])
def test_a_ratio_is_a_share(ratio: float) -> None:
    """From none to all."""
    with pytest.raises(ValidationError, match="trace_ratio"):
        Settings(trace_ratio=ratio)
