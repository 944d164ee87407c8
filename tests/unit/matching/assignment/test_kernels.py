"""Each kernel alone, beside plain Python or SciPy."""

from __future__ import annotations

import heapq
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from services.matching.kernels import augmenting, cutting, forest, heaps, shortest_paths, sorting
from services.matching.kernels.state import Graph, Layers, Work, places, search

seeds = st.integers(0, 2**32)
rows_of_keys = st.lists(st.lists(st.integers(0, 2**60), max_size=80), max_size=6)


def graph(losses: NDArray[np.int64]) -> Graph:
    """All pairs with a loss of at least 0 of a table, each row by rising loss."""
    pointers, columns, kept = [0], [], []
    for row in losses.tolist():
        pairs = sorted((loss, column) for column, loss in enumerate(row) if loss >= 0)
        columns += [column for _, column in pairs]
        kept += [loss for loss, _ in pairs]
        pointers.append(len(columns))
    return Graph(np.array(pointers, np.int64), np.array(columns, np.int32), np.array(kept, np.int64))


def table(seed: int, *, top: int = 20) -> NDArray[np.int64]:
    """Losses of up to 30 x 30, -1 where the pair is not allowed."""
    chance = np.random.default_rng(seed)
    losses = chance.integers(0, top, chance.integers(1, 30, 2))
    return np.where(chance.random(losses.shape) < chance.choice([0.1, 0.3, 1.0]), losses, -1)


def work(losses: NDArray[np.int64], capacity: int = 1) -> Work:
    rows, columns = losses.shape
    pairs = graph(losses)
    return Work(pairs, places(np.full(columns, capacity, np.int64), rows), search(pairs, columns))


def most(losses: NDArray[np.int64], limit: int) -> int:
    """How many rows SciPy covers within a limit."""
    usable = csr_array((losses >= 0) & (losses <= limit))
    return int(np.count_nonzero(maximum_bipartite_matching(usable, perm_type="column") >= 0))


@given(rows_of_keys, st.sampled_from([0, 3, 200, 5000, 2**60]))
def test_rows_are_sorted_stably(rows: list[list[int]], top: int) -> None:
    """Each row rises, and equal keys keep their order: short and long rows, narrow and wide keys."""
    keys = [[key % (top + 1) for key in row] for row in rows]
    pointers = np.cumsum([0, *map(len, keys)]).astype(np.int64)
    flat = np.array([key for row in keys for key in row], np.int64)
    columns = np.concatenate([np.zeros(0, np.int32), *(np.arange(len(row), dtype=np.int32) for row in keys)])
    sorting.sort_rows(pointers, columns, flat)
    expected = [sorted((key, place) for place, key in enumerate(row)) for row in keys]
    assert list(zip(flat.tolist(), columns.tolist(), strict=True)) == [pair for row in expected for pair in row]


@pytest.mark.parametrize("top", [7, 2**20, 2**60])
def test_a_long_row_is_sorted(top: int) -> None:
    """The wide digits of long rows sort like the narrow ones."""
    keys = np.random.default_rng(1).integers(0, top, 3000)
    columns, sorted_keys = np.arange(3000, dtype=np.int32), keys.copy()
    sorting.sort_rows(np.array([0, 3000]), columns, sorted_keys)
    assert columns.tolist() == np.argsort(keys, kind="stable").tolist()


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 50)), max_size=60))
def test_the_heap_gives_the_least_key_first(entries: list[tuple[int, int]]) -> None:
    """Keys that fall are told in time, and every item comes out once."""
    heap, keys = heaps.heap_of(16), dict[int, int]()
    for item, key in entries:
        if key < keys.get(item, 51):
            heaps.push(heap, item, key)
            keys[item] = key
    out = []
    while heap.size[0]:
        out.append(keys[heaps.pop(heap)])
    expected = list(keys.values())
    heapq.heapify(expected)
    assert out == [heapq.heappop(expected) for _ in range(len(expected))]


@given(seeds, st.integers(0, 20))
def test_augmenting_paths_cover_as_many_rows_as_scipy(seed: int, limit: int) -> None:
    """Hopcroft and Karp's search covers most rows within the limit, and leaves those standing that it could not."""
    losses = table(seed)
    state, waiting = work(losses), np.arange(len(losses))
    left = augmenting.cover(state, waiting, len(waiting), limit)
    assert len(losses) - left == most(losses, limit)
    assert set(waiting[:left].tolist()) == set(np.flatnonzero(state.places.seat < 0).tolist())


@given(seeds, st.integers(0, 3))
def test_the_forest_finds_the_least_limit(seed: int, spared: int) -> None:
    """No smaller limit seats as many rows, and what it kept is a violator just below."""
    losses = table(seed)
    state, kept = work(losses), forest.forest_of(*losses.shape)
    possible = most(losses, 20)
    wanted = max(possible - spared, 0)
    limit, left = forest.seat_all(state, np.arange(len(losses)), len(losses) - wanted, 0, kept)
    assert len(losses) - left >= wanted
    assert most(losses, limit) >= wanted
    assert limit == 0 or most(losses, limit - 1) < wanted
    if kept.sizes[0]:
        rows, columns = kept.rows[: kept.sizes[0]], kept.columns[: kept.sizes[1]]
        leaving = np.delete(losses[rows], columns, axis=1)
        assert not ((leaving >= 0) & (leaving < limit)).any()
        assert len(rows) - len(columns) > len(losses) - wanted


@given(seeds)
def test_a_forest_that_cannot_leave_says_who_stays_uncovered(seed: int) -> None:
    """Where one row more is wanted than can be, the whole forest is a violator of all pairs."""
    losses = table(seed)
    state, kept = work(losses), forest.forest_of(*losses.shape)
    possible = most(losses, 20)
    _, left = forest.seat_all(state, np.arange(len(losses)), len(losses) - possible - 1, 0, kept)
    assert left == len(losses) - possible
    if left:
        rows, columns = kept.rows[: kept.sizes[0]], kept.columns[: kept.sizes[1]]
        assert (np.delete(losses[rows], columns, axis=1) < 0).all()
        assert len(rows) - len(columns) == left


@settings(max_examples=300)
@given(seeds, st.sampled_from([2, 20, 1000, 2**40]))
def test_the_least_total_is_that_of_scipy_and_the_prices_prove_it(seed: int, top: int) -> None:
    """Shortest paths cover all rows at SciPy's total; no pair is cheaper than its prices; what is made is tight."""
    losses = table(seed, top=top)
    losses = losses[:, : max(losses.shape)] if losses.shape[0] <= losses.shape[1] else losses.T.copy()
    if most(losses, top) < len(losses):
        return
    seated = places(np.ones(losses.shape[1], np.int64), len(losses))
    prices = shortest_paths.cover_at_least_loss(graph(losses), np.ones(len(losses), np.int64), seated)
    held = np.flatnonzero(seated.guest >= 0)
    rows, columns = linear_sum_assignment(np.where(losses < 0, np.inf, losses))
    assert sorted(seated.guest[held].tolist()) == list(range(len(losses)))
    assert losses[seated.guest[held], held].sum() == losses[rows, columns].sum()
    reduced = losses - prices.rows[:, None] - prices.columns[None, :]
    assert (reduced[losses >= 0] >= 0).all()
    assert (reduced[seated.guest[held], held] == 0).all()
    assert (prices.columns <= 0).all()
    assert (prices.columns[seated.guest < 0] == 0).all()


@pytest.mark.parametrize("size", [40, 120])
def test_rows_are_sorted_anew_where_prices_spoil_their_order(size: int) -> None:
    """Products of ranks make every row want the same columns: the total is still that of SciPy."""
    losses = np.multiply.outer(np.arange(size), np.arange(size))
    seated = places(np.ones(size, np.int64), size)
    shortest_paths.cover_at_least_loss(graph(losses), np.ones(size, np.int64), seated)
    rows, columns = linear_sum_assignment(losses)
    assert losses[seated.guest, np.arange(size)].sum() == losses[rows, columns].sum()


def test_rows_that_cannot_all_be_covered_are_refused() -> None:
    """Two rows for one place have no least total."""
    with pytest.raises(ValueError, match="not all rows"):
        shortest_paths.cover_at_least_loss(
            graph(np.array([[1], [2]])), np.ones(2, np.int64), places(np.ones(1, np.int64), 2)
        )


@given(seeds)
def test_a_part_and_its_transpose_hold_the_pairs_of_the_layer(seed: int) -> None:
    """Pairs within the limit between the chosen rows and columns, by their new numbers, seen from either side."""
    losses, chance = table(seed), random.Random(seed)
    rows = [row for row in range(losses.shape[0]) if chance.random() < 0.6]
    columns = [column for column in range(losses.shape[1]) if chance.random() < 0.6]
    numbers = Layers(np.full(losses.shape[0], -1), np.full(losses.shape[1], -1))
    numbers.rows[rows], numbers.columns[columns] = np.arange(len(rows)), np.arange(len(columns))
    part = cutting.within(graph(losses), 10, numbers)
    turned = cutting.transposed(part, len(columns))
    expected = {
        (row, column, int(losses[rows[row], columns[column]]))
        for row in range(len(rows))
        for column in range(len(columns))
        if 0 <= losses[rows[row], columns[column]] <= 10
    }
    assert triples(part) == expected
    assert {(row, column, loss) for column, row, loss in triples(turned)} == expected


def triples(pairs: Graph) -> set[tuple[int, int, int]]:
    rows = np.repeat(np.arange(len(pairs.pointers) - 1), np.diff(pairs.pointers))
    return set(zip(rows.tolist(), pairs.columns.tolist(), pairs.losses.tolist(), strict=True))


@given(seeds, st.integers(0, 20))
def test_a_cut_holds_the_best_pairs_of_columns_with_places(seed: int, floor: int) -> None:
    """Nothing below the floor, nothing without a place, each row by rising loss."""
    scores, chance = table(seed), np.random.default_rng(seed)
    capacities = chance.integers(0, 3, scores.shape[1])
    whole = csr_array(np.where(scores >= 0, scores + 1, 0))
    whole.sort_indices()
    given_table = cutting.Table(
        whole.indptr.astype(np.int64), whole.indices.astype(np.int32), whole.data.astype(np.int64) - 1, capacities
    )
    best = cutting.best_scores(given_table)
    usable = np.where(capacities > 0, scores, -1)
    assert [score if score >= 0 else cutting.NOTHING for score in usable.max(axis=1).tolist()] == best.tolist()
    kept = cutting.cut(given_table, floor, 20)
    expected = np.where(usable >= floor, 20 - usable, -1)
    assert np.array_equal(kept.columns, graph(expected).columns)
    assert np.array_equal(kept.losses, graph(expected).losses)
