"""The wire models of `people`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis import access
from services.people.contracts import group, persons, uses
from services.people.contracts.group import (
    ACCOUNT,
    HEARTBEAT,
    SUBSIDIARY,
    heartbeat,
    of_account,
    of_import,
    of_subsidiary,
)
from services.people.contracts.persons import CHANGED, CONTACTS, DIRECTORY, PROFILES, of_person
from services.people.contracts.topics import (
    ACCESS_LOGS,
    ACCESS_TOPIC,
    CONTACTS_TOPIC,
    DIRECTORY_TOPIC,
    PROFILES_TOPIC,
    TOPICS,
)

__all__ = [
    "ACCESS_LOGS",
    "ACCESS_TOPIC",
    "ACCOUNT",
    "CHANGED",
    "CONTACTS",
    "CONTACTS_TOPIC",
    "DIRECTORY",
    "DIRECTORY_TOPIC",
    "HEARTBEAT",
    "PROFILES",
    "PROFILES_TOPIC",
    "PUBLISHES",
    "READS",
    "SUBSIDIARY",
    "TOPICS",
    "heartbeat",
    "of_account",
    "of_import",
    "of_person",
    "of_subsidiary",
]
PUBLISHES: Mapping[str, type[BaseModel]] = {
    DIRECTORY: persons.DirectoryPerson,
    CONTACTS: persons.ContactsPerson,
    persons.CONTACTS_UNREACHED: persons.ContactsPersonUnreached,
    PROFILES: persons.ProfilesPerson,
    persons.PROFILES_UNDATED: persons.ProfilesPersonUndated,
    SUBSIDIARY: group.DirectorySubsidiary,
    ACCOUNT: group.DirectoryServiceAccount,
    HEARTBEAT: group.DirectoryHeartbeat,
    CHANGED: persons.PersonChanged,
    persons.GRANTED: persons.RoleGranted,
    persons.REVOKED: persons.RoleRevoked,
    group.SUBSIDIARY_CHANGED: group.SubsidiaryChanged,
    group.ACCOUNT_CHANGED: group.ServiceAccountChanged,
    group.IMPORT_CHANGED: group.RosterImportChanged,
    **access.PUBLISHES,
}
READS: Mapping[str, type[BaseModel]] = {access.KEY_USED: uses.KeyUsed}
