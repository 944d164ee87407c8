"""The criteria over allowed pairs: the same fractions as ``domain.criteria``, for many pairs at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain import criteria
from services.matching.domain.criteria import ENOUGH_HALF_DAYS, FARTHEST, LEAST_LEVEL_THAT_COUNTS, NEAREST
from services.matching.domain.people import HALF_DAYS, HIGHEST_LEVEL
from services.matching.domain.policy import CRITERIA, Policy
from services.matching.tables.barring import Barring
from services.matching.tables.columns import NEAR, NOBODY, Sides

Numbers = NDArray[np.int64]
Entries = NDArray[np.uint8]
_COMMON = np.array([halves.bit_count() for halves in range(1 << len(HALF_DAYS))], np.uint8)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Allowed pairs, of each its row and its column in the whole table."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Points:
    """Counts points under a policy.

    ``wishes`` (rows x the most wishes of one executive) are numbers of platforms, ``weights`` what each counts, 0
    beyond the wishes there are; ``levels`` (platforms x columns) what the mentors know.
    """

    barring: Barring
    policy: Policy
    wishes: NDArray[np.intp]
    weights: Numbers
    levels: NDArray[np.int8]

    def of(self, pairs: Pairs) -> Numbers:
        """The points of each pair in the policy's units."""
        total = np.zeros(len(pairs.rows), np.int64)
        for name in CRITERIA:
            if most := getattr(self.policy.weights, name) * self.policy.units_per_point:
                total += _COUNTED[name](self, pairs, most)
        return total

    @property
    def sides(self) -> Sides:
        """Who is counted."""
        return self.barring.sides

    def learning_wishes(self, pairs: Pairs, most: int) -> Numbers:
        """most x sum(weight x level) // sum(weight x 4), all of it where nothing is wished."""
        met = np.zeros(len(pairs.rows), np.int64)
        for wish, weight in zip(self.wishes.T, self.weights.T, strict=True):
            met += weight[pairs.rows] * self.levels[wish[pairs.rows], pairs.columns]
        full = (HIGHEST_LEVEL * self.weights.sum(axis=1))[pairs.rows]
        met[full == 0] = full[full == 0] = 1
        counted: Numbers = most * met // full
        return counted

    def availability(self, pairs: Pairs, most: int) -> Numbers:
        """By the number of common half days; one more entry is for what is not known."""
        rows, columns = self.sides.rows, self.sides.columns
        own, other = rows.half_days[pairs.rows], columns.half_days[pairs.columns]
        unknown = (own == 0) | (other == 0) | (rows.clock[pairs.rows] != columns.clock[pairs.columns])
        common: Entries = np.minimum(_COMMON[own & other], ENOUGH_HALF_DAYS)
        common[unknown] = ENOUGH_HALF_DAYS + 1
        return _parts(most, ENOUGH_HALF_DAYS)[common]

    def languages(self, pairs: Pairs, most: int) -> Numbers:
        """By the best common level."""
        rows, columns = self.sides.rows, self.sides.columns
        counted = np.maximum(self.barring.common - LEAST_LEVEL_THAT_COUNTS, 0)
        common = counted[rows.spoken[pairs.rows], columns.spoken[pairs.columns]]
        return _parts(most, 6 - LEAST_LEVEL_THAT_COUNTS)[common]

    def hierarchy(self, pairs: Pairs, most: int) -> Numbers:
        """By the steps up to the nearest common superior and down again."""
        above, below = self.sides.rows.near, self.sides.columns.near
        steps = np.full(len(pairs.rows), FARTHEST, np.int8)
        ups = [above[:, up][pairs.rows] for up in range(NEAR)]
        downs = [below[:, down][pairs.columns] for down in range(NEAR)]
        for up, one in enumerate(ups):
            for down, other in enumerate(downs[: NEAR - up]):
                met = (one == other) & (one != NOBODY)
                np.minimum(steps, up + down + 2, out=steps, where=met)
        shares = steps - NEAREST
        shares[(ups[0] == NOBODY) | (downs[0] == NOBODY)] = FARTHEST - NEAREST + 1
        return _parts(most, FARTHEST - NEAREST)[shares]

    def place(self, pairs: Pairs, most: int) -> Numbers:
        """All, half or nothing."""
        rows, columns = self.sides.rows, self.sides.columns
        own, other = rows.place[pairs.rows], columns.place[pairs.columns]
        known = (own != 0) & (other != 0)
        refused = rows.refuses_video[pairs.rows] | columns.refuses_video[pairs.columns]
        apart = np.where(known & refused, 0, most // 2)
        return np.where(known & (own == other), most, apart)

    def other_subsidiary(self, pairs: Pairs, most: int) -> Numbers:
        """All or nothing."""
        rows, columns = self.sides.rows, self.sides.columns
        return np.where(rows.subsidiary[pairs.rows] != columns.subsidiary[pairs.columns], most, 0)


_COUNTED: dict[str, Callable[[Points, Pairs, int], Numbers]] = {
    "learning_wishes": Points.learning_wishes,
    "availability": Points.availability,
    "languages": Points.languages,
    "hierarchy": Points.hierarchy,
    "place": Points.place,
    "other_subsidiary": Points.other_subsidiary,
}


def points(barring: Barring, policy: Policy) -> Points:
    """What points are counted from under this policy."""
    sides = barring.sides
    wished = [criteria.weights_of(one.wishes, policy.priority_weights) for one in sides.mentees]
    number_of = {platform: number for number, platform in enumerate(sorted({name for one in wished for name in one}))}
    most = max(map(len, wished), default=0)
    wishes, weights = np.zeros((len(wished), most), np.intp), np.zeros((len(wished), most), np.int64)
    for row, one in enumerate(wished):
        wishes[row, : len(one)] = [number_of[platform] for platform in one]
        weights[row, : len(one)] = list(one.values())
    levels = np.zeros((len(number_of), len(sides.mentors)), np.int8)
    for column, mentor in enumerate(sides.mentors):
        for platform, level in criteria.levels_of(mentor.skills).items():
            if platform in number_of:
                levels[number_of[platform], column] = level
    return Points(barring, policy, wishes, weights, levels)


def _parts(most: int, whole: int) -> Numbers:
    """The points of 0, 1, … all parts of a whole, and at the end those of what is not known."""
    half = most * criteria.HALF.part // criteria.HALF.whole
    return np.array([*(most * part // whole for part in range(whole + 1)), half], np.int64)
