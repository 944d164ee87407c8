"""What a pair is worth under a policy, why, and which rule forbids it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

HIGHEST_LEVEL = 4
LOWEST_PRIORITY = 3
FULL_MARKS = 100  # points of the best possible pair


class OutOfRange(ValueError):
    """A level, priority, capacity or weight is outside the range that the formula is defined for."""


class DuplicatePerson(ValueError):
    """The same person stands twice on one side of the table."""

    def __init__(self, person_id: str) -> None:
        super().__init__(f"person {person_id} stands twice on one side")
        self.person_id = person_id


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
class Mentor:
    """A selected mentor; ``manager_line`` is everybody above in the reporting line, ``capacity`` the most mentees."""

    person_id: str
    subsidiary: str
    skills: tuple[Skill, ...]
    languages: tuple[str, ...]
    place: str
    capacity: int
    manager_line: frozenset[str]

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise OutOfRange(f"capacity {self.capacity} of {self.person_id} is below 0")


@dataclass(frozen=True, slots=True)
class Mentee:
    """An obliged executive."""

    person_id: str
    subsidiary: str
    wishes: tuple[Wish, ...]
    languages: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How points are given: whole points per criterion, 100 together, and the weight of a wish by its priority.

    Scores are counted in units of 1 / ``units_per_point`` of a point, so that they are integers.
    """

    version: str
    learning_wishes: int
    other_subsidiary: int
    same_place: int
    priority_weights: tuple[int, int, int]
    units_per_point: int

    def __post_init__(self) -> None:
        shares = (self.learning_wishes, self.other_subsidiary, self.same_place)
        if min(shares) < 0 or sum(shares) != FULL_MARKS:
            raise OutOfRange(f"policy {self.version}: criteria {shares} are not points of {FULL_MARKS} in all")
        if min(self.priority_weights) < 1 or self.units_per_point < 1:
            raise OutOfRange(f"policy {self.version}: weights and units per point start at 1")


DEFAULT_POLICY = Policy(
    version="2026.1",
    learning_wishes=80,
    other_subsidiary=12,
    same_place=8,
    priority_weights=(4, 2, 1),
    units_per_point=100,
)


class Criterion(NamedTuple):
    """One criterion's share of a score, in the policy's units."""

    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Scored:
    """An allowed pair: ``points`` from 0 to 100 x units_per_point, the sum of ``criteria``, which explain it."""

    points: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A pair that must not be: ``rule`` is same_person, reporting_line or no_common_language."""

    rule: str


@dataclass(frozen=True, slots=True)
class Table:
    """Every possible pair with its verdict: a row per mentee, a column per mentor, both sorted by person id."""

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    verdicts: tuple[tuple[Scored | Forbidden, ...], ...]

    def scores(self) -> tuple[tuple[int | None, ...], ...]:
        """The points of each pair, None where it is forbidden: what the solver takes."""
        return tuple(tuple(_points(verdict) for verdict in row) for row in self.verdicts)

    def capacities(self) -> tuple[int, ...]:
        """The most mentees of each mentor, in the order of the columns."""
        return tuple(mentor.capacity for mentor in self.mentors)


def score(mentor: Mentor, mentee: Mentee, policy: Policy) -> Scored | Forbidden:
    """The points of a pair and where they come from, or the first rule that forbids it."""
    rule = _broken_rule(mentor, mentee)
    if rule is not None:
        return Forbidden(rule)
    unit = policy.units_per_point
    criteria = (
        Criterion("learning_wishes", _wishes_met(mentor, mentee, policy)),
        Criterion("other_subsidiary", policy.other_subsidiary * unit * _other_subsidiary(mentor, mentee)),
        Criterion("same_place", policy.same_place * unit * _same_place(mentor, mentee)),
    )
    return Scored(points=sum(criterion.points for criterion in criteria), criteria=criteria)


def table(mentors: Iterable[Mentor], mentees: Iterable[Mentee], policy: Policy) -> Table:
    """The verdict on every pair: the same people in any order give the same table.

    Sorting by person id is what makes the solver's choice among equally good assignments repeatable.
    Raises DuplicatePerson; a person may stand on both sides.
    """
    columns = tuple(sorted(mentors, key=lambda mentor: mentor.person_id))
    rows = tuple(sorted(mentees, key=lambda mentee: mentee.person_id))
    _refuse_duplicates([mentor.person_id for mentor in columns])
    _refuse_duplicates([mentee.person_id for mentee in rows])
    verdicts = tuple(tuple(score(mentor, mentee, policy) for mentor in columns) for mentee in rows)
    return Table(mentees=rows, mentors=columns, verdicts=verdicts)


def line_above(person_id: str, manager_of: Mapping[str, str | None]) -> frozenset[str]:
    """Everybody above ``person_id`` at any depth; a circle in the roster ends the walk, the person is never in it."""
    above: set[str] = set()
    manager = manager_of.get(person_id)
    while manager is not None and manager != person_id and manager not in above:
        above.add(manager)
        manager = manager_of.get(manager)
    return frozenset(above)


def _broken_rule(mentor: Mentor, mentee: Mentee) -> str | None:
    if mentor.person_id == mentee.person_id:
        return "same_person"
    if mentee.person_id in mentor.manager_line:
        return "reporting_line"
    if _spoken(mentor.languages).isdisjoint(_spoken(mentee.languages)):
        return "no_common_language"
    return None


def _spoken(tags: Iterable[str]) -> frozenset[str]:
    """The languages of BCP 47 tags without script and region: who speaks de-AT and who speaks de-CH understand."""
    return frozenset(tag.partition("-")[0].casefold() for tag in tags if tag)


def _wishes_met(mentor: Mentor, mentee: Mentee, policy: Policy) -> int:
    """Share of the wishes that the mentor's levels meet, each wish weighted by priority, rounded down to a unit.

    sum(weight x level) / sum(weight x 4); of a platform named twice the higher level and the first priority count.
    Without a wish the share is full: a 0 would be the worst pair of every assignment, and hide all others.
    """
    levels = {skill.platform: skill.level for skill in sorted(mentor.skills, key=lambda skill: skill.level)}
    priorities = {wish.platform: wish.priority for wish in sorted(mentee.wishes, key=lambda wish: -wish.priority)}
    weights = {platform: policy.priority_weights[priority - 1] for platform, priority in priorities.items()}
    most = policy.learning_wishes * policy.units_per_point
    if not weights:
        return most
    met = sum(weight * levels.get(platform, 0) for platform, weight in weights.items())
    return most * met // (HIGHEST_LEVEL * sum(weights.values()))


def _other_subsidiary(mentor: Mentor, mentee: Mentee) -> bool:
    return mentor.subsidiary != mentee.subsidiary


def _same_place(mentor: Mentor, mentee: Mentee) -> bool:
    place = mentor.place.strip().casefold()
    return place != "" and place == mentee.place.strip().casefold()


def _points(verdict: Scored | Forbidden) -> int | None:
    return verdict.points if isinstance(verdict, Scored) else None


def _refuse_duplicates(sorted_ids: list[str]) -> None:
    for one, next_one in pairwise(sorted_ids):
        if one == next_one:
            raise DuplicatePerson(one)
