"""What is told of a batch as a whole is found at the ends of its partitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from services.chassis import traces
from services.chassis.batch import Batches, ends
from services.chassis.clock import ClockUnreadable
from tests.support.tracing import TRACE, parent_of, recording, trace_of

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Came:
    """A record as far as batches look at it."""

    partition: int
    offset: int
    timestamp: int = 0  # milliseconds since 1970
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Standing:
    """A clock that stands, or cannot be read."""

    def __init__(self, instant: datetime | None = NOW) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """The instant."""
        if self._instant is None:
            raise ClockUnreadable("away")
        return self._instant


def came(partition: int, offset: int, age: float, **headers: bytes | None) -> Came:
    """A record of an event that is ``age`` seconds old."""
    time = (NOW - timedelta(seconds=age)).isoformat().encode()
    given = {"ce_time": time, **headers}
    return Came(partition, offset, int((NOW.timestamp() - age) * 1000), tuple(given.items()))


def ages(consumer: str) -> tuple[float, float]:
    """How many ages were observed for a consumer, and their sum."""
    of = {"consumer": consumer}
    count = REGISTRY.get_sample_value("tandem_event_age_seconds_count", of)
    return count or 0, REGISTRY.get_sample_value("tandem_event_age_seconds_sum", of) or 0


@given(st.lists(st.integers(1, 50), max_size=8))
def test_ends_are_the_first_and_last_record_of_each_partition(sizes: list[int]) -> None:
    """However many there are, in whatever order the partitions come."""
    batch = [Came(9 - partition, offset) for partition, size in enumerate(sizes) for offset in range(size)]
    found = [(record.partition, record.offset) for record in ends(batch)]
    assert found == [(9 - n, offset) for n, size in enumerate(sizes) for offset in (0, size - 1)]


def test_few_records_of_a_large_batch_are_looked_at() -> None:
    """The time a record takes must not grow by being watched."""
    looked = []

    class Watched:
        headers = ()

        def __init__(self, partition: int) -> None:
            self._partition = partition

        @property
        def partition(self) -> int:
            looked.append(self)
            return self._partition

    assert len(list(ends([Watched(n // 5000) for n in range(20_000)]))) == 8
    assert len(looked) < 100


def test_the_age_of_the_oldest_and_of_the_newest_event_is_observed() -> None:
    """Two observations a batch, whatever lies between, by the service's own clock."""
    batches = Batches("aged", Standing())
    with batches.applying([came(0, 1, 50), came(0, 2, 40), came(0, 3, 30), came(1, 1, 70), came(1, 2, 20)]):
        assert ages("aged") == (0, 0)
    assert ages("aged") == (2, 90)
    with batches.applying([came(0, 4, 5)]):
        """One event is both."""
    assert ages("aged") == (3, 95)


@pytest.mark.parametrize("time", [b"yesterday", b"2026-04-01T09:00:00", b"\xff", None])
def test_an_event_without_a_time_that_can_be_read_has_no_age(time: bytes | None) -> None:
    """And does no harm; nor does one from the future, or a clock that is away."""
    with Batches("ageless", Standing()).applying([came(0, 1, 9, ce_time=time)]):
        """Nothing."""
    with Batches("ageless", Standing(None)).applying([came(0, 1, 9)]):
        """Nothing."""
    assert ages("ageless") == (0, 0)


def test_a_batch_that_fails_has_no_age_and_is_not_in_hand_any_more() -> None:
    """Only what was applied is measured."""
    batches = Batches("failing", Standing())

    def fail() -> None:
        with batches.applying([came(0, 1, 5)]):
            assert batches.oldest() == NOW - timedelta(seconds=5)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert ages("failing") == (0, 0)
    assert batches.oldest() is None


def test_a_single_record_goes_on_with_its_trace_and_several_are_linked() -> None:
    """From a command one follows its event as far as the read model."""
    header: dict[str, Any] = {"traceparent": TRACE.encode()}
    other = f"00-{'a' * 32}-{'b' * 16}-01"
    batches = Batches("traced", Standing())
    with recording() as recorded:
        with batches.applying([came(0, 1, 5, **header)]):
            assert traces.continued(None)[:36] == TRACE[:36]
        with batches.applying([came(0, 1, 5, **header), came(0, 2, 5), came(1, 1, 5, traceparent=other.encode())]):
            """Nothing."""
    single, several = recorded.named("apply traced")
    assert trace_of(single) == TRACE[3:35]
    assert (parent_of(several), trace_of(several) == TRACE[3:35]) == (None, False)
    assert [f"{link.context.trace_id:032x}" for link in several.links] == [TRACE[3:35], "a" * 32]
    assert several.attributes
    assert several.attributes["messaging.batch.message_count"] == 3
