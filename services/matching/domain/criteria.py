"""What earns points: one function per criterion, each the share of its weight that a pair gets.

A share is a fraction of integers, so that points are exact. What somebody has not told earns half of the weight:
it neither wins nor loses a pair. The one exception are wishes, see ``learning_wishes``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from services.matching.domain.hard_rules import common_level, refuses_video, same_place
from services.matching.domain.people import HIGHEST_LEVEL, Member, Mentee, Mentor, Skill, Wish

Priorities = tuple[int, int, int]
ENOUGH_HALF_DAYS = 3  # one for the month's session and two to move it to
LEAST_LEVEL_THAT_COUNTS = 3  # B1; each level above it earns a third
NEAREST, FARTHEST = 2, 6  # steps: colleagues of one superior; from where on more distance makes no difference


class Share(NamedTuple):
    """``part`` of ``whole``, from nothing (0) to all (``whole``)."""

    part: int
    whole: int


NOTHING, HALF, ALL = Share(0, 1), Share(1, 2), Share(1, 1)


def learning_wishes(mentor: Mentor, mentee: Mentee, priorities: Priorities) -> Share:
    """How well the mentor's levels meet the wishes: sum(weight x level) of sum(weight x 4), weights by priority.

    Of a platform named twice the higher level and the first priority count. Without a wish the share is full: nobody
    could do better, and a 0 would be the worst pair of every assignment and hide all others.
    """
    levels, weights = levels_of(mentor.skills), weights_of(mentee.wishes, priorities)
    if not weights:
        return ALL
    met = sum(weight * levels.get(platform, 0) for platform, weight in weights.items())
    return Share(met, HIGHEST_LEVEL * sum(weights.values()))


def availability(mentor: Mentor, mentee: Mentee, _: Priorities) -> Share:
    """How many half days of the week both have time: a third for each of up to three.

    Half where one of the two has named none, or where they live by different clocks: a morning there is none here.
    """
    if not mentor.availability or not mentee.availability or mentor.clock != mentee.clock:
        return HALF
    return Share(min(len(mentor.availability & mentee.availability), ENOUGH_HALF_DAYS), ENOUGH_HALF_DAYS)


def languages(mentor: Mentor, mentee: Mentee, _: Priorities) -> Share:
    """How well they speak the language they share best, by the lower level: B2 a third, C1 two thirds, C2 all."""
    whole = 6 - LEAST_LEVEL_THAT_COUNTS
    return Share(max(common_level(mentor, mentee) - LEAST_LEVEL_THAT_COUNTS, 0), whole)


def hierarchy(mentor: Mentor, mentee: Mentee, _: Priorities) -> Share:
    """How far apart the reporting lines are: a quarter for each step beyond colleagues of one superior, up to four.

    Steps are counted up from one of the two to the nearest common superior and down to the other. Lines that never
    meet are as far as can be. Half where one of the two has nobody above them, so that the line is not known.
    """
    if not mentor.superiors or not mentee.superiors:
        return HALF
    return Share(min(max(steps_apart(mentor, mentee) - NEAREST, 0), FARTHEST - NEAREST), FARTHEST - NEAREST)


def place(mentor: Mentor, mentee: Mentee, _: Priorities) -> Share:
    """All in one place; half where a place is not known or both can meet by video; nothing where one refuses video."""
    if same_place(mentor, mentee):
        return ALL
    known = mentor.place != "" and mentee.place != ""
    return NOTHING if known and refuses_video(mentor, mentee) else HALF


def other_subsidiary(mentor: Mentor, mentee: Mentee, _: Priorities) -> Share:
    """All across companies, nothing within one: who works elsewhere speaks more freely."""
    return ALL if mentor.subsidiary != mentee.subsidiary else NOTHING


CRITERIA: dict[str, Callable[[Mentor, Mentee, Priorities], Share]] = {
    "learning_wishes": learning_wishes,
    "availability": availability,
    "languages": languages,
    "hierarchy": hierarchy,
    "place": place,
    "other_subsidiary": other_subsidiary,
}
"""By the name of their weight in a policy, in the order in which they are shown."""


def levels_of(skills: tuple[Skill, ...]) -> dict[str, int]:
    """The level by platform; of one named twice the higher counts."""
    return {skill.platform: skill.level for skill in sorted(skills, key=lambda skill: skill.level)}


def weights_of(wishes: tuple[Wish, ...], priorities: Priorities) -> dict[str, int]:
    """The weight by platform; of one named twice the first priority counts."""
    by_platform = {wish.platform: wish.priority for wish in sorted(wishes, key=lambda wish: -wish.priority)}
    return {platform: priorities[priority - 1] for platform, priority in by_platform.items()}


def steps_apart(one: Member, other: Member) -> int:
    """Steps from one up to the nearest common superior and down to the other; ``FARTHEST`` where there is none."""
    below = {superior: steps for steps, superior in enumerate(other.superiors, 1)}
    return min((up + below[each] for up, each in enumerate(one.superiors, 1) if each in below), default=FARTHEST)
