"""A service account: a program that acts under a name of its own, what it may do, and its API keys. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.people.domain.roles import Role
from services.people.domain.rules import RuleBroken

LONGEST, USUAL = timedelta(days=365), timedelta(days=90)  # that a key is good for
IN_FORCE, KEPT = 5, 20  # keys of an account


class AccountInactive(RuleBroken):
    """The account was deactivated, which is final."""

    kind = "account-inactive"


class TooManyKeys(RuleBroken):
    """So many keys are in force that nobody can say who holds them."""

    kind = "too-many-keys"


class KeyUnknown(RuleBroken):
    """The account has no such key."""

    kind = "not-found"


class ExpiryOutOfRange(RuleBroken):
    """A key expires, within a year."""

    kind = "expiry-out-of-range"
    status = 422
    field = "/expires_at"


class OwnAccount(RuleBroken):
    """No program decides on its own account."""

    kind = "own-account"


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret: the digest, under which version of the pepper, and until when it is good.

    ``request_id`` names the request that made it, so that the request, repeated, finds it.
    """

    key_id: str
    digest: str
    pepper: int
    created_at: datetime
    expires_at: datetime
    request_id: str
    revoked_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class Account:
    """A service account; ``owner`` is who answers for it, ``login`` what an issuer knows it by."""

    account_id: str
    name: str
    owner: str
    roles: tuple[Role, ...] = ()
    login: str | None = None
    keys: tuple[Key, ...] = ()
    active: bool = True


Change = Literal["created", "key_added", "key_revoked", "deactivated"]


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """What every service must know of the account changed; ``account`` is as it stands afterwards."""

    account: Account


@dataclass(frozen=True, slots=True)
class ChangeNoted:
    """For the audit trail: what was done with the account, and with which key."""

    account: Account
    change: Change
    key_id: str | None
    at: datetime


Event = AccountChanged | ChangeNoted


def create(state: Account | None, account: Account, at: datetime) -> list[Event]:
    """Make an account; the same one again changes nothing."""
    return [] if state else _said(account, "created", None, at)


def add_key(state: Account, key: Key, by: str) -> list[Event]:
    """Give the account one more key.

    Raises ``OwnAccount``, ``AccountInactive``, ``ExpiryOutOfRange``, ``TooManyKeys``.
    """
    _must_not_be_own(state, by)
    at = key.created_at
    if not state.active:
        raise AccountInactive("The account was deactivated; make a new one.")
    if not at < key.expires_at <= at + LONGEST:
        raise ExpiryOutOfRange(f"Let the key expire in the future, at most {LONGEST.days} days from now.")
    if sum(one.in_force(at) for one in state.keys) >= IN_FORCE:
        raise TooManyKeys(f"{IN_FORCE} keys are in force; revoke one that is not used any more.")
    dead = [one for one in state.keys if not one.in_force(at)]
    gone = {one.key_id for one in dead[: max(0, len(state.keys) + 1 - KEPT)]}
    kept = tuple(one for one in state.keys if one.key_id not in gone)
    return _said(replace(state, keys=(*kept, key)), "key_added", key.key_id, at)


def revoke_key(state: Account, key_id: str, by: str, at: datetime) -> list[Event]:
    """End a key at once; one that was revoked stays so. Raises ``OwnAccount``, ``KeyUnknown``."""
    _must_not_be_own(state, by)
    key = next((one for one in state.keys if one.key_id == key_id), None)
    if key is None:
        raise KeyUnknown(f"There is no key {key_id}.")
    if key.revoked_at:
        return []
    keys = tuple(replace(one, revoked_at=at) if one is key else one for one in state.keys)
    return _said(replace(state, keys=keys), "key_revoked", key_id, at)


def deactivate(state: Account, by: str, at: datetime) -> list[Event]:
    """End the account and all its keys, for good. Raises ``OwnAccount``."""
    _must_not_be_own(state, by)
    if not state.active:
        return []
    keys = tuple(one if one.revoked_at else replace(one, revoked_at=at) for one in state.keys)
    return _said(replace(state, keys=keys, active=False), "deactivated", None, at)


def evolve(state: Account | None, event: Event) -> Account:
    """The account after an event."""
    return event.account


def _must_not_be_own(state: Account, by: str) -> None:
    if by == state.account_id:
        raise OwnAccount("A program does not manage its own account; ask its owner.")


def _said(account: Account, change: Change, key_id: str | None, at: datetime) -> list[Event]:
    return [AccountChanged(account), ChangeNoted(account, change, key_id, at)]
