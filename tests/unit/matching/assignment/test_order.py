"""The order of people decides between equally good assignments, and only that."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.assignment import Instance, ordered, solve
from tests.support.matching_brute_force import Small
from tests.support.matching_instances import instance, programme_instances
from tests.support.matching_proofs import faults


def test_seed_nought_is_the_order_of_ids() -> None:
    """Without a seed the ids themselves decide."""
    assert ordered(["c", "a", "b"], 0).tolist() == [1, 2, 0]


def test_a_seed_is_an_order_of_its_own_that_anybody_can_recompute() -> None:
    """Two seeds differ; the same seed orders the same people alike, however they are listed."""
    ids = [f"person-{number}" for number in range(50)]
    first = [ids[place] for place in ordered(ids, 1)]
    turned = ids[::-1]
    assert first == [turned[place] for place in ordered(turned, 1)]
    assert first != [ids[place] for place in ordered(ids, 2)]


@settings(max_examples=100)
@given(programme_instances(classes=True), st.integers(0, 2**32), st.integers(0, 9))
def test_the_same_people_in_another_order_get_the_same_partners(small: Small, shuffling: int, seed: int) -> None:
    """Solved in the order of the seed, a permuted copy pairs the same ids, with a proof in its own numbers."""
    chance = random.Random(shuffling)
    rows, columns = list(range(small.rows)), list(range(len(small.capacities)))
    found = []
    for _ in range(2):
        assert small.classes is not None
        scores = [[small.scores[row][column] for column in columns] for row in rows]
        capacities, classes = [small.capacities[column] for column in columns], [small.classes[row] for row in rows]
        problem = instance(Small(scores, capacities, classes))
        row_order, column_order = (
            ordered([f"r{row:03}" for row in rows], seed),
            ordered([f"c{one:03}" for one in columns], seed),
        )
        solution = solve(problem, row_order=row_order, column_order=column_order)
        assert list(faults(problem, solution)) == []
        found.append({(rows[row], columns[column]) for row, column in solution.pairs})
        chance.shuffle(rows)
        chance.shuffle(columns)
    assert found[0] == found[1]


def test_first_in_the_order_gets_the_place_among_equals() -> None:
    """Of two who are equally good the first in the order is paired."""
    equal = Instance.of_dense([[1], [1]], [1])
    assert solve(equal, row_order=np.array([0, 1])).pairs == ((0, 0),)
    assert solve(equal, row_order=np.array([1, 0])).pairs == ((1, 0),)


@pytest.mark.parametrize("order", [[0], [0, 0], [0, 1, 2]])
def test_what_is_no_order_is_refused(order: list[int]) -> None:
    """Everybody stands in it once."""
    with pytest.raises(ValueError, match="once"):
        solve(Instance.of_dense([[1], [1]], [1]), row_order=np.array(order))
