"""Compares a roster with the people known: who joins, moves, leaves, and what contradicts itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from services.people.domain.logins import handover
from services.people.domain.plan import Change, Joiner, Known, Leaver, Mover, Plan, Scope, company_key, in_order
from services.people.domain.reading.faults import Fault
from services.people.domain.reading.hierarchy import Before
from services.people.domain.reading.mapping import Layout
from services.people.domain.reading.reading import Reading
from services.people.domain.reading.records import Record
from services.people.domain.roles import Role

MOST_LEAVERS = 10  # percent of the active people of a source who may leave unless the caller states their number
_NOTHING = (None, "", ())
_IDS = ("employee_number", "external_id")
_NEW = "new:"
_TRANSLATED = ("subsidiary", "manager", "roles")
_ELSEWHERE = "you may not import this person; check number and company, or ask the group office"
_FURTHER = "this person holds a role beyond your companies; the group office says when they leave"
_LINKED = "the login of somebody known is changed by HR's integrator or the group office"
_UNFED = "this person comes from no roster yet; an import for the whole group takes them over"
_OFFICER = "roles, and logins of those who hold one, are changed by the group office, and never by oneself"


def before(known: Sequence[Known], layout: Layout, within: frozenset[str] | None = None) -> Before:
    """The people known so far as those whom the rows of a file may name as managers.

    Where the caller may import within some subsidiaries only, names are looked for there alone: an answer to a
    guessed name must not tell who works elsewhere.
    """
    keys = _keys(known, layout)
    above = {keys[person.person_id]: keys[person.manager] for person in known if person.manager in keys}
    people = {keys[person.person_id]: person for person in known}
    near = None if within is None else {key: person for key, person in people.items() if person.subsidiary in within}
    return Before(people, above, near)


def plan(reading: Reading, known: Sequence[Known], scope: Scope | None = None) -> Plan:
    """Compare a file with the people known; ``known`` holds everybody, also of other sources and who left."""
    planning = _Planning(reading, known, scope or Scope())
    for record in reading.records:
        planning.row(record)
    planning.absent()
    return planning.plan()


def _keys(known: Sequence[Known], layout: Layout) -> dict[str | None, str]:
    """By person id the keys by which a file with this mapping may call them."""
    by_number = layout.key == "employee_number"
    own = ((one, one.employee_number if by_number else one.external_id) for one in known)
    return {one.person_id: key or f"id:{one.person_id}" for one, key in own}


class _Planning:
    """One file being compared."""

    def __init__(self, reading: Reading, known: Sequence[Known], scope: Scope) -> None:
        self._reading = reading
        self._scope = scope
        self._known = known
        self._companies: dict[str, str] = {}  # by name as written
        self._layout = reading.layout
        self._keys = _keys(known, reading.layout)
        self._numbers: dict[str | None, Known] = {one.employee_number: one for one in known if one.employee_number}
        self._externals: dict[str | None, Known] = {one.external_id: one for one in known if one.external_id}
        self._within = self._scope.within
        near = (one for one in known if one.active and self._may(one.subsidiary))
        self._mails = {one.email.casefold(): one for one in near if one.email}
        self._has_managers, self._has_roles = "manager" in reading.said, "roles" in reading.said
        self._plain = tuple(name for name in Known.__slots__ if name in reading.said and name not in _TRANSLATED)
        self._values: Callable[[Any], tuple[Any, ...]] = attrgetter("active", *self._plain)
        self._needed = frozenset(reading.hierarchy.managers.values())
        self._found: dict[str, Record] = {}
        self._joiners: list[Joiner] = []
        self._movers: list[Mover] = []
        self._leavers: list[Leaver] = []
        self._conflicts: list[Fault] = []
        self._unchanged = self._gone = 0

    def row(self, record: Record) -> None:
        """Place one row."""
        one = self._numbers.get(record.employee_number)
        other = self._externals.get(record.external_id)
        person = one or other
        if person:
            self._found[person.person_id] = record
        if other and other is not person:
            self._found[other.person_id] = record
            self._conflict(record, "its two ids belong to two known people; correct one of them")
        elif record.roles and (strange := self._strange(record)):
            self._conflict(record, f"nobody works in a subsidiary {', '.join(strange[:3])}; correct the name", "roles")
        elif person:
            self._known_row(person, record)
        else:
            self._new_row(record)

    def _strange(self, record: Record) -> list[str]:
        """The subsidiaries that only a role of this row has; who gives roles in some learns nothing of the others."""
        if self._scope.granting is not None:
            return []
        names = (name for role in record.roles for name in role.subsidiaries)
        return [name for name in names if company_key(name) not in self._scope.companies]

    def _new_row(self, record: Record) -> None:
        mail = self._mails.get(record.email.casefold()) if record.email else None
        if not record.active and record.key not in self._needed:
            self._gone += 1
        elif record.subsidiary is None:
            self._conflict(record, "somebody new needs a subsidiary; the file has no such column, so name one")
        elif not self._may(self._company(record.subsidiary)):
            self._conflict(record, _ELSEWHERE)
        elif mail and mail.person_id not in self._found:
            self._conflict(record, f"same mail as a known person ({self._keys[mail.person_id]}); is it the same one?")
        elif record.roles and not self._scope.may_grant(self._roles(record)):
            self._conflict(record, _OFFICER, "roles")
        else:
            self._joiners.append(Joiner(record))

    def _may_office(self, person: Known, changes: Sequence[Change]) -> bool:
        """Whether the caller may change the roles that change, and the login of somebody who holds one.

        A login opens whatever its holder's roles open, so whoever sets it could take them. Somebody who comes back
        with roles is given them, though the roster said the same of them before.
        """
        at_stake = person.held if person.active else (*person.held, *person.roles)
        back = self._has_roles and any(change.field == "active" for change in changes) and not person.active
        for change in changes:
            if change.field == "login" and at_stake and not self._scope.may_grant(at_stake):
                return False
            if back and not self._scope.may_grant(person.roles):
                return False
            if change.field == "roles":
                given = [role for role in change.after if role not in person.held]
                taken = [role for role in change.before if role not in change.after]
                if not self._scope.may_grant([*given, *taken]) or (given and person.person_id == self._scope.caller):
                    return False
        return True

    def _may_link(self, person: Known, changes: Sequence[Change]) -> bool:
        return self._scope.may_link(person.subsidiary) or all(change.field != "login" for change in changes)

    def _known_row(self, person: Known, record: Record) -> None:
        target = self._company(record.subsidiary) if record.subsidiary else person.subsidiary
        if self._within is not None and not {person.subsidiary, target} <= self._within:
            self._conflict(record, _ELSEWHERE)
        elif self._agrees(person, record, target):
            self._unchanged += 1
        elif person.source not in ("", self._reading.source):
            self._conflict(record, f"this person comes from the source {person.source}; change them there")
        elif not person.source and self._within is not None:
            self._conflict(record, _UNFED)
        elif changes := tuple(self._changes(person, record, target)):
            leaves = person.active and any(change.field == "active" for change in changes)
            if not self._may_office(person, changes):
                self._conflict(record, _OFFICER)
            elif not self._may_link(person, changes):
                self._conflict(record, _LINKED, "login")
            elif leaves and self._reaches_further(person):
                self._conflict(record, _FURTHER)
            elif leaves:
                self._leavers.append(Leaver(person, record, changes))
            else:
                self._movers.append(Mover(person, record, changes))
        else:
            self._unchanged += 1

    def _agrees(self, person: Known, record: Record, company: str) -> bool:
        """Whether nothing needs a closer look, which is so of nearly all rows."""
        return (
            self._values(person) == self._values(record)
            and person.subsidiary == company
            and person.source == self._reading.source
            and (not self._has_managers or self._manager_of(record) == self._keys.get(person.manager))
            and (not self._has_roles or self._roles(record) == person.roles)
        )

    def _changes(self, person: Known, record: Record, company: str) -> Iterator[Change]:
        if person.source != self._reading.source:
            yield Change("source", person.source, self._reading.source)
        if person.subsidiary != company:
            yield Change("subsidiary", person.subsidiary, company)
        yield from self._plain_changes(person, record)
        if self._has_managers:
            before, after = self._keys.get(person.manager), self._manager_of(record)
            if before != after:
                yield Change("manager", before, after)
        if self._has_roles and (roles := self._roles(record)) != person.roles:
            yield Change("roles", person.roles, roles)

    def _manager_of(self, record: Record) -> str | None:
        return self._reading.hierarchy.managers.get(record.key)

    def _plain_changes(self, person: Known, record: Record) -> Iterator[Change]:
        for name in self._plain:
            old, new = getattr(person, name), getattr(record, name)
            believed = name in person.declared and old not in _NOTHING
            if old != new and not believed and not (name in _IDS and new is None):
                yield Change(name, old, new)

    def _roles(self, record: Record) -> tuple[Role, ...]:
        return in_order(Role(role.role, tuple(map(self._company, role.subsidiaries))) for role in record.roles)

    def absent(self) -> None:
        """Whoever a whole file does not name has left; whoever has a refused row has not."""
        reading = self._reading
        for person in self._known if reading.wanted.whole else ():
            missing = person.person_id not in self._found and self._keys[person.person_id] not in reading.named
            if not (missing and self._of_source(person)):
                continue
            if self._reaches_further(person):
                self._conflicts.append(Fault(1, _FURTHER, key=self._keys[person.person_id]))
            else:
                self._leavers.append(Leaver(person))

    def plan(self) -> Plan:
        """The plan, when every row is placed."""
        employed = [person for person in self._known if self._of_source(person)]
        released = self._hand_over() if "login" in self._reading.said else {}
        return Plan(
            joiners=tuple(self._joiners),
            movers=tuple(self._movers),
            leavers=tuple(self._leavers),
            conflicts=tuple(sorted(self._conflicts, key=lambda fault: fault.line)),
            unchanged=self._unchanged,
            gone=self._gone,
            employed=len(employed),
            held=_held(self._reading, self._leavers, employed),
            released=released,
        )

    def _hand_over(self) -> Mapping[str, str]:
        """Turn those into conflicts who want a login that its holder keeps; the logins to be given up first."""
        wanted: dict[str, str | None] = {_NEW + one.record.key: one.record.login for one in self._joiners}
        for known, record in self._rows_of_known():
            if known.login != record.login:
                wanted[known.person_id] = record.login
        held = {person.person_id: person.login for person in self._known if person.login}
        found = handover(wanted, held | {login: login for login in self._scope.taken})
        everybody: tuple[Joiner | Mover | Leaver, ...] = (*self._joiners, *self._movers, *self._leavers)
        for one in everybody:
            if one.record and self._is_stuck(one, found.stuck):
                self._conflict(one.record, "somebody else has this login; correct it", "login")
        self._joiners = [one for one in self._joiners if not self._is_stuck(one, found.stuck)]
        self._movers = [one for one in self._movers if not self._is_stuck(one, found.stuck)]
        self._leavers = [one for one in self._leavers if not self._is_stuck(one, found.stuck)]
        return found.released

    def _rows_of_known(self) -> Iterator[tuple[Known, Record]]:
        yield from ((one.known, one.record) for one in self._movers)
        yield from ((one.known, one.record) for one in self._leavers if one.record)

    def _is_stuck(self, one: Joiner | Mover | Leaver, stuck: frozenset[str]) -> bool:
        return (_NEW + one.record.key if isinstance(one, Joiner) else one.known.person_id) in stuck

    def _reaches_further(self, person: Known) -> bool:
        """Whether the person holds a role beyond the companies to which the caller is bounded."""
        within = self._within
        return within is not None and any(
            not role.subsidiaries or not within.issuperset(role.subsidiaries) for role in person.held
        )

    def _of_source(self, person: Known) -> bool:
        return person.active and person.source == self._reading.source and self._may(person.subsidiary)

    def _may(self, company: str) -> bool:
        return self._within is None or company in self._within

    def _company(self, name: str) -> str:
        if (found := self._companies.get(name)) is None:
            found = self._companies[name] = self._scope.companies.get(company_key(name), name)
        return found

    def _conflict(self, record: Record, reason: str, field: str | None = None) -> None:
        self._conflicts.append(Fault(record.line, reason, field=field, key=record.key))


def _held(reading: Reading, leavers: Sequence[Leaver], employed: Sequence[Known]) -> str | None:
    """Why a person must look at the leavers before any of this is applied."""
    if leavers and len(leavers) * 100 > MOST_LEAVERS * len(employed):
        share = min(round(len(leavers) * 100 / len(employed)), 100) if employed else 100  # others join this source
        return f"the file would deactivate {share} % of the known people; a person must confirm"
    if reading.empty:
        return "the file has a header and nobody below it; a person must confirm"
    missing = [leaver.known for leaver in leavers if leaver.record is None]
    if missing and reading.unknown_rows:
        return f"{reading.unknown_rows} rows name nobody, so {len(missing)} may be taken for leavers; correct them"
    before, after = (Counter(person.subsidiary for person in people) for people in (employed, missing))
    if any(count == before[company] for company, count in after.items()):
        return "the file has nobody of a company whose people it had before; a person must confirm"
    return None
