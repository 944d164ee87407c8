"""What is sent to `people` over HTTP."""

from __future__ import annotations

import re
from datetime import time
from functools import cache
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.chassis.http import Body
from services.chassis.wire import GivenInstant, Line, Text
from services.people.domain import person, profile, subsidiary
from services.people.domain.profile import Cefr, HalfDay
from services.people.domain.roles import Role, RoleName

T = TypeVar("T")


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("not_distinct", "Name each one once")
    return values


def _known_zone(zone: str) -> str:
    if zone not in _zones():
        raise PydanticCustomError("zone", "Write a time zone such as Europe/Berlin or UTC")
    return zone


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _written(value: object) -> object:
    """Numbers, also as text, would pass for seconds since midnight, which nobody means."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    raise PydanticCustomError("time_text", "Write the time of day as HH:MM, e.g. 08:30")


_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
_ADDRESS = r"^[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+$"
Id = Annotated[str, Field(pattern=_UUID, description="A UUID in lower case")]
Language = Annotated[str, Field(max_length=30, pattern=_TAG, description="BCP 47 tag")]
Zone = Annotated[str, AfterValidator(_known_zone), Field(max_length=64, description="Name in the time zone database")]
Platform = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$", description="Catalogue code")]
Clock = Annotated[time, BeforeValidator(_written), Field(json_schema_extra={"pattern": _TIME.pattern, "format": ""})]
Name = Annotated[Line, Field(min_length=1, max_length=120)]
Reason = Annotated[Text, Field(min_length=10, max_length=1000, description="Why; stays with the person")]
Bounds = Annotated[tuple[Id, ...], Field(max_length=150), AfterValidator(_distinct)]
Days = Annotated[int, Field(ge=1, le=36_500, strict=True)]
Email = Annotated[str, Field(max_length=254, pattern=_ADDRESS)]


class GivenRole(Body):
    """A role and where it is to hold, companies below included; without subsidiaries in the whole group."""

    role: RoleName
    subsidiaries: Bounds = ()

    def as_role(self) -> Role:
        """The role."""
        return Role(self.role, self.subsidiaries)


class GrantRole(GivenRole):
    """A role to give, and why."""

    reason: Reason


class RevokeRole(Body):
    """Where a role is taken away (without subsidiaries: altogether), and why."""

    subsidiaries: Bounds = ()
    reason: Reason


class Skill(Body):
    """A platform and how well it is known, 0 (not at all) to 4 (expert)."""

    platform: Platform
    level: Annotated[int, Field(ge=0, le=profile.HIGHEST_LEVEL, strict=True)]


class Wish(Body):
    """A platform and how much it matters, 1 (first) to 3."""

    platform: Platform
    priority: Annotated[int, Field(ge=1, le=profile.LOWEST_PRIORITY, strict=True)]


def _left_out_stays(schema: dict[str, Any]) -> None:
    """What is left out has no default: it stays as it is."""
    for field in schema["properties"].values():
        field.pop("default", None)


class Change(Body):
    """A change of the fields that are named."""

    model_config = ConfigDict(json_schema_extra=_left_out_stays)


class DeclareProfile(Change):
    """What somebody says of themselves; what is left out stays as it is.

    ``wishes`` are read by matching and by the programme manager, ``skills`` too. Of the languages, those from
    B2 on count as spoken in a session. ``availability`` are half days of the working week.
    """

    skills: Annotated[tuple[Skill, ...], Field(max_length=200)] = ()
    wishes: Annotated[tuple[Wish, ...], Field(max_length=200)] = ()
    languages: Annotated[dict[Language, Cefr], Field(max_length=40, default_factory=dict)]
    place: Annotated[Line, Field(max_length=120)] = ""
    remote: bool | None = None
    availability: Annotated[tuple[HalfDay, ...], Field(max_length=10), AfterValidator(_distinct)] = ()
    capacity: Annotated[int, Field(ge=0, le=profile.LARGEST_CAPACITY, strict=True)] = 1

    @model_validator(mode="after")
    def _each_platform_once(self) -> Self:
        for platforms in ([one.platform for one in self.skills], [one.platform for one in self.wishes]):
            if len(set(platforms)) < len(platforms):
                raise PydanticCustomError("not_distinct", "Name each platform once")
        return self

    def said(self) -> dict[str, Any]:
        """The named fields, in the domain's words."""
        every = {
            "skills": tuple(profile.Skill(one.platform, one.level) for one in self.skills),
            "wishes": tuple(profile.Wish(one.platform, one.priority) for one in self.wishes),
            "languages": tuple(profile.LanguageLevel(language, level) for language, level in self.languages.items()),
            "place": self.place,
            "remote": self.remote,
            "availability": self.availability,
            "capacity": self.capacity,
        }
        return {name: every[name] for name in profile.DECLARABLE if name in self.model_fields_set}


class GivenHours(Body):
    """From when until when, on one day."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("hours_order", "Let the hours end after they start, on the same day")
        return self


class Prefer(Change):
    """How somebody wants to be written to; what is left out stays as it is. Null hours: at any time."""

    language: Language = "en"
    sending_hours: GivenHours | None = None

    def said(self) -> dict[str, Any]:
        """The named fields, in the domain's words."""
        hours = self.sending_hours
        every = {"language": self.language, "hours": person.Hours(hours.start, hours.end) if hours else None}
        named = {"hours" if name == "sending_hours" else name for name in self.model_fields_set}
        return {name: value for name, value in every.items() if name in named}


class Retention(Change):
    """For how many days each kind of record is kept after its end; what is left out stays as it is."""

    applications: Days | None = None
    sessions: Days | None = None
    notes: Days | None = None
    outcomes: Days | None = None
    messages: Days | None = None
    audit: Days | None = None


class Officer(Body):
    """Whom to ask: a body or a person, and their address."""

    name: Name
    email: Email


class Contacts(Change):
    """Works council, executives' committee, data-protection officer; null: none. What is left out stays."""

    works_council: Officer | None = None
    executives_committee: Officer | None = None
    data_protection_officer: Officer | None = None

    def said(self) -> dict[str, Any]:
        """The named fields, in the domain's words."""
        named = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: subsidiary.Officer(one.name, one.email) if one else None for name, one in named.items()}


class ChangeSubsidiary(Change):
    """What changes of a subsidiary; what is left out stays as it is. Null ``parent_id``: at the top."""

    name: Name = ""
    parent_id: Id | None = None
    names_shown: Annotated[bool, Field(description="Names of its people are shown to the group")] = False
    outcomes_counted: Annotated[bool, Field(description="Its outcomes are counted in totals")] = False
    retention: Retention = Retention()
    contacts: Contacts = Contacts()
    language: Language = "en"
    zone: Zone = "UTC"


class EstablishSubsidiary(Body):
    """A new company of the group. The rest is changed afterwards; what a works agreement must allow is off."""

    name: Name
    parent_id: Id | None = None


class CreateAccount(Body):
    """A program that is to act under its own name."""

    name: Name
    owner: Annotated[Line, Field(min_length=1, max_length=200, description="Who answers for it")]
    roles: Annotated[tuple[GivenRole, ...], Field(min_length=1, max_length=7)]
    login: Annotated[
        str | None, Field(min_length=3, max_length=255, pattern=r"^[a-z0-9-]+:\S+$", description="ISSUER:SUBJECT")
    ] = None


class AddKey(Body):
    """Until when a key is to be good: at most a year from now; 90 days where nothing is said."""

    expires_at: GivenInstant | None = None
