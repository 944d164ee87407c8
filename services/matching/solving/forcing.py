"""What a pair that did not come about would cost: the best assignment that holds it, beside the proposed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching import assignment
from services.matching.assignment import Instance
from services.matching.assignment.instance import Scores
from services.matching.domain.run import Figures, Moved, WhyNot
from services.matching.rematching import nearest
from services.matching.solving import engine
from services.matching.solving.tasks import WhyNotTask

_Ids = Sequence[str]
_Partners = NDArray[np.int32]
_HELD = "(held)"  # the name of the column that the pair has for itself; no id has brackets


def why_not(task: WhyNotTask, certificate: bytes) -> WhyNot:
    """The figures without and with the pair, and whom it moves: of several best proposals with it, the fewest."""
    document = engine.read(certificate)
    rows, columns = document["names"]["rows"], document["names"]["columns"]
    before = np.array([-1 if column is None else column for column in document["assignment"]], np.int32)
    claim = document["claim"]
    now = Figures(claim["coverage"], claim["worst"], claim["total"])
    if task.mentee_id not in rows or task.mentor_id not in columns:
        return WhyNot(now, None)
    row, column = rows.index(task.mentee_id), columns.index(task.mentor_id)
    instance = engine.instance_of(document)
    place = _place(instance, row, column)
    if place is None or not instance.capacities[column]:
        return WhyNot(now, None)
    held = _holding(instance, row, place)
    last = len(columns)
    standing = before.copy()
    standing[row] = last
    partner = _nearest(held, standing, rows, [*columns, _HELD], int(document["seed"]))
    made = _made(held, partner)
    forced = Figures(len(made), min(made, default=None), sum(made))
    return WhyNot(now, forced, _moved(before, np.where(partner == last, column, partner), document["names"]))


def _place(instance: Instance, row: int, column: int) -> int | None:
    """Where the pair stands among the allowed ones; None where it is not allowed."""
    start, end = instance.pointers[row : row + 2].tolist()
    place = start + int(np.searchsorted(instance.columns[start:end], column))
    return place if place < end and instance.columns[place] == column else None


def _made(instance: Instance, partner: _Partners) -> list[int]:
    """The scores of the pairs that are made."""
    owners = np.repeat(np.arange(instance.rows), np.diff(instance.pointers))
    scores: list[int] = instance.scores[instance.columns == partner[owners]].tolist()
    return scores


def _holding(instance: Instance, row: int, place: int) -> Instance:
    """The instance in which the row has this pair alone, at a last column that nobody else may have.

    So every best answer holds the pair, and it counts in worst and total. The pair's column has a place less.
    """
    start, end = instance.pointers[row : row + 2].tolist()
    column = instance.columns[place]
    sizes = np.diff(instance.pointers)
    sizes[row] = 1
    capacities = np.append(instance.capacities, 1)
    capacities[column] -= 1
    scores: Scores = np.concatenate([instance.scores[:start], instance.scores[[place]], instance.scores[end:]])
    return Instance(
        pointers=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        columns=np.concatenate(
            [instance.columns[:start], [len(instance.capacities)], instance.columns[end:]], dtype=np.int32
        ),
        scores=scores,
        capacities=capacities,
        classes=instance.classes,
    )


def _nearest(instance: Instance, before: _Partners, rows: _Ids, columns: _Ids, seed: int) -> _Partners:
    """The best assignment; of several one that keeps most of ``before``."""
    row_order, column_order = assignment.ordered(rows, seed), assignment.ordered(columns, seed)
    return nearest(instance, before, row_order=row_order, column_order=column_order)


def _moved(before: _Partners, after: _Partners, names: Mapping[str, Any]) -> tuple[Moved, ...]:
    rows, columns = names["rows"], names["columns"]

    def name(column: int) -> str | None:
        return columns[column] if column >= 0 else None

    differing = np.flatnonzero(before != after).tolist()
    return tuple(Moved(rows[row], name(int(before[row])), name(int(after[row]))) for row in differing)
