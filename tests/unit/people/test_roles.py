"""Promises of roles: rosters, officers and leaves each change what is theirs, and nothing comes back by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.people.domain import roles
from services.people.domain.roles import Decided, Origin, Role, RoleName, Standing

ASSESSOR, AUDITOR, OFFICE = RoleName.ASSESSOR, RoleName.AUDITOR, RoleName.GROUP_OFFICE
BY_ADA = Decided("ada", datetime(2026, 3, 1, tzinfo=UTC), "needed for the selection")
BY_BO = Decided("bo", datetime(2026, 4, 1, tzinfo=UTC), "moved to another team")


def test_roles_in_force_are_joined_per_role() -> None:
    """Each role once, in the order of giving; one that holds for the group holds everywhere."""
    held = roles.of_roster([Role(ASSESSOR, ("north",)), Role(AUDITOR)])
    held = roles.grant(held, Role(ASSESSOR, ("south",)), BY_ADA)
    held = roles.grant(held, Role(AUDITOR, ("north",)), BY_ADA)

    assert roles.in_force(held) == (Role(ASSESSOR, ("north", "south")), Role(AUDITOR))
    assert roles.in_force(roles.grant(held, Role(ASSESSOR), BY_ADA)) == (Role(ASSESSOR), Role(AUDITOR))


def test_roster_replaces_its_own_roles_only() -> None:
    """A roster that drops a role ends it; what an officer gave stays."""
    held = roles.grant(roles.of_roster([Role(ASSESSOR, ("north",))]), Role(AUDITOR), BY_ADA)

    after = roles.roster_says(held, [Role(ASSESSOR, ("south",))])

    assert roles.in_force(after) == (Role(ASSESSOR, ("south",)), Role(AUDITOR))
    assert roles.in_force(roles.roster_says(held, [])) == (Role(AUDITOR),)


def test_revoked_role_does_not_come_back_with_the_next_roster() -> None:
    """Security outlives HR's list: only an officer, or a roster that dropped the role meanwhile, brings it back."""
    said = [Role(ASSESSOR, ("north", "south"))]
    held = roles.revoke(roles.of_roster(said), Role(ASSESSOR, ("north",)), BY_ADA)

    again = roles.roster_says(held, said)

    assert roles.in_force(again) == (Role(ASSESSOR, ("south",)),)
    assert [one.decided for one in again if one.standing is Standing.REVOKED] == [BY_ADA]
    assert roles.in_force(roles.grant(again, Role(ASSESSOR, ("north",)), BY_BO)) == (
        Role(ASSESSOR, ("south", "north")),
    )
    dropped = roles.roster_says(roles.roster_says(held, []), said)
    assert roles.in_force(dropped) == (Role(ASSESSOR, ("north", "south")),)


def test_role_is_granted_once() -> None:
    """The same grant again, or a narrower one, changes nothing."""
    held = roles.grant((), Role(OFFICE), BY_ADA)

    assert roles.grant(held, Role(OFFICE), BY_BO) == held
    assert roles.grant(held, Role(OFFICE, ("north",)), BY_BO) == held


def test_role_that_was_revoked_can_be_granted_again() -> None:
    """The new decision takes the place of the old one."""
    held = roles.revoke(roles.grant((), Role(AUDITOR), BY_ADA), Role(AUDITOR), BY_BO)

    again = roles.grant(held, Role(AUDITOR), BY_ADA)

    assert roles.in_force(held) == ()
    assert [(one.origin, one.standing) for one in again] == [(Origin.TANDEM, Standing.HELD)]


@pytest.mark.parametrize(
    ("held", "taken", "rule"),
    [
        ((), Role(AUDITOR), roles.RoleNotHeld),
        ((Role(AUDITOR, ("north",)),), Role(AUDITOR, ("south",)), roles.RoleNotHeld),
        ((Role(AUDITOR),), Role(AUDITOR, ("north",)), roles.HeldForTheGroup),
    ],
)
def test_what_is_not_held_cannot_be_revoked(held: tuple[Role, ...], taken: Role, rule: type[Exception]) -> None:
    """An officer who looks at an old page is told so."""
    with pytest.raises(rule):
        roles.revoke(roles.of_roster(held), taken, BY_ADA)


def test_roles_end_with_the_employment_and_stay_on_record() -> None:
    """Nothing is in force; coming back needs a roster that names the role, or an officer."""
    held = roles.grant(roles.of_roster([Role(ASSESSOR, ("north",))]), Role(AUDITOR), BY_ADA)

    ended = roles.end(held)

    assert roles.in_force(ended) == ()
    assert {one.standing for one in ended} == {Standing.ENDED}
    assert roles.in_force(roles.roster_says(ended, [Role(ASSESSOR, ("north",))])) == (Role(ASSESSOR, ("north",)),)
    assert roles.in_force(roles.grant(ended, Role(AUDITOR), BY_BO)) == (Role(AUDITOR),)
