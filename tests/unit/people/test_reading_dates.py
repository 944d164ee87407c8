"""Promises of dates: the day that stands there, or a fault; never another day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.domain.reading.dates import BadDate, DateForm, Order

TODAY = date(2027, 1, 15)


def day(cell: str, order: Order = "unsaid", *, serials: bool = True) -> date:
    return DateForm(TODAY, order, serials).read(cell)[0]


@pytest.mark.parametrize(
    ("cell", "order", "found"),
    [
        ("1999-03-14", "unsaid", date(1999, 3, 14)),
        ("1999-03-14", "month-first", date(1999, 3, 14)),
        ("1999/3/14", "day-first", date(1999, 3, 14)),
        ("1999-03-14T00:00:00.000Z", "unsaid", date(1999, 3, 14)),
        ("1999-03-14 00:00", "unsaid", date(1999, 3, 14)),
        ("31.12.1995", "unsaid", date(1995, 12, 31)),
        ("1. 7. 1998", "day-first", date(1998, 7, 1)),
        ("07/09/1966", "month-first", date(1966, 7, 9)),
        ("07/09/1966", "day-first", date(1966, 9, 7)),
        ("13/02/1990", "unsaid", date(1990, 2, 13)),
        ("02/13/1990", "unsaid", date(1990, 2, 13)),
        ("03/03/1990", "unsaid", date(1990, 3, 3)),
        ("36526", "unsaid", date(2000, 1, 1)),
        ("7306", "day-first", date(1920, 1, 1)),
        ("29.02.1996", "unsaid", date(1996, 2, 29)),
    ],
)
def test_date_is_read_in_the_forms_of_hr_systems(cell: str, order: Order, found: date) -> None:
    """ISO, German, with slashes in the order that is said, and as days since 1900."""
    assert day(cell, order) == found


@pytest.mark.parametrize(
    ("cell", "order", "why"),
    [
        ("31.02.1997", "unsaid", "no such day"),
        ("1997-02-31", "unsaid", "no such day"),
        ("29.02.1997", "day-first", "no such day"),
        ("31/12/1995", "month-first", "no such day"),
        ("07/09/1966", "unsaid", "cannot be told apart"),
        ("07/09/66", "unsaid", "cannot be told apart"),
        ("31.12.1995", "month-first", "dates begin with the month"),
        ("1999-03-14T23:00:00Z", "unsaid", "without a time"),
        ("1899-12-31", "unsaid", "from 1900 on"),
        ("19970228", "unsaid", "not a date"),
        ("73051", "unsaid", "not a date"),
        ("7305", "unsaid", "not a date"),
        ("36526.5", "unsaid", "not a date"),
        ("unknown", "unsaid", "not a date"),
        ("١٩٩٩-٠٣-١٤", "unsaid", "not a date"),
    ],
)
def test_what_is_no_date_or_an_unclear_one_is_a_fault(cell: str, order: Order, why: str) -> None:
    """Nothing is moved to a neighbouring day, and no order is guessed."""
    with pytest.raises(BadDate, match=why):
        day(cell, order)


def test_serial_numbers_are_dates_only_where_the_mapping_says_so() -> None:
    """A mapping for a system that never writes them takes a number for what it is."""
    with pytest.raises(BadDate, match="not a date"):
        day("36526", serials=False)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("1.7.98", date(1998, 7, 1)),
        ("15.01.27", date(2027, 1, 15)),
        ("16.01.27", date(1927, 1, 16)),
        ("29.02.00", date(2000, 2, 29)),
        ("29.02.96", date(1996, 2, 29)),
        ("29.02.28", date(1928, 2, 29)),
    ],
)
def test_two_digit_year_is_the_latest_past_one_with_a_warning(cell: str, found: date) -> None:
    """Births of the 1950s never come from the 2050s."""
    assert DateForm(TODAY).read(cell) == (found, f"two-digit year read as {found.year}")


def test_two_digit_year_in_which_there_is_no_such_day_is_a_fault() -> None:
    """29 February needs a leap year in one of the two centuries."""
    with pytest.raises(BadDate, match="no such day"):
        day("29.02.97")


@given(st.dates(date(1920, 1, 1), date(2099, 12, 31)))
def test_every_form_of_a_day_means_that_day(one: date) -> None:
    """For any day: each way of writing it gives it back, whatever the order."""
    assert day(one.isoformat()) == one
    assert day(f"{one:%d.%m.%Y}") == one
    assert day(f"{one:%d/%m/%Y}", "day-first") == one
    assert day(f"{one:%m/%d/%Y}", "month-first") == one
    assert day(str((one - date(1899, 12, 30)) // timedelta(days=1))) == one
