"""What `people` tells, as pages need it. Readers are tolerant: what is new there is passed over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

M = TypeVar("M")


class Read(BaseModel):
    """Something that another service tells; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Role(Read):
    """A role and the subsidiaries it is bounded to; none means the whole group."""

    role: str
    subsidiaries: tuple[str, ...] = ()


class Holding(Read):
    """How somebody came to a role, in one subsidiary (none: the whole group), and whether it is in force."""

    role: str
    subsidiary: str | None = None
    origin: str = "roster"
    standing: str = "held"
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


class Skill(Read):
    """A platform and how well it is known, 0 to 4."""

    platform: str
    level: int


class Wish(Read):
    """A platform and how much it matters, 1 to 3."""

    platform: str
    priority: int


class Profile(Read):
    """What a person says of herself, and her date of birth as HR has it, which only she herself is told."""

    birth_date: date | None = None
    skills: tuple[Skill, ...] = ()
    wishes: tuple[Wish, ...] = ()
    languages: dict[str, str] = {}
    spoken: tuple[str, ...] = ()
    place: str = ""
    remote: bool | None = None
    availability: tuple[str, ...] = ()
    capacity: int = 1
    declared: tuple[str, ...] = ()


class Hours(Read):
    """From when until when messages are wanted, HH:MM."""

    start: str
    end: str


class Listed(Read):
    """A person in a list."""

    id: str
    employee_number: str | None = None
    name: str = ""
    subsidiary: str = ""
    job_level: str | None = None
    executive: bool = False
    active: bool = True
    roles: tuple[str, ...] = ()


class Person(Read):
    """A person."""

    id: str
    employee_number: str | None = None
    external_id: str | None = None
    name: str = ""
    email: str | None = None
    subsidiary: str = ""
    manager_id: str | None = None
    job_level: str | None = None
    executive: bool = False
    active: bool = True
    on_leave: bool = False
    entry_date: date | None = None
    source: str = ""
    roles: tuple[Role, ...] = ()
    holdings: tuple[Holding, ...] = ()
    language: str = "en"
    zone: str = "UTC"


class Me(Person):
    """The signed-in person, with everything that `people` knows of her."""

    login: str | None = None
    profile: Profile = Profile()
    sending_hours: Hours | None = None


class Named(Read):
    """What somebody is called."""

    id: str
    name: str


class Retention(Read):
    """For how many days each kind of record is kept."""

    applications: int
    sessions: int
    notes: int
    outcomes: int
    messages: int
    audit: int


class Officer(Read):
    """Whom to ask, and the address."""

    name: str
    email: str


class Contacts(Read):
    """Who speaks for the people of a company."""

    works_council: Officer | None = None
    executives_committee: Officer | None = None
    data_protection_officer: Officer | None = None


class Company(Read):
    """A company of the group and what its works agreement allows."""

    id: str
    name: str
    parent_id: str | None = None
    names_shown: bool = False
    outcomes_counted: bool = False
    retention: Retention
    contacts: Contacts = Contacts()
    language: str = "en"
    zone: str = "UTC"


class Key(Read):
    """An API key, without its secret."""

    key_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used: datetime | None = None


class Account(Read):
    """A service account with its keys."""

    id: str
    name: str
    owner: str = ""
    login: str | None = None
    roles: tuple[Role, ...] = ()
    active: bool = True
    keys: tuple[Key, ...] = ()


class NewKey(Read):
    """A key just made; ``secret`` is there once only."""

    key: Key
    secret: str | None = None


class Term(Read):
    """A code of a catalogue, its name and what it means."""

    code: str
    name: str
    about: str = ""
    retired: bool = False


class Catalogue(Read):
    """A catalogue in one language."""

    items: tuple[Term, ...] = ()


class Seen(Read, Generic[M]):
    """A record and the version in which it was seen, None where it has none."""

    value: M
    version: int | None = None


class Part(Read, Generic[M]):
    """A page of a list; ``next`` is the cursor of the next one."""

    items: tuple[M, ...] = ()
    next: str | None = None
