"""People whom a roster is compared with in tests of plans, and what a plan says of them in short."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.people.domain.plan import Known, Plan
from tests.support.hr_files import person

NORTH = Known(
    "id-ada",
    source="plain",
    employee_number="000412",
    first_name="Adaeze",
    last_name="Okafor",
    email="adaeze.okafor@example.com",
    subsidiary="north",
)


def known(number: str, **facts: Any) -> Known:
    """An ordinary employee who is known, as ``person`` has them."""
    return replace(NORTH, person_id=f"id-{number}", employee_number=number, email=f"{number}@example.com", **facts)


def staff(count: int) -> list[Known]:
    """So many people who are known."""
    return [known(f"n{number}") for number in range(count)]


def rows_of(people: list[Known]) -> list[dict[str, str]]:
    """The rows of these people."""
    return [person(str(one.employee_number)) for one in people]


def moved(found: Plan) -> dict[str, list[str]]:
    """The fields that change, by employee number."""
    return {one.record.key: [change.field for change in one.changes] for one in found.movers}


def left(found: Plan) -> list[str | None]:
    """The employee numbers of those who leave."""
    return [leaver.known.employee_number for leaver in found.leavers]


def reasons(found: Plan) -> list[tuple[int, str]]:
    """The lines and, up to their advice, the reasons of the conflicts."""
    return [(fault.line, fault.reason.split(";")[0]) for fault in found.conflicts]
