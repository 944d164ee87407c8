"""Promises of times as people write them: which instants they mean, where clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.pages.local_times import beside_gap, days_until, instants

BERLIN, KOLKATA, LORD_HOWE, APIA = map(
    ZoneInfo, ("Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        (BERLIN, date(2027, 1, 15), time(12), ["2027-01-15T12:00:00+01:00"]),
        (BERLIN, date(2027, 3, 28), time(2), []),
        (BERLIN, date(2027, 3, 28), time(3), ["2027-03-28T03:00:00+02:00"]),
        (BERLIN, date(2027, 10, 31), time(2, 30), ["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"]),
        (KOLKATA, date(2027, 3, 28), time(2, 30), ["2027-03-28T02:30:00+05:30"]),
        (LORD_HOWE, date(2027, 4, 4), time(1, 45), ["2027-04-04T01:45:00+11:00", "2027-04-04T01:45:00+10:30"]),
        (LORD_HOWE, date(2027, 10, 3), time(2, 15), []),
        (APIA, date(2011, 12, 30), time(12), []),
    ],
)
def test_time_means_none_one_or_two_instants(zone: ZoneInfo, day: date, clock: time, expected: list[str]) -> None:
    """A time that the clocks leave out is no instant, one that they show twice is two, the earlier first."""
    assert [one.isoformat() for one in instants(day, clock, zone)] == expected


@given(st.integers(946_684_800, 2_208_988_800), st.sampled_from((BERLIN, KOLKATA, LORD_HOWE, APIA)))
def test_every_instant_is_meant_by_the_time_that_clocks_show(second: int, zone: ZoneInfo) -> None:
    """Whatever the clocks show at an instant, that instant is among those it means, and all show the same."""
    local = datetime.fromtimestamp(second // 60 * 60, UTC).astimezone(zone)
    found = instants(local.date(), local.time(), zone)
    assert local.astimezone(UTC) in [one.astimezone(UTC) for one in found]
    assert {one.replace(tzinfo=None, fold=0) for one in found} == {local.replace(tzinfo=None, fold=0)}


def test_gap_names_the_minutes_beside_it() -> None:
    """What can be chosen instead of a time that is left out: the last minute before, the first one after."""
    before, after = beside_gap(date(2027, 3, 28), time(2, 30), BERLIN)
    assert [before.isoformat(), after.isoformat()] == ["2027-03-28T01:59:00+01:00", "2027-03-28T03:00:00+02:00"]
    before, after = beside_gap(date(2011, 12, 30), time(12), APIA)
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("closes", "now", "days"),
    [
        ("2027-03-26T11:00:00+00:00", "2027-03-26T10:59:00+00:00", 0),
        ("2027-03-26T11:00:00+00:00", "2027-03-25T22:30:00+00:00", 1),
        ("2027-03-26T11:00:00+00:00", "2027-03-25T23:30:00+00:00", 0),
        ("2027-03-26T11:00:00+00:00", "2027-03-27T09:00:00+00:00", -1),
    ],
)
def test_days_left_are_midnights_of_the_zone(closes: str, now: str, days: int) -> None:
    """Days are counted by the calendar of the edition's zone, not in hours."""
    assert days_until(datetime.fromisoformat(closes), datetime.fromisoformat(now), BERLIN) == days
