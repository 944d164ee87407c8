"""What goes out of subsidiaries and service accounts, and the directory's sign of life."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict
from services.people.contracts.persons import Role
from services.people.contracts.topics import ACCESS_TOPIC, DIRECTORY_TOPIC
from services.people.domain import roster_import, service_account, subsidiary


class Retention(Strict):
    """For how many days each kind of record is kept after its end."""

    applications: int
    sessions: int
    notes: int
    outcomes: int
    messages: int
    audit: int


class DirectorySubsidiary(Strict):
    """A company of the group, the one above it, and what its works agreement allows."""

    subsidiary_id: str
    parent_id: str | None = None
    name: str
    names_shown: bool
    outcomes_counted: bool
    retention: Retention


class AccountKey(Strict):
    """An API key: its digest, under which version of the pepper, and until when it opens anything."""

    key_id: str
    digest: str
    pepper: int
    expires_at: Instant
    revoked: bool


class DirectoryServiceAccount(Strict):
    """A program that acts under its own name, with its keys and, if an issuer knows it, its login."""

    account_id: str
    login: str | None = None
    keys: tuple[AccountKey, ...]
    roles: tuple[Role, ...]
    active: bool


class DirectoryHeartbeat(Strict):
    """A sign of life on one of the topic's partitions: what was accepted long before ``at`` lies before it."""

    heartbeat_id: str
    at: Instant
    partitions: int


class SubsidiaryChanged(Strict):
    """Somebody changed these fields of a subsidiary."""

    subsidiary_id: str
    changed: tuple[str, ...]
    at: Instant


class ServiceAccountChanged(Strict):
    """Somebody made, keyed or ended a service account."""

    account_id: str
    change: service_account.Change
    key_id: str | None = None
    at: Instant


class RosterImportChanged(Strict):
    """Somebody uploaded, confirmed or cancelled a roster import, or it came to its end; whom it changed says so too."""

    import_id: str
    step: roster_import.Step
    leavers: int | None = None
    at: Instant


SUBSIDIARY = "org.tandem.directory.subsidiary.v1"
ACCOUNT = "org.tandem.directory.service-account.v1"
HEARTBEAT = "org.tandem.directory.heartbeat.v1"
SUBSIDIARY_CHANGED = "org.tandem.subsidiary.changed.v1"
ACCOUNT_CHANGED = "org.tandem.service-account.changed.v1"
IMPORT_CHANGED = "org.tandem.roster-import.changed.v1"


def heartbeat(key: str, at: datetime, partitions: int) -> DirectoryHeartbeat:
    """The heartbeat of a partition, under this key."""
    return DirectoryHeartbeat(heartbeat_id=key, at=at, partitions=partitions)


def of_subsidiary(event: subsidiary.Event) -> Outgoing:
    """A subsidiary's new state for the directory; of a change, which fields it touched."""
    one = event.subsidiary
    match event:
        case subsidiary.SubsidiaryChanged():
            state = DirectorySubsidiary(
                subsidiary_id=one.subsidiary_id,
                parent_id=one.parent_id,
                name=one.name,
                names_shown=one.names_shown,
                outcomes_counted=one.outcomes_counted,
                retention=Retention.model_validate(one.retention, from_attributes=True),
            )
            return Outgoing(DIRECTORY_TOPIC, SUBSIDIARY, state, subsidiary=one.subsidiary_id)
        case subsidiary.ChangeNoted(changed=changed, at=at):
            noted = SubsidiaryChanged(subsidiary_id=one.subsidiary_id, changed=changed, at=at)
            return Outgoing(ACCESS_TOPIC, SUBSIDIARY_CHANGED, noted, subsidiary=one.subsidiary_id)


def of_account(event: service_account.Event) -> Outgoing:
    """A service account's new state for the directory; of a change what was done, never a secret."""
    one = event.account
    match event:
        case service_account.AccountChanged():
            state = DirectoryServiceAccount(
                account_id=one.account_id,
                login=one.login,
                keys=tuple(AccountKey(**_key(key)) for key in one.keys),
                roles=tuple(Role(role=role.role, subsidiaries=role.subsidiaries) for role in one.roles),
                active=one.active,
            )
            return Outgoing(DIRECTORY_TOPIC, ACCOUNT, state)
        case service_account.ChangeNoted(change=change, key_id=key_id, at=at):
            noted = ServiceAccountChanged(account_id=one.account_id, change=change, key_id=key_id, at=at)
            return Outgoing(ACCESS_TOPIC, ACCOUNT_CHANGED, noted)


def of_import(event: roster_import.ImportMoved) -> Outgoing | None:
    """Of a roster import what was done to it; nothing of its steps in between."""
    if event.step is None:
        return None
    job = event.job
    leavers = job.plan.leavers if job.plan else None
    changed = RosterImportChanged(import_id=job.import_id, step=event.step, leavers=leavers, at=event.at)
    return Outgoing(ACCESS_TOPIC, IMPORT_CHANGED, changed)


def _key(key: service_account.Key) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "digest": key.digest,
        "pepper": key.pepper,
        "expires_at": key.expires_at,
        "revoked": key.revoked_at is not None,
    }
