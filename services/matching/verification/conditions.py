"""What must hold of every allowed pair: each condition sees all blocks, and keeps the first pair that breaks it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.matching.verification.blocks import Block
from services.matching.verification.document import Certificate, Violator
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
    """

    def __init__(self, certificate: Certificate, violator: Violator, above: int | None = None) -> None:
        self.fault: str | None = None
        self._violator, self._above = violator, above
        self._outside: Flags = ~violator.columns & (certificate.instance.places > 0)
        self._idle = not violator.rows.any()

    def look(self, block: Block) -> None:
        """Find a pair that leaves."""
        if self._idle or not self._violator.rows[block.rows].any():
            return
        leaving = block.spread(self._violator.rows) & self._outside[block.columns]
        if self._above is not None:
            leaving &= block.scores > self._above
        if leaving.any():
            which = "allowed" if self._above is None else "better"
            self.fault = f"{self._violator.name} is left by the {which} pair of {block.told(leaving)}"


class Paid:
    """A usable pair's score is at most its class, row and column price together.

    Usable is a pair that is no worse than the worst is, with a column that takes anybody.
    """

    def __init__(self, certificate: Certificate, worst: int) -> None:
        self.fault: str | None = None
        instance, prices = certificate.instance, certificate.prices
        classes, rows, columns, scores = wide(prices.classes, prices.rows, prices.columns, instance.scores)
        self._by_row = classes[instance.class_of] + rows
        self._by_column = columns
        self._as = scores.dtype
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
