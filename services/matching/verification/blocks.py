"""The allowed pairs in pieces that the processor's cache holds: all conditions look at a piece before the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.verification.document import Instance, Numbers
from services.matching.verification.integers import Flags, Integers

_PAIRS = 2**15  # in a piece, more only where one row has more


@dataclass(frozen=True, slots=True)
class Block:
    """The pairs of neighbouring rows: of each its column, its score, and whether the column takes anybody at all."""

    rows: slice
    degrees: Numbers
    columns: Numbers
    scores: Integers

    def spread(self, per_row: NDArray[Any]) -> NDArray[Any]:
        """A value of each row of the whole instance, repeated for each pair of this block."""
        return np.repeat(per_row[self.rows], self.degrees)

    def row(self, place: int) -> int:
        """The row of a pair, counted within the whole instance."""
        return int(self.rows.start) + int(np.searchsorted(np.cumsum(self.degrees), place, side="right"))

    def told(self, wrong: Flags) -> str:
        """The first of the wrong pairs, in words."""
        place = int(np.argmax(wrong))
        return f"row {self.row(place)} and column {int(self.columns[place])}"


def blocks(instance: Instance) -> Iterator[Block]:
    """All pairs, in order."""
    pointers, first = instance.pointers, 0
    while first < instance.rows:
        last = int(np.searchsorted(pointers, pointers[first] + _PAIRS, side="right")) - 1
        last = min(max(last, first + 1), instance.rows)
        pairs = slice(int(pointers[first]), int(pointers[last]))
        yield Block(
            slice(first, last),
            np.diff(pointers[first : last + 1]),
            instance.neighbours[pairs],
            instance.scores[pairs],
        )
        first = last
