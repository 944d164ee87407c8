"""The table of an edition: the solver's instance, and who its rows and columns are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance
from services.matching.domain.contradictions import refuse_contradictions
from services.matching.domain.hard_rules import CODES
from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import NO_OVERRIDES, Overrides
from services.matching.domain.policy import Policy
from services.matching.tables.barring import Barring, barring
from services.matching.tables.columns import Flags, sides
from services.matching.tables.forcing import Forced, forced
from services.matching.tables.points import Pairs, Points, points

_PAIRS_AT_ONCE = 1 << 20  # of a block of rows, allowed or not: some 20 MB in all


@dataclass(frozen=True, slots=True)
class Table:
    """What is to be solved: rows are executives, columns mentors, both in the order of their ids.

    ``forced`` are pairs (executive, mentor) that people laid down. Their rows have this pair alone, at a column of
    its own: after ``mentor_ids`` each mentor with forced pairs has a second column, with the places that these take.
    So every best answer holds them, and they count in it like all others.
    """

    instance: Instance
    mentee_ids: tuple[str, ...]
    mentor_ids: tuple[str, ...]
    forced: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The mentor of each column of the instance, those with forced pairs once more at the end."""
        lending = {mentor for _, mentor in self.forced}
        return (*self.mentor_ids, *(id for id in self.mentor_ids if id in lending))

    @property
    def column_names(self) -> tuple[str, ...]:
        """A name for each column, each once: the mentor's id, with `` (forced)`` behind it at the second column."""
        first = len(self.mentor_ids)
        return (*self.mentor_ids, *(f"{id} (forced)" for id in self.columns[first:]))


def build(inputs: Inputs, policy: Policy, overrides: Overrides = NO_OVERRIDES) -> Table:
    """The table of these people under a policy, with what people laid down.

    A row's class is that of the executive where the policy covers by level. Takes time by all pairs, memory by the
    allowed ones. Raises ``ContradictoryOverrides``.
    """
    refuse_contradictions(overrides, inputs, policy)
    laid_down = _laid_down(inputs, overrides)
    mentees = [one for _, one in sorted(inputs.mentees.items())]
    mentors = [one for _, one in sorted(inputs.mentors.items())]
    mentee_ids, mentor_ids = (tuple(one.person_id for one in side) for side in (mentees, mentors))
    held = forced(laid_down, mentee_ids, mentor_ids)
    rules = barring(sides(mentees, mentors), policy.rules, overrides.barred)
    pointers, columns, scores = _allowed(rules, points(rules, policy), held)
    return Table(
        instance=Instance(
            pointers=pointers,
            columns=columns,
            scores=scores,
            capacities=held.capacities([one.capacity for one in mentors]),
            classes=tuple(one.priority_class for one in mentees) if policy.priority == "by_level" else None,
        ),
        mentee_ids=mentee_ids,
        mentor_ids=mentor_ids,
        forced=tuple(sorted(laid_down.items())),
    )


def barred(
    inputs: Inputs, policy: Policy, overrides: Overrides = NO_OVERRIDES, mentee_ids: Collection[str] | None = None
) -> dict[str, dict[str, int]]:
    """How many mentors each executive (all, or these) may not have, by the code of each rule that forbids them."""
    mentees = [one for id, one in sorted(inputs.mentees.items()) if mentee_ids is None or id in mentee_ids]
    mentors = [one for _, one in sorted(inputs.mentors.items())]
    rules = barring(sides(mentees, mentors), policy.rules, overrides.barred)
    counted: list[dict[str, int]] = [{} for _ in mentees]
    for block in _blocks(len(mentees), len(mentors)):
        for code, where in rules.broken(block):
            for row, number in enumerate(where.sum(axis=1).tolist(), block.start):
                if number:
                    counted[row][code] = number
    return {
        one.person_id: {code: found[code] for code in CODES if code in found}
        for one, found in zip(mentees, counted, strict=True)
    }


def _laid_down(inputs: Inputs, overrides: Overrides) -> dict[str, str]:
    """Mentor by executive of the forced pairs that can come about; of others nothing comes."""
    return {
        mentee: mentor for mentor, mentee in overrides.forced if mentor in inputs.mentors and mentee in inputs.mentees
    }


def _allowed(
    rules: Barring, counted: Points, held: Forced
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Pointers, columns and scores of the allowed pairs, block by block."""
    rows, width = len(rules.sides.mentees), len(rules.sides.mentors)
    pointers, columns, scores = [0], [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for block in _blocks(rows, width):
        free = _free(rules, block, width, held)
        per_row = np.count_nonzero(free, axis=1)
        own_rows = np.repeat(np.arange(block.start, block.stop), per_row)
        own_columns = np.flatnonzero(free) - (own_rows - block.start) * width
        pointers += (pointers[-1] + np.cumsum(per_row)).tolist()
        columns.append(held.placed(own_rows, own_columns))
        scores.append(counted.of(Pairs(own_rows, own_columns)))
    return np.array(pointers, np.int64), np.concatenate(columns), np.concatenate(scores)


def _free(rules: Barring, block: slice, width: int, held: Forced) -> Flags:
    """Where no rule is broken, and nobody is forced to another one."""
    broken = np.zeros((block.stop - block.start, width), np.bool_)
    for _, where in rules.broken(block):
        broken |= where
    held.bar(broken, block)
    return ~broken


def _blocks(rows: int, width: int) -> Iterator[slice]:
    size = max(_PAIRS_AT_ONCE // max(width, 1), 1)
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))
