"""Traces: one request's way through services and topics, as spans that name what was done and how long.

Spans always have ids, so that logs and events bear them; they are recorded only where an exporter was
configured (``chassis.exporting``), and cost next to nothing elsewhere. A trace's ids travel as the W3C
``traceparent``, in HTTP headers and beside each event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode, TraceFlags, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.clock import SystemClock

__all__ = ["LINKS", "Attributes", "Span", "SpanKind", "continued", "failed", "record_with", "sent", "span"]
__all__ += ["traceparent", "with_ids"]

LINKS = 32  # other traces that one span is linked with at most
Attributes = Mapping[str, str | int]
_W3C = TraceContextTextMapPropagator()
_IDS = RandomIdGenerator()
_HALF = 2**64  # of a trace id's 128 bits, its lower half decides whether it is sampled


class _Recording:
    """Where spans go: nowhere, or to the tracer of a configured SDK; ``ratio`` of new traces are sampled."""

    tracer: Tracer | None = None
    ratio: float = 1.0


def record_with(tracer: Tracer | None, *, ratio: float = 1.0) -> None:
    """From now on record the process's spans with this tracer, or with none; the ratio is for traces begun here."""
    _Recording.tracer, _Recording.ratio = tracer, ratio


@contextmanager
def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    parent: str | None = None,
    links: Iterable[str | None] = (),
    attributes: Attributes | None = None,
    recorded: bool = True,
) -> Iterator[Span]:
    """Work inside a span: the child of ``parent`` (a traceparent), else of the span around it, else of none.

    What escapes marks it as failed, by its class only: a message may quote what must not leave. ``links``
    are traceparents of which the first ``LINKS`` are used, and only where spans are recorded; one that is not
    to be ``recorded`` has ids all the same.
    """
    within = _context(parent)
    if _Recording.tracer is None or not recorded:
        begun: Span = trace.NonRecordingSpan(_ids_below(within))
    else:
        linked = [Link(context) for context in _contexts(links)]
        begun = _Recording.tracer.start_span(name, within, kind, attributes, linked)
    with trace.use_span(begun, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield begun
        except Exception as error:
            failed(begun, type(error).__name__)
            raise


def failed(span: Span, why: str) -> None:
    """Mark a span as failed."""
    span.set_status(StatusCode.ERROR, why)


def sent(events: Iterable[tuple[str, str | None]], seconds: float) -> None:
    """Record in the trace of each event (topic, traceparent) that it was sent, in the last ``seconds``."""
    if _Recording.tracer is None:
        return
    began = int((SystemClock().now().timestamp() - seconds) * 1e9)
    for topic, parent in events:
        if within := _context(parent):
            attributes = {"messaging.system": "kafka", "messaging.destination.name": topic}
            name = f"send {topic}"
            _Recording.tracer.start_span(name, within, SpanKind.PRODUCER, attributes, start_time=began).end()


def traceparent(span: Span) -> str:
    """The span's place in its trace, as it travels."""
    return _written(span.get_span_context())


def continued(given: str | None) -> str:
    """The ``traceparent`` that what is done now hands on.

    It is that of the span at work, unless ``given`` belongs to another trace; without a span ``given`` itself,
    if it is one; else the beginning of a new trace.
    """
    current = trace.get_current_span().get_span_context()
    told = _parsed(given)
    if current.is_valid and (told is None or told.trace_id == current.trace_id):
        return _written(current)
    return _written(told or _ids_below(Context()))


def with_ids(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A step of structlog: gives each line the ids of the span at work."""
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        event["trace_id"], event["span_id"] = f"{current.trace_id:032x}", f"{current.span_id:016x}"
    return event


def _context(parent: str | None) -> Context | None:
    """The context of a parent elsewhere; None stands for the current one."""
    told = _parsed(parent)
    return trace.set_span_in_context(trace.NonRecordingSpan(told), Context()) if told else None


def _contexts(links: Iterable[str | None]) -> Iterator[SpanContext]:
    """The first different ones of these traceparents."""
    seen: set[str] = set()
    for link in links:
        if link is not None and link not in seen and (told := _parsed(link)):
            seen.add(link)
            yield told
            if len(seen) == LINKS:
                return


def _parsed(given: str | None) -> SpanContext | None:
    if not given:
        return None
    told = trace.get_current_span(_W3C.extract({"traceparent": given}, Context())).get_span_context()
    return told if told.is_valid else None


def _written(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _ids_below(within: Context | None) -> SpanContext:
    """Ids of a span that is not recorded; whether its trace is sampled elsewhere stays as it was decided."""
    parent = trace.get_current_span(within).get_span_context()
    if parent.is_valid:
        return SpanContext(parent.trace_id, _IDS.generate_span_id(), False, parent.trace_flags)
    trace_id = _IDS.generate_trace_id()
    sampled = trace_id % _HALF < _Recording.ratio * _HALF
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    return SpanContext(trace_id, _IDS.generate_span_id(), False, flags)
