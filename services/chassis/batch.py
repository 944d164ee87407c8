"""What is told of a batch of records as a whole: which traces it belongs to, how old it is, that it is in hand.

Nothing here looks at each record: those of a partition lie together and in order, so their ends are enough.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from services.chassis import metrics, traces
from services.chassis.clock import Clock, ClockUnreadable, SystemClock


class Batches:
    """The batches of one consumer, one after the other; ``in_hand`` is the one that is not applied yet."""

    def __init__(self, consumer: str, clock: Clock | None = None) -> None:
        self.consumer = consumer
        self.in_hand: Sequence[Any] = ()
        self._clock = clock or SystemClock()

    @contextmanager
    def applying(self, records: Sequence[Any]) -> Iterator[None]:
        """Apply a batch inside: in a span, in hand until then, its events' age measured at the end.

        A single record's span goes on with the record's trace; one of several has a trace of its own, linked
        with theirs.
        """
        self.in_hand = records
        parent = _traceparent(records[0]) if len(records) == 1 else None
        links = (_traceparent(record) for record in records[: traces.LINKS])
        attributes: traces.Attributes = {
            "messaging.system": "kafka",
            "messaging.consumer.group.name": self.consumer,
            "messaging.batch.message_count": len(records),
        }
        name = f"apply {self.consumer}"
        try:
            with traces.span(name, traces.SpanKind.CONSUMER, parent=parent, links=links, attributes=attributes):
                yield
                self._measure(records)
        finally:
            self.in_hand = ()

    def _measure(self, records: Sequence[Any]) -> None:
        """Observe the age of the oldest and of the newest event."""
        times = [at for record in ends(records) if (at := _time(record))]
        with suppress(ClockUnreadable):
            if times:
                now = self._clock.now()
                for at in {min(times), max(times)}:
                    metrics.EVENT_AGE.labels(self.consumer).observe(max(0.0, (now - at).total_seconds()))

    def oldest(self) -> datetime | None:
        """When the oldest record in hand came to its topic, None where there is none."""
        stamps = [stamp for record in ends(self.in_hand) if (stamp := getattr(record, "timestamp", None)) is not None]
        return datetime.fromtimestamp(min(stamps) / 1000, UTC) if stamps else None


def ends(records: Sequence[Any]) -> Iterator[Any]:
    """The first and the last record of each partition."""
    start = 0
    while start < len(records):
        end = bisect_left(records, True, lo=start, key=_beyond(records[start].partition))
        yield records[start]
        yield records[end - 1]
        start = end


def _beyond(partition: int) -> Callable[[Any], bool]:
    return lambda record: bool(record.partition != partition)


def _traceparent(record: Any) -> str | None:
    return _header(record, "traceparent")


def _time(record: Any) -> datetime | None:
    """The event's time; None where it has none that can be read."""
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(_header(record, "ce_time") or "")
        return at if at.tzinfo else None
    return None


def _header(record: Any, name: str) -> str | None:
    value = next((value for header, value in record.headers or () if header == name), None)
    return None if value is None else value.decode("latin-1")
