"""A person of the group: what HR, the directory, the contacts and the profiles say. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any, Literal, TypeVar

from services.people.domain import roles
from services.people.domain.profile import DECLARABLE, Profile, Skill, Wish
from services.people.domain.roles import Holdings, Role, RoleName
from services.people.domain.rules import RuleBroken

__all__ = [
    "Contact",
    "ContactChanged",
    "Directory",
    "DirectoryChanged",
    "EmploymentChanged",
    "Entry",
    "Event",
    "Hours",
    "PartEvent",
    "PartName",
    "Person",
    "PersonChanged",
    "Profile",
    "ProfileChanged",
    "Role",
    "RoleGranted",
    "RoleName",
    "RoleRevoked",
    "Skill",
    "Wish",
]
_EMPLOYMENT = ("employee_number", "external_id", "source", "on_leave", "leaves_on")
_THEIRS = ("levels", "hours")  # that no roster says
_NOTHING = ((), "", None)


class Unidentified(RuleBroken):
    """A person needs a number or an id by which the next roster finds them."""

    kind = "person-unidentified"
    status = 422


@dataclass(frozen=True, slots=True)
class Directory:
    """What every service may know of a person; ``roles`` are those in force, ``job_level`` a code of HR's."""

    subsidiary: str
    login: str | None = None
    roles: tuple[Role, ...] = ()
    manager_id: str | None = None
    executive: bool = False
    active: bool = True
    language: str = "en"
    zone: str = "UTC"
    job_level: str | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody wants messages on working days, in their own zone: from ``start`` until ``end``."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is addressed and reached; first and last name where they are known apart."""

    name: str
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One person, whom the next roster finds by ``employee_number`` or ``external_id``; ``source`` is that roster's.

    ``holdings`` are all roles, those not in force too; ``declared`` names the fields that the person said themselves.
    """

    person_id: str
    employee_number: str | None
    directory: Directory
    contact: Contact
    profile: Profile
    external_id: str | None = None
    source: str = ""
    on_leave: bool = False
    leaves_on: date | None = None
    holdings: Holdings = ()
    declared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a roster says of a person; of fields outside ``said`` it says nothing and holds only defaults."""

    employee_number: str | None
    directory: Directory
    contact: Contact
    profile: Profile
    said: frozenset[str]
    external_id: str | None = None
    source: str = ""
    on_leave: bool = False
    leaves_on: date | None = None


@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    """Subsidiary, roles, manager, state or language changed; ``person`` is as it stands afterwards."""

    person: Person


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Name, address or sending hours changed."""

    person: Person


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """Skills, wishes, dates, languages, place, time or capacity changed."""

    person: Person


@dataclass(frozen=True, slots=True)
class EmploymentChanged:
    """HR's numbers, the roster, a leave or the last day changed."""

    person: Person


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A command changed these parts of a person, whatever they hold; ``person`` is as it stands afterwards."""

    person: Person
    changed: tuple[PartName, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """Somebody gave a role; why stays with the person."""

    person: Person
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """Somebody took a role away; why stays with the person."""

    person: Person
    role: Role
    at: datetime


PartEvent = DirectoryChanged | ContactChanged | ProfileChanged | EmploymentChanged
Event = PartEvent | PersonChanged | RoleGranted | RoleRevoked
PartName = Literal["directory", "contact", "profile", "employment"]
Part = TypeVar("Part", Directory, Contact, Profile)


def take_over(state: Person | None, person_id: str, entry: Entry) -> list[PartEvent]:
    """Take over what a roster says: an event for each part of the person that it changes, none where it agrees.

    Whatever the roster says nothing of, and what the person said themselves, stays as it is; a new person gets the
    default. Whoever leaves loses all roles. Raises ``Unidentified``.
    """
    if state is None:
        person = settled(_new(person_id, entry))
        return [DirectoryChanged(person), ContactChanged(person), ProfileChanged(person)]
    said = entry.said.difference(kept_back(state, entry), _THEIRS)
    person = replace(
        state,
        directory=_updated(state.directory, entry.directory, said - {"roles"}),
        contact=_updated(state.contact, entry.contact, said),
        profile=_updated(state.profile, entry.profile, said),
        **{name: getattr(entry, name) for name in _EMPLOYMENT if name in said},
    )
    if "roles" in said:
        person = replace(person, holdings=roles.roster_says(state.holdings, entry.directory.roles))
    return list(changes(state, settled(person)))


def kept_back(state: Person, entry: Entry) -> tuple[str, ...]:
    """The fields of which a roster says something else than the person themselves, who is believed."""
    return tuple(
        name
        for name in state.declared
        if name in entry.said and _field(state, name) not in (*_NOTHING, _field(entry, name))
    )


def let_go(state: Person, login: str) -> list[PartEvent]:
    """Let go of a login that somebody else gets; whoever has it no more has let go already."""
    if state.directory.login != login:
        return []
    return [DirectoryChanged(replace(state, directory=replace(state.directory, login=None)))]


def noted(changes: Sequence[PartEvent], at: datetime) -> list[Event]:
    """The changes of one command, and behind them, if there are any, what the audit trail says of them."""
    if not changes:
        return []
    return [*changes, PersonChanged(changes[-1].person, tuple(_PARTS[type(change)] for change in changes), at)]


_PARTS: Mapping[type[PartEvent], PartName] = {
    DirectoryChanged: "directory",
    ContactChanged: "contact",
    ProfileChanged: "profile",
    EmploymentChanged: "employment",
}


def evolve(state: Person | None, event: Event) -> Person:
    """The person after an event."""
    person = event.person
    if state is None:
        return person
    match event:
        case DirectoryChanged():
            return replace(state, directory=person.directory, holdings=person.holdings, declared=person.declared)
        case ContactChanged():
            return replace(state, contact=person.contact)
        case ProfileChanged():
            return replace(state, profile=person.profile, declared=person.declared)
        case EmploymentChanged():
            return replace(state, **{name: getattr(person, name) for name in _EMPLOYMENT})
        case PersonChanged() | RoleGranted() | RoleRevoked():
            return state


def _new(person_id: str, entry: Entry) -> Person:
    if not (entry.employee_number or entry.external_id):
        raise Unidentified("Name an employee_number or an external_id; the next roster finds the person by it.")
    return Person(
        person_id,
        entry.employee_number,
        entry.directory,
        entry.contact,
        entry.profile,
        external_id=entry.external_id,
        source=entry.source,
        on_leave=entry.on_leave,
        leaves_on=entry.leaves_on,
        holdings=roles.of_roster(entry.directory.roles),
    )


def settled(person: Person) -> Person:
    """The person as it stands: whoever has left holds no role, and the directory shows those in force."""
    holdings = person.holdings if person.directory.active else roles.end(person.holdings)
    directory = replace(person.directory, roles=roles.in_force(holdings))
    return replace(person, directory=directory, holdings=holdings)


def _field(whole: Person | Entry, name: str) -> Any:
    return getattr(whole.profile if name in DECLARABLE else whole.directory, name)


def _updated(kept: Part, new: Part, said: frozenset[str]) -> Part:
    names = [field.name for field in fields(kept) if field.name in said]
    return replace(kept, **{name: getattr(new, name) for name in names})


def changes(before: Person, after: Person) -> Iterator[PartEvent]:
    """An event for each part in which the two differ."""
    placed = (before.directory, before.holdings) != (after.directory, after.holdings)
    if placed:
        yield DirectoryChanged(after)
    if before.contact != after.contact:
        yield ContactChanged(after)
    if before.profile != after.profile or (before.declared != after.declared and not placed):
        yield ProfileChanged(after)
    if any(getattr(before, name) != getattr(after, name) for name in _EMPLOYMENT):
        yield EmploymentChanged(after)
