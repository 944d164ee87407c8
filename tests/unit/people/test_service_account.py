"""Promises of service accounts: keys expire, few are in force, and an account that ended stays so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.people.domain import service_account as domain
from services.people.domain.roles import Role, RoleName
from services.people.domain.service_account import Account, Key

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FEED = Account("feed", "HR feed", "Ms Kurz", (Role(RoleName.HR_INTEGRATOR),))


def key(number: int, *, at: datetime = NOW, days: float = 90) -> Key:
    return Key(f"{number:012x}", "digest", 1, at, at + timedelta(days=days), request_id=f"request {number}")


def after(state: Account | None, events: list[domain.Event]) -> Account:
    for event in events:
        state = domain.evolve(state, event)
    assert state is not None
    return state


def with_keys(*keys: Key) -> Account:
    state = FEED
    for one in keys:
        state = after(state, domain.add_key(state, one, "ada"))
    return state


@pytest.mark.parametrize("days", [-1, 0, 365.01])
def test_key_expires_within_a_year(days: float) -> None:
    """Neither in the past nor later than a year from now."""
    with pytest.raises(domain.ExpiryOutOfRange):
        domain.add_key(FEED, key(1, days=days), "ada")

    assert with_keys(key(1, days=365)).keys[0].in_force(NOW)


def test_few_keys_are_in_force_at_once() -> None:
    """A sixth needs one of the others to be revoked or to have expired."""
    full = with_keys(*(key(number) for number in range(domain.IN_FORCE)))
    with pytest.raises(domain.TooManyKeys):
        domain.add_key(full, key(9), "ada")

    revoked = after(full, domain.revoke_key(full, full.keys[0].key_id, "ada", NOW))

    assert domain.add_key(revoked, key(9), "ada")
    assert domain.add_key(full, key(9, at=NOW + timedelta(days=91)), "ada")


def test_dead_keys_are_forgotten_in_the_end() -> None:
    """Of many keys over the years the newest are kept, all that are in force among them."""
    state = with_keys(*(key(number, at=NOW + timedelta(days=100 * number)) for number in range(40)))

    assert len(state.keys) == domain.KEPT
    assert state.keys[-1].key_id == key(39).key_id


def test_revoked_key_opens_nothing_from_that_instant() -> None:
    """Revoking is at once, once, and about a key of the account."""
    state = with_keys(key(1))

    events = domain.revoke_key(state, key(1).key_id, "ada", NOW)

    revoked = after(state, events)
    assert not revoked.keys[0].in_force(NOW)
    assert domain.revoke_key(revoked, key(1).key_id, "ada", NOW + timedelta(days=1)) == []
    with pytest.raises(domain.KeyUnknown):
        domain.revoke_key(state, "another", "ada", NOW)


def test_deactivated_account_has_no_key_and_gets_none() -> None:
    """The end is final."""
    state = with_keys(key(1), key(2))

    ended = after(state, domain.deactivate(state, "ada", NOW))

    assert not ended.active
    assert not any(one.in_force(NOW) for one in ended.keys)
    assert domain.deactivate(ended, "ada", NOW) == []
    with pytest.raises(domain.AccountInactive):
        domain.add_key(ended, key(3), "ada")


def test_program_does_not_manage_itself() -> None:
    """A stolen key cannot make itself another one, or keep others from revoking it."""
    state = with_keys(key(1))
    for command in (
        lambda: domain.add_key(state, key(2), "feed"),
        lambda: domain.revoke_key(state, key(1).key_id, "feed", NOW),
        lambda: domain.deactivate(state, "feed", NOW),
    ):
        with pytest.raises(domain.OwnAccount):
            command()


def test_account_is_created_once() -> None:
    """The same request again makes no second one."""
    created = after(None, domain.create(None, FEED, NOW))

    assert created == FEED
    assert domain.create(created, FEED, NOW) == []
