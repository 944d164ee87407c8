"""What a person says of themselves: skills, wishes, languages, place, time and capacity. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from services.people.domain.rules import RuleBroken

HIGHEST_LEVEL, LOWEST_PRIORITY, LARGEST_CAPACITY = 4, 3, 3
DECLARABLE = ("skills", "wishes", "languages", "place", "remote", "availability", "capacity")


class PlatformUnknown(RuleBroken):
    """A skill or a wish names a platform that the catalogue does not have."""

    kind = "platform-unknown"
    status = 422


class Cefr(StrEnum):
    """The levels of the Common European Framework of Reference for Languages."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


SPOKEN = frozenset({Cefr.B2, Cefr.C1, Cefr.C2})  # well enough for an hour's session


class HalfDay(StrEnum):
    """Half days of the working week; the morning ends at noon."""

    MON_AM = "mon_am"
    MON_PM = "mon_pm"
    TUE_AM = "tue_am"
    TUE_PM = "tue_pm"
    WED_AM = "wed_am"
    WED_PM = "wed_pm"
    THU_AM = "thu_am"
    THU_PM = "thu_pm"
    FRI_AM = "fri_am"
    FRI_PM = "fri_pm"


class Contract(StrEnum):
    """The kinds of contract of employment that a call for mentors may tell apart."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    TRAINEE = "trainee"
    DUAL_STUDENT = "dual_student"
    WORKING_STUDENT = "working_student"
    INTERN = "intern"
    TEMPORARY_AGENCY = "temporary_agency"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Skill:
    """A platform somebody knows: level 0 (not at all) to 4 (expert)."""

    platform: str
    level: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A platform somebody wishes to learn: priority 1 (first) to 3."""

    platform: str
    priority: int


@dataclass(frozen=True, slots=True)
class LanguageLevel:
    """A language, as BCP 47 tag, and how well it is spoken."""

    language: str
    level: Cefr


@dataclass(frozen=True, slots=True)
class Profile:
    """What eligibility and matching are counted from; a missing date or ``contract`` is not known.

    ``languages`` are those spoken well enough for a session, ``levels`` what was declared of them;
    ``capacity`` is the most mentees at a time, 0 to 3; ``remote`` whether sessions may be held by video.
    """

    birth_date: date | None = None
    entry_date: date | None = None
    skills: tuple[Skill, ...] = ()
    wishes: tuple[Wish, ...] = ()
    languages: tuple[str, ...] = ()
    place: str = ""
    capacity: int = 1
    levels: tuple[LanguageLevel, ...] = ()
    remote: bool | None = None
    availability: tuple[HalfDay, ...] = ()
    contract: Contract | None = None


def declared(profile: Profile, said: Mapping[str, Any], platforms: frozenset[str]) -> Profile:
    """The profile after its person said this of themselves; ``said`` has fields out of ``DECLARABLE``.

    Languages come as levels; spoken are those from B2 on. Raises ``PlatformUnknown``.
    """
    for name in ("skills", "wishes"):
        _must_be_known(name, said.get(name, ()), getattr(profile, name), platforms)
    fields = dict(said)
    if "languages" in fields:
        levels: tuple[LanguageLevel, ...] = tuple(fields.pop("languages"))
        fields |= {"levels": levels, "languages": tuple(one.language for one in levels if one.level in SPOKEN)}
    return replace(profile, **fields)


def _must_be_known(
    name: str, said: Iterable[Skill | Wish], kept: Iterable[Skill | Wish], known: frozenset[str]
) -> None:
    """What stands there already, from a roster or an older catalogue, may stay."""
    allowed = known | {one.platform for one in kept}
    for place, one in enumerate(said):
        if one.platform not in allowed:
            detail = (
                f"The catalogue has no platform {one.platform}; choose one that GET /v1/catalogues/platforms lists."
            )
            raise PlatformUnknown(detail, field=f"/{name}/{place}/platform")
