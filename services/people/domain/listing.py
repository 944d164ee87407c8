"""What a plan would change, one line each, as somebody looks through it before they have it applied. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from services.people.domain.plan import Change, Joiner, Known, Leaver, Mover, Plan
from services.people.domain.reading.faults import Fault
from services.people.domain.reading.reading import Reading
from services.people.domain.roles import Role

Kind = Literal["joiners", "movers", "leavers", "conflicts", "rejected", "warnings", "failed"]
_UNSHOWN = "…"  # in place of dates of birth: whoever checks an import need not read them


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field that changes, as texts."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One person who joins, moves or leaves, or one fault; ``number`` counts within its kind."""

    kind: Kind
    number: int
    line: int | None = None
    key: str | None = None
    name: str | None = None
    subsidiary: str | None = None
    person_id: str | None = None
    fields: tuple[FieldLine, ...] = ()
    reason: str | None = None
    column: str | None = None


def lines_of(plan: Plan, reading: Reading, new_id: Callable[[], str]) -> Iterator[Line]:
    """Everything that a plan would change and everything that is wrong; ``new_id`` gives each joiner theirs."""
    for number, joiner in enumerate(plan.joiners):
        yield _joiner(number, joiner, new_id())
    for number, mover in enumerate(plan.movers):
        yield _changed("movers", number, mover.known, mover)
    for number, leaver in enumerate(plan.leavers):
        yield _changed("leavers", number, leaver.known, leaver)
    faults: tuple[tuple[Kind, tuple[Fault, ...]], ...] = (
        ("conflicts", plan.conflicts),
        ("rejected", reading.faults),
        ("warnings", reading.warnings),
    )
    for kind, listed in faults:
        for number, fault in enumerate(listed):
            yield Line(kind, number, line=fault.line, key=fault.key, reason=fault.reason, column=fault.field)


def digest(plan: Plan) -> str:
    """Tells one plan from another: the same digest means the same people with the same changes."""
    told = hashlib.sha256()
    for joiner in plan.joiners:
        told.update(repr(joiner.record[1:]).encode())
    changing: tuple[Mover | Leaver, ...] = (*plan.movers, *plan.leavers)
    for one in changing:
        told.update(repr((one.known.person_id, one.changes, one.record is None)).encode())
    return told.hexdigest()


def document(line: Line) -> dict[str, Any]:
    """A line as a document."""
    return asdict(line)


def _joiner(number: int, joiner: Joiner, person_id: str) -> Line:
    record = joiner.record
    return Line(
        "joiners",
        number,
        line=record.line,
        key=record.key,
        name=record.name,
        subsidiary=record.subsidiary,
        person_id=person_id,
    )


def _changed(kind: Kind, number: int, known: Known, one: Mover | Leaver) -> Line:
    return Line(
        kind,
        number,
        line=one.record.line if one.record else None,
        key=one.record.key if one.record else known.employee_number or known.external_id,
        name=known.name,
        subsidiary=known.subsidiary,
        person_id=known.person_id,
        fields=tuple(map(_field, one.changes)),
        reason=None if one.record or kind != "leavers" else "the file does not name this person any more",
    )


def _field(change: Change) -> FieldLine:
    if change.field == "birth_date":
        return FieldLine(change.field, _UNSHOWN, _UNSHOWN)
    return FieldLine(change.field, _text(change.before), _text(change.after))


def _text(value: Any) -> str | None:
    if value is None or value in ("", ()):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return "; ".join(map(_member, value)) if isinstance(value, tuple) else str(value)


def _member(one: Any) -> str:
    if isinstance(one, Role):
        return f"{one.role}@{'|'.join(one.subsidiaries)}" if one.subsidiaries else str(one.role)
    rating = getattr(one, "level", None) if hasattr(one, "level") else getattr(one, "priority", None)
    return str(one) if rating is None else f"{one.platform}:{rating}"
