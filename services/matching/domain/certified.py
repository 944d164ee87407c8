"""What the certificate of a run tells of one executive: which mentors there were, and at what points.

A certificate of millions of pairs is not read as a whole for that: as lists they would take a hundred bytes each. Its
text is passed over up to the executive's own pairs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_PIECE = 65_536  # bytes that are looked through at a time


@dataclass(frozen=True, slots=True)
class Certified:
    """A mentor of a certificate beside one of its executives: places in the run, points in the policy's units.

    ``points`` are None where the two were not allowed as a pair.
    """

    mentor_id: str
    places: int
    points: int | None


def certified(text: bytes, mentee_id: str) -> tuple[Certified, ...] | None:
    """All columns of a certificate, as JSON without spaces, as choices for an executive; None for none of its rows."""
    names = _value(text, "names")
    if mentee_id not in names["rows"]:
        return None
    row = names["rows"].index(mentee_id)
    start, end = _value(text, "pointers")[row : row + 2]
    allowed, scores = _numbers(text, "neighbours", start, end), _numbers(text, "scores", start, end)
    points = dict(zip(allowed, scores, strict=True))
    places = zip(names["columns"], _value(text, "capacities"), strict=True)
    return tuple(Certified(id, free, points.get(column)) for column, (id, free) in enumerate(places))


def _value(text: bytes, field: str) -> Any:
    """A list of numbers, or an object of lists without objects in it, that is the first value under this name."""
    start = _after_name(text, field)
    closing = b"]" if text[start : start + 1] == b"[" else b"}"
    return json.loads(text[start : text.index(closing, start) + 1])


def _numbers(text: bytes, field: str, start: int, end: int) -> list[int]:
    """The elements from ``start`` up to ``end`` of a list of numbers."""
    opening = _after_name(text, field) + 1
    closing = text.index(b"]", opening)
    first = _passed(text, opening, closing, start)
    last = _passed(text, first, closing, end - start)
    found: list[int] = json.loads(b"[" + text[first:last].rstrip(b",") + b"]")
    return found


def _passed(text: bytes, start: int, end: int, elements: int) -> int:
    """Where so many elements of a list have passed, at most its end."""
    while elements and start < end:
        stop = min(start + _PIECE, end)
        if (commas := text.count(b",", start, stop)) < elements:
            elements -= commas
            start = stop
            continue
        for _ in range(elements):
            start = text.index(b",", start) + 1
        return start
    return start


def _after_name(text: bytes, field: str) -> int:
    name = f'"{field}":'.encode()
    return text.index(name) + len(name)
