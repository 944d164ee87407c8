"""Instants on the wire: one form on the way out, within reason on the way in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.chassis.wire import GivenInstant, Incoming, Instant, Strict, rfc3339

given_instant: TypeAdapter[datetime] = TypeAdapter(GivenInstant)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31), timezones=offsets)  # noqa: DTZ001


@given(instants, instants)
def test_instants_order_as_text_as_they_do_in_time(one: datetime, other: datetime) -> None:
    """To the millisecond, whatever their offsets."""
    texts = [rfc3339(one), rfc3339(other)]
    assert all(text.endswith("Z") and len(text) == 24 for text in texts)
    if abs(one - other) >= timedelta(milliseconds=1):
        assert (texts[0] < texts[1]) == (one < other)


@given(instants)
def test_an_instant_within_reason_is_taken_in_utc(instant: datetime) -> None:
    """Any offset is understood; what comes of it can be moved and counted on."""
    taken = given_instant.validate_json(f'"{instant.isoformat()}"')
    assert taken == instant
    assert taken.utcoffset() == timedelta()


@pytest.mark.parametrize(
    "value",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z", "2201-01-01T00:00:00Z",
     "2026-04-01T09:00:00", "2026-04-01", "tomorrow", "", 0, 1_775_034_000, 1e300, True, None, [], "1775034000"],
)  # fmt: skip
def test_what_is_no_instant_within_reason_is_refused(value: Any) -> None:
    """Either end of time, a missing offset, and numbers that would pass for seconds since 1970."""
    with pytest.raises(ValidationError):
        given_instant.validate_python(value)


def test_outgoing_models_are_closed_and_incoming_ones_open() -> None:
    """A producer adds nothing by mistake; a reader survives what later versions add."""

    class Out(Strict):
        at: Instant

    class In(Incoming):
        at: GivenInstant

    now = datetime(2026, 4, 1, tzinfo=UTC)
    with pytest.raises(ValidationError, match="more"):
        Out.model_validate({"at": now, "more": 1})
    assert In.model_validate({"at": now, "more": 1}).model_dump() == {"at": now}
