"""A reading and its plan as documents, in the words of HR: what ``tandem people import --dry-run --json`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.people.domain.plan import Change, Known, Plan
from services.people.domain.reading.faults import Fault
from services.people.domain.reading.reading import Reading
from services.people.domain.reading.records import Record

Document = dict[str, Any]


def told(reading: Reading) -> Document:
    """The whole reading; dates are ISO texts, what a row says nothing of is left out but for the first fields."""
    numbers = {record.key: record.employee_number or record.key for record in reading.records}
    lines = reading.hierarchy
    circular = {key for cycle in lines.cycles for key in cycle}
    return {
        "mapping": reading.layout.name,
        "source": reading.source,
        "read_as_of": reading.wanted.as_of.isoformat(),
        "encoding": reading.encoding,
        "encoding_guessed": reading.guessed,
        "delimiter": reading.delimiter,
        "key": reading.key,
        "records": len(reading.records) + reading.refused,
        "accepted": [_accepted(record, reading, numbers) for record in reading.records],
        "accepted_numbers": [numbers[record.key] for record in reading.records],
        "rejected": [_fault(fault, reading) for fault in reading.faults],
        "ignored_blank_rows": reading.blank,
        "warnings": [_fault(fault, reading, field=False) for fault in reading.warnings],
        "cycles": [list(cycle) for cycle in lines.cycles],
        "self_managers": list(lines.own),
        "missing_managers": [{"employee_number": key, "manager": manager} for key, manager in lines.missing],
        "lines": {
            record.key: list(above)
            for record in reading.records
            if record.key not in circular and (above := lines.line_above(record.key))
        },
        "letters_to_check": [{"line": record.line, "name": record.name} for record in reading.letters],
    }


def _accepted(record: Record, reading: Reading, numbers: Mapping[str, str]) -> Document:
    manager = reading.hierarchy.managers.get(record.key)
    always: Document = {
        "employee_number": record.employee_number,
        "first_name": record.first_name,
        "last_name": record.last_name,
        "email": record.email,
        "manager_employee_number": numbers.get(manager, manager) if manager else None,
        "birth_date": _day(record.birth_date),
        "hire_date": _day(record.hire_date),
        "active": record.active,
    }
    return always | dict(_more(record))


def _more(record: Record) -> Iterable[tuple[str, Any]]:
    """What not every layout has, where it says something."""
    more = {
        "external_id": record.external_id if record.external_id != record.employee_number else None,
        "subsidiary": record.subsidiary,
        "termination_date": _day(record.termination_date),
        "on_leave": record.on_leave,
        "executive": record.executive,
        "job_level": record.job_level,
        "contract": record.contract,
    }
    return ((name, value) for name, value in more.items() if value)


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _fault(fault: Fault, reading: Reading, *, field: bool = True) -> Document:
    key = "employee_number" if reading.layout.key == "employee_number" else "external_id"
    said = {"line": fault.line, key: fault.key, "field": fault.field if field else None, "reason": fault.reason}
    return {name: value for name, value in said.items() if value is not None}


def told_plan(plan: Plan, reading: Reading, stated: int | None = None) -> Document:
    """What would change; ``stated`` is the number of leavers that somebody confirms.

    ``deactivated`` are those who would leave by applying it now: nobody, where it is refused.
    """
    refused = plan.refusal(stated)
    leavers = [_called(leaver.known) for leaver in plan.leavers]
    return {
        "joiners": [joiner.record.employee_number or joiner.record.key for joiner in plan.joiners],
        "movers": [{"employee_number": _called(one.known), "changed": _changed(one.changes)} for one in plan.movers],
        "leavers": leavers,
        "conflicts": [_fault(fault, reading) for fault in plan.conflicts],
        "unchanged": plan.unchanged,
        "deactivated": [] if refused else leavers,
        "outcome": f"refused: {refused}" if refused else "can be applied",
    }


def _called(known: Known) -> str:
    return known.employee_number or known.external_id or known.person_id


def _changed(changes: Iterable[Change]) -> list[str]:
    return [change.field for change in changes]
