"""Promises of the rules of a call."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.eligibility import (
    AgeRule,
    ContractRule,
    EntryRule,
    LanguageRule,
    PersonFacts,
    Rule,
    RuleChecked,
    SubsidiaryRule,
    TenureRule,
    age_on,
    check,
    months_on,
)

AGES = Path(__file__).parents[4] / "shared" / "cases" / "time" / "ages.json"
DATES = st.dates(date(1930, 1, 1), date(2099, 12, 31))
DAY = date(2026, 3, 1)
LAW = "AGG §10, to hear the youngest"
SOMEBODY = PersonFacts("s-1", date(2000, 6, 1), date(2022, 1, 31), "permanent", ("de",))
RULES: list[Rule] = [
    AgeRule(28, LAW),
    EntryRule(5),
    TenureRule(12),
    SubsidiaryRule(("s-1", "s-2")),
    ContractRule(("permanent", "trainee")),
    LanguageRule(("de", "en")),
]


def cases() -> list[Any]:
    """The shared cases; one skipped stand-in where they are absent."""
    if not AGES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="../shared/cases/time/ages.json is not here"))]
    return [pytest.param(case, id=case["why"]) for case in json.loads(AGES.read_text())["cases"]]


def checked(rule: Rule, person: PersonFacts = SOMEBODY, day: date = DAY) -> RuleChecked:
    """What comes of one rule."""
    [found] = check([rule], person, day)
    return found


def born(birth_date: date | None) -> PersonFacts:
    """Somebody born on this day."""
    return PersonFacts("s-1", birth_date=birth_date)


def joined(entry_date: date | None) -> PersonFacts:
    """Somebody who joined on this day."""
    return PersonFacts("s-1", entry_date=entry_date)


def test_rules_are_checked_in_the_order_of_the_call() -> None:
    """Each rule has its result, its calculation and its figures."""
    found = check(RULES, SOMEBODY, DAY)

    assert [one.rule for one in found] == [rule.kind for rule in RULES]
    assert all(one.met and not one.unknown and one.calculation and one.values for one in found)
    assert check((), SOMEBODY, DAY) == ()


def test_what_is_not_known_is_unmet_and_says_so() -> None:
    """Nobody passes a rule because HR left a cell empty; the company alone is always known."""
    found = check(RULES, PersonFacts("s-1"), DAY)

    assert [(one.rule, one.met, one.unknown) for one in found] == [
        ("age", False, True),
        ("entry", False, True),
        ("tenure", False, True),
        ("subsidiary", True, False),
        ("contract", False, True),
        ("language", False, True),
    ]
    assert all("not known" in one.calculation for one in found if one.unknown and one.rule != "language")


# Age


@pytest.mark.parametrize("case", cases())
def test_age_agrees_with_the_shared_cases(case: dict[str, Any]) -> None:
    """Age and "at most 28" are those of the cases, leap days included."""
    birth_date, day = date.fromisoformat(case["birth_date"]), date.fromisoformat(case["reference_date"])

    assert age_on(day, birth_date) == case["age"]
    assert checked(AgeRule(28, LAW), born(birth_date), day).met is case["eligible_at_most_28"]


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


@given(DATES, st.integers(0, 90))
def test_a_year_is_complete_from_the_anniversary_on(first: date, years: int) -> None:
    """From the n-th anniversary on n years are complete and not before; where it is no day, from 1 March on."""
    year = first.year + years
    leapless = (first.month, first.day) == (2, 29) and not _is_leap(year)
    anniversary = date(year, 3, 1) if leapless else first.replace(year=year)

    assert age_on(anniversary, first) == years
    assert age_on(anniversary - timedelta(days=1), first) == years - 1


@given(DATES, DATES)
def test_age_grows_by_one_at_a_time_and_once_in_a_year(birth_date: date, day: date) -> None:
    """From one day to the next age stays or grows by one; in a whole year it grows by one."""
    assert age_on(day + timedelta(days=1), birth_date) - age_on(day, birth_date) in (0, 1)
    if (day.month, day.day) != (2, 29):
        assert age_on(day.replace(year=day.year + 1), birth_date) - age_on(day, birth_date) == 1


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def test_age_is_told_with_its_calculation_but_without_the_date_of_birth() -> None:
    """The calculation names age, reference date and limit; nobody can read the birthday from it or its figures."""
    found = checked(AgeRule(28, LAW, "Fresh eyes."), born(date(1998, 3, 31)), date(2027, 4, 1))

    assert not found.met
    assert "2027-04-01: 29; at most 28" in found.calculation
    assert found.values == {
        "age": 29,
        "maximum": 28,
        "reference_date": "2027-04-01",
        "born_on_leap_day": 0,
        "legal_ground": LAW,
        "aim": "Fresh eyes.",
    }
    for telling in ("1998", "03-31"):
        assert telling not in found.calculation + json.dumps(dict(found.values))


def test_a_leap_day_is_explained() -> None:
    """Who was born on 29 February is told since when they are a year older."""
    found = checked(AgeRule(28, LAW), born(date(1996, 2, 29)), date(2025, 2, 28))

    assert (found.met, found.values["born_on_leap_day"]) == (True, 1)
    assert "from 1 March" in found.calculation


def test_maximum_age_is_the_call_s_own() -> None:
    """Whoever is too old for one call may fit another."""
    person, day = born(date(1990, 5, 1)), date(2026, 5, 1)

    assert checked(AgeRule(36, LAW), person, day).met
    assert not checked(AgeRule(35, LAW), person, day).met


def test_unknown_date_of_birth_is_not_called_too_old() -> None:
    """The calculation says what is missing and whom to ask; there is no age among the figures."""
    found = checked(AgeRule(99, LAW), born(None))

    assert "not known" in found.calculation
    assert "HR" in found.calculation
    assert "age" not in found.values


# Years and months since joining


@given(DATES, st.integers(0, 800))
def test_a_month_of_service_is_complete_on_the_day_of_the_same_number(first: date, months: int) -> None:
    """From that day on n months are complete and not before; where the month has no such day, from the 1st after it."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    try:
        day = date(year, month + 1, first.day)
    except ValueError:
        day = date(year + (month == 11), (month + 1) % 12 + 1, 1)

    assert months_on(day, first) == months
    assert months_on(day - timedelta(days=1), first) == months - 1


@pytest.mark.parametrize(
    ("entry_date", "day", "months"),
    [
        ("2025-08-31", "2026-02-28", 5),
        ("2025-08-31", "2026-03-01", 6),
        ("2024-02-29", "2025-02-28", 11),
        ("2024-02-29", "2025-03-01", 12),
        ("2025-12-31", "2026-01-31", 1),
        ("2025-03-15", "2026-03-14", 11),
        ("2025-03-15", "2026-03-15", 12),
    ],
)
def test_months_of_service_at_the_ends_of_months(entry_date: str, day: str, months: int) -> None:
    """Joined on the 31st or on a leap day: complete when the month is over, not a day before."""
    assert months_on(date.fromisoformat(day), date.fromisoformat(entry_date)) == months


@given(DATES, DATES)
def test_twelve_months_are_a_year(first: date, day: date) -> None:
    """Months and years of service never contradict each other."""
    assert months_on(day, first) // 12 == age_on(day, first)


def test_tenure_wants_complete_months() -> None:
    """A day short of a year is eleven months; the calculation says so without the day of joining."""
    rule = TenureRule(12)

    assert checked(rule, joined(date(2025, 3, 1))).met
    short = checked(rule, joined(date(2025, 3, 2)))
    assert (short.met, short.values["months"], short.values["minimum_months"]) == (False, 11, 12)
    assert "2026-03-01: 11; at least 12" in short.calculation
    assert "2025" not in short.calculation


def test_entry_takes_those_who_joined_lately() -> None:
    """So many complete years at most; the day before the anniversary still counts as the year before."""
    rule = EntryRule(3)

    assert checked(rule, joined(date(2022, 3, 2))).met
    late = checked(rule, joined(date(2022, 3, 1)))
    assert (late.met, late.values["years"]) == (False, 4)


def test_who_joins_after_the_reference_date_has_served_no_time() -> None:
    """Nobody has minus two months behind them."""
    person = joined(DAY + timedelta(days=70))

    assert checked(TenureRule(1), person).values["months"] == 0
    assert (checked(EntryRule(0), person).met, checked(EntryRule(0), person).values["years"]) == (True, 0)


# Company, contract, language


def test_company_and_contract_are_those_the_call_names() -> None:
    """One of the named ones is enough, another one is not."""
    assert not checked(SubsidiaryRule(("s-2",))).met
    assert checked(ContractRule(("intern", "permanent"))).met
    found = checked(ContractRule(("intern", "trainee")))
    assert (found.met, found.values) == (False, {"contract": "permanent", "contracts": "intern, trainee"})


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
    assert checked(LanguageRule(tuple(wanted)), PersonFacts("s-1", languages=tuple(spoken))).met is met


def test_language_is_told_with_its_calculation() -> None:
    """The calculation names both sides and what they share."""
    found = checked(LanguageRule(("en",)), PersonFacts("s-1", languages=("it", "de")))

    assert "Speaks de, it; the call wants one of en; in common: none" in found.calculation
    assert found.values == {"spoken": "de, it", "wanted": "en", "shared": ""}
