"""Promises of how rules are said: each in the reader's language, from values alone, and never more than was told."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.portal.clients.application_records import RuleChecked
from services.portal.clients.edition_records import Rule
from services.portal.pages.formats import Formats
from services.portal.pages.rule_words import RULES, RuleWords
from services.portal.pages.translations import languages

DAY = date(2026, 7, 1)
STATED: dict[str, dict[str, Any]] = {
    "age": {"maximum": 28},
    "entry": {"maximum_years": 3},
    "tenure": {"minimum_months": 6},
    "subsidiary": {"subsidiaries": ["c1", "c2"]},
    "contract": {"contracts": ["permanent", "trainee"]},
    "language": {"languages": ["de", "en"]},
}
COUNTED: dict[str, dict[str, Any]] = {
    "age": {"age": 31, "maximum": 28, "reference_date": "2026-07-01", "born_on_leap_day": 0},
    "entry": {"years": 5, "maximum_years": 3, "reference_date": "2026-07-01"},
    "tenure": {"months": 4, "minimum_months": 6, "reference_date": "2026-07-01"},
    "subsidiary": {"subsidiary": "c1"},
    "contract": {"contract": "intern", "contracts": "permanent, trainee"},
    "language": {"spoken": "fr", "wanted": "de, en", "shared": ""},
}
GERMAN = {
    "age": ("Höchstens 28 Jahre alt am 01.07.2026", "31 Jahre alt am 01.07.2026; verlangt sind höchstens 28."),
    "entry": (
        "Höchstens 3 Jahre im Unternehmen am 01.07.2026",
        "5 volle Jahre im Unternehmen am 01.07.2026; verlangt sind höchstens 3.",
    ),
    "tenure": (
        "Mindestens 6 Monate im Unternehmen am 01.07.2026",
        "4 volle Monate im Unternehmen am 01.07.2026; verlangt sind mindestens 6.",
    ),
    "subsidiary": ("Arbeitet bei: Digital, Messen", "Arbeitet bei Messen."),
    "contract": (
        "Vertrag: unbefristet, Ausbildung",
        "Die Personalabteilung führt diesen Vertrag: Praktikum. Verlangt: unbefristet, Ausbildung.",
    ),
    "language": (
        "Spricht eine davon gut genug für ein Gespräch: Deutsch, Englisch",
        "Spricht Französisch; verlangt ist eine von: Deutsch, Englisch. Regionen zählen nicht.",
    ),
}


def words(code: str = "de") -> RuleWords:
    """The words of rules in a language, for somebody who knows two companies."""
    language = languages()[code]
    return RuleWords(language, Formats(language.locale, ZoneInfo("UTC")), {"c1": "Messen", "c2": "Digital"})


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", RULES)
def test_rule_and_calculation_are_said_in_the_readers_language(kind: str) -> None:
    """What is asked for, and how it was counted."""
    stated, checked = Rule(kind=kind, **STATED[kind]), RuleChecked(rule=kind, met=False, values=COUNTED[kind])
    assert (plain(words().requirement(stated, DAY)), plain(words().calculation(checked))) == GERMAN[kind]


@pytest.mark.parametrize("kind", RULES)
def test_nothing_is_said_of_values_that_were_not_told(kind: str) -> None:
    """Who may not know the calculation is told none."""
    assert words().calculation(RuleChecked(rule=kind, met=False, values=None)) == ""


@pytest.mark.parametrize("kind", RULES)
def test_what_cannot_be_counted_says_what_is_missing(kind: str) -> None:
    """An unknown value is not a missed rule: the text says what HR's roster lacks."""
    checked = RuleChecked(rule=kind, met=False, unknown=True, values=COUNTED[kind])
    assert words("en").calculation(checked).startswith(("HR's roster", "No language"))


def test_leap_day_is_explained() -> None:
    """Who was born on 29 February reads when a year counts."""
    values = {**COUNTED["age"], "born_on_leap_day": 1}
    assert "29 February" in words("en").calculation(RuleChecked(rule="age", met=True, values=values))


def test_company_that_is_not_known_is_not_named_by_its_id() -> None:
    """An id tells nobody anything."""
    assert words("en").requirement(Rule(kind="subsidiary", subsidiaries=("x9",)), DAY) == (
        "Works for: a company that you do not see"
    )


def test_value_that_is_missing_breaks_no_page() -> None:
    """A reader newer or older than the service shows a question mark."""
    assert "? years old" in words("en").calculation(RuleChecked(rule="age", met=True, values={"maximum": 28}))
