"""The order of rows and columns, which decides between assignments that are equally good."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.instance import Instance
from services.matching.assignment.solution import Prices, Proof, Solution, Violator

Order = NDArray[np.integer]


def ordered(ids: Sequence[str], seed: int) -> NDArray[np.int64]:
    """The order in which people stand for a seed: the index of the first, of the second, and so on.

    Seed 0 is the plain order of ids; any other sorts by the SHA-256 of seed and id, so nobody can be preferred by name.
    """

    def place(number: int) -> tuple[bytes, str]:
        digest = hashlib.sha256(f"{seed}|{ids[number]}".encode()).digest() if seed else b""
        return digest, ids[number]

    return np.array(sorted(range(len(ids)), key=place), np.int64)


def in_order(instance: Instance, rows: Order, columns: Order) -> Instance:
    """The same instance with its rows and columns in another order. Raises ValueError for what is no permutation."""
    row_place, column_place = _places(rows, instance.rows), _places(columns, len(instance.capacities))
    row_of_pair = np.repeat(row_place, np.diff(instance.pointers))
    moved = column_place[instance.columns]
    pairs = np.lexsort((moved, row_of_pair))
    pointers = np.zeros(instance.rows + 1, np.int64)
    np.cumsum(np.diff(instance.pointers)[rows], out=pointers[1:])
    return Instance(
        pointers,
        moved[pairs].astype(np.int32),
        instance.scores[pairs],
        instance.capacities[columns],
        None if instance.classes is None else tuple(instance.classes[row] for row in rows.tolist()),
    )


def in_place(solution: Solution, rows: Order, columns: Order) -> Solution:
    """A solution of the instance ``in_order``, told in the numbers of the instance itself."""
    proof, partner = solution.proof, np.full(len(rows), -1, np.int32)
    paired = solution.partner >= 0
    partner[rows[paired]] = columns[solution.partner[paired]]

    def moved(violator: Violator) -> Violator:
        own_rows, own_columns = rows[violator.rows], columns[violator.columns]
        return Violator(np.sort(own_rows).astype(np.int32), np.sort(own_columns).astype(np.int32))

    own = Proof(
        tuple(moved(violator) for violator in proof.coverage),
        None if proof.worst is None else moved(proof.worst),
        proof.class_prices,
        _moved(proof.row_prices, rows),
        _moved(proof.column_prices, columns),
    )
    return Solution(partner, solution.coverage, solution.worst, solution.total, own)


def _moved(prices: Prices, order: Order) -> Prices:
    own = np.empty_like(prices)
    own[order] = prices
    return own


def _places(order: Order, size: int) -> NDArray[np.int64]:
    places = np.full(size, -1, np.int64)
    if len(order) == size:
        places[order] = np.arange(size)
    if (places < 0).any():
        raise ValueError(f"an order of {size} names each of 0 to {size - 1} once")
    return places
