"""Promises of the reasons that `people` gives for refused rows and files: readers get them in their language."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.reading import Wanted, read
from services.people.mappings import shipped
from services.portal.pages.row_reasons import Told, told
from services.portal.pages.translations import languages
from tests.support.hr_files import csv_of, person

_PEOPLE = Path("services/people/domain")
_SAYING = {"BadCell": 0, "BadDate": 0, "Trouble": 0, "Fault": 1, "RosterUnusable": 1, "_fault": 2, "_conflict": 1}
WANTED = Wanted(as_of=date(2027, 1, 15))
GERMAN, ENGLISH = languages()["de"], languages()["en"]


def said() -> Iterator[str]:
    """Every reason that stands in the code of `people`, with 7 where values stand."""
    for file in sorted([*_PEOPLE.glob("reading/*.py"), _PEOPLE / "cells.py", _PEOPLE / "planning.py"]):
        tree = ast.parse(file.read_text())
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in _SAYING and len(node.args) > _SAYING[name]:
                    yield from _text(node.args[_SAYING[name]], constants)


def _text(node: ast.expr, constants: Mapping[str, object]) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.Name) and node.id in constants:
        yield str(constants[node.id])
    elif isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.FormattedValue) else part for part in node.values)
        yield "".join(next(_text(part, constants), "7") for part in parts)


PUT_TOGETHER = {"no 7", "7 7"}  # from the name of a key; from sentences of which each is a reason


@pytest.mark.parametrize("reason", sorted({*said()} - PUT_TOGETHER))
def test_every_reason_has_german_words(reason: str) -> None:
    """Whatever `people` says of a row or a file, a German reader need not know English."""
    assert not told(reason.replace("as 7: 7;", "as 7: there is no such encoding;"), GERMAN).foreign


def test_reasons_of_real_files_keep_their_values() -> None:
    """Values stay where the translation wants them; English is as `people` wrote it."""
    rows = [person("1", email="none"), person("2", birth_date="1.7.98"), person("1"), person("3", executive="maybe")]
    reading = read(csv_of(*rows), shipped(), WANTED)
    reasons = [fault.reason for fault in (*reading.faults, *reading.warnings)]

    assert "Dieselbe Nummer wie in Zeile 2, die abgelehnt ist; behalten Sie eine der Zeilen" in [
        told(reason, GERMAN).text for reason in reasons
    ]
    assert [told(reason, ENGLISH) for reason in reasons] == [Told(reason) for reason in reasons]
    assert not any(told(reason, GERMAN).foreign for reason in reasons)


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", b"employee_number,name,email,email\n1,A,b,c\n"])
def test_unusable_files_are_told_in_german(body: bytes) -> None:
    """With every sentence: which mappings came near, and what each of them needs."""
    with pytest.raises(RosterUnusable) as caught:
        read(body, shipped(), WANTED)
    shown = told(caught.value.detail, GERMAN)
    assert not shown.foreign
    assert "needs" not in shown.text


def test_words_of_a_customer_stay_as_they_are() -> None:
    """A reason out of a mapping of their own is shown untouched, and marked as of no known language."""
    assert told("Praktikum, zählt nicht", GERMAN) == Told("Praktikum, zählt nicht", foreign=True)
