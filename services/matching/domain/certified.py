"""What the certificate of a run tells of one executive: which mentors there were, and at what points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Certified:
    """A mentor of a certificate beside one of its executives: places in the run, points in the policy's units.

    ``points`` are None where the two were not allowed as a pair.
    """

    mentor_id: str
    places: int
    points: int | None


def certified(document: Mapping[str, Any], mentee_id: str) -> tuple[Certified, ...] | None:
    """All columns of a certificate as choices for an executive; None for whoever is none of its rows."""
    rows, columns, instance = document["names"]["rows"], document["names"]["columns"], document["instance"]
    if mentee_id not in rows:
        return None
    row = rows.index(mentee_id)
    start, end = instance["pointers"][row : row + 2]
    points = dict(zip(instance["neighbours"][start:end], instance["scores"][start:end], strict=True))
    places = zip(columns, instance["capacities"], strict=True)
    return tuple(Certified(id, free, points.get(column)) for column, (id, free) in enumerate(places))
