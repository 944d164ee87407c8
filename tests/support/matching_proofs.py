"""A slow, plain reading of what a solution's proof must show: one loop for each sentence of the certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from services.matching.assignment import Instance, Solution, Violator


def faults(instance: Instance, solution: Solution) -> Iterator[str]:
    """What is wrong with a solution; nothing if it is proved to be the best."""
    pairs = _pairs(instance)
    made = dict(solution.pairs)
    classes = list(instance.classes or [0] * instance.rows)
    yield from _illegal(instance, pairs, made)
    points = [pairs.get(pair, 0) for pair in made.items()]
    if (solution.coverage, solution.worst, solution.total) != (len(points), min(points, default=None), sum(points)):
        yield "the values are not those of the pairs"
    ranks = sorted(set(classes)) if instance.rows else [0]
    if len(solution.proof.coverage) != len(ranks):
        yield "there is not one violator per class"
    for rank, violator in zip(ranks, solution.proof.coverage, strict=False):
        yield from _uncovered(instance, pairs, violator, _missing(classes, made, rank), rank)
    yield from _worst(instance, pairs, solution, made)
    yield from _total(instance, pairs, solution, made)


def _pairs(instance: Instance) -> dict[tuple[int, int], int]:
    pointers, columns, scores = (part.tolist() for part in (instance.pointers, instance.columns, instance.scores))
    return {
        (row, columns[pair]): scores[pair]
        for row in range(instance.rows)
        for pair in range(pointers[row], pointers[row + 1])
    }


def _illegal(instance: Instance, pairs: dict[tuple[int, int], int], made: dict[int, int]) -> Iterator[str]:
    for pair in made.items():
        if pair not in pairs:
            yield f"{pair} is not allowed"
    for column, used in Counter(made.values()).items():
        if used > instance.capacities[column]:
            yield f"column {column} has too many rows"


def _missing(classes: list[int], made: dict[int, int], rank: int) -> int:
    return sum(own <= rank and row not in made for row, own in enumerate(classes))


def _surplus(instance: Instance, violator: Violator) -> int:
    """How many of the violator's rows find no place."""
    return len(violator.rows) - sum(int(instance.capacities[column]) for column in violator.columns)


def _leaves(pairs: dict[tuple[int, int], int], violator: Violator, above: int | None) -> bool:
    rows, columns = set(violator.rows.tolist()), set(violator.columns.tolist())
    return any(
        row in rows and column not in columns and (above is None or score > above)
        for (row, column), score in pairs.items()
    )


def _uncovered(
    instance: Instance, pairs: dict[tuple[int, int], int], violator: Violator, missing: int, rank: int
) -> Iterator[str]:
    classes = instance.classes or [0] * instance.rows
    if any(classes[row] > rank for row in violator.rows):
        yield f"a row in the violator of class {rank} is of a later one"
    if _leaves(pairs, violator, None):
        yield f"a pair leaves the violator of class {rank}"
    if _surplus(instance, violator) != missing:
        yield f"the violator of class {rank} does not explain {missing} uncovered rows"


def _worst(
    instance: Instance, pairs: dict[tuple[int, int], int], solution: Solution, made: dict[int, int]
) -> Iterator[str]:
    violator = solution.proof.worst
    if violator is None or not made:
        if violator is not None or made:
            yield "the worst pair has no violator, or there is no worst pair"
        return
    classes = list(instance.classes or [0] * instance.rows)
    if _leaves(pairs, violator, solution.worst):
        yield "a better pair leaves the violator of the worst pair"
    if _surplus(instance, violator) <= _missing(classes, made, max(classes[row] for row in violator.rows)):
        yield "the violator of the worst pair does not say that more rows would be left"


def _total(
    instance: Instance, pairs: dict[tuple[int, int], int], solution: Solution, made: dict[int, int]
) -> Iterator[str]:
    classes = list(instance.classes or [0] * instance.rows)
    of_class = dict(zip(sorted(set(classes)), solution.proof.class_prices, strict=False))
    rows, columns = solution.proof.row_prices.tolist(), solution.proof.column_prices.tolist()
    if min([*rows, *columns], default=0) < 0:
        yield "a price is below 0"
    for (row, column), score in pairs.items():
        counts = made and solution.worst is not None and score >= solution.worst
        if counts and score > rows[row] + columns[column] + of_class[classes[row]]:
            yield f"({row}, {column}) is worth more than its prices"
    places = sum(price * capacity for price, capacity in zip(columns, instance.capacities.tolist(), strict=True))
    if sum(rows) + places + sum(of_class[classes[row]] for row in made) != solution.total:
        yield "the prices do not add up to the total"
