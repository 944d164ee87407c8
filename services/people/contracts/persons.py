"""What goes out of a person: the directory, the contacts and the profiles, and who changed what."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict
from services.people.contracts.topics import ACCESS_TOPIC, CONTACTS_TOPIC, DIRECTORY_TOPIC, PROFILES_TOPIC
from services.people.domain import person as domain
from services.people.domain.profile import Cefr, HalfDay


class Role(Strict):
    """A role and where it holds; without subsidiaries in the whole group."""

    role: domain.RoleName
    subsidiaries: tuple[str, ...]


class DirectoryPerson(Strict):
    """What every service must know of a person to decide who may do what."""

    person_id: str
    login: str | None = None
    subsidiary: str
    roles: tuple[Role, ...]
    manager_id: str | None = None
    executive: bool
    active: bool
    language: str
    zone: str
    job_level: str | None = None


class SendingHours(Strict):
    """From when until when somebody wants messages, hours and minutes in their own zone."""

    start: str
    end: str


class _Contacts(Strict):
    person_id: str
    name: str
    sending_hours: SendingHours | None = None


class ContactsPerson(_Contacts):
    """How a person is addressed and reached."""

    email: str


class ContactsPersonUnreached(_Contacts):
    """How a person is addressed; they may have no address."""

    email: str | None = None


class Skill(Strict):
    """A platform and how well it is known, 0 to 4."""

    platform: str
    level: int


class Wish(Strict):
    """A platform and how much it matters, 1 to 3."""

    platform: str
    priority: int


class LanguageLevel(Strict):
    """A language and how well it is spoken."""

    language: str
    level: Cefr


class _Profiles(Strict):
    person_id: str
    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    languages: tuple[str, ...]
    place: str
    capacity: int
    language_levels: tuple[LanguageLevel, ...] = ()
    remote: bool | None = None
    availability: tuple[HalfDay, ...] = ()
    contract: str | None = None


class ProfilesPerson(_Profiles):
    """What a person says of skills and wishes, and what eligibility is counted from."""

    birth_date: date
    entry_date: date


class ProfilesPersonUndated(_Profiles):
    """As a profile, of somebody whose date of birth or entry may not be known."""

    birth_date: date | None = None
    entry_date: date | None = None


class PersonChanged(Strict):
    """Somebody changed what is known of a person: which parts of it, not what they say."""

    person_id: str
    subsidiary: str
    changed: tuple[domain.PartName, ...]
    at: Instant


class RoleGranted(Strict):
    """Somebody gave a person a role in Tandem; the reason stays with the person."""

    person_id: str
    subsidiary: str
    role: domain.RoleName
    subsidiaries: tuple[str, ...]
    at: Instant


class RoleRevoked(Strict):
    """Somebody took a role away; without subsidiaries altogether. The reason stays with the person."""

    person_id: str
    subsidiary: str
    role: domain.RoleName
    subsidiaries: tuple[str, ...]
    at: Instant


DIRECTORY = "org.tandem.directory.person.v1"
CONTACTS = "org.tandem.contacts.person.v1"
CONTACTS_UNREACHED = "org.tandem.contacts.person.v2"
PROFILES = "org.tandem.profiles.person.v1"
PROFILES_UNDATED = "org.tandem.profiles.person.v2"
CHANGED = "org.tandem.person.changed.v1"
GRANTED = "org.tandem.role.granted.v1"
REVOKED = "org.tandem.role.revoked.v1"


def of_person(event: domain.Event) -> Outgoing | None:
    """The full new state of the part that changed, for its topic; of a change as a whole that it took place."""
    person = event.person
    match event:
        case domain.DirectoryChanged():
            return Outgoing(DIRECTORY_TOPIC, DIRECTORY, _directory(person), subsidiary=person.directory.subsidiary)
        case domain.ContactChanged():
            return _contact(person)
        case domain.ProfileChanged():
            return _profile(person)
        case domain.EmploymentChanged():
            return None
        case domain.PersonChanged(changed=changed, at=at):
            return _noted(person, CHANGED, PersonChanged(**_whose(person), changed=changed, at=at))
        case domain.RoleGranted(role=role, at=at):
            return _noted(person, GRANTED, RoleGranted(**_whose(person), **_named(role), at=at))
        case domain.RoleRevoked(role=role, at=at):
            return _noted(person, REVOKED, RoleRevoked(**_whose(person), **_named(role), at=at))


def _noted(person: domain.Person, type_: str, data: Strict) -> Outgoing:
    return Outgoing(ACCESS_TOPIC, type_, data, subsidiary=person.directory.subsidiary)


def _whose(person: domain.Person) -> dict[str, Any]:
    return {"person_id": person.person_id, "subsidiary": person.directory.subsidiary}


def _named(role: domain.Role) -> dict[str, Any]:
    return {"role": role.role, "subsidiaries": role.subsidiaries}


def _directory(person: domain.Person) -> DirectoryPerson:
    said = person.directory
    return DirectoryPerson(
        person_id=person.person_id,
        login=said.login,
        subsidiary=said.subsidiary,
        roles=tuple(Role(role=role.role, subsidiaries=role.subsidiaries) for role in said.roles),
        manager_id=said.manager_id,
        executive=said.executive,
        active=said.active,
        language=said.language,
        zone=said.zone,
        job_level=said.job_level,
    )


def _contact(person: domain.Person) -> Outgoing:
    """As v1 whenever it can be said in it, so that its readers go on; as v2 where there is no address."""
    said = person.contact
    hours = said.hours
    reached = SendingHours(start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}") if hours else None
    fields: dict[str, Any] = {"person_id": person.person_id, "name": said.name, "sending_hours": reached}
    if said.email is None:
        return Outgoing(CONTACTS_TOPIC, CONTACTS_UNREACHED, ContactsPersonUnreached(**fields))
    return Outgoing(CONTACTS_TOPIC, CONTACTS, ContactsPerson(**fields, email=said.email))


def _profile(person: domain.Person) -> Outgoing:
    """As v1 whenever it can be said in it, so that its readers go on; as v2 where a date is not known."""
    said = person.profile
    fields: dict[str, Any] = {
        "person_id": person.person_id,
        "skills": tuple(Skill(platform=one.platform, level=one.level) for one in said.skills),
        "wishes": tuple(Wish(platform=one.platform, priority=one.priority) for one in said.wishes),
        "languages": said.languages,
        "place": said.place,
        "capacity": said.capacity,
        "language_levels": tuple(LanguageLevel(language=one.language, level=one.level) for one in said.levels),
        "remote": said.remote,
        "availability": said.availability,
        "contract": said.contract.value if said.contract else None,
        "birth_date": said.birth_date,
        "entry_date": said.entry_date,
    }
    if said.birth_date is None or said.entry_date is None:
        return Outgoing(PROFILES_TOPIC, PROFILES_UNDATED, ProfilesPersonUndated(**fields))
    return Outgoing(PROFILES_TOPIC, PROFILES, ProfilesPerson(**fields))
