"""The wire models of `people`: three state topics, each with its own readers, and what the audit trail is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from services.chassis import access
from services.chassis.outbox import Outgoing
from services.chassis.service import Topic
from services.chassis.wire import Instant, Strict
from services.people.domain import person as domain

DIRECTORY_TOPIC = "tandem.directory.v1"
CONTACTS_TOPIC = "tandem.contacts.v1"
PROFILES_TOPIC = "tandem.profiles.v1"
ACCESS_TOPIC = "tandem.access.people.v1"
TOPICS = (
    *(Topic(name, "state") for name in (DIRECTORY_TOPIC, CONTACTS_TOPIC, PROFILES_TOPIC)),
    Topic(ACCESS_TOPIC, "event"),
)


class Role(Strict):
    """A role and where it holds."""

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


class ContactsPerson(Strict):
    """How a person is addressed and reached."""

    person_id: str
    name: str
    email: str


class Skill(Strict):
    """A platform and how well it is known, 0 to 4."""

    platform: str
    level: int


class Wish(Strict):
    """A platform and how much it matters, 1 to 3."""

    platform: str
    priority: int


class ProfilesPerson(Strict):
    """What a person says of skills and wishes, and what eligibility is counted from."""

    person_id: str
    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    birth_date: date
    entry_date: date
    languages: tuple[str, ...]
    place: str
    capacity: int


class PersonChanged(Strict):
    """Somebody changed what is known of a person: which parts of it, not what they say."""

    person_id: str
    subsidiary: str
    changed: tuple[domain.PartName, ...]
    at: Instant


DIRECTORY = "org.tandem.directory.person.v1"
CONTACTS = "org.tandem.contacts.person.v1"
PROFILES = "org.tandem.profiles.person.v1"
CHANGED = "org.tandem.person.changed.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    DIRECTORY: DirectoryPerson,
    CONTACTS: ContactsPerson,
    PROFILES: ProfilesPerson,
    CHANGED: PersonChanged,
    **access.PUBLISHES,
}
READS: Mapping[str, type[BaseModel]] = {}


def outgoing(event: domain.Event) -> Outgoing:
    """The full new state of the part that changed, for its topic; of a change as a whole that it took place."""
    match event:
        case domain.DirectoryChanged(person):
            return Outgoing(DIRECTORY_TOPIC, DIRECTORY, _directory(person), subsidiary=person.directory.subsidiary)
        case domain.ContactChanged(person):
            contact = ContactsPerson(person_id=person.person_id, name=person.contact.name, email=person.contact.email)
            return Outgoing(CONTACTS_TOPIC, CONTACTS, contact)
        case domain.ProfileChanged(person):
            return Outgoing(PROFILES_TOPIC, PROFILES, _profile(person))
        case domain.PersonChanged(person, changed, at):
            subsidiary = person.directory.subsidiary
            said = PersonChanged(person_id=person.person_id, subsidiary=subsidiary, changed=changed, at=at)
            return Outgoing(ACCESS_TOPIC, CHANGED, said, subsidiary=subsidiary)


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
    )


def _profile(person: domain.Person) -> ProfilesPerson:
    said = person.profile
    return ProfilesPerson(
        person_id=person.person_id,
        skills=tuple(Skill(platform=skill.platform, level=skill.level) for skill in said.skills),
        wishes=tuple(Wish(platform=wish.platform, priority=wish.priority) for wish in said.wishes),
        birth_date=said.birth_date,
        entry_date=said.entry_date,
        languages=said.languages,
        place=said.place,
        capacity=said.capacity,
    )
