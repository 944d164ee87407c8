"""The records of the directory topic, as every service reads them: persons, subsidiaries, accounts, heartbeats."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.chassis.wire import Id

TOPIC = "tandem.directory.v1"
PERSON = "org.tandem.directory.person.v1"
SUBSIDIARY = "org.tandem.directory.subsidiary.v1"
ACCOUNT = "org.tandem.directory.service-account.v1"
HEARTBEAT = "org.tandem.directory.heartbeat.v1"


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Role(_Read):
    """A role and the subsidiaries it is bounded to; none means the whole group."""

    role: Id
    subsidiaries: tuple[Id, ...] = ()


class Person(_Read):
    """What every service may know of a person: no name, no address, no age."""

    person_id: Id
    subsidiary: Id
    login: str | None = None
    roles: tuple[Role, ...] = ()
    manager_id: Id | None = None
    executive: bool = False
    active: bool = True
    language: str = "en"
    zone: str = "UTC"


class Subsidiary(_Read):
    """A company of the group, its name, the one above it, and what its works agreement allows."""

    subsidiary_id: Id
    parent_id: Id | None = None
    name: str = ""
    names_shown: bool = False
    outcomes_counted: bool = False


class Key(_Read):
    """An API key: its digest, under which version of the pepper, and until when it opens anything."""

    key_id: Id
    digest: str
    pepper: int
    expires_at: AwareDatetime
    revoked: bool = False


class Account(_Read):
    """A program that acts under its own name, with its keys and, if an issuer knows it, its login."""

    account_id: Id
    login: str | None = None
    keys: tuple[Key, ...] = ()
    roles: tuple[Role, ...] = ()
    active: bool = True


class Heartbeat(_Read):
    """A sign of life on one partition of the topic, of how many."""

    heartbeat_id: Id
    at: AwareDatetime
    partitions: Annotated[int, Field(ge=1, le=1000)]
