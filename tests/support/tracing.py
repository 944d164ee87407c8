"""Spans recorded in memory, for tests that look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis import traces
from services.chassis.exporting import provider

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Recorded:
    """The spans that have ended so far."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def all(self) -> Sequence[ReadableSpan]:
        """All of them, in the order in which they ended."""
        return self._exporter.get_finished_spans()

    def named(self, name: str, trace: str | None = None) -> list[ReadableSpan]:
        """Those with this name, of the trace with this id (32 hexadecimal digits) where one is given."""
        named = [span for span in self.all() if span.name == name]
        return [span for span in named if trace in {None, trace_of(span)}]


def trace_of(span: ReadableSpan) -> str:
    """The id of the span's trace, as logs and events have it."""
    return place_of(span)[3:35]


def place_of(span: ReadableSpan) -> str:
    """The span as a traceparent."""
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def parent_of(span: ReadableSpan) -> int | None:
    """The id of the span's parent."""
    return span.parent.span_id if span.parent else None


@contextmanager
def recording(ratio: float = 1.0) -> Iterator[Recorded]:
    """Record the spans of this process while the block lasts."""
    exporter, spans = InMemorySpanExporter(), provider("tests", ratio)
    spans.add_span_processor(SimpleSpanProcessor(exporter))
    traces.record_with(spans.get_tracer("tests"), ratio=ratio)
    try:
        yield Recorded(exporter)
    finally:
        traces.record_with(None)
        spans.shutdown()
