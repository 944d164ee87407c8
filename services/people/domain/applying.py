"""What is known of everybody after a plan was applied. Pure; the store's own way is in ``handlers``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.people.domain.plan import Joiner, Known, Leaver, Mover, Plan, company_key, in_order
from services.people.domain.reading.reading import Reading
from services.people.domain.reading.records import Record
from services.people.domain.roles import Role

_OWN = ("manager", "roles", "subsidiary")  # what a record says otherwise than a person has it


def applied(plan: Plan, reading: Reading, known: Sequence[Known], companies: Mapping[str, str]) -> list[Known]:
    """Everybody after this plan; whoever joins has the key of their row as person id."""
    ids = _ids(plan, known, reading)
    changing: tuple[Mover | Leaver, ...] = (*plan.movers, *plan.leavers)
    changed = {one.known.person_id: _after(one, reading, ids, companies) for one in changing}
    joined = (_joined(one, reading, ids, companies) for one in plan.joiners)
    return [*(changed.get(person.person_id, person) for person in known), *joined]


def top_down(joiners: Sequence[Joiner], managers: Mapping[str, str]) -> Iterator[tuple[Joiner, ...]]:
    """The joiners in levels: whoever is new stands in an earlier level than whoever reports to them.

    Those in and below a cycle come last, in one level.
    """
    waiting = {joiner.record.key: joiner for joiner in joiners}
    reports: dict[str, list[Joiner]] = {}
    level: list[Joiner] = []
    for key, joiner in waiting.items():
        manager = managers.get(key)
        (reports.setdefault(manager, []) if manager in waiting else level).append(joiner)
    while level:
        yield tuple(level)
        for joiner in level:
            del waiting[joiner.record.key]
        level = [report for joiner in level for report in reports.get(joiner.record.key, ())]
    if waiting:
        yield tuple(waiting.values())


def _ids(plan: Plan, known: Sequence[Known], reading: Reading) -> dict[str, str]:
    """Person ids by the keys that rows call them."""
    by_number = reading.layout.key == "employee_number"
    ids = {key: one.person_id for one in known if (key := one.employee_number if by_number else one.external_id)}
    return ids | {joiner.record.key: joiner.record.key for joiner in plan.joiners}


def _after(one: Mover | Leaver, reading: Reading, ids: Mapping[str, str], companies: Mapping[str, str]) -> Known:
    fields = {change.field: change.after for change in one.changes if change.field not in _OWN}
    own = [change.field for change in one.changes if change.field in _OWN]
    if one.record and own:
        fields |= _said(one.record, reading, ids, companies, own)
    return replace(one.known, **fields)


def _joined(one: Joiner, reading: Reading, ids: Mapping[str, str], companies: Mapping[str, str]) -> Known:
    names = [name for name in Known.__slots__ if name in Record._fields and name not in _OWN]
    plain = {name: getattr(one.record, name) for name in names}
    own = _said(one.record, reading, ids, companies, _OWN)
    return Known(one.record.key, source=reading.source, **plain, **own)


def _said(
    record: Record,
    reading: Reading,
    ids: Mapping[str, str],
    companies: Mapping[str, str],
    fields: Sequence[str],
) -> dict[str, Any]:
    def company(name: str) -> str:
        return companies.get(company_key(name), name)

    readers: Mapping[str, Callable[[], Any]] = {
        "subsidiary": lambda: company(record.subsidiary or ""),
        "manager": lambda: ids.get(reading.hierarchy.managers.get(record.key, "")),
        "roles": lambda: in_order(Role(role.role, tuple(map(company, role.subsidiaries))) for role in record.roles),
    }
    return {field: readers[field]() for field in fields}
