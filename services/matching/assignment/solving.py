"""The best assignment, exactly: most rows covered, then the worst pair as good as possible, then the best total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.covering import classes, cover
from services.matching.assignment.grading import graded
from services.matching.assignment.instance import Instance
from services.matching.assignment.order import in_order, in_place
from services.matching.assignment.pairing import pair
from services.matching.assignment.pricing import prices
from services.matching.assignment.solution import Proof, Solution
from services.matching.kernels.cutting import chosen

Order = NDArray[np.integer]


def solve(instance: Instance, *, row_order: Order | None = None, column_order: Order | None = None) -> Solution:
    """The best assignment with its proof: most rows covered, then the best worst score, then the best total.

    With classes, most rows of the first class are covered, then most of the second without one less of the first, and
    so on. A row takes at most one column, a column at most as many rows as its capacity.

    The same instance gives the same pairs on every run. Of several assignments with the same values the order of rows
    and columns picks one: ``row_order`` and ``column_order`` (permutations, first place first) stand for sorting the
    instance so beforehand. The values depend neither on the order nor on the version of this solver; the picked pairs
    may depend on both. Raises OverflowError beyond 2**27 rows.
    """
    if row_order is None and column_order is None:
        return _solved(instance)
    rows = np.arange(instance.rows) if row_order is None else np.asarray(row_order)
    columns = np.arange(len(instance.capacities)) if column_order is None else np.asarray(column_order)
    return in_place(_solved(in_order(instance, rows, columns)), rows, columns)


def _solved(instance: Instance) -> Solution:
    by_class = classes(instance.rows, instance.classes)
    grades = graded(instance)
    covered = cover(grades, by_class)
    paired = pair(grades, covered, by_class.of_row)
    priced = prices(grades, covered, paired, by_class)
    made = chosen(grades.table.pointers, grades.table.columns, paired.partner)
    return Solution(
        partner=paired.partner,
        coverage=covered.coverage[-1],
        worst=grades.score(covered.limit) if len(made) else None,
        total=sum(instance.scores[made].tolist()),
        proof=Proof(covered.violators, covered.worst, priced.classes, priced.rows, priced.columns),
    )
