"""Every metric Tandem's services expose: once, with its kind, unit and meaning."""

from __future__ import annotations

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HTTP_REQUESTS = Counter(
    "tandem_http_requests_total", "HTTP requests answered, by method, route and status.", ("method", "route", "status")
)
HTTP_SECONDS = Histogram(
    "tandem_http_seconds", "Seconds from a request's arrival to its answer.", ("route",), buckets=_SECONDS
)
RELAYED = Counter("tandem_relayed_events_total", "Events that the broker acknowledged and the outbox gave up.")
RECORDS = Counter("tandem_records_total", "Records read from a topic, whatever became of them.", ("projection",))
APPLIED = Counter("tandem_applied_events_total", "Events applied to a projection.", ("projection",))
UNKNOWN = Counter(
    "tandem_unknown_events_total", "Events of types that the projection does not read; passed over.", ("projection",)
)
PARKED = Counter("tandem_parked_records_total", "Records put aside, by reason.", ("projection", "reason"))
DRAINED = Counter(
    "tandem_drained_records_total", "Parked records that could be applied or were superseded.", ("projection",)
)
FORKS = Counter("tandem_forks_total", "Sequences seen with two event ids: an alarm.", ("projection",))
MISSED = Counter("tandem_missed_writes_total", "Fenced writes that another process had overtaken.", ("projection",))
BATCH_SECONDS = Histogram(
    "tandem_batch_seconds", "Seconds to apply one batch of records.", ("projection",), buckets=_SECONDS
)
LOOP_AGE = Gauge("tandem_loop_age_seconds", "Seconds since a background loop last turned.", ("loop",))


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
