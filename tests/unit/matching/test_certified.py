"""What a certificate tells of one executive."""

from __future__ import annotations

import json
import random
import tracemalloc
from typing import Any

from services.matching.domain.certified import Certified, certified

_DOCUMENT = {
    "instance": {"capacities": [1, 2, 0], "pointers": [0, 1, 3], "neighbours": [1, 0, 2], "scores": [70, 50, 60]},
    "names": {"rows": ["x1", "x2"], "columns": ["m1", "m2", "m3"]},
}


def written(document: dict[str, Any]) -> bytes:
    """As a certificate is kept."""
    return json.dumps(document, separators=(",", ":")).encode()


def test_all_mentors_of_a_certificate_are_told_with_points_where_they_were_allowed() -> None:
    """In the order of the columns, with the places that there were."""
    found = certified(written(_DOCUMENT), "x2")

    assert found == (Certified("m1", 1, 50), Certified("m2", 2, None), Certified("m3", 0, 60))


def test_who_is_no_row_of_a_certificate_has_no_choices() -> None:
    """None, which is not the same as an executive with nobody allowed."""
    assert certified(written(_DOCUMENT), "x3") is None


def large(rows: int, columns: int, share: float) -> dict[str, Any]:
    """A certificate of so many, of whose pairs a share is allowed; the first and the last row have none."""
    generator, pointers = random.Random(7), [0]
    neighbours: list[int] = []
    for row in range(rows):
        if 0 < row < rows - 1:
            neighbours += [column for column in range(columns) if generator.random() < share]
        pointers.append(len(neighbours))
    return {
        "instance": {
            "capacities": [1] * columns,
            "pointers": pointers,
            "neighbours": neighbours,
            "scores": [generator.randrange(10_001) for _ in neighbours],
        },
        "names": {"rows": [f"x{row}" for row in range(rows)], "columns": [f"m{column}" for column in range(columns)]},
    }


def test_each_executive_of_a_large_certificate_has_their_own_points() -> None:
    """Wherever their pairs stand in the text, across the pieces of the look; perhaps there are none."""
    document = large(rows=60, columns=900, share=0.7)
    text, instance = written(document), document["instance"]

    for row, name in enumerate(document["names"]["rows"]):
        start, end = instance["pointers"][row : row + 2]
        expected = dict(zip(instance["neighbours"][start:end], instance["scores"][start:end], strict=True))
        found = certified(text, name)
        assert found is not None
        assert {int(one.mentor_id[1:]): one.points for one in found if one.points is not None} == expected


def test_one_executive_is_looked_up_without_reading_all_pairs() -> None:
    """Beside the text only what is about this executive takes memory."""
    text = written(large(rows=100, columns=3000, share=0.9))
    tracemalloc.start()
    try:
        certified(text, "x50")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < len(text)
