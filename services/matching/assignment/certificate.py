"""The certificate: all one needs to check that no assignment is better, without trust in who found it.

A JSON document, integers only, of any size: the instance, what is claimed, the assignment, and three proofs, each
of which is one pass over the allowed pairs.

``coverage``, a list with one violator (rows R, columns N) for each class, in rising order (one without classes):
R are rows of this class and those before it; no allowed pair of R leaves N; and R has more rows than N has places, by
as many as rows of these classes are left uncovered. So no assignment covers more of them (Hall 1935).

``worst``, a violator at all pairs better than the worst: no such pair of R leaves N, and R has more rows than N has
places, by more than rows are left uncovered of the classes up to the last one in R. So nobody can cover as many with
better pairs only. None without a pair.

``total``, prices (duals of linear programming) of classes b, rows u and columns v: u and v are 0 or more; for every
allowed pair that is not worse than the worst, score <= u + v + b of the row's class; and sum(u) + sum(capacity * v) +
sum(b * covered rows of the class) = total. Any assignment that covers as many rows of each class with such pairs has
at most the total on the left, as each row and each place is used once at most.

Columns without places need no exception: they stand in each N and have a price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from services.matching.assignment.instance import Instance
from services.matching.assignment.solution import Solution, Violator

FORMAT, VERSION = "tandem-matching-certificate", 1


def certificate(
    instance: Instance,
    solution: Solution,
    *,
    names: Mapping[str, Sequence[str]] | None = None,
    seed: int | None = None,
    arrays: bool = False,
) -> dict[str, Any]:
    """The certificate as a JSON document; ``names`` of ``rows`` and ``columns`` and ``seed`` are noted if given.

    Pointers, neighbours and scores may stay ``arrays``, which take a tenth of the memory of lists.
    """
    pairs: dict[str, NDArray[Any]] = {
        "pointers": instance.pointers,
        "neighbours": instance.columns,
        "scores": instance.scores,
    }
    proof = solution.proof
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "instance": {
            "rows": instance.rows,
            "columns": len(instance.capacities),
            "capacities": instance.capacities.tolist(),
            "classes": None if instance.classes is None else list(instance.classes),
            **(pairs if arrays else {name: part.tolist() for name, part in pairs.items()}),
        },
        "claim": {"coverage": solution.coverage, "worst": solution.worst, "total": solution.total},
        "assignment": [None if column < 0 else column for column in solution.partner.tolist()],
        "proof": {
            "coverage": [_listed(violator) for violator in proof.coverage],
            "worst": None if proof.worst is None else _listed(proof.worst),
            "total": {
                "class_prices": list(proof.class_prices),
                "row_prices": proof.row_prices.tolist(),
                "column_prices": proof.column_prices.tolist(),
            },
        },
    }
    if names is not None:
        document["names"] = {side: list(names[side]) for side in ("rows", "columns")}
    if seed is not None:
        document["seed"] = seed
    return document


def _listed(violator: Violator) -> dict[str, list[int]]:
    return {"rows": violator.rows.tolist(), "columns": violator.columns.tolist()}
