"""Pairs that people laid down: their rows have this one pair, at a column of its own, so it counts and stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.tables.columns import NOBODY, Flags

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Forced:
    """Who is forced to whom, as rows and columns.

    ``wanted`` is the column that each row is forced to, ``NOBODY`` where none is. A column with forced rows lends as
    many of its places to a column behind all others, which only these rows may have: ``own`` is that column, of each
    column that lends nothing the column itself. ``taken`` are the places lent by each column.
    """

    wanted: Numbers
    own: Numbers
    taken: Numbers

    def bar(self, broken: Flags, block: slice) -> None:
        """Mark all that a forced row of this block may not have: every other column."""
        rows = np.flatnonzero(self.wanted[block] != NOBODY)
        broken[rows] |= np.arange(broken.shape[1]) != self.wanted[block][rows, None]

    def placed(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.int32]:
        """The column that each pair stands for: that of its own for a row that is forced."""
        return np.where(self.wanted[rows] != NOBODY, self.own[columns], columns).astype(np.int32)

    def capacities(self, places: Sequence[int]) -> Numbers:
        """The places that are left, then those that are lent."""
        return np.concatenate([np.array(places, np.int64) - self.taken, self.taken[self.taken > 0]])


def forced(pairs: Mapping[str, str], mentee_ids: Sequence[str], mentor_ids: Sequence[str]) -> Forced:
    """The pairs (mentor by executive) among these people, all of whom there are; columns lend in their order."""
    column_of = {id: column for column, id in enumerate(mentor_ids)}
    load = Counter(pairs.values())
    taken = np.array([load[id] for id in mentor_ids], np.int64)
    own = np.arange(len(mentor_ids), dtype=np.int64)
    own[taken > 0] = len(mentor_ids) + np.arange(np.count_nonzero(taken))
    wanted = np.array([column_of[pairs[id]] if id in pairs else NOBODY for id in mentee_ids], np.int64)
    return Forced(wanted, own, taken)
