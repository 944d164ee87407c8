"""Promises of how dates and numbers are written."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from services.portal.pages.formats import Formats


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [(80, None, "80"), (82.5, None, "82,5"), (80, 2, "80,00"), (1082.5, 2, "1.082,50"), (3, 0, "3")],
)
def test_numbers_of_a_column_have_as_many_decimals(value: float, decimals: int | None, written: str) -> None:
    """As many as are asked for, else as many as there are."""
    assert Formats(Locale("de"), ZoneInfo("Europe/Berlin")).number(value, decimals) == written


@pytest.mark.parametrize(
    ("zone", "called"),
    [("UTC", "UTC"), ("Etc/UTC", "UTC"), ("Europe/Berlin", "Mitteleuropäische Zeit")],
)
def test_zone_is_called_what_people_call_it(zone: str, called: str) -> None:
    """By the name of its region; the universal time has none."""
    assert Formats(Locale("de"), ZoneInfo(zone)).zone_name() == called
