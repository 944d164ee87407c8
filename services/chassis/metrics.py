"""Every metric Tandem's services expose: once, with its kind, unit, labels and meaning.

A label takes few values, all known from the code: consumers, loops, routes, kinds; never an id. What is
known from the start stands at 0 from the start, so that a first failure is a rise and not a new series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_AGES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 86_400)  # up to a day
_REASONS = (
    *("bad_json", "no_id", "no_subject", "bad_sequence", "gap", "oversize", "tombstone", "invalid_data", "fork"),
    *("refused", "unstorable", "copy"),
)
Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Described:
    """What docs/metrics.md says of one metric; a histogram's name stands for its buckets, sum and count."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    meaning: str


CATALOGUE: list[Described] = []
disable_created_metrics()  # type: ignore[no-untyped-call]  # a series beside each other one, which nobody asks for


def _described(kind: Kind, name: str, unit: str, labels: Sequence[str], meaning: str) -> None:
    CATALOGUE.append(Described(name, kind, unit, tuple(labels), meaning))


def _counter(name: str, unit: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    _described("counter", name, unit, labels, meaning)
    return Counter(name, meaning, labels)


def _gauge(name: str, unit: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    _described("gauge", name, unit, labels, meaning)
    return Gauge(name, meaning, labels)


def _histogram(
    name: str, meaning: str, labels: Sequence[str] = (), *, buckets: Sequence[float] = _SECONDS
) -> Histogram:
    _described("histogram", name, "seconds", labels, meaning)
    return Histogram(name, meaning, labels, buckets=buckets)


BUILD = _gauge("tandem_build_info", "1", "Which service of which version this process is.", ("service", "version"))

HTTP_REQUESTS = _counter("tandem_http_requests_total", "requests", "Requests answered.", ("method", "route", "status"))
HTTP_ERRORS = _counter(
    "tandem_http_errors_total", "requests", "Requests answered with a status of 500 or more.", ("route",)
)
HTTP_SECONDS = _histogram("tandem_http_seconds", "From a request's arrival to its answer.", ("route",))
HTTP_IN_FLIGHT = _gauge("tandem_http_in_flight", "requests", "Requests that are being answered now.")

RELAYED = _counter(
    "tandem_relayed_events_total", "events", "Events that the broker acknowledged and the outbox gave up."
)
PUBLISH_SECONDS = _histogram("tandem_publish_seconds", "For one page of events to be acknowledged by the broker.")
OUTBOX_EVENTS = _gauge(
    "tandem_outbox_events",
    "events",
    "Accepted events that are not published yet, by aggregate collection.",
    ("collection",),
)
OUTBOX_SECONDS = _gauge(
    "tandem_outbox_oldest_seconds", "seconds", "Age of the oldest of them; 0 when there is none.", ("collection",)
)

LAG_RECORDS = _gauge(
    "tandem_consumer_lag_records",
    "records",
    "Records of this process's partitions that are not applied yet; on compacted topics holes count too.",
    ("consumer",),
)
LAG_SECONDS = _gauge(
    "tandem_consumer_lag_seconds",
    "seconds",
    "How long the oldest of them has been on its topic, as far as is known; 0 when there is none.",
    ("consumer",),
)
EVENT_AGE = _histogram(
    "tandem_event_age_seconds",
    "From an event's time to its being applied: the oldest and the newest event of each batch.",
    ("consumer",),
    buckets=_AGES,
)
RECORDS = _counter(
    "tandem_records_total", "records", "Records read from a topic, whatever became of them.", ("consumer",)
)
APPLIED = _counter("tandem_applied_events_total", "events", "Events applied to a projection.", ("consumer",))
UNKNOWN = _counter(
    "tandem_unknown_events_total",
    "events",
    "Events of types that the consumer does not read; passed over.",
    ("consumer",),
)
PARKED = _counter("tandem_parked_records_total", "records", "Records put aside, by reason.", ("consumer", "reason"))
DRAINED = _counter(
    "tandem_drained_records_total", "records", "Parked records that could be applied or were superseded.", ("consumer",)
)
PARKING_RECORDS = _gauge("tandem_parking_records", "records", "Records that lie in parking now.", ("consumer",))
PARKING_SUBJECTS = _gauge(
    "tandem_parking_subjects", "subjects", "Subjects of which a record lies in parking now.", ("consumer",)
)
FORKS = _counter("tandem_forks_total", "forks", "Sequences seen with two event ids: an alarm.", ("consumer",))
MISSED = _counter(
    "tandem_missed_writes_total", "writes", "Fenced writes that another process had overtaken.", ("consumer",)
)
BATCH_SECONDS = _histogram("tandem_batch_seconds", "To apply one batch of records.", ("consumer",))

HELD = _gauge(
    "tandem_consumers_held",
    "1",
    "1 where the park limit stopped a consumer until an operator resumes it.",
    ("consumer",),
)

TIMER_LATENESS = _histogram(
    "tandem_timer_lateness_seconds", "From the instant a timer is due to its being fired.", ("kind",), buckets=_AGES
)
TIMERS_FIRED = _counter("tandem_timers_fired_total", "timers", "Timers fired.", ("kind",))
DIRECTORY_AGE = _gauge(
    "tandem_directory_age_seconds",
    "seconds",
    "Since when this service knows nothing new of people, by its clock; past 900 it lets nobody in.",
)
TIMERS_DUE = _gauge("tandem_timers_due", "timers", "Timers that are due and not fired yet, up to 10,000.")
DELIVERIES = _counter(
    "tandem_deliveries_total",
    "attempts",
    "Attempts at delivering a message, by outcome: sent, deferred, failed, suppressed, waiting.",
    ("outcome",),
)

ROUNDS_STUCK = _gauge(
    "tandem_rounds_stuck",
    "rounds",
    "Rounds of assessment that could not be moved on at the last look; the log line round_stuck says why.",
)
RECHECKS = _gauge(
    "tandem_rechecks_waiting", "persons", "Persons of whom something was learnt that is not counted in everywhere yet."
)

RUNS = _counter(
    "tandem_runs_total",
    "runs",
    "Matching runs that came to an end of solving, by outcome: proposed, failed.",
    ("outcome",),
)
RUNS_WAITING = _gauge("tandem_runs_waiting", "runs", "Matching runs that wait for their proposal or are being solved.")
RUN_AGE = _gauge(
    "tandem_run_waiting_seconds",
    "seconds",
    "Since the oldest of them was requested; 0 when there is none.",
)

CSP_REPORTS = _counter(
    "tandem_csp_reports_total", "reports", "Reports of browsers that a page broke its content security policy."
)

LOOP_AGE = _gauge("tandem_loop_age_seconds", "seconds", "Since a background loop last turned.", ("loop",))
LOOP_STATE = _gauge(
    "tandem_loop_state", "1", "1 for the state that a loop or consumer is in, else 0.", ("loop", "state")
)


def expect_consumer(name: str) -> None:
    """Show a consumer's metrics at 0 before it gets its first record."""
    for metric in (RECORDS, APPLIED, UNKNOWN, DRAINED, FORKS, MISSED, BATCH_SECONDS, EVENT_AGE):
        metric.labels(name)
    for gauge in (LAG_RECORDS, LAG_SECONDS, PARKING_RECORDS, PARKING_SUBJECTS, HELD):
        gauge.labels(name)
    for reason in _REASONS:
        PARKED.labels(name, reason)


def expect_timers(kind: str) -> None:
    """Show the timers of a kind at 0 before the first one is fired."""
    TIMERS_FIRED.labels(kind)
    TIMER_LATENESS.labels(kind)


def expect_outbox(collection: str) -> None:
    """Show the outbox of an aggregate collection at 0 before it is measured."""
    OUTBOX_EVENTS.labels(collection)
    OUTBOX_SECONDS.labels(collection)


def expect_route(method: str, route: str, status: int) -> None:
    """Show an HTTP route at 0 before anybody asks for it; ``status`` is its ordinary answer's."""
    HTTP_REQUESTS.labels(method, route, str(status))
    HTTP_ERRORS.labels(route)
    HTTP_SECONDS.labels(route)


def exposition() -> bytes:
    """All metrics in Prometheus' text format, the process's own (``process_*``, ``python_*``) included."""
    return generate_latest(REGISTRY)
