"""The answer: who is paired with whom, its three values, and the numbers that prove them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Prices = NDArray[np.int64] | NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Violator:
    """Rows that have no pair but with the columns beside them, which have too few places (Hall 1935).

    Both rise. Columns without places are always among them: they cost nothing.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Proof:
    """Why no assignment is better; what each part shows is told in ``certificate``.

    ``coverage`` has one violator per class, for the rows of that class and those before. ``worst`` is None without
    a pair. ``class_prices`` belong to the classes in rising order, the other prices to rows and columns.
    """

    coverage: tuple[Violator, ...]
    worst: Violator | None
    class_prices: tuple[int, ...]
    row_prices: Prices
    column_prices: Prices


@dataclass(frozen=True, slots=True)
class Solution:
    """A best assignment: ``partner`` is the column of each row, -1 without one.

    ``coverage`` is the number of pairs, ``worst`` the lowest score among them (None without a pair), ``total`` their
    exact sum.
    """

    partner: NDArray[np.int32]
    coverage: int
    worst: int | None
    total: int
    proof: Proof

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs (row, column), by row."""
        rows = np.flatnonzero(self.partner >= 0)
        return tuple(zip(rows.tolist(), self.partner[rows].tolist(), strict=True))
