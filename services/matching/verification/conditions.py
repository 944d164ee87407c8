"""What must hold of every allowed pair: each condition sees all blocks, and keeps the first pair that breaks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.matching.verification.blocks import Block
from services.matching.verification.document import Certificate, Numbers, Violator
from services.matching.verification.integers import Flags, wide


class Condition(Protocol):
    """Something that every pair must fulfil; ``fault`` is the sentence about the first that does not."""

    fault: str | None

    def look(self, block: Block) -> None:
        """Judge the pairs of a block; blocks come in order."""


class Rising:
    """The columns of a row rise, so that no pair stands twice."""

    def __init__(self) -> None:
        self.fault: str | None = None

    def look(self, block: Block) -> None:
        """Compare neighbours in the list, but not the last of a row with the first of the next."""
        wrong = np.zeros(len(block.columns), dtype=np.bool_)
        np.less_equal(block.columns[1:], block.columns[:-1], out=wrong[1:])
        starts = np.cumsum(block.degrees[:-1])
        wrong[starts[starts < len(wrong)]] = False
        if wrong.any():
            self.fault = f"instance.neighbours do not rise: {block.told(wrong)} stand twice or out of order"


class Taken:
    """Collects the score of each row's pair; ``found`` tells which rows have theirs among the allowed pairs."""

    def __init__(self, certificate: Certificate) -> None:
        self.fault: str | None = None
        self._partner = certificate.partner
        self.found: Flags = np.zeros(certificate.instance.rows, dtype=np.bool_)
        self.scores: NDArray[Any] = np.zeros(certificate.instance.rows, dtype=certificate.instance.scores.dtype)

    def look(self, block: Block) -> None:
        """Find the pairs that were chosen."""
        places = np.flatnonzero(block.spread(self._partner) == block.columns)
        rows = block.rows.start + np.searchsorted(np.cumsum(block.degrees), places, side="right")
        self.found[rows] = True
        self.scores[rows] = block.scores[places]


class Closed:
    """No pair leads from the rows of a violator to other columns than its own, among those that count.

    All pairs count, or those with a score above ``above``; never those with a column that takes nobody.
    The violators are a chain: each has the columns of the one before. So it is enough to look at a row in the first
    that has it, and one pass is enough for them all.
    """

    def __init__(self, certificate: Certificate, chain: Sequence[Violator], above: int | None = None) -> None:
        self.fault: str | None = None
        self._chain, self._above = chain, above
        instance = certificate.instance
        self._by_row = _first([violator.rows for violator in chain], instance.rows)
        self._by_column = _first([violator.columns for violator in chain], instance.columns)
        self._by_column[instance.places == 0] = 0

    def look(self, block: Block) -> None:
        """Find a pair that leaves: its column comes later than its row."""
        if self._by_row[block.rows].min() == len(self._chain):
            return
        leaving = self._by_column[block.columns] > block.spread(self._by_row)
        if self._above is not None:
            leaving &= block.scores > self._above
        if leaving.any():
            which = "allowed" if self._above is None else "better"
            left = self._chain[int(self._by_row[block.row(int(np.argmax(leaving)))])]
            self.fault = f"{left.name} is left by the {which} pair of {block.told(leaving)}"


def _first(listed: Sequence[Numbers], size: int) -> NDArray[Any]:
    """Of each number below ``size`` the first list that has it, or how many lists there are."""
    found = np.full(size, len(listed), dtype=np.min_scalar_type(len(listed)))
    for place in reversed(range(len(listed))):
        found[listed[place]] = place
    return found


class Paid:
    """A usable pair's score is at most its class, row and column price together.

    Usable is a pair that is no worse than the worst is, with a column that takes anybody.
    """

    def __init__(self, certificate: Certificate, worst: int) -> None:
        self.fault: str | None = None
        instance, prices = certificate.instance, certificate.prices
        self._as = wide(prices.classes, prices.rows, prices.columns, instance.scores)
        classes, rows, columns = (one.astype(self._as) for one in (prices.classes, prices.rows, prices.columns))
        self._by_row = classes[instance.class_of] + rows
        self._by_column = columns
        self._open: Flags = instance.places > 0
        self._worst = worst

    def look(self, block: Block) -> None:
        """Find a pair that is worth more than its prices say."""
        scores = block.scores.astype(self._as, copy=False)
        better = scores - self._by_column[block.columns] > block.spread(self._by_row)
        if not better.any():
            return
        better &= (block.scores >= self._worst) & self._open[block.columns]
        if better.any():
            self.fault = f"proof.total is too low for {block.told(better)}: their score is above their prices together"
