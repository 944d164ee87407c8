"""What `matching` reads of the profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from services.chassis.wire import Id, Incoming
from services.matching.domain import people
from services.matching.domain.policy import LEVELS, Level


def _of_known_levels(said: object) -> object:
    """Without levels that are not known here: what is new to this reader is not held against the rest."""
    if not isinstance(said, list | tuple):
        return said
    return [one for one in said if not isinstance(one, dict) or one.get("level") in LEVELS]


def _known_half_days(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in said if one in people.HALF_DAYS)


class Skill(Incoming):
    """A platform and how well it is known."""

    platform: str
    level: Annotated[int, Field(ge=0, le=people.HIGHEST_LEVEL)]


class Wish(Incoming):
    """A platform and how much it matters."""

    platform: str
    priority: Annotated[int, Field(ge=1, le=people.LOWEST_PRIORITY)]


class LanguageLevel(Incoming):
    """A language and how well it is spoken."""

    language: str
    level: Level


class Profile(Incoming):
    """What a pair's points are counted from, and how many mentees a mentor takes."""

    person_id: Id
    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    languages: tuple[str, ...]
    place: str = ""
    capacity: Annotated[int, Field(ge=0, le=3)]
    language_levels: Annotated[tuple[LanguageLevel, ...], BeforeValidator(_of_known_levels)] = ()
    remote: bool | None = None
    availability: Annotated[tuple[str, ...], AfterValidator(_known_half_days)] = ()


PROFILE = "org.tandem.profiles.person.v1"
PROFILE_UNDATED = "org.tandem.profiles.person.v2"
OF_PROFILES: Mapping[str, type[BaseModel]] = {PROFILE: Profile, PROFILE_UNDATED: Profile}
