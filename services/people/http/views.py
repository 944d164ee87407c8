"""What `people` answers with."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from services.chassis.aggregate import Loaded
from services.chassis.wire import Instant, Strict
from services.people.domain import person as domain
from services.people.domain.profile import Cefr, Contract, HalfDay
from services.people.domain.roles import Holding, Origin, RoleName, Standing

Id = Annotated[str, Field(description="Id, random or derived, never reused")]


class PersonSummary(Strict):
    """A person in a list. ``roles`` are those in force, wherever they hold."""

    id: Id
    employee_number: str | None
    external_id: str | None
    name: str
    subsidiary: Id
    job_level: str | None
    executive: bool
    active: bool
    roles: tuple[RoleName, ...]


class RoleView(Strict):
    """A role and the ids of the subsidiaries where it holds; none: the whole group."""

    role: RoleName
    subsidiaries: tuple[Id, ...]


class HoldingView(Strict):
    """How somebody came to a role, in one subsidiary (null: the whole group), and whether it is in force.

    By whom, when and why where that was decided in Tandem.
    """

    role: RoleName
    subsidiary: Id | None
    origin: Origin
    standing: Standing
    decided_by: Id | None
    decided_at: Instant | None
    reason: str | None


class PersonView(Strict):
    """A person, without what only matching and HR need to know."""

    id: Id
    employee_number: str | None
    external_id: str | None
    name: str
    first_name: str
    last_name: str
    email: str | None
    subsidiary: Id
    manager_id: Id | None
    job_level: str | None
    executive: bool
    active: bool
    on_leave: bool
    leaves_on: date | None
    entry_date: date | None
    contract: Contract | None
    source: Annotated[str, Field(description="The roster that feeds this person")]
    roles: tuple[RoleView, ...]
    holdings: tuple[HoldingView, ...]
    language: str
    zone: str


class SkillView(Strict):
    """A platform and how well it is known, 0 to 4."""

    platform: str
    level: int


class WishView(Strict):
    """A platform and how much it matters, 1 to 3."""

    platform: str
    priority: int


class ProfileView(Strict):
    """What a person says of themselves, and the dates and the contract that HR has.

    ``spoken`` are the languages that count for a session; ``languages`` the levels that were declared.
    ``declared`` names what the person said themselves and a roster no longer overwrites.
    """

    birth_date: date | None
    entry_date: date | None
    contract: Contract | None
    skills: tuple[SkillView, ...]
    wishes: tuple[WishView, ...]
    languages: dict[str, Cefr]
    spoken: tuple[str, ...]
    place: str
    remote: bool | None
    availability: tuple[HalfDay, ...]
    capacity: int
    declared: tuple[str, ...]


class HoursView(Strict):
    """From when until when messages are wanted on working days, HH:MM in the person's zone."""

    start: str
    end: str


class MeView(PersonView):
    """Oneself, with everything that `people` knows of one."""

    login: str | None
    profile: ProfileView
    sending_hours: HoursView | None


class NameView(Strict):
    """What a person is called, and their company."""

    id: Id
    name: str
    subsidiary: Id


class RetentionView(Strict):
    """For how many days each kind of record is kept after its end."""

    applications: int
    sessions: int
    notes: int
    outcomes: int
    messages: int
    audit: int


class OfficerView(Strict):
    """Whom to ask: a body or a person, and their address."""

    name: str
    email: str


class ContactsView(Strict):
    """Works council, executives' committee (Sprecherausschuss), data-protection officer; null where none is named."""

    works_council: OfficerView | None
    executives_committee: OfficerView | None
    data_protection_officer: OfficerView | None


class SubsidiaryView(Strict):
    """A company of the group and what its works agreement allows."""

    id: Id
    name: str
    parent_id: Id | None
    names_shown: bool
    outcomes_counted: bool
    retention: RetentionView
    contacts: ContactsView
    language: str
    zone: str


class KeyView(Strict):
    """An API key, without its secret."""

    key_id: str
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    last_used: Annotated[Instant | None, Field(description="To the minute; null where it was never used")]


class AccountView(Strict):
    """A service account with its keys, newest last."""

    id: Id
    name: str
    owner: str
    login: str | None
    roles: tuple[RoleView, ...]
    active: bool
    keys: tuple[KeyView, ...]


class NewKeyView(Strict):
    """A new key. ``secret`` is the whole key, shown in this answer only.

    Whoever repeats the request gets null there: revoke the key then, and ask for another one.
    """

    key: KeyView
    secret: str | None


class CatalogueItemView(Strict):
    """A code, what it is called in the language asked for, and what it means where the name does not say it."""

    code: str
    name: str
    about: str
    retired: bool


class CatalogueView(Strict):
    """A catalogue in one language; ``version`` rises with every change."""

    name: str
    version: int
    languages: tuple[str, ...]
    items: tuple[CatalogueItemView, ...]


def summary(person: domain.Person) -> PersonSummary:
    """A person in a list."""
    directory = person.directory
    return PersonSummary(
        id=person.person_id,
        employee_number=person.employee_number,
        external_id=person.external_id,
        name=person.contact.name,
        subsidiary=directory.subsidiary,
        job_level=directory.job_level,
        executive=directory.executive,
        active=directory.active,
        roles=tuple(role.role for role in directory.roles),
    )


def view(loaded: Loaded[domain.Person]) -> PersonView:
    """A person."""
    return PersonView(**_fields(loaded.state))


def me(loaded: Loaded[domain.Person]) -> MeView:
    """Oneself."""
    person, hours = loaded.state, loaded.state.contact.hours
    return MeView(
        **_fields(person),
        login=person.directory.login,
        profile=_profile(person),
        sending_hours=HoursView(start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}") if hours else None,
    )


def roles_of(roles: tuple[domain.Role, ...]) -> tuple[RoleView, ...]:
    """Roles and where they hold."""
    return tuple(RoleView(role=role.role, subsidiaries=role.subsidiaries) for role in roles)


def _fields(person: domain.Person) -> dict[str, Any]:
    directory, contact = person.directory, person.contact
    return {
        "id": person.person_id,
        "employee_number": person.employee_number,
        "external_id": person.external_id,
        "name": contact.name,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "subsidiary": directory.subsidiary,
        "manager_id": directory.manager_id,
        "job_level": directory.job_level,
        "executive": directory.executive,
        "active": directory.active,
        "on_leave": person.on_leave,
        "leaves_on": person.leaves_on,
        "entry_date": person.profile.entry_date,
        "contract": person.profile.contract,
        "source": person.source,
        "roles": roles_of(directory.roles),
        "holdings": tuple(map(_holding, person.holdings)),
        "language": directory.language,
        "zone": directory.zone,
    }


def _holding(one: Holding) -> HoldingView:
    decided = one.decided
    return HoldingView(
        role=one.role,
        subsidiary=one.subsidiary,
        origin=one.origin,
        standing=one.standing,
        decided_by=decided.by if decided else None,
        decided_at=decided.at if decided else None,
        reason=decided.reason if decided else None,
    )


def _profile(person: domain.Person) -> ProfileView:
    said = person.profile
    return ProfileView(
        birth_date=said.birth_date,
        entry_date=said.entry_date,
        contract=said.contract,
        skills=tuple(SkillView(platform=one.platform, level=one.level) for one in said.skills),
        wishes=tuple(WishView(platform=one.platform, priority=one.priority) for one in said.wishes),
        languages={one.language: one.level for one in said.levels},
        spoken=said.languages,
        place=said.place,
        remote=said.remote,
        availability=said.availability,
        capacity=said.capacity,
        declared=person.declared,
    )
