"""Roster files for tests of reading and planning: a few columns, a few people, and what is read of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.people.domain.plan import Known, Plan, Scope, company_key
from services.people.domain.planning import before, plan
from services.people.domain.reading.mapping import Layout
from services.people.domain.reading.reading import Reading, Wanted, read
from services.people.mappings import shipped

AS_OF = date(2027, 1, 15)
LAYOUTS = shipped()
PLAIN = next(layout for layout in LAYOUTS if layout.name == "plain")
ADA = {
    "employee_number": "000412",
    "first_name": "Adaeze",
    "last_name": "Okafor",
    "email": "adaeze.okafor@example.com",
    "subsidiary": "North",
}


def person(number: str, **cells: str) -> dict[str, str]:
    """The row of an ordinary employee."""
    return ADA | {"employee_number": number, "email": f"{number.lower()}@example.com"} | cells


def csv_of(*rows: Mapping[str, str], delimiter: str = ",", end: str = "\n") -> bytes:
    """A file whose header has every column that one of ``rows`` names."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return out.getvalue().encode()


def reading_of(
    body: bytes, *, layouts: Sequence[Layout] = LAYOUTS, known: Sequence[Known] = (), **wanted: Any
) -> Reading:
    """The reading of a file as of ``AS_OF``."""
    return read(body, layouts, Wanted(**{"as_of": AS_OF, **wanted}), lambda layout: before(known, layout))


def plan_of(
    *rows: Mapping[str, str], known: Sequence[Known] = (), within: frozenset[str] | None = None, **wanted: Any
) -> Plan:
    """What a plain file with these rows would change; the id of a company is its name in lower case."""
    header = dict.fromkeys(ADA, "")
    found = reading_of(csv_of(header, *rows), known=known, **wanted)
    return plan(found, known, Scope(companies(found, known), within))


def companies(reading: Reading, known: Sequence[Known]) -> dict[str, str]:
    """The ids of all companies by their keys."""
    names = {record.subsidiary for record in reading.records if record.subsidiary}
    return {company_key(name): company_key(name) for name in names | {person.subsidiary for person in known}}


def taken_over(reading: Reading) -> list[Known]:
    """The people of a file as they are known after it was applied."""
    managers = reading.hierarchy.managers
    names = [
        name for name in Known.__slots__ if name in reading.said and name not in ("manager", "roles", "subsidiary")
    ]
    return [
        Known(
            f"id-{record.key}",
            source=reading.source,
            subsidiary=company_key(record.subsidiary or ""),
            manager=f"id-{managers[record.key]}" if record.key in managers else None,
            **{name: getattr(record, name) for name in names},
        )
        for record in reading.records
    ]
