"""The hard rules over blocks of the table: which pairs of these executives break which rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.hard_rules import Barred
from services.matching.domain.people import PairKey
from services.matching.domain.policy import Rules, level_number
from services.matching.tables.columns import NOBODY, Flags, Sides

Numbers = NDArray[np.intp]
Marked = Mapping[int, Numbers]
"""Of some rows the columns that a rule forbids them."""


@dataclass(frozen=True, slots=True)
class Barring:
    """What the rules need to know of all pairs: ``common`` has the best common level of each two groups of languages.

    Rules that concern few pairs are kept as their columns by row.
    """

    sides: Sides
    rules: Rules
    common: NDArray[np.int8]
    same_person: Marked
    reporting_line: Marked
    earlier_pair: Marked
    conflict: Marked
    blocked: Marked

    def broken(self, block: slice) -> Iterator[tuple[str, Flags]]:
        """Of each rule that is broken anywhere in these rows, its code and where; rows of the block x all columns."""
        yield from self._few("same_person", self.same_person, block)
        yield from self._few("reporting_line", self.reporting_line, block)
        yield from self._many(block)
        if self.rules.earlier_pairs:
            yield from self._few("earlier_pair", self.earlier_pair, block)
        yield from self._few("conflict", self.conflict, block)
        yield from self._few("blocked", self.blocked, block)

    def _many(self, block: slice) -> Iterator[tuple[str, Flags]]:
        rows, columns, rules = self.sides.rows, self.sides.columns, self.rules
        if rules.same_manager:
            managers = rows.near[block, 0]
            yield "same_manager", _equal(np.where(managers == NOBODY, NOBODY - 1, managers), columns.near[:, 0])
        if rules.subsidiary != "any":
            same = _equal(rows.subsidiary[block], columns.subsidiary)
            yield "subsidiary_rule", same if rules.subsidiary == "must_differ" else ~same
        unspoken = self.common < level_number(rules.language_level)
        yield "no_common_language", unspoken[rows.spoken[block]].take(columns.spoken, axis=1)
        if rules.meeting != "any":
            yield "no_common_place", self._apart(block)

    def _apart(self, block: slice) -> Flags:
        """Where two are not in one place, and video will not do instead."""
        rows, columns = self.sides.rows, self.sides.columns
        places = rows.place[block]
        apart = ~_equal(np.where(places == 0, -1, places), columns.place)
        if self.rules.meeting == "same_place_or_remote":
            apart &= rows.refuses_video[block, None] | columns.refuses_video
        return apart

    def _few(self, code: str, marked: Marked, block: slice) -> Iterator[tuple[str, Flags]]:
        rows = [row for row in range(block.start, block.stop) if row in marked]
        if rows:
            where = np.zeros((block.stop - block.start, len(self.sides.mentors)), np.bool_)
            for row in rows:
                where[row - block.start, marked[row]] = True
            yield code, where


def barring(sides: Sides, rules: Rules, people: Barred) -> Barring:
    """What the rules of a policy and people forbid on these sides."""
    row_of = {one.person_id: row for row, one in enumerate(sides.mentees)}
    column_of = {one.person_id: column for column, one in enumerate(sides.mentors)}

    def marked(pairs: Iterable[PairKey]) -> Marked:
        """Pairs of a mentor and an executive; those of whom the table does not have are left out."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for mentor_id, mentee_id in pairs:
            if mentor_id in column_of and mentee_id in row_of:
                found[row_of[mentee_id]].add(column_of[mentor_id])
        return {row: np.array(sorted(columns), np.intp) for row, columns in found.items()}

    return Barring(
        sides=sides,
        rules=rules,
        common=_common(sides.rows.levels, sides.columns.levels),
        same_person=marked((id, id) for id in row_of),
        reporting_line=marked(_lines(sides)),
        earlier_pair=marked((one.person_id, mentee) for one in sides.mentors for mentee in one.earlier),
        conflict=marked(people.conflicts),
        blocked=marked(people.blocked),
    )


def _lines(sides: Sides) -> Iterator[PairKey]:
    """Everybody with everybody above them, as mentor and executive in both directions."""
    for mentor in sides.mentors:
        yield from ((mentor.person_id, superior) for superior in mentor.superiors)
    for mentee in sides.mentees:
        yield from ((superior, mentee.person_id) for superior in mentee.superiors)


def _common(rows: NDArray[np.int8], columns: NDArray[np.int8]) -> NDArray[np.int8]:
    """The level of the best common language of each two groups, by the lower of the two."""
    best = np.zeros((len(rows), len(columns)), np.int8)
    for language in range(rows.shape[1]):
        np.maximum(best, np.minimum.outer(rows[:, language], columns[:, language]), out=best)
    return best


def _equal(rows: NDArray[np.int32], columns: NDArray[np.int32]) -> Flags:
    found: Flags = rows[:, None] == columns
    return found
