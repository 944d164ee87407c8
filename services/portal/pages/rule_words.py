"""The rules of a call in the reader's words: what each asks for, and how it was counted for one person.

Legal ground and aim are no words of ours: people wrote them, and pages show them as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.portal.pages.formats import Formats
from services.portal.pages.refusals import N_
from services.portal.pages.translations import Language

Values = Mapping[str, str | int | None]

RULES: Mapping[str, str] = {
    "age": N_("Age"),
    "entry": N_("Years in the company"),
    "tenure": N_("Months in the company"),
    "subsidiary": N_("Company"),
    "contract": N_("Kind of contract"),
    "language": N_("Language"),
}
CONTRACTS: Mapping[str, str] = {
    "permanent": N_("permanent"),
    "fixed_term": N_("fixed-term"),
    "trainee": N_("trainee"),
    "dual_student": N_("dual student"),
    "working_student": N_("working student"),
    "intern": N_("intern"),
    "temporary_agency": N_("temporary agency"),
    "other": N_("other"),
}
STANDINGS: Mapping[str, str] = {
    "left": N_("You do not work in the group any more, as far as HR's roster says."),
    "moved_out": N_("The company where you work now does not take part."),
    "executive": N_("You are an executive of this programme: you get a mentor, you cannot be one."),
}
_LEAP = N_("Born on 29 February: in years without that day one is a year older from 1 March.")


class Rule(Protocol):
    """A rule of a call, as `applications` states it."""

    @property
    def kind(self) -> str:
        """Which of the six it is."""
        ...

    @property
    def maximum(self) -> int | None:
        """The age at most."""
        ...

    @property
    def maximum_years(self) -> int | None:
        """Years since entry at most."""
        ...

    @property
    def minimum_months(self) -> int | None:
        """Months since entry at least."""
        ...

    @property
    def subsidiaries(self) -> tuple[str, ...]:
        """Ids of companies."""
        ...

    @property
    def contracts(self) -> tuple[str, ...]:
        """Codes of contracts."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of languages."""
        ...


class Checked(Protocol):
    """A rule as it was counted for one person."""

    @property
    def rule(self) -> str:
        """Which of the six it is."""
        ...

    @property
    def unknown(self) -> bool:
        """Nobody could count it."""
        ...

    @property
    def values(self) -> Values | None:
        """What it was counted from, as far as the reader may know."""
        ...


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Says rules in one language, with its dates and numbers; ``companies`` are names by id."""

    language: Language
    formats: Formats
    companies: Mapping[str, str]

    def name(self, kind: str) -> str:
        """What a kind of rule is called."""
        return self.language.text(RULES.get(kind, kind))

    def requirement(self, rule: Rule, reference_date: date) -> str:
        """What the rule asks for, such as "At most 28 years old on 1 Jul 2026"."""
        day = self.formats.day(reference_date)
        match rule.kind:
            case "age":
                return self._say(N_("At most %(maximum)s years old on %(day)s"), maximum=rule.maximum, day=day)
            case "entry":
                return self._say(
                    N_("With the company for at most %(years)s years on %(day)s"), years=rule.maximum_years, day=day
                )
            case "tenure":
                return self._say(
                    N_("With the company for at least %(months)s months on %(day)s"),
                    months=rule.minimum_months,
                    day=day,
                )
            case "subsidiary":
                return self._say(N_("Works for: %(companies)s"), companies=self._companies(rule.subsidiaries))
            case "contract":
                return self._say(N_("Contract: %(contracts)s"), contracts=self._contracts(rule.contracts))
            case "language":
                return self._say(
                    N_("Speaks one of these well enough for a conversation: %(languages)s"),
                    languages=self._languages(rule.languages),
                )
        return rule.kind

    def calculation(self, checked: Checked) -> str:
        """How it was counted for the person; empty where the reader may not know."""
        if checked.unknown:
            return self._unknown(checked.rule)
        values = checked.values
        if not values:
            return ""
        return self._counted(checked.rule, values) or self._compared(checked.rule, values)

    def _counted(self, rule: str, values: Values) -> str:
        day = self._day(values)
        match rule:
            case "age":
                told = self._say(
                    N_("%(age)s years old on %(day)s; at most %(maximum)s are asked for."),
                    **{**values, "day": day},
                )
                return f"{told} {self.language.text(_LEAP)}" if values.get("born_on_leap_day") else told
            case "entry":
                return self._say(
                    N_("%(years)s full years with the company on %(day)s; at most %(maximum_years)s are asked for."),
                    **{**values, "day": day},
                )
            case "tenure":
                return self._say(
                    N_("%(months)s full months with the company on %(day)s; %(minimum_months)s at least are needed."),
                    **{**values, "day": day},
                )
        return ""

    def _compared(self, rule: str, values: Values) -> str:
        match rule:
            case "subsidiary":
                return self._say(N_("Works for %(company)s."), company=self._companies(_listed(values, "subsidiary")))
            case "contract":
                return self._say(
                    N_("HR has this contract: %(contract)s. Asked for: %(contracts)s."),
                    contract=self._contracts(_listed(values, "contract")),
                    contracts=self._contracts(_listed(values, "contracts")),
                )
            case "language":
                return self._say(
                    N_("Speaks %(spoken)s; one of these is asked for: %(wanted)s. Regions do not count."),
                    spoken=self._languages(_listed(values, "spoken")),
                    wanted=self._languages(_listed(values, "wanted")),
                )
        return ""

    def _unknown(self, rule: str) -> str:
        match rule:
            case "age":
                return self._say(N_("HR's roster has no date of birth, so the age cannot be counted."))
            case "entry" | "tenure":
                return self._say(N_("HR's roster has no day of entry, so the time cannot be counted."))
            case "contract":
                return self._say(N_("HR's roster does not say which contract it is."))
            case "language":
                return self._say(N_("No language is stated yet, so this cannot be counted."))
        return self._say(N_("HR's roster does not say what this needs."))

    def _say(self, message: str, **values: object) -> str:
        text = self.language.text(message)
        return text % _Given(values) if values else text

    def _day(self, values: Values) -> str:
        try:
            return self.formats.day(str(values.get("reference_date", "")))
        except ValueError:
            return ""

    def _companies(self, ids: Iterable[str]) -> str:
        names = [self.companies[id] for id in ids if id in self.companies]
        return ", ".join(sorted(names, key=str.casefold)) or self._say(N_("a company that you do not see"))

    def _contracts(self, codes: Iterable[str]) -> str:
        names = [self.language.text(CONTRACTS.get(code, code)) for code in codes]
        return ", ".join(names) or self._say(N_("not stated"))

    def _languages(self, tags: Iterable[str]) -> str:
        return ", ".join(self.formats.language(tag) for tag in tags) or self._say(N_("none"))


class _Given(dict[str, object]):
    """Values of a text; one that was not told is a question mark, and no page breaks for it."""

    def __missing__(self, name: str) -> str:
        return "?"


def _listed(values: Values, name: str) -> list[str]:
    return [part.strip() for part in str(values.get(name) or "").split(",") if part.strip()]
