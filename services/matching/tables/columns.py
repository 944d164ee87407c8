"""People as arrays: what rules and criteria compare, coded so that equal numbers mean the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.criteria import FARTHEST
from services.matching.domain.people import HALF_DAYS, Member, Mentee, Mentor

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
NEAR = FARTHEST - 2  # superiors of either side through whom a common one can still be nearer than the farthest
NOBODY = -1
_BIT = {half: 1 << number for number, half in enumerate(HALF_DAYS)}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the table, a number per person.

    ``near`` has the codes of the nearest superiors, ``NOBODY`` where there are none. ``spoken`` numbers the rows of
    ``levels``: what each group of people speaks, a level 1 to 6 by language, 0 for none.
    ``half_days`` is a bit per half day, 0 where none is known. An empty place has the code 0.
    """

    subsidiary: Codes
    place: Codes
    refuses_video: Flags
    half_days: NDArray[np.uint16]
    clock: Codes
    near: Codes
    spoken: NDArray[np.intp]
    levels: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Sides:
    """Executives as rows and mentors as columns, in the order of their ids, and what both are coded from."""

    rows: Side
    columns: Side
    mentees: Sequence[Mentee]
    mentors: Sequence[Mentor]


def sides(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Sides:
    """Both sides in one coding."""
    everybody: list[Member] = [*mentees, *mentors]
    size = len(mentees)
    subsidiary = _coded(everybody, lambda one: one.subsidiary)
    place = _coded(everybody, lambda one: one.place, first="")
    clock = _coded(everybody, lambda one: one.clock)
    near = _near(everybody)
    tags = sorted({tag for one in everybody for tag in one.languages})

    def side(members: Sequence[Member], part: slice) -> Side:
        spoken, levels = _spoken(members, tags)
        return Side(
            subsidiary=subsidiary[part],
            place=place[part],
            refuses_video=np.array([one.remote is False for one in members], np.bool_),
            half_days=np.array([sum(_BIT[half] for half in one.availability) for one in members], np.uint16),
            clock=clock[part],
            near=near[part],
            spoken=spoken,
            levels=levels,
        )

    rows, columns = side(mentees, slice(0, size)), side(mentors, slice(size, None))
    return Sides(rows, columns, mentees, mentors)


def _coded(everybody: Iterable[Member], key: Callable[[Member], Hashable], first: Hashable = None) -> Codes:
    """A number per person, equal where the key is; 0 is that of ``first``."""
    codes: dict[Hashable, int] = {first: 0}
    return np.array([codes.setdefault(key(one), len(codes)) for one in everybody], np.int32)


def _near(everybody: Sequence[Member]) -> Codes:
    codes: dict[str, int] = {}
    near = np.full((len(everybody), NEAR), NOBODY, np.int32)
    for number, one in enumerate(everybody):
        for steps, superior in enumerate(one.superiors[:NEAR]):
            near[number, steps] = codes.setdefault(superior, len(codes))
    return near


def _spoken(members: Sequence[Member], tags: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """The group of each person, and what each group speaks: people who speak the same are one group."""
    groups: dict[tuple[int, ...], int] = {}
    of_each = [tuple(one.languages.get(tag, 0) for tag in tags) for one in members]
    numbers = np.array([groups.setdefault(levels, len(groups)) for levels in of_each], np.intp)
    return numbers, np.array(list(groups), np.int8).reshape(len(groups), len(tags))
