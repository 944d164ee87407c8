"""A person of the group: what the directory, the contacts and the profiles say. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, TypeVar


class RoleName(StrEnum):
    """The roles somebody may hold; mentor and executive are not among them, they follow from the data."""

    PROGRAMME_MANAGER = "programme_manager"
    ASSESSOR = "assessor"
    GROUP_OFFICE = "group_office"
    HR_INTEGRATOR = "hr_integrator"
    AUDITOR = "auditor"
    DATA_PROTECTION = "data_protection"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Role:
    """A role and the subsidiaries it is bounded to."""

    role: RoleName
    subsidiaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skill:
    """A platform somebody knows: level 0 (not at all) to 4 (expert)."""

    platform: str
    level: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A platform somebody wishes to learn: priority 1 (first) to 3."""

    platform: str
    priority: int


@dataclass(frozen=True, slots=True)
class Directory:
    """What every service may know of a person."""

    subsidiary: str
    login: str | None = None
    roles: tuple[Role, ...] = ()
    manager_id: str | None = None
    executive: bool = False
    active: bool = True
    language: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is addressed and reached."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What eligibility and matching are counted from; ``capacity`` is the most mentees at a time, 0 to 3."""

    birth_date: date
    entry_date: date
    skills: tuple[Skill, ...] = ()
    wishes: tuple[Wish, ...] = ()
    languages: tuple[str, ...] = ()
    place: str = ""
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class Person:
    """One person; ``employee_number`` is HR's name for them and the link to the next roster."""

    person_id: str
    employee_number: str
    directory: Directory
    contact: Contact
    profile: Profile


@dataclass(frozen=True, slots=True)
class Entry:
    """What a roster says of a person; of fields outside ``said`` it says nothing and holds only defaults."""

    employee_number: str
    directory: Directory
    contact: Contact
    profile: Profile
    said: frozenset[str]


@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    """Subsidiary, roles, manager, state or language changed; ``person`` is as it stands afterwards."""

    person: Person


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Name or address changed."""

    person: Person


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """Skills, wishes, dates, languages, place or capacity changed."""

    person: Person


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A command changed these parts of a person, whatever they hold; ``person`` is as it stands afterwards."""

    person: Person
    changed: tuple[PartName, ...]
    at: datetime


PartEvent = DirectoryChanged | ContactChanged | ProfileChanged
Event = PartEvent | PersonChanged
PartName = Literal["directory", "contact", "profile"]
Part = TypeVar("Part", Directory, Contact, Profile)


def take_over(state: Person | None, person_id: str, entry: Entry) -> list[PartEvent]:
    """Take over what a roster says: an event for each part of the person that it changes, none where it agrees.

    Whatever the roster says nothing of stays as it is; a new person gets its default.
    """
    if state is None:
        person = Person(person_id, entry.employee_number, entry.directory, entry.contact, entry.profile)
        return [DirectoryChanged(person), ContactChanged(person), ProfileChanged(person)]
    person = replace(
        state,
        directory=_updated(state.directory, entry.directory, entry.said),
        contact=_updated(state.contact, entry.contact, entry.said),
        profile=_updated(state.profile, entry.profile, entry.said),
    )
    return list(_changes(state, person))


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
}


def evolve(state: Person | None, event: Event) -> Person:
    """The person after an event."""
    person = event.person
    match event:
        case PersonChanged():
            return state or person
        case DirectoryChanged():
            return replace(state or person, directory=person.directory)
        case ContactChanged():
            return replace(state or person, contact=person.contact)
        case ProfileChanged():
            return replace(state or person, profile=person.profile)


def _updated(kept: Part, new: Part, said: frozenset[str]) -> Part:
    names = [field.name for field in fields(kept) if field.name in said]
    return replace(kept, **{name: getattr(new, name) for name in names})


def _changes(before: Person, after: Person) -> Iterator[PartEvent]:
    if before.directory != after.directory:
        yield DirectoryChanged(after)
    if before.contact != after.contact:
        yield ContactChanged(after)
    if before.profile != after.profile:
        yield ProfileChanged(after)
