"""Promises of deadlines: in the zone of the call, with the days left there, and the reader's time where it differs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.portal.pages.deadlines import Deadlines
from services.portal.pages.formats import Formats
from services.portal.pages.passages import passage
from services.portal.pages.translations import languages

CLOSES = datetime(2026, 3, 27, 11, 0, tzinfo=UTC)  # 12:00 in Berlin, 19:00 in Singapore


def deadlines(now: datetime, *, zone: str = "Europe/Berlin", reader: str = "Europe/Berlin") -> Deadlines:
    """Deadlines of a call, for somebody in a zone."""
    english = languages()["en"]
    return Deadlines(english, Formats(english.locale, ZoneInfo(reader)), zone, now)


def test_deadline_names_its_zone() -> None:
    """Day and time are the call's, whoever reads."""
    found = deadlines(datetime(2026, 3, 18, tzinfo=UTC), reader="Asia/Singapore").until(CLOSES)
    text = found.text.replace("\u00a0", " ")
    assert text == "27 Mar 2026, 12:00 (Central European Time)"
    assert "19:00" in found.own


def test_own_time_is_not_repeated_where_it_is_the_same() -> None:
    """Who lives by the same clock reads one time."""
    assert deadlines(datetime(2026, 3, 18, tzinfo=UTC)).until(CLOSES).own == ""


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 3, 18, 10, tzinfo=UTC), "9 days left"),
        (datetime(2026, 3, 25, 23, 30, tzinfo=UTC), "1 day left"),  # half past midnight in Berlin
        (datetime(2026, 3, 27, 10, 59, tzinfo=UTC), "ends today"),
        (CLOSES, "over"),
    ],
)
def test_days_are_counted_in_the_zone_of_the_call(now: datetime, left: str) -> None:
    """By its midnights; at the very instant it is over."""
    found = deadlines(now).until(CLOSES)
    assert (found.left, found.passed) == (left, left == "over")


def test_day_lasts_until_its_end() -> None:
    """A place may be accepted on the day itself, in the zone of the edition."""
    last = date(2026, 4, 30)
    assert not deadlines(datetime(2026, 4, 30, 21, 59, tzinfo=UTC)).day(last).passed
    assert deadlines(datetime(2026, 4, 30, 22, 0, tzinfo=UTC)).day(last).passed


def test_zone_that_nobody_knows_breaks_no_page() -> None:
    """UTC stands in."""
    assert "12:00" not in deadlines(CLOSES, zone="Mars/Base").until(CLOSES).text


def test_passage_is_in_the_readers_language_else_marked() -> None:
    """What people wrote in another language says which."""
    texts = {"de": "Guten Tag", "fr": "Bonjour"}
    assert passage(texts, languages()["de"]).foreign is False
    found = passage(texts, languages()["en"], ("fr", "de"))
    assert (found.text, found.lang, found.foreign) == ("Bonjour", "fr", True)
    assert passage({}, languages()["en"]).text == ""


def test_paragraphs_are_parted_by_empty_lines() -> None:
    """However the lines end."""
    assert passage("One.\r\n\r\nTwo.\n\n\n", languages()["en"]).paragraphs == ["One.", "Two."]
