"""Real exports read as the shared cases say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.people.domain.planning import plan
from services.people.domain.telling import told, told_plan
from tests.support.hr_files import AS_OF, reading_of, taken_over

CASES = Path(__file__).parents[4] / "shared" / "cases" / "roster"
PROSE = {"rule", "must_not", "note"}
KNOWN_BEFORE = {"13-header-only": "09-manager-cycles"}


def cases() -> list[Any]:
    """The shared cases; one skipped stand-in where they are absent."""
    found = sorted(CASES.glob("*.expected.json"))
    if not found:
        return [pytest.param({}, marks=pytest.mark.skip(reason="../shared/cases/roster is not here"))]
    return [pytest.param(json.loads(path.read_text()), id=path.name.removesuffix(".expected.json")) for path in found]


@pytest.mark.parametrize("case", cases())
def test_export_is_read_as_the_shared_case_says(case: dict[str, Any]) -> None:
    """Every key of what is expected, word for word but for prose; refusals and warnings word for word too."""
    body = (CASES / case["file"]).read_bytes()
    as_of = date.fromisoformat(case.get("read_as_of", str(AS_OF)))
    earlier = KNOWN_BEFORE.get(case["file"].removesuffix(".csv"))
    known = taken_over(reading_of((CASES / f"{earlier}.csv").read_bytes())) if earlier else []

    reading = reading_of(body, as_of=as_of, known=known)

    document = told(reading) | told_plan(plan(reading, known), reading)
    expected = {name: _without_prose(value) for name, value in case["expected"].items() if name not in PROSE}
    assert {name: _alike(document[name], value) for name, value in expected.items()} == expected


def _without_prose(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_prose(one) for one in value]
    return {name: one for name, one in value.items() if name not in PROSE} if isinstance(value, dict) else value


def _alike(value: Any, expected: Any) -> Any:
    """What of a value the case speaks of: of entries in a list exactly the keys that its entries have."""
    if not isinstance(expected, list) or not all(isinstance(one, dict) for one in (*expected, *value)):
        return value
    if len(value) != len(expected):
        return value
    return [{name: one.get(name) for name in wanted} for one, wanted in zip(value, expected, strict=True)]
