"""The two sides of a pair as matching sees them: what rules are checked against and points are counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.matching.domain.policy import Level

PairKey = tuple[str, str]
"""The ids of a mentor and an executive, in this order."""

HIGHEST_LEVEL = 4  # of a skill
LOWEST_PRIORITY = 3  # of a wish
LOWEST_CLASS = 3  # of executives where not all can be covered
HALF_DAYS = tuple(f"{day}_{half}" for day in ("mon", "tue", "wed", "thu", "fri") for half in ("am", "pm"))


class OutOfRange(ValueError):
    """A level, priority or capacity is outside the range that the formula is defined for."""


@dataclass(frozen=True, slots=True)
class Skill:
    """What a mentor knows of a platform: level 0 (nothing) to 4 (teaches it)."""

    platform: str
    level: int

    def __post_init__(self) -> None:
        if not 0 <= self.level <= HIGHEST_LEVEL:
            raise OutOfRange(f"level {self.level} of {self.platform} is not 0 to {HIGHEST_LEVEL}")


@dataclass(frozen=True, slots=True)
class Wish:
    """A platform that an executive wishes to learn: priority 1 (first) to 3."""

    platform: str
    priority: int

    def __post_init__(self) -> None:
        if not 1 <= self.priority <= LOWEST_PRIORITY:
            raise OutOfRange(f"priority {self.priority} of {self.platform} is not 1 to {LOWEST_PRIORITY}")


@dataclass(frozen=True, slots=True)
class LanguageLevel:
    """A language, as BCP 47 tag, and how well somebody says to speak it."""

    language: str
    level: Level


@dataclass(frozen=True, slots=True)
class Member:
    """What matching knows of either member of a pair.

    ``languages`` are those spoken by their tag without script and region, in lower case, each with its level 1 (A1)
    to 6 (C2). ``place`` is empty where it is not known, ``remote`` None where nobody said whether sessions may be held
    by video. ``availability`` has half days of the working week, none where they are not known, and ``clock`` tells
    whose mornings are at the same time. ``superiors`` are all above in the reporting line, the nearest first.
    """

    person_id: str
    subsidiary: str
    languages: Mapping[str, int]
    place: str = ""
    remote: bool | None = None
    availability: frozenset[str] = frozenset()
    clock: str = ""
    superiors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentor(Member):
    """A selected mentor; ``capacity`` is the most mentees, ``earlier`` the executives of pairs in other editions."""

    skills: tuple[Skill, ...] = ()
    capacity: int = 1
    earlier: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise OutOfRange(f"capacity {self.capacity} of {self.person_id} is below 0")


@dataclass(frozen=True, slots=True)
class Mentee(Member):
    """An obliged executive."""

    wishes: tuple[Wish, ...] = ()

    @property
    def priority_class(self) -> int:
        """1 at the top of the reporting line, 2 right below, 3 further down: who is covered first."""
        return min(len(self.superiors) + 1, LOWEST_CLASS)
