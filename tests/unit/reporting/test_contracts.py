"""Promises of what the board takes from an envelope."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.chassis import envelope
from services.chassis.errors import Poison
from services.reporting import contracts
from services.reporting.domain import sources
from services.reporting.projections import board

CANCELLED = contracts.SessionCancelled(edition_id="e", session_id="s", number=1)


def folded(time: str | None) -> sources.Workspace:
    """The workspace after one event of that time."""
    event = envelope.Event("id", "/tandem/sessions", "org.tandem.session.cancelled.v1", "p", 1, time, b"{}")
    workspace: sources.Workspace = board.SESSIONS.fold(None, event, CANCELLED)
    return workspace


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00", "1899-12-31T00:00:00Z"])
def test_event_whose_time_cannot_be_told_is_poison(time: str) -> None:
    """It would break every later look at the board, so it is parked as invalid data."""
    with pytest.raises(Poison) as refused:
        folded(time)

    assert refused.value.reason == "invalid_data"
    assert time not in refused.value.detail


@pytest.mark.parametrize(
    "time",
    ["2026-03-02T09:00:00Z", "2026-03-02t09:00:00z", "2026-03-02T11:00:00+02:00", "2026-03-02T09:00:00.0000009Z"],
)
def test_time_of_an_event_counts_in_utc_however_it_is_written(time: str) -> None:
    """Offset, case and fractions beyond microseconds make no difference."""
    assert folded(time).as_of == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("time", [None, "2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5+00:00"])
def test_event_without_a_time_or_in_a_leap_second_counts_without_it(time: str | None) -> None:
    """Both are valid events; the board's instant is then another event's."""
    assert folded(time).as_of is None
    assert len(folded(time).sessions) == 1
