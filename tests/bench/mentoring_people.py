"""People as the package mentor-match knows them, and its kind of rules; nothing is imported, so both sides can read it.

Mentors are one or two grades above their mentees and of another organisation: the rules of the public service for
which the package was written. Points: 12 for two grades, 9 for one, 10 more for the same profession.
"""

from __future__ import annotations

import random

Person = dict[str, str | int]
STEPS = {1: 9, 2: 12}  # points by how many grades the mentor is above
SAME_PROFESSION = 10


def people(number: int, seed: int) -> tuple[list[Person], list[Person]]:
    """So many mentees, and as many mentors."""
    chance = random.Random(seed)

    def person(kind: str, place: int, lowest: int) -> Person:
        return {
            "email": f"{kind}{place}@example.org",
            "grade": chance.randint(lowest, lowest + 5),
            "organisation": f"organisation {chance.randrange(12)}",
            "profession": f"profession {chance.randrange(20)}",
        }

    mentees = [person("mentee", place, 1) for place in range(number)]
    return mentees, [person("mentor", place, 2) for place in range(number)]


def points(mentee: Person, mentor: Person) -> int | None:
    """What a pair is worth, None where it is not allowed."""
    step = int(mentor["grade"]) - int(mentee["grade"])
    if mentee["organisation"] == mentor["organisation"] or step not in STEPS:
        return None
    return STEPS[step] + (SAME_PROFESSION if mentee["profession"] == mentor["profession"] else 0)
