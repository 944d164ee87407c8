"""Who may be a mentor: the rules of a call, each with its calculation. Days are counted by the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

RuleName = Literal["age", "entry", "tenure", "subsidiary", "contract", "language"]
Contract = Literal[
    "permanent",
    "fixed_term",
    "trainee",
    "dual_student",
    "working_student",
    "intern",
    "temporary_agency",
    "other",
]
_LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class AgeRule:
    """At most ``maximum`` completed years of life on the reference date.

    An upper limit of age is unequal treatment: ``legal_ground`` says by which law it is allowed, ``aim`` what for.
    """

    maximum: int
    legal_ground: str
    aim: str | None = None
    kind: Literal["age"] = "age"


@dataclass(frozen=True, slots=True)
class EntryRule:
    """At most ``maximum_years`` completed years since joining the group on the reference date."""

    maximum_years: int
    kind: Literal["entry"] = "entry"


@dataclass(frozen=True, slots=True)
class TenureRule:
    """At least ``minimum_months`` completed months since joining the group on the reference date."""

    minimum_months: int
    kind: Literal["tenure"] = "tenure"


@dataclass(frozen=True, slots=True)
class SubsidiaryRule:
    """Only people of these companies, ids."""

    subsidiaries: tuple[str, ...]
    kind: Literal["subsidiary"] = "subsidiary"


@dataclass(frozen=True, slots=True)
class ContractRule:
    """Only people with one of these kinds of contract of employment."""

    contracts: tuple[Contract, ...]
    kind: Literal["contract"] = "contract"


@dataclass(frozen=True, slots=True)
class LanguageRule:
    """Only people who speak one of these languages, BCP 47 tags; regions do not count."""

    languages: tuple[str, ...]
    kind: Literal["language"] = "language"


Rule = AgeRule | EntryRule | TenureRule | SubsidiaryRule | ContractRule | LanguageRule


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What the rules of a call are counted from; what is None is not known. ``subsidiary`` is an id."""

    subsidiary: str
    birth_date: date | None = None
    entry_date: date | None = None
    contract: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleChecked:
    """One rule of a call, whether somebody meets it, and how that was found; holds no date of birth or entry.

    ``unknown``: it could not be found out, which is not the same as met. ``values`` are the figures
    of the calculation by name, for whoever words it in another language.
    """

    rule: RuleName
    met: bool
    calculation: str
    unknown: bool = False
    values: Mapping[str, str | int] = field(default_factory=dict)


def age_on(day: date, birth_date: date) -> int:
    """The years of life completed on ``day``; below zero before birth.

    A year of life ends with the day before the birthday (BGB 187(2), 188(2)), so a person is a year
    older on the birthday itself. Someone born on 29 February completes a year with 28 February in
    common years (BGB 188(3)), so is a year older from 1 March.
    """
    birthday = (birth_date.month, birth_date.day)
    return day.year - birth_date.year - ((day.month, day.day) < birthday)


def months_on(day: date, entry_date: date) -> int:
    """The months of service completed on ``day``; below zero before the first day.

    The first day counts (BGB 187(2)), so a month is completed on the day of the same number. Where the month
    has no such day it ends with its last day (BGB 188(3)): joined on the 31st, complete from the 1st after it.
    """
    return (day.year - entry_date.year) * 12 + day.month - entry_date.month - (day.day < entry_date.day)


def check(rules: Sequence[Rule], person: PersonFacts, reference_date: date) -> tuple[RuleChecked, ...]:
    """Each rule of a call, checked for this person, in the order of the call.

    A rule whose fact is not known is unmet and unknown.
    """
    return tuple(_checked(rule, person, reference_date) for rule in rules)


def _checked(rule: Rule, person: PersonFacts, day: date) -> RuleChecked:
    match rule:
        case AgeRule():
            return _age(rule, person.birth_date, day)
        case EntryRule():
            return _entry(rule, person.entry_date, day)
        case TenureRule():
            return _tenure(rule, person.entry_date, day)
        case SubsidiaryRule():
            return _subsidiary(rule, person.subsidiary)
        case ContractRule():
            return _contract(rule, person.contract)
        case LanguageRule():
            return _language(rule, person.languages)


def _age(rule: AgeRule, birth_date: date | None, day: date) -> RuleChecked:
    values: dict[str, str | int] = {"maximum": rule.maximum, "reference_date": day.isoformat()}
    values["legal_ground"] = rule.legal_ground
    if rule.aim:
        values["aim"] = rule.aim
    if birth_date is None:
        calculation = (
            f"The date of birth is not known, so the age on {day.isoformat()} cannot be counted; "
            f"at most {rule.maximum} years are allowed. HR can add the date, or a waiver decides."
        )
        return RuleChecked("age", met=False, calculation=calculation, unknown=True, values=values)
    age, leap = age_on(day, birth_date), (birth_date.month, birth_date.day) == _LEAP_DAY
    calculation = (
        f"Completed years of life on {day.isoformat()}: {age}; at most {rule.maximum} are allowed. "
        "A year of life is completed the day before the birthday."
        f"{' Born on 29 February: a year older from 1 March in common years.' if leap else ''}"
    )
    return RuleChecked(
        "age", age <= rule.maximum, calculation, values={**values, "age": age, "born_on_leap_day": int(leap)}
    )


def _entry(rule: EntryRule, entry_date: date | None, day: date) -> RuleChecked:
    values: dict[str, str | int] = {"maximum_years": rule.maximum_years, "reference_date": day.isoformat()}
    if entry_date is None:
        return _undated("entry", f"at most {rule.maximum_years} years since joining are allowed", day, values)
    years = max(0, age_on(day, entry_date))
    calculation = (
        f"Completed years since joining on {day.isoformat()}: {years}; at most {rule.maximum_years} are allowed. "
        "A year is completed the day before the day of joining comes round."
    )
    return RuleChecked("entry", years <= rule.maximum_years, calculation, values={**values, "years": years})


def _tenure(rule: TenureRule, entry_date: date | None, day: date) -> RuleChecked:
    values: dict[str, str | int] = {"minimum_months": rule.minimum_months, "reference_date": day.isoformat()}
    if entry_date is None:
        return _undated("tenure", f"at least {rule.minimum_months} months since joining are wanted", day, values)
    months = max(0, months_on(day, entry_date))
    calculation = (
        f"Completed months since joining on {day.isoformat()}: {months}; at least {rule.minimum_months} are wanted."
    )
    return RuleChecked("tenure", months >= rule.minimum_months, calculation, values={**values, "months": months})


def _undated(rule: RuleName, wanted: str, day: date, values: Mapping[str, str | int]) -> RuleChecked:
    calculation = (
        f"The day of joining is not known, so the time until {day.isoformat()} cannot be counted; {wanted}. "
        "HR can add the day, or a waiver decides."
    )
    return RuleChecked(rule, met=False, calculation=calculation, unknown=True, values=values)


def _subsidiary(rule: SubsidiaryRule, subsidiary: str) -> RuleChecked:
    met = subsidiary in rule.subsidiaries
    calculation = f"Works for the company {subsidiary}, which is {'one' if met else 'none'} of those the call is for."
    return RuleChecked("subsidiary", met, calculation, values={"subsidiary": subsidiary})


def _contract(rule: ContractRule, contract: str | None) -> RuleChecked:
    wanted = ", ".join(rule.contracts)
    if contract is None:
        calculation = (
            f"The kind of contract is not known; the call wants one of {wanted}. HR can add it, or a waiver decides."
        )
        return RuleChecked("contract", met=False, calculation=calculation, unknown=True, values={"contracts": wanted})
    calculation = f"The contract is {contract}; the call wants one of {wanted}."
    values = {"contract": contract, "contracts": wanted}
    return RuleChecked("contract", contract in rule.contracts, calculation, values=values)


def _language(rule: LanguageRule, spoken: Iterable[str]) -> RuleChecked:
    """Of a BCP 47 tag only the language counts, not the region. Whoever has named no language: not known."""
    speaks, wants = _languages(spoken), _languages(rule.languages)
    shared = sorted(set(speaks) & set(wants))
    calculation = (
        f"Speaks {_listed(speaks)}; the call wants one of {_listed(wants)}; in common: {_listed(shared)}. "
        "Regions do not count: de-AT is German."
    )
    values = {"spoken": ", ".join(speaks), "wanted": ", ".join(wants), "shared": ", ".join(shared)}
    return RuleChecked("language", bool(shared), calculation, unknown=not speaks, values=values)


def _languages(tags: Iterable[str]) -> list[str]:
    return sorted({tag.split("-")[0].casefold() for tag in tags})


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
