"""Roles: who gave them, where they hold, and what is left of them when a roster, an office or a leave speaks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.people.domain.rules import RuleBroken


class RoleName(StrEnum):
    """The roles somebody may hold; mentor and executive are not among them, they follow from the data."""

    PROGRAMME_MANAGER = "programme_manager"
    ASSESSOR = "assessor"
    GROUP_OFFICE = "group_office"
    HR_INTEGRATOR = "hr_integrator"
    AUDITOR = "auditor"
    DATA_PROTECTION = "data_protection"
    OPERATOR = "operator"


class Origin(StrEnum):
    """Who gave a role: HR's roster, or somebody in Tandem."""

    ROSTER = "roster"
    TANDEM = "tandem"


class Standing(StrEnum):
    """Whether a role is in force; one that is not is kept for whoever asks later."""

    HELD = "held"
    REVOKED = "revoked"  # by somebody in Tandem; a roster that goes on naming it does not bring it back
    ENDED = "ended"  # with the employment; coming back does not bring it back


class RoleNotHeld(RuleBroken):
    """There is nothing to revoke."""

    kind = "role-not-held"


class HeldForTheGroup(RuleBroken):
    """A role that holds everywhere cannot be taken away from one subsidiary."""

    kind = "role-held-for-the-group"


@dataclass(frozen=True, slots=True)
class Role:
    """A role and the subsidiaries it is bounded to, their companies below included; none: the whole group."""

    role: RoleName
    subsidiaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided on a role in Tandem, when, and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Holding:
    """One role in one subsidiary (None: the whole group), who gave it, and whether it is in force."""

    role: RoleName
    subsidiary: str | None
    origin: Origin
    standing: Standing = Standing.HELD
    decided: Decided | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is in force."""
        return self.standing is Standing.HELD


Holdings = tuple[Holding, ...]


def in_force(holdings: Iterable[Holding]) -> tuple[Role, ...]:
    """The roles that hold, each once, in the order in which they were first given."""
    found: dict[RoleName, dict[str | None, None]] = {}
    for one in holdings:
        if one.is_held:
            found.setdefault(one.role, {})[one.subsidiary] = None
    return tuple(Role(role, _bounds(where)) for role, where in found.items())


def _bounds(where: Iterable[str | None]) -> tuple[str, ...]:
    named = tuple(id for id in where if id is not None)
    return () if None in where else named


def of_roster(roles: Sequence[Role]) -> Holdings:
    """What a roster gives to somebody new."""
    return tuple(Holding(role.role, where, Origin.ROSTER) for role in roles for where in _places(role))


def roster_says(holdings: Holdings, roles: Sequence[Role]) -> Holdings:
    """What a roster leaves of somebody's roles: exactly its own, but for those that were revoked in Tandem.

    Roles given in Tandem stay as they are.
    """
    kept = tuple(one for one in holdings if one.origin is not Origin.ROSTER)
    before = {(one.role, one.subsidiary): one for one in holdings if one.origin is Origin.ROSTER}
    said = (before.get((one.role, one.subsidiary), one) for one in of_roster(roles))
    return tuple(replace(one, standing=_again(one.standing)) for one in said) + kept


def _again(standing: Standing) -> Standing:
    return Standing.HELD if standing is Standing.ENDED else standing


def grant(holdings: Holdings, role: Role, decided: Decided) -> Holdings:
    """Give a role in Tandem; where it holds already, nothing changes."""
    held = {one.subsidiary for one in holdings if one.role is role.role and one.is_held}
    new = [where for where in _places(role) if where not in held and None not in held]
    given = tuple(Holding(role.role, where, Origin.TANDEM, decided=decided) for where in new)
    return tuple(one for one in holdings if not _replaced(one, role.role, new)) + given


def _replaced(one: Holding, role: RoleName, places: Sequence[str | None]) -> bool:
    """Whether a new grant takes the place of this one, which was given here before and is not in force any more."""
    return one.role is role and one.subsidiary in places and one.origin is Origin.TANDEM


def revoke(holdings: Holdings, role: Role, decided: Decided) -> Holdings:
    """Take a role away, in these subsidiaries or altogether. Raises ``RoleNotHeld``, ``HeldForTheGroup``."""
    held = {one.subsidiary for one in holdings if one.role is role.role and one.is_held}
    if not held:
        raise RoleNotHeld(f"The role {role.role} is not held; load the person again.")
    if role.subsidiaries and None in held:
        raise HeldForTheGroup("The role holds for the whole group; revoke it altogether, then grant it where it stays.")
    gone = set(role.subsidiaries) or held
    if not gone <= held:
        raise RoleNotHeld(f"The role {role.role} is not held in all of these subsidiaries; load the person again.")

    def taken(one: Holding) -> bool:
        return one.is_held and one.role is role.role and one.subsidiary in gone

    return tuple(replace(one, standing=Standing.REVOKED, decided=decided) if taken(one) else one for one in holdings)


def end(holdings: Holdings) -> Holdings:
    """What is left when somebody leaves: nothing in force, all of it on record."""
    return tuple(replace(one, standing=Standing.ENDED) if one.is_held else one for one in holdings)


def _places(role: Role) -> Iterator[str | None]:
    yield from dict.fromkeys(role.subsidiaries or (None,))
