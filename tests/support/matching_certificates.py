"""Certificates of small instances, found by trying all sets of rows and by shortest paths: no solver is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

from tests.support.matching_brute_force import Optimum, Small, optimum

Document = dict[str, Any]
Arc = tuple[object, object, int]


def small_instance(document: Document) -> Small:
    """The instance of a well-formed certificate."""
    given = document["instance"]
    scores: list[list[int | None]] = [[None] * given["columns"] for _ in range(given["rows"])]
    for row, line in enumerate(scores):
        for place in range(given["pointers"][row], given["pointers"][row + 1]):
            line[given["neighbours"][place]] = given["scores"][place]
    return Small(scores, given["capacities"], given.get("classes"))


def reference_certificate(small: Small) -> Document:
    """A certificate of the best matching, as the format wants it."""
    best = optimum(small)
    listed = [[(column, score) for column, score in enumerate(line) if score is not None] for line in small.scores]
    pointers = [sum(map(len, listed[:row])) for row in range(small.rows + 1)]
    return {
        "format": "tandem-matching-certificate",
        "version": 1,
        "instance": {
            "rows": small.rows,
            "columns": len(small.capacities),
            "capacities": list(small.capacities),
            "classes": None if small.classes is None else list(small.classes),
            "pointers": pointers,
            "neighbours": [column for line in listed for column, _ in line],
            "scores": [score for line in listed for _, score in line],
        },
        "seed": 0,
        "claim": {"coverage": best.coverage, "worst": best.worst, "total": best.total},
        "assignment": list(best.partner),
        "proof": {
            "coverage": [_largest(_violators(small, rows, lambda _: True)) for rows in small.prefixes],
            "worst": _worst(small, best),
            "total": _prices(small, best),
        },
    }


def _violators(
    small: Small, rows: Sequence[int], counts: Callable[[int], bool]
) -> Iterator[tuple[int, list[int], list[int]]]:
    """Every set of these rows with the columns it can use, and how many rows more than places it has."""
    for size in range(len(rows) + 1):
        for chosen in combinations(rows, size):
            columns = sorted(
                {
                    column
                    for row in chosen
                    for column, score in enumerate(small.scores[row])
                    if score is not None and counts(score) and small.capacities[column]
                }
            )
            yield size - sum(small.capacities[column] for column in columns), list(chosen), columns


def _largest(violators: Iterator[tuple[int, list[int], list[int]]]) -> Document:
    _, rows, columns = max(violators, key=lambda one: one[0])
    return {"rows": rows, "columns": columns}


def _worst(small: Small, best: Optimum) -> Document | None:
    """A violator at the scores above the worst one, in the first prefix that has one large enough."""
    worst = best.worst
    if worst is None:
        return None
    for rows, covered in zip(small.prefixes, best.by_prefix, strict=True):
        for missing, chosen, columns in _violators(small, rows, lambda score: score > worst):
            if missing > len(rows) - covered:
                return {"rows": chosen, "columns": columns}
    raise AssertionError("the worst pair could be better")


def _prices(small: Small, best: Optimum) -> Document:
    """Dual prices from the potentials of the residual network, by Bellman and Ford."""
    given = small.classes or [1] * small.rows
    classes = sorted(set(given)) or [1]
    own = [classes.index(one) for one in given]
    potential = _potentials(list(_arcs(small, best, own)))

    def at(node: object) -> int:
        return potential.get(node, 0)

    return {
        "class_prices": [at(("class", number)) - at("sink") for number in range(len(classes))],
        "row_prices": [max(at(("row", row)) - at(("class", own[row])), 0) for row in range(small.rows)],
        "column_prices": [max(at("sink") - at(("column", one)), 0) for one in range(len(small.capacities))],
    }


def _arcs(small: Small, best: Optimum, own: Sequence[int]) -> Iterator[Arc]:
    """The residual arcs class, row, column, sink over pairs that are not below the worst; cost = score negated."""
    load = [best.partner.count(column) for column in range(len(small.capacities))]
    for row, partner in enumerate(best.partner):
        source, node = ("class", own[row]), ("row", row)
        yield (source, node, 0) if partner is None else (node, source, 0)
        for column, score in enumerate(small.scores[row]):
            if score is None or best.worst is None or score < best.worst or not small.capacities[column]:
                continue
            yield node, ("column", column), -score
            if partner == column:
                yield ("column", column), node, score
    for column, capacity in enumerate(small.capacities):
        if load[column] < capacity:
            yield ("column", column), "sink", 0
        if load[column]:
            yield "sink", ("column", column), 0


def _potentials(arcs: Sequence[Arc]) -> dict[object, int]:
    """The least cost at which each node is reached from anywhere; there is no negative cycle around an optimum."""
    distance: dict[object, int] = {node: 0 for arc in arcs for node in arc[:2]}
    for _ in range(len(distance) + 1):
        changed = False
        for start, end, cost in arcs:
            if distance[start] + cost < distance[end]:
                distance[end], changed = distance[start] + cost, True
        if not changed:
            return distance
    raise AssertionError("the total could be better")
