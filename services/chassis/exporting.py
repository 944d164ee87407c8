"""Traces leave the process here: recorded by OpenTelemetry's SDK, sent by its OTLP exporter over HTTP."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from services.chassis import traces
from services.chassis.settings import Settings

_WITHIN = 3.0  # seconds that an export may take, and that the last one gets when the process stops


class Exporting:
    """A process's export of spans, from ``start`` to ``stop``; none where ``TANDEM_OTLP`` is empty."""

    def __init__(self, service: str, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._provider: Any = None

    def start(self) -> None:
        """Record spans and send them from a thread of their own; opens no connection before the first span ends."""
        if not self._settings.otlp:
            return
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = OTLPSpanExporter(endpoint=f"{self._settings.otlp.rstrip('/')}/v1/traces", timeout=_WITHIN)
        self._provider = provider(self._service, self._settings.trace_ratio)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        traces.record_with(self._provider.get_tracer("tandem"), ratio=self._settings.trace_ratio)

    async def stop(self) -> None:
        """Send what is left within bounds, then record no more."""
        if self._provider is None:
            return
        traces.record_with(None)
        ending, self._provider = self._provider, None
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def end() -> None:
            ending.shutdown()
            with suppress(RuntimeError):  # the loop did not wait so long
                loop.call_soon_threadsafe(done.set)

        # a daemon, unlike the loop's own threads: a collector that hangs must not keep the process
        threading.Thread(target=end, name="traces", daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(_WITHIN):
                await done.wait()


def provider(service: str, ratio: float) -> Any:
    """A tracer provider of the SDK for this service; traces that came with a decision on sampling keep it."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    resource = Resource.create({"service.name": f"tandem-{service}", "service.version": version("tandem")})
    return TracerProvider(sampler=ParentBasedTraceIdRatio(ratio), resource=resource, shutdown_on_exit=False)
