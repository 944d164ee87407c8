"""Rows that claim what only one person can have: one of them stands, the others are refused with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.people.domain.reading.faults import Fault
from services.people.domain.reading.mapping import Matched
from services.people.domain.reading.records import Record

_REASONS: Mapping[str, str] = {
    "employee_number": "same employee number as line {}",
    "external_id": "same external id as line {}",
    "email": "same mail as line {} when letter case is ignored",
    "login": "same login as line {}",
}


def each_once(
    records: Iterable[Record], refused: Mapping[str, int], matched: Matched
) -> tuple[list[Record], list[Fault]]:
    """The records that stand, and a fault of each other one.

    Of two rows one stands that says its person is active, of two alike the first. ``refused`` has the lines of the
    refused rows by key: beside such a row none with the same key stands, since nobody knows which is right.
    """
    faults: list[Fault] = []
    left: list[Record] = []
    for record in records:
        if (line := refused.get(record.key)) is None:
            left.append(record)
        else:
            faults.append(Fault(record.line, f"same key as line {line}, which is refused; keep one", key=record.key))
    for field, reason in _REASONS.items():
        if field in matched.places:
            left, gone = _once(left, field)
            header = matched.header(field)
            faults += (Fault(one.line, reason.format(line), field=header, key=one.key) for one, line in gone)
    return left, faults


def _once(records: Sequence[Record], field: str) -> tuple[list[Record], list[tuple[Record, int]]]:
    """The records that stand, and the others with the lines of those that do."""
    values = [getattr(record, field) for record in records]
    if field == "email":
        values = [value and value.casefold() for value in values]
    first: dict[str, Record] = {}
    gone: list[tuple[Record, int]] = []
    for record, value in zip(records, values, strict=True):
        if value is None or (other := first.setdefault(value, record)) is record:
            continue
        stands, falls = (record, other) if record.active and not other.active else (other, record)
        first[value] = stands
        gone.append((falls, stands.line))
    lines = {record.line for record, _ in gone}
    return [record for record in records if record.line not in lines] if lines else list(records), gone
