"""Reporting lines: who reports to whom, what of it cannot be, and that every walk along them ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Protocol

from services.people.domain.reading.faults import Fault
from services.people.domain.reading.mapping import MANAGERS, Matched
from services.people.domain.reading.records import Record

_MEANT = {
    "manager_number": "employee_number",
    "manager_external_id": "external_id",
    "manager_email": "email",
    "manager_name": "name",
}
DEEPEST = 100  # people above one person that ``line_above`` names


class Colleague(Protocol):
    """Somebody whom a row may name as manager: known before, or of the same file."""

    @property
    def employee_number(self) -> str | None:
        """HR's number."""
        ...

    @property
    def external_id(self) -> str | None:
        """The id in another system."""
        ...

    @property
    def email(self) -> str | None:
        """The address."""
        ...

    @property
    def name(self) -> str:
        """Given name and surname."""
        ...


@dataclass(frozen=True, slots=True)
class Before:
    """The people known before a file, for the managers that it names: they and who is above them, by key.

    ``near`` are those who may be found by name, None for all.
    """

    people: Mapping[str, Colleague] = field(default_factory=dict)
    managers: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, Colleague] | None = None


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The manager of each person by key, as the file says and as far as it can be.

    ``cycles`` are people who are each other's managers at any distance. Their links stay: so everybody in a cycle
    is above everybody else in it, and nobody is paired with their own line. ``own`` named themselves and
    ``missing`` somebody nobody knows: both have no link, which does not make them the top of a line.
    """

    managers: Mapping[str, str]
    cycles: tuple[tuple[str, ...], ...] = ()
    own: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    unclear: tuple[str, ...] = ()

    def silent(self) -> frozenset[str]:
        """The keys of those of whose manager the file says nothing that can be used."""
        return frozenset((*self.own, *self.unclear, *(key for key, _ in self.missing)))

    def line_above(self, key: str) -> tuple[str, ...]:
        """Everybody above a person, nearest first, each once, at most ``DEEPEST``; it ends in any cycle."""
        above: dict[str, None] = {}
        manager = self.managers.get(key)
        while manager is not None and manager != key and manager not in above and len(above) < DEEPEST:
            above[manager] = None
            manager = self.managers.get(manager)
        return tuple(above)


class Colleagues:
    """Finds people by what a row may call its manager; ``keyed`` is the field that holds their keys."""

    def __init__(self, people: Mapping[str, Colleague], near: Mapping[str, Colleague], keyed: str) -> None:
        self._people = people
        self._near = near
        self._keyed = keyed
        self._index: dict[str, dict[str, list[str]]] = {}

    def found(self, field: str, text: str) -> Sequence[str]:
        """The keys of all who may be meant."""
        if field == self._keyed:
            return (text,) if text in self._people else ()
        if field not in self._index:
            self._index[field] = self._by(field)
        keys = self._index[field].get(_called(field, text), ())
        if not keys and field == "manager_name":
            return self.found("manager_number", text)
        return keys

    def _by(self, field: str) -> dict[str, list[str]]:
        value = attrgetter(_MEANT[field])
        index: dict[str, list[str]] = defaultdict(list)
        for key, person in (self._near if field == "manager_name" else self._people).items():
            if text := value(person):
                index[_called(field, text)].append(key)
        return dict(index)


def hierarchy(records: Sequence[Record], before: Before, matched: Matched) -> tuple[Hierarchy, list[Fault]]:
    """The reporting lines after this file, and a warning for each manager that could be several people.

    The file's own people come in the place of those known before.
    """
    there = {record.key: record for record in records}
    near = before.people if before.near is None else before.near
    by_name = {**near, **there} if "manager_name" in matched.places else near
    keyed = "manager_number" if matched.layout.key == "employee_number" else "manager_external_id"
    colleagues = Colleagues({**before.people, **there}, by_name, keyed)
    managers = dict(before.managers)
    has_column = any(field in matched.places for field in MANAGERS)
    warnings: list[Fault] = []
    own: list[str] = []
    missing: list[tuple[str, str]] = []
    for record in records if has_column else ():
        if record.manager is None:
            managers.pop(record.key, None)
            continue
        field, text = record.manager
        keys = colleagues.found(field, text)
        if not keys:
            missing.append((record.key, text))
        elif len(keys) > 1:
            warnings.append(_ambiguous(record, keys, matched))
        elif keys[0] == record.key:
            own.append(record.key)
        else:
            managers[record.key] = keys[0]
    unclear = tuple(warning.key for warning in warnings if warning.key)
    cycles = tuple(cycle for cycle in _cycles(managers) if any(key in there for key in cycle))
    return Hierarchy(managers, cycles, tuple(own), tuple(missing), unclear), warnings


def _called(field: str, text: str) -> str:
    if field == "manager_number":
        return text
    if field == "manager_name" and "," in text:
        last, _, first = text.rpartition(",")
        text = f"{first.strip()} {last.strip()}"
    return text.casefold()


def _ambiguous(record: Record, keys: Sequence[str], matched: Matched) -> Fault:
    field, text = record.manager or ("", "")
    listed = ", ".join(keys[:5]) + (", …" if len(keys) > 5 else "")
    what = "manager name" if field == "manager_name" else "manager"
    reason = f"{what} {text} is ambiguous"
    reason += " and one candidate is the person herself" if record.key in keys else f" ({listed})"
    return Fault(record.line, reason, field=matched.header(field), key=record.key)


def _cycles(managers: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Each cycle once, from its first person on upwards."""
    done: set[str] = set()
    cycles: list[tuple[str, ...]] = []
    for start in managers:
        path: dict[str, None] = {}
        key: str | None = start
        while key is not None and key not in done and key not in path:
            path[key] = None
            key = managers.get(key)
        if key is not None and key in path:
            walked = list(path)
            cycles.append(tuple(walked[walked.index(key) :]))
        done.update(path)
    return cycles
