"""Who may be a mentor: the rules of a call, each with its calculation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

RuleName = Literal["age", "language"]
_LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class RuleChecked:
    """One rule of a call, whether an applicant meets it, and how that was found; holds no date of birth.

    ``unknown``: it could not be found out, which is not the same as met.
    """

    rule: RuleName
    met: bool
    calculation: str
    unknown: bool = False


def age_on(day: date, birth_date: date) -> int:
    """The years of life completed on ``day``; below zero before birth.

    A year of life ends with the day before the birthday (BGB 187(2), 188(2)), so a person is a year
    older on the birthday itself. Someone born on 29 February completes a year with 28 February in
    common years (BGB 188(3)), so is a year older from 1 March.
    """
    birthday = (birth_date.month, birth_date.day)
    return day.year - birth_date.year - ((day.month, day.day) < birthday)


def check_age(birth_date: date | None, *, reference_date: date, maximum_age: int) -> RuleChecked:
    """Whether somebody has completed at most ``maximum_age`` years of life on the reference date.

    A date of birth that nobody knows never meets the rule.
    """
    if birth_date is None:
        calculation = (
            f"The date of birth is not known, so the age on {reference_date.isoformat()} cannot be counted; "
            f"at most {maximum_age} years are allowed. HR can add the date, or a waiver decides."
        )
        return RuleChecked("age", met=False, calculation=calculation, unknown=True)
    age = age_on(reference_date, birth_date)
    leap = " Born on 29 February: a year older from 1 March in common years." * (
        (birth_date.month, birth_date.day) == _LEAP_DAY
    )
    calculation = (
        f"Completed years of life on {reference_date.isoformat()}: {age}; at most {maximum_age} are allowed. "
        f"A year of life is completed the day before the birthday.{leap}"
    )
    return RuleChecked("age", age <= maximum_age, calculation)


def check_language(spoken: Iterable[str], wanted: Iterable[str]) -> RuleChecked:
    """Whether somebody speaks a language of the call; of a BCP 47 tag only the language counts, not the region."""
    speaks, wants = _languages(spoken), _languages(wanted)
    shared = sorted(set(speaks) & set(wants))
    calculation = (
        f"Speaks {_listed(speaks)}; the call wants one of {_listed(wants)}; in common: {_listed(shared)}. "
        "Regions do not count: de-AT is German."
    )
    return RuleChecked("language", bool(shared), calculation)


def _languages(tags: Iterable[str]) -> list[str]:
    return sorted({tag.split("-")[0].casefold() for tag in tags})


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
