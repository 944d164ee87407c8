"""Places the rows of a roster among the people known so far: managers, subsidiaries, and the order of creation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.people.domain.roster import Fault, Row

_NO_MANAGER = "the manager {} is neither known nor in a usable row of this file; add or correct that row"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a roster comes.

    ``managers`` has for each employee number the manager's, or None at the top of a line;
    ``subsidiaries`` the keys and ids of all subsidiaries.
    """

    managers: Mapping[str, str | None]
    subsidiaries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """The rows to take over, in levels: a new manager stands in an earlier level than whoever reports to them."""

    levels: tuple[tuple[Row, ...], ...]
    faults: tuple[Fault, ...]


def subsidiary_key(name: str) -> str:
    """What two ways of writing one subsidiary's name have in common."""
    return name.casefold()


def place(rows: Sequence[Row], known: Known) -> Placed:
    """Refuse the rows whose manager or subsidiaries do not exist and those that close a circle of managers.

    Whoever reports to a refused row is refused too, unless that manager is known from before.
    """
    faults = list(_unknown_subsidiaries(rows, known))
    refused = {fault.line for fault in faults}
    lines = _Lines([row for row in rows if row.line not in refused], known)
    faults += lines.check()
    return Placed(tuple(lines.levels()), tuple(faults))


def _unknown_subsidiaries(rows: Sequence[Row], known: Known) -> Iterator[Fault]:
    """One fault per row, which names the first few subsidiaries."""
    present = known.subsidiaries | {subsidiary_key(row.subsidiary) for row in rows}
    for row in rows:
        names = [name for role in row.roles for name in role.subsidiaries if subsidiary_key(name) not in present]
        if names:
            shown = ", ".join(names[:3])
            yield Fault(row.line, "roles", f"nobody works in a subsidiary {shown}; write it as in subsidiary")


class _Lines:
    """The reporting lines as they would be with these rows."""

    def __init__(self, rows: Iterable[Row], known: Known) -> None:
        self._known = known
        self._rows = {row.employee_number: row for row in rows}

    def check(self) -> list[Fault]:
        """Refuse rows until all lines end at somebody who exists; what was refused, each with its fault."""
        faults: list[Fault] = []
        while found := [*self._dangling(), *self._circular()]:
            faults += found
            refused = {fault.line for fault in found}
            self._rows = {number: row for number, row in self._rows.items() if row.line not in refused}
        return faults

    def levels(self) -> Iterator[tuple[Row, ...]]:
        """The rows, managers that are new before those who report to them."""
        reports: dict[str | None, list[Row]] = defaultdict(list)
        for row in self._rows.values():
            waits = row.manager in self._rows and row.manager not in self._known.managers
            reports[row.manager if waits else None].append(row)
        level = reports[None]
        while level:
            yield tuple(level)
            level = [report for row in level for report in reports.get(row.employee_number, ())]

    def _dangling(self) -> Iterator[Fault]:
        """The faults of all who report to nobody known, and of all below them."""
        reports: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows.values():
            if row.manager and row.manager not in self._known.managers:
                reports[row.manager].append(row)
        gone = [number for number in reports if number not in self._rows]
        while gone:
            number = gone.pop()
            for row in reports.get(number, ()):
                yield Fault(row.line, "manager", _NO_MANAGER.format(number))
                gone.append(row.employee_number)

    def _circular(self) -> Iterator[Fault]:
        """The faults of the rows that stand in a circle of managers."""
        done: set[str] = set()
        for start in self._rows:
            path: dict[str, None] = {}
            number: str | None = start
            while number is not None and number not in done and number not in path:
                path[number] = None
                number = self._manager_of(number)
            if number is not None and number in path:
                walked = list(path)
                yield from self._faults_of(walked[walked.index(number) :])
            done.update(path)

    def _manager_of(self, number: str) -> str | None:
        row = self._rows.get(number)
        return row.manager if row and "manager" in row.said else self._known.managers.get(number)

    def _faults_of(self, circle: Sequence[str]) -> Iterator[Fault]:
        shown = " → ".join((*circle, circle[0]) if len(circle) <= 8 else (*circle[:8], "…"))
        for number in circle:
            row = self._rows.get(number)
            if row and "manager" in row.said:
                yield Fault(row.line, "manager", f"these people are each other's managers: {shown}; break the circle")
