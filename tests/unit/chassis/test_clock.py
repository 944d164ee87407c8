"""Clocks: the machine's own, and one that stands where a file says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.clock import ClockUnreadable, FileClock, SystemClock, clock_from


def test_the_system_clock_tells_an_aware_instant_in_utc() -> None:
    """What it tells lies between two looks at the machine's time."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-04-01T09:00:00Z", "2026-04-01T11:00:00+02:00\n", "  2026-04-01T09:00:00.000Z "])
def test_a_file_clock_stands_at_the_instant_in_its_file(tmp_path: Path, text: str) -> None:
    """Any offset is understood, and UTC is told."""
    file = tmp_path / "clock"
    file.write_text(text)
    now = FileClock(file).now()
    assert (now, now.utcoffset()) == (datetime(2026, 4, 1, 9, tzinfo=UTC), timedelta())


def test_a_file_clock_moves_when_its_file_does(tmp_path: Path) -> None:
    """Whoever plays a year moves it on between two requests."""
    file = tmp_path / "clock"
    clock = FileClock(file)
    for month in (1, 12, 6):
        file.write_text(f"2026-{month:02}-01T00:00:00Z")
        assert clock.now().month == month


@pytest.mark.parametrize("text", ["", "noon", "2026-04-01", "2026-04-01T09:00:00", "2026-13-01T00:00:00Z", None])
def test_a_file_without_an_instant_says_what_it_must_hold(tmp_path: Path, text: str | None) -> None:
    """The message names the file, and whether it is missing, empty or lacks the offset."""
    file = tmp_path / "clock"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ClockUnreadable, match=r"clock .*instant"):
        FileClock(file).now()


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\x00", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00"])
def test_a_file_with_anything_else_is_unreadable_too(tmp_path: Path, raw: bytes) -> None:
    """Bytes that are no text, and instants that have no counterpart in UTC."""
    file = tmp_path / "clock"
    file.write_bytes(raw)
    with pytest.raises(ClockUnreadable):
        FileClock(file).now()


def test_a_named_file_takes_the_machines_clock_s_place(tmp_path: Path) -> None:
    """Without one the machine's own clock is used."""
    assert isinstance(clock_from(tmp_path / "clock"), FileClock)
    assert isinstance(clock_from(None), SystemClock)
