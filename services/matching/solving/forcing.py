"""What a pair that did not come about would cost: the best assignment that holds it, beside the proposed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching import assignment
from services.matching.assignment import Instance
from services.matching.domain.run import Figures, Moved, WhyNot
from services.matching.rematching import nearest
from services.matching.solving import engine
from services.matching.solving.tasks import WhyNotTask

_Ids = Sequence[str]
_Partners = NDArray[np.int32]


def why_not(task: WhyNotTask, certificate: bytes) -> WhyNot:
    """The figures with and without the pair. Those of pairs that were laid down, ``task.also``, count in both."""
    document = engine.read(certificate)
    rows, columns = document["names"]["rows"], document["names"]["columns"]
    before = np.array([-1 if column is None else column for column in document["assignment"]], np.int32)
    claim = document["claim"]
    now = _figures(claim["coverage"], claim["worst"], claim["total"], task.also)
    if task.mentee_id not in rows or task.mentor_id not in columns:
        return WhyNot(now, None)
    row, column = rows.index(task.mentee_id), columns.index(task.mentor_id)
    instance = engine.instance_of(document)
    place = _place(instance, row, column)
    if place is None or not instance.capacities[column]:
        return WhyNot(now, None)
    held = _holding(instance, row, column)
    after = _nearest(held, np.delete(before, row), _without(rows, row), columns, int(document["seed"]))
    partner = np.insert(after, row, column)
    made = _made(instance, partner)
    forced = _figures(len(made), min(made, default=None), sum(made), task.also)
    return WhyNot(now, forced, _moved(before, partner, document["names"]))


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


def _holding(instance: Instance, row: int, column: int) -> Instance:
    """What is left to be assigned once the row has the column."""
    start, end = instance.pointers[row : row + 2].tolist()
    kept = np.r_[0:start, end : len(instance.columns)]
    sizes = np.delete(np.diff(instance.pointers), row)
    capacities = instance.capacities.copy()
    capacities[column] -= 1
    classes = instance.classes
    return Instance(
        pointers=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        columns=instance.columns[kept],
        scores=instance.scores[kept],
        capacities=capacities,
        classes=None if classes is None else (*classes[:row], *classes[row + 1 :]),
    )


def _nearest(instance: Instance, before: _Partners, rows: _Ids, columns: _Ids, seed: int) -> _Partners:
    """The best assignment; of several one that keeps most of ``before``."""
    row_order, column_order = assignment.ordered(rows, seed), assignment.ordered(columns, seed)
    return nearest(instance, before, row_order=row_order, column_order=column_order)


def _figures(covered: int, worst: int | None, total: int, also: Sequence[int]) -> Figures:
    points = [*also, *([] if worst is None else [worst])]
    return Figures(covered + len(also), min(points, default=None), total + sum(also))


def _moved(before: _Partners, after: _Partners, names: Mapping[str, Any]) -> tuple[Moved, ...]:
    rows, columns = names["rows"], names["columns"]

    def name(column: int) -> str | None:
        return columns[column] if column >= 0 else None

    differing = np.flatnonzero(before != after).tolist()
    return tuple(Moved(rows[row], name(int(before[row])), name(int(after[row]))) for row in differing)


def _without(ids: _Ids, position: int) -> list[str]:
    return [*ids[:position], *ids[position + 1 :]]
