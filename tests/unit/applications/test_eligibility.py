"""Promises of the rules of a call."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.applications.domain.eligibility import age_on, check_age, check_language

AGES = Path(__file__).parents[4] / "shared" / "cases" / "time" / "ages.json"
DATES = st.dates(date(1930, 1, 1), date(2099, 12, 31))


def cases() -> list[Any]:
    """The shared cases; one skipped stand-in where they are absent."""
    if not AGES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="../shared/cases/time/ages.json is not here"))]
    return [pytest.param(case, id=case["why"]) for case in json.loads(AGES.read_text())["cases"]]


@pytest.mark.parametrize("case", cases())
def test_age_agrees_with_the_shared_cases(case: dict[str, Any]) -> None:
    """Age and "at most 28" are those of the cases, leap days included."""
    birth_date, day = date.fromisoformat(case["birth_date"]), date.fromisoformat(case["reference_date"])

    checked = check_age(birth_date, reference_date=day, maximum_age=28)

    assert age_on(day, birth_date) == case["age"]
    assert checked.met is case["eligible_at_most_28"]


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        ("1998-03-31", "2027-03-30", 28),
        ("1998-03-31", "2027-03-31", 29),
        ("1996-02-29", "2025-02-28", 28),
        ("1996-02-29", "2025-03-01", 29),
        ("1996-02-29", "2024-02-28", 27),
        ("1996-02-29", "2024-02-29", 28),
        ("1999-12-31", "2028-01-01", 28),
        ("2000-01-01", "2000-01-01", 0),
        ("2000-01-02", "2000-01-01", -1),
    ],
)
def test_a_year_of_life_ends_the_day_before_the_birthday(birth_date: str, day: str, age: int) -> None:
    """A person is a year older on the birthday; born on a leap day, from 1 March in common years."""
    assert age_on(date.fromisoformat(day), date.fromisoformat(birth_date)) == age


@given(DATES, DATES)
def test_age_grows_by_one_exactly_on_birthdays(birth_date: date, day: date) -> None:
    """From one day to the next age stays or grows by one, and grows only on the day after a completed year."""
    before, after = age_on(day, birth_date), age_on(day + timedelta(days=1), birth_date)
    tomorrow = day + timedelta(days=1)
    common_leap = (birth_date.month, birth_date.day) == (2, 29) and (tomorrow.month, tomorrow.day) == (3, 1)
    turns = (tomorrow.month, tomorrow.day) == (birth_date.month, birth_date.day) or (common_leap and day.day == 28)

    assert after - before == turns


@given(DATES, st.integers(0, 90))
def test_birthday_completes_the_year(birth_date: date, years: int) -> None:
    """On the n-th birthday the age is n, the day before it is n - 1."""
    assume((birth_date.month, birth_date.day) != (2, 29))
    birthday = birth_date.replace(year=birth_date.year + years)

    assert age_on(birthday, birth_date) == years
    assert age_on(birthday - timedelta(days=1), birth_date) == years - 1


def test_age_is_told_with_its_calculation_but_without_the_date_of_birth() -> None:
    """The calculation names age, reference date and limit; nobody can read the birthday from it."""
    checked = check_age(date(1998, 3, 31), reference_date=date(2027, 4, 1), maximum_age=28)

    assert not checked.met
    assert "2027-04-01: 29; at most 28" in checked.calculation
    assert "1998" not in checked.calculation
    assert "03-31" not in checked.calculation


def test_maximum_age_is_the_call_s_own() -> None:
    """Whoever is too old for one call may fit another."""
    birth_date, day = date(1990, 5, 1), date(2026, 5, 1)

    assert check_age(birth_date, reference_date=day, maximum_age=36).met
    assert not check_age(birth_date, reference_date=day, maximum_age=35).met


@pytest.mark.parametrize(
    ("spoken", "wanted", "met"),
    [
        (["de", "fr"], ["en", "fr"], True),
        (["de-AT"], ["de"], True),
        (["de"], ["de-CH"], True),
        (["DE"], ["de"], True),
        (["de"], ["en"], False),
        ([], ["en"], False),
        (["gsw"], ["g"], False),
    ],
)
def test_one_language_of_the_call_is_enough(spoken: list[str], wanted: list[str], met: bool) -> None:
    """One in common is enough; regions do not count, and a code is never a part of another."""
    assert check_language(spoken, wanted).met is met


def test_language_is_told_with_its_calculation() -> None:
    """The calculation names both sides and what they share."""
    assert (
        "Speaks de, it; the call wants one of en; in common: none" in check_language(["it", "de"], ["en"]).calculation
    )


def test_unknown_date_of_birth_never_meets_the_age_rule() -> None:
    """What nobody can count is unmet, and says that it is unknown and not that somebody is too old."""
    checked = check_age(None, reference_date=date(2026, 3, 1), maximum_age=99)

    assert (checked.met, checked.unknown) == (False, True)
    assert "not known" in checked.calculation
    assert not check_age(date(2000, 1, 1), reference_date=date(2026, 3, 1), maximum_age=99).unknown
