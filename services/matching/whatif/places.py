"""What one more place would bring, and at which column it would bring most."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance, solve
from services.matching.assignment.instance import Scores

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ExtraPlace:
    """A column with a place more, and the values of the best assignment then."""

    column: int
    coverage: int
    worst: int | None
    total: int


def places(instance: Instance, columns: Collection[int], most: int) -> tuple[ExtraPlace, ...]:
    """The columns, at most so many, at which one more place brings most; the best first.

    Each takes one solution, and no column is left out before it was compared: instead of a place at any one column a
    joker is solved for, a column with one place that gives each row its best score among ``columns``. Any assignment
    with a place more is one with the joker that is as good; and the joker is a place at the column whose score it gave.
    So the best with the joker is the best with any of the places. Then this column goes, and the next is found.

    At a column that has places, one more covers one row more just where an uncovered row reaches it: the way there can
    be shifted by one. So only columns in the groups of ``lacking``, and columns without places, need to be asked for.
    Where the joker stays empty, a place more at any of the columns changes nothing.
    """
    return tuple(islice(_places(instance, set(columns)), most))


def _places(instance: Instance, left: set[int]) -> Iterator[ExtraPlace]:
    while left:
        best = _best(instance, left)
        if best is None:
            return
        left.discard(best.column)
        yield best


def _best(instance: Instance, columns: Collection[int]) -> ExtraPlace | None:
    """The best place at one of the columns; None if it would stay empty."""
    owners = np.repeat(np.arange(instance.rows), np.diff(instance.pointers))
    chosen = np.flatnonzero(np.isin(instance.columns, sorted(columns)))
    if not len(chosen):
        return None
    best = _best_of_rows(owners[chosen], instance.scores[chosen], chosen)
    solution = solve(_with_joker(instance, owners[best], instance.scores[best]))
    taker = np.flatnonzero(solution.partner == len(instance.capacities))
    if not len(taker):
        return None
    [pair] = best[owners[best] == taker[0]].tolist()
    return ExtraPlace(int(instance.columns[pair]), solution.coverage, solution.worst, solution.total)


def _best_of_rows(owners: Longs, scores: Scores, pairs: Longs) -> Longs:
    """Of each row the first of its best pairs."""
    order = np.lexsort((pairs, ~scores, owners))
    first = np.ones(len(order), np.bool_)
    first[1:] = owners[order[1:]] != owners[order[:-1]]
    return pairs[order[first]]


def _with_joker(instance: Instance, rows: Longs, scores: Scores) -> Instance:
    """The instance with a last column of one place and these pairs."""
    ends = instance.pointers[1:][rows]
    sizes = np.diff(instance.pointers)
    sizes[rows] += 1
    both: Scores = np.insert(instance.scores, ends, scores)  # type: ignore[assignment]  # numpy drops the two kinds
    return Instance(
        pointers=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        columns=np.insert(instance.columns, ends, len(instance.capacities)),
        scores=both,
        capacities=np.append(instance.capacities, 1),
        classes=instance.classes,
    )
