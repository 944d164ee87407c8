"""Rows of a roster for tests of the rules over them: an ordinary employee, of whom only what matters is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from services.people.domain.roster import COLUMNS, Row

_EMPLOYEE = Row(
    line=2,
    said=frozenset(COLUMNS),
    employee_number="",
    name="",
    email="",
    subsidiary="North",
    birth_date=date(1999, 3, 14),
    entry_date=date(2021, 9, 1),
    manager=None,
    executive=False,
    active=True,
    language="en",
    zone="UTC",
    languages=("en",),
    place="",
    capacity=1,
    skills=(),
    wishes=(),
    login=None,
    roles=(),
)


def roster_row(number: str, *, unsaid: str = "", **facts: Any) -> Row:
    """The row of an employee; the column ``unsaid`` is not in the file."""
    said = frozenset(COLUMNS) - {unsaid}
    named = {"employee_number": number, "name": number, "email": f"{number}@example.com"}
    return replace(_EMPLOYEE, said=said, **{**named, **facts})
