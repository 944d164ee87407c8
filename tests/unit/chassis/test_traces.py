"""Traces: every span has ids, recorded or not; what is done inside one hands its place on."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.trace import SpanKind, StatusCode
from structlog.testing import capture_logs

from services.chassis import traces
from services.chassis.logging import get_logger
from tests.support.tracing import TRACE, parent_of, place_of, recording, trace_of


@pytest.fixture(autouse=True)
def every_line() -> Iterator[None]:
    """Lines of every level, whatever a service that ran in this process before was told to log."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))
    yield
    structlog.configure(**before)


UNSAMPLED = TRACE[:-2] + "00"
OTHER = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"
WRITTEN = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


@pytest.mark.parametrize("given", [TRACE, UNSAMPLED])
def test_without_an_exporter_a_span_has_ids_in_its_parents_trace(given: str) -> None:
    """Trace and sampling are the parent's, the span's id is its own; nothing is recorded."""
    with traces.span("work", parent=given) as span:
        place = traces.traceparent(span)
        assert not span.is_recording()
        with traces.span("part of it") as part:
            inner = traces.traceparent(part)
    assert place[:36] == inner[:36] == given[:36]
    assert place[-2:] == inner[-2:] == given[-2:]
    assert len({place, inner, given}) == 3


@pytest.mark.parametrize(
    "broken",
    [None, "", "00-", f"00-{'0' * 32}-{'b' * 16}-01", f"00-{'a' * 32}-{'0' * 16}-01", TRACE.upper(), "ff" + TRACE[2:]],
)  # fmt: skip
def test_what_is_no_traceparent_begins_a_new_trace(broken: str | None) -> None:
    """It costs nobody a request or an event."""
    with traces.span("work", parent=broken) as span:
        place = traces.traceparent(span)
    assert WRITTEN.fullmatch(place)
    assert place[3:35] not in {"0" * 32, "a" * 32, TRACE[3:35]}
    assert WRITTEN.fullmatch(traces.continued(broken))


def test_the_ratio_decides_on_new_traces_only() -> None:
    """A trace that came with a decision keeps it."""
    traces.record_with(None, ratio=0.0)
    try:
        begun = traces.continued(None)
        with traces.span("work", parent=TRACE) as span:
            kept = traces.traceparent(span)
    finally:
        traces.record_with(None)
    assert (begun[-2:], kept[-2:]) == ("00", "01")
    with recording(ratio=0.0) as recorded:
        with traces.span("begun here"):
            """Not sampled."""
        with traces.span("sampled elsewhere", parent=TRACE):
            """Sampled."""
    assert [span.name for span in recorded.all()] == ["sampled elsewhere"]


def test_what_is_done_in_a_span_hands_on_its_place() -> None:
    """Unless what it was given belongs to another trace: then that one goes on."""
    with traces.span("work", parent=TRACE) as span:
        here = traces.traceparent(span)
        assert traces.continued(None) == traces.continued(TRACE) == here
        assert traces.continued(OTHER) == OTHER
    assert traces.continued(TRACE) == TRACE
    assert traces.continued(None) not in {here, traces.continued(None)}


def test_a_recorded_span_has_parent_kind_and_links() -> None:
    """Of the other traces the first different ones are linked, 32 at most; what is none is passed over."""
    many = [f"00-{n:032x}-{n:016x}-01" for n in range(1, 100)]
    with recording() as recorded:
        begun = traces.span("batch", SpanKind.CONSUMER, links=[None, "no", *many[:2], *many], attributes={"a": 1})
        with begun, traces.span("part"):
            """Nothing."""
    part, batch = recorded.all()
    assert (batch.kind, batch.attributes, parent_of(batch)) == (SpanKind.CONSUMER, {"a": 1}, None)
    assert [link.context.trace_id for link in batch.links] == list(range(1, traces.LINKS + 1))
    assert parent_of(part) == batch.get_span_context().span_id


def test_a_failure_marks_the_span_by_its_class_only() -> None:
    """A message may quote what must not leave the process."""
    with recording() as recorded, pytest.raises(ValueError, match="a name"), traces.span("work"):
        raise ValueError("a name")
    (span,) = recorded.all()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert "a name" not in span.to_json()


def test_sending_is_recorded_in_the_trace_of_each_event() -> None:
    """An event without a trace, or with a broken one, has none to be recorded in."""
    with recording() as recorded:
        traces.sent([("tandem.a.v1", TRACE), ("tandem.b.v1", OTHER), ("tandem.a.v1", None), ("tandem.a.v1", "x")], 0.5)
    assert [(span.name, trace_of(span)) for span in recorded.all()] == [
        ("send tandem.a.v1", TRACE[3:35]),
        ("send tandem.b.v1", OTHER[3:35]),
    ]
    assert all(0.5 <= ((span.end_time or 0) - (span.start_time or 0)) / 1e9 < 5 for span in recorded.all())
    assert all(span.kind is SpanKind.PRODUCER for span in recorded.all())


def test_a_span_that_is_not_to_be_recorded_is_not() -> None:
    """What probes ask every second would bury the rest."""
    with recording() as recorded, traces.span("probe", recorded=False) as span:
        assert WRITTEN.fullmatch(traces.traceparent(span))
    assert not recorded.all()


def test_log_lines_bear_the_ids_of_the_span_at_work() -> None:
    """And none outside of any."""
    log = get_logger("tests")
    with capture_logs(processors=[traces.with_ids]) as lines:
        log.info("before")
        with traces.span("work", parent=TRACE) as span:
            log.info("within")
    before, within = lines
    assert "trace_id" not in before
    assert f"00-{within['trace_id']}-{within['span_id']}-01" == traces.traceparent(span)


def test_recorded_spans_and_log_lines_agree() -> None:
    """From a log line one finds the span and back."""
    with recording() as recorded, capture_logs(processors=[traces.with_ids]) as lines, traces.span("work"):
        get_logger("tests").info("within")
    (span,) = recorded.all()
    assert place_of(span)[:52] == f"00-{lines[0]['trace_id']}-{lines[0]['span_id']}"


def test_the_logs_of_a_service_bear_the_ids() -> None:
    """Those of libraries too, which log in their own way."""
    code = """
import logging
from services.chassis import traces
from services.chassis.logging import configure, get_logger
from services.chassis.settings import Settings
configure("tests", Settings())
with traces.span("work", parent="%s"):
    get_logger("tests").info("ours")
    logging.getLogger("library").warning("theirs")
"""
    ran = subprocess.run([sys.executable, "-c", code % TRACE], capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(line["event"], line["trace_id"]) for line in lines] == [("ours", TRACE[3:35]), ("theirs", TRACE[3:35])]
