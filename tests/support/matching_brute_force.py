"""The best matching of a small instance by looking at every one there is: slow, and right beyond doubt.

For instances up to some 5 x 4. A row takes at most one column; None forbids a pair; larger scores are better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Partner = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Small:
    """``scores[row][column]``, how many rows each column takes, and of each row its class: 1 is covered first."""

    scores: Sequence[Sequence[int | None]]
    capacities: Sequence[int]
    classes: Sequence[int] | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.scores)

    @property
    def prefixes(self) -> list[list[int]]:
        """The rows of the first class that occurs, of the first two, and so on; all rows where none are named."""
        if not self.classes:
            return [list(range(self.rows))]
        return [[row for row, own in enumerate(self.classes) if own <= one] for one in sorted(set(self.classes))]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The values of the best matching and one that has them.

    ``by_prefix`` counts covered rows in each of the instance's prefixes; ``worst`` is None without a pair.
    """

    partner: Partner
    by_prefix: tuple[int, ...]
    coverage: int
    worst: int | None
    total: int


def every_matching(small: Small) -> Iterator[Partner]:
    """All legal ones: per row its column or None."""

    def chosen(row: int, left: tuple[int, ...]) -> Iterator[Partner]:
        if row == small.rows:
            yield ()
            return
        for rest in chosen(row + 1, left):
            yield (None, *rest)
        for column, score in enumerate(small.scores[row]):
            if score is not None and left[column] > 0:
                fewer = (*left[:column], left[column] - 1, *left[column + 1 :])
                for rest in chosen(row + 1, fewer):
                    yield (column, *rest)

    return chosen(0, tuple(small.capacities))


def judged(small: Small, partner: Partner) -> Optimum:
    """The values of a matching, whether it is the best or not."""
    points = [small.scores[row][column] for row, column in enumerate(partner) if column is not None]
    known = [point for point in points if point is not None]
    covered = tuple(sum(partner[row] is not None for row in rows) for rows in small.prefixes)
    return Optimum(partner, covered, len(known), min(known, default=None), sum(known))


def optimum(small: Small) -> Optimum:
    """The best: most rows of the first class, then of the first two …, then the best worst pair, then the total."""

    def rank(one: Optimum) -> tuple[tuple[int, ...], int, int]:
        return one.by_prefix, 0 if one.worst is None else one.worst, one.total

    return max((judged(small, partner) for partner in every_matching(small)), key=rank)
