"""A subsidiary: where it stands in the group, what its works agreement allows, and whom to ask there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from services.people.domain.rules import RuleBroken


class NameMissing(RuleBroken):
    """A subsidiary needs a name."""

    kind = "name-missing"
    status = 422
    field = "/name"


class SubsidiaryExists(RuleBroken):
    """There is one of this name already."""

    kind = "subsidiary-exists"
    field = "/name"


class ParentUnknown(RuleBroken):
    """There is no such company above."""

    kind = "parent-unknown"
    status = 422
    field = "/parent_id"


class CircleOfCompanies(RuleBroken):
    """No company stands above itself."""

    kind = "circle-of-companies"
    status = 422
    field = "/parent_id"


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days each kind of record is kept after its end; the works agreement has the last word."""

    applications: int = 180
    sessions: int = 730
    notes: int = 90
    outcomes: int = 1095
    messages: int = 180
    audit: int = 3650


@dataclass(frozen=True, slots=True)
class Officer:
    """Whom to ask: a body or a person, and their address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom employees may turn to: the works council, for executives their committee, and for their data."""

    works_council: Officer | None = None
    executives_committee: Officer | None = None
    data_protection_officer: Officer | None = None


@dataclass(frozen=True, slots=True)
class Subsidiary:
    """A company of the group, a controller of its own; what its works agreement does not allow is off.

    ``names_shown``: names of its people are shown to the group; ``outcomes_counted``: its outcomes are in totals.
    ``language`` and ``zone`` are the defaults of its people.
    """

    subsidiary_id: str
    name: str
    parent_id: str | None = None
    names_shown: bool = False
    outcomes_counted: bool = False
    retention: Retention = field(default_factory=Retention)
    contacts: Contacts = field(default_factory=Contacts)
    language: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class SubsidiaryChanged:
    """A subsidiary was named or changed; ``subsidiary`` is as it stands afterwards."""

    subsidiary: Subsidiary


@dataclass(frozen=True, slots=True)
class ChangeNoted:
    """For the audit trail: these fields changed, whatever they hold."""

    subsidiary: Subsidiary
    changed: tuple[str, ...]
    at: datetime


Event = SubsidiaryChanged | ChangeNoted
Parents = Mapping[str, str | None]


def establish(
    state: Subsidiary | None, wanted: Subsidiary, at: datetime, parents: Parents | None = None
) -> list[Event]:
    """Make a subsidiary. Raises ``SubsidiaryExists``, ``ParentUnknown``."""
    if state is not None:
        raise SubsidiaryExists(f"There is a subsidiary {state.name} already; change that one.")
    _must_stand_well(wanted, {**(parents or {}), wanted.subsidiary_id: None})
    return [SubsidiaryChanged(wanted), ChangeNoted(wanted, _names(wanted), at)]


def name_once(state: Subsidiary | None, id: str, name: str, at: datetime) -> list[Event]:
    """Make a subsidiary that a roster names for the first time; later the first name stays."""
    return [] if state else establish(None, Subsidiary(id, name), at)


def change(state: Subsidiary, said: Mapping[str, Any], at: datetime, parents: Parents) -> list[Event]:
    """Change the named fields; what stays the same is no change. Raises ``ParentUnknown``, ``CircleOfCompanies``."""
    wanted = replace(state, **said)
    changed = tuple(name for name in _names(state) if getattr(state, name) != getattr(wanted, name))
    if "parent_id" in changed:
        _must_stand_well(wanted, parents)
    return [SubsidiaryChanged(wanted), ChangeNoted(wanted, changed, at)] if changed else []


def in_circle(id: str, parents: Parents) -> bool:
    """Whether a company stands above itself."""
    above, met = parents.get(id), set[str]()
    while above is not None and above != id and above not in met:
        met.add(above)
        above = parents.get(above)
    return above == id


def evolve(state: Subsidiary | None, event: Event) -> Subsidiary:
    """The subsidiary after an event."""
    return event.subsidiary


def _must_stand_well(wanted: Subsidiary, parents: Parents) -> None:
    if wanted.parent_id is None:
        return
    if wanted.parent_id not in parents:
        raise ParentUnknown(f"There is no company {wanted.parent_id}; take an id out of GET /v1/subsidiaries.")
    if in_circle(wanted.subsidiary_id, {**parents, wanted.subsidiary_id: wanted.parent_id}):
        raise CircleOfCompanies("That company stands below this one; move it first.")


def _names(subsidiary: Subsidiary) -> tuple[str, ...]:
    return tuple(field.name for field in fields(subsidiary) if field.name != "subsidiary_id")
