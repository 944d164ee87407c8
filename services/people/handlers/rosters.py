"""The commands on rosters: take one over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from services.chassis.aggregate import AlreadyTaken, Command, Repository
from services.chassis.clock import Clock
from services.chassis.ids import random_id
from services.chassis.logging import get_logger
from services.chassis.rules import refusing
from services.people.domain import person as domain
from services.people.domain.logins import passed_on
from services.people.domain.placing import Known, Placed, place, subsidiary_key
from services.people.domain.roster import FAULTS, Fault, Roster, Row, RuleBroken, parse
from services.people.handlers.subsidiaries import Naming, SubsidiaryHandlers
from services.people.store import Link, People

log = get_logger(__name__)
Persons = Repository[domain.Person, domain.Event]
Outcome = Literal["created", "changed", "unchanged"]
T = TypeVar("T")
_AT_ONCE = 16  # rows on their way to the database
_FIELDS = {"manager": "manager_id"}  # columns whose value has another name in the domain


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a roster: how many rows did what, and the first ``FAULTS`` faults of those refused, by line."""

    created: int
    changed: int
    unchanged: int
    refused: tuple[Fault, ...]
    refused_rows: int


@dataclass(frozen=True, slots=True)
class Rosters:
    """The commands on rosters, over the persons."""

    persons: Persons
    people: People
    subsidiaries: SubsidiaryHandlers
    clock: Clock

    async def take_over_roster(self, body: bytes, command: Command) -> Report:
        """Take over the good rows of a roster file; the same file again changes nothing, and finishes what was cut off.

        Whoever is not in the file stays as they are. Raises a refusal where the file as a whole is unusable.
        """
        with refusing(RuleBroken):
            roster = await asyncio.to_thread(parse, body)
        links = await self.people.links()
        placed = await self._placed(roster, links)
        outcomes = await self._taken_over(placed, links, command)
        report = _report(roster, placed, outcomes)
        log.info("roster_taken_over", created=report.created, changed=report.changed, refused=report.refused_rows)
        return report

    async def _taken_over(self, placed: Placed, links: dict[str, Link], command: Command) -> list[Outcome | Fault]:
        rows = [row for level in placed.levels for row in level]
        naming = await self.subsidiaries.naming()
        await self.subsidiaries.name(_names(rows, naming), command)
        taking = _TakingOver(self, command, {number: link.person_id for number, link in links.items()}, naming)
        held = {number: link.login for number, link in links.items() if link.login}
        await taking.let_go(passed_on(rows, held))
        return [outcome for level in placed.levels for outcome in await taking.level(level)]

    async def _placed(self, roster: Roster, links: dict[str, Link]) -> Placed:
        numbers = {link.person_id: number for number, link in links.items()}
        managers = {number: numbers.get(link.manager_id or "") for number, link in links.items()}
        names = await self.subsidiaries.companies.names()
        subsidiaries = frozenset((*names, *map(subsidiary_key, names.values())))
        return await asyncio.to_thread(place, roster.rows, Known(managers, subsidiaries))


def _report(roster: Roster, placed: Placed, outcomes: Sequence[Outcome | Fault]) -> Report:
    counts = Counter(outcome for outcome in outcomes if not isinstance(outcome, Fault))
    later = [*placed.faults, *(outcome for outcome in outcomes if isinstance(outcome, Fault))]
    listed = sorted((*roster.faults, *later), key=lambda fault: fault.line)[:FAULTS]
    refused = roster.refused + len({fault.line for fault in later})
    return Report(counts["created"], counts["changed"], counts["unchanged"], tuple(listed), refused)


class _TakingOver:
    """One roster on its way into the store; ``ids`` grows with the people it creates."""

    def __init__(self, handlers: Rosters, command: Command, ids: dict[str, str], naming: Naming) -> None:
        self._persons = handlers.persons
        self._people = handlers.people
        self._clock = handlers.clock
        self._command = command
        self._ids = ids
        self._naming = naming
        self._without_login: set[str] = set()

    async def let_go(self, logins: Mapping[str, str]) -> None:
        """Have those let go of their logins whose rows give them another one or none. Raises ``Transient``."""
        for number, login in logins.items():
            await self._persons.change(self._ids[number], self._letting_go(login), self._command)
            self._without_login.add(number)

    def _letting_go(self, login: str) -> Callable[[domain.Person], list[domain.Event]]:
        return lambda state: domain.noted(domain.let_go(state, login), self._clock.now())

    async def level(self, rows: Sequence[Row]) -> list[Outcome | Fault]:
        """Take over rows that do not wait for one another, a few at a time. Raises ``Transient``."""
        outcomes: list[Outcome | Fault] = []
        for some in _chunks(rows):
            answers = await asyncio.gather(*(self._row(row) for row in some), return_exceptions=True)
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer
                outcomes.append(answer)
        return outcomes

    async def _row(self, row: Row) -> Outcome | Fault:
        if row.manager and row.manager not in self._ids:
            return Fault(row.line, "manager", f"the manager {row.manager} could not be taken over; send the file again")
        try:
            return await self._written(row)
        except AlreadyTaken:
            found = await self._people.id_of(row.employee_number)
        if found is not None and found != self._ids.get(row.employee_number):
            self._ids[row.employee_number] = found  # another roster created this person since we looked
            return await self._row(row)
        return Fault(row.line, "login", "somebody else has this login; correct it")

    async def _written(self, row: Row) -> Outcome:
        entry = self._entry(row)
        id = self._ids.get(row.employee_number) or random_id()
        outcome: Outcome = "unchanged"

        def decide(state: domain.Person | None) -> list[domain.Event]:
            nonlocal outcome
            events = domain.take_over(state, id, entry)
            changed = events or row.employee_number in self._without_login
            outcome = "created" if state is None else "changed" if changed else "unchanged"
            return domain.noted(events, self._clock.now())

        await self._persons.handle(id, decide, self._command)
        self._ids[row.employee_number] = id
        return outcome

    def _entry(self, row: Row) -> domain.Entry:
        roles = tuple(domain.Role(role.role, tuple(map(self._naming.id_of, role.subsidiaries))) for role in row.roles)
        directory = domain.Directory(
            subsidiary=self._naming.id_of(row.subsidiary),
            login=row.login,
            roles=roles,
            manager_id=self._ids[row.manager] if row.manager else None,
            executive=row.executive,
            active=row.active,
            language=row.language,
            zone=row.zone,
        )
        profile = domain.Profile(
            birth_date=row.birth_date,
            entry_date=row.entry_date,
            skills=row.skills,
            wishes=row.wishes,
            languages=row.languages,
            place=row.place,
            capacity=row.capacity,
        )
        said = frozenset(_FIELDS.get(name, name) for name in row.said)
        contact = domain.Contact(row.name, row.email)
        return domain.Entry(row.employee_number, directory, contact, profile, said)


def _names(rows: Iterable[Row], naming: Naming) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(naming.id_of(row.subsidiary), row.subsidiary)
    return names


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
