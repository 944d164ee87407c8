"""What officers decide on a person, and what a person says of themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.people.domain import roles
from services.people.domain.person import (
    ContactChanged,
    DirectoryChanged,
    Entry,
    Event,
    PartEvent,
    Person,
    ProfileChanged,
    RoleGranted,
    RoleRevoked,
    changes,
    evolve,
    settled,
    take_over,
)
from services.people.domain.profile import declared
from services.people.domain.roles import Decided, Role, RoleName
from services.people.domain.rules import RuleBroken


class OwnRole(RuleBroken):
    """Nobody decides on the own roles."""

    kind = "own-role"


class HasLeft(RuleBroken):
    """Whoever has left gets no role."""

    kind = "person-has-left"


def grant(state: Person, role: Role, decided: Decided) -> list[Event]:
    """Give somebody a role; where it holds already, nothing happens. Raises ``OwnRole``, ``HasLeft``."""
    _must_not_be_own(state, decided)
    if not state.directory.active:
        raise HasLeft("This person has left the group; a role needs somebody who works here.")
    person = settled(replace(state, holdings=roles.grant(state.holdings, role, decided)))
    return [] if person == state else [DirectoryChanged(person), RoleGranted(person, role, decided.at)]


def revoke(state: Person, role: Role, decided: Decided) -> list[Event]:
    """Take a role away, in its subsidiaries or altogether.

    Raises ``OwnRole``, ``roles.RoleNotHeld``, ``roles.HeldForTheGroup``.
    """
    _must_not_be_own(state, decided)
    person = settled(replace(state, holdings=roles.revoke(state.holdings, role, decided)))
    return [DirectoryChanged(person), RoleRevoked(person, role, decided.at)]


def appoint(state: Person | None, person_id: str, entry: Entry, decided: Decided) -> list[Event]:
    """Make somebody the group's first officer, who grants all further roles and operates the services.

    Of somebody who is known only what the entry says is changed. Raises ``HasLeft``, ``Unidentified``.
    """
    person = _folded(state, take_over(state, person_id, entry))
    if not person.directory.active:
        raise HasLeft("This person has left the group; an officer needs to work here.")
    given = [Role(name) for name in (RoleName.GROUP_OFFICE, RoleName.OPERATOR)]
    for role in given:
        person = settled(replace(person, holdings=roles.grant(person.holdings, role, decided)))
    new: list[PartEvent] = [DirectoryChanged(person), ContactChanged(person), ProfileChanged(person)]
    parts = new if state is None else changes(state, person)
    return [*parts, *(RoleGranted(person, role, decided.at) for role in given)]


def _folded(state: Person | None, events: Sequence[Event]) -> Person:
    for event in events:
        state = evolve(state, event)
    assert state is not None
    return state


def declare(state: Person, said: Mapping[str, Any], platforms: frozenset[str]) -> list[PartEvent]:
    """Take over what a person says of themselves; ``said`` as in ``profile.declared``. Raises ``PlatformUnknown``."""
    profile = declared(state.profile, said, platforms)
    return list(changes(state, replace(state, profile=profile, declared=_with(state.declared, *said))))


def prefer(state: Person, said: Mapping[str, Any]) -> list[PartEvent]:
    """Take over in which ``language`` and in which ``hours`` (or None) a person wants to be written to."""
    person = state
    if "hours" in said:
        person = replace(person, contact=replace(state.contact, hours=said["hours"]))
    if "language" in said:
        directory = replace(state.directory, language=said["language"])
        person = replace(person, directory=directory, declared=_with(state.declared, "language"))
    return list(changes(state, person))


def _must_not_be_own(state: Person, decided: Decided) -> None:
    if decided.by == state.person_id:
        raise OwnRole("Nobody gives or takes roles of their own; ask another officer.")


def _with(names: Sequence[str], *more: str) -> tuple[str, ...]:
    return tuple(sorted({*names, *more}))
