"""The promise of a re-match: as many covered as few changes allow, then the best worst pair, then the best total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.assignment import MalformedInstance, solve
from services.matching.rematching import NoneWithin, within
from tests.support.matching_brute_force import Partner, Small, every_matching, judged
from tests.support.matching_instances import in_units, instance, programme_instances, small_instances

Rank = tuple[tuple[int, ...], int, int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """An instance, and who has whom now."""

    small: Small
    current: Partner

    @property
    def pairs(self) -> dict[int, int]:
        """The pairs that could stand."""
        scores = self.small.scores
        return {
            row: column
            for row, column in enumerate(self.current)
            if column is not None and scores[row][column] is not None
        }

    @property
    def fits(self) -> bool:
        """Whether every column has places for all whose pairs stand there."""
        wanted = Counter(self.pairs.values())
        return all(rows <= self.small.capacities[column] for column, rows in wanted.items())

    def changes(self, partner: Partner) -> int:
        """How many of them give way."""
        return sum(partner[row] != column for row, column in self.pairs.items())

    def legal(self, changes: int) -> list[Partner]:
        """All assignments with as few changes in which nobody whose pair stands is left without a column."""
        return [
            partner
            for partner in every_matching(self.small)
            if self.changes(partner) <= changes and all(partner[row] is not None for row in self.pairs)
        ]

    def rank(self, partner: Partner) -> Rank:
        """What an assignment is judged by, the larger the better."""
        values = judged(self.small, partner)
        return values.by_prefix, 0 if values.worst is None else values.worst, values.total, -self.changes(partner)

    def rematched(self, changes: int, must: Collection[int] = ()) -> Partner:
        """What the re-match proposes."""
        current = np.array([-1 if column is None else column for column in self.current], np.int32)
        found = within(instance(self.small), current, changes, must=must)
        return tuple(None if column < 0 else column for column in found.tolist())


@st.composite
def standing(draw: st.DrawFn, *, classes: bool = False) -> Standing:
    """A small instance in which rows have any columns: allowed or not, with places or not."""
    small = draw(small_instances(classes=classes))
    column = st.none() | st.integers(0, len(small.capacities) - 1) if small.capacities else st.none()
    return Standing(small, tuple(draw(st.lists(column, min_size=small.rows, max_size=small.rows))))


@st.composite
def left(draw: st.DrawFn, *, places: int = 3) -> Standing:
    """A larger instance that was solved for other scores, and then some columns went."""
    small = draw(programme_instances())
    small = replace(small, capacities=[min(places, capacity) for capacity in small.capacities])
    before = replace(small, scores=[[score and -score for score in row] for row in small.scores])
    partner = [None if column < 0 else column for column in solve(instance(before)).partner.tolist()]
    gone = draw(st.sets(st.integers(0, len(small.capacities) - 1), max_size=5))
    scores = [[None if column in gone else score for column, score in enumerate(row)] for row in small.scores]
    return Standing(replace(small, scores=scores), tuple(partner))


def parted(case: Standing, changes: int) -> Iterator[Small]:
    """For any so many pairs that could stand, the instance in which all others have to stay as they are.

    Whoever has a pair that could stand is covered before anybody else, so these keep a column too.
    """
    for gone in combinations(case.pairs, min(changes, len(case.pairs))):
        kept = {row: column for row, column in case.pairs.items() if row not in gone}
        scores = [
            [score if kept.get(row, column) == column else None for column, score in enumerate(scores)]
            for row, scores in enumerate(case.small.scores)
        ]
        yield Small(scores, case.small.capacities, [1 if row in case.pairs else 2 for row in range(case.small.rows)])


@settings(max_examples=400)
@given(standing(), st.integers(0, 5))
def test_small_rematch_equals_brute_force(case: Standing, changes: int) -> None:
    """No assignment with as few changes is better, and none as good has fewer: scores of all sizes."""
    assume(case.fits)
    found, legal = case.rematched(changes), case.legal(changes)
    assert found in legal
    assert case.rank(found) == max(map(case.rank, legal))


@settings(max_examples=200)
@given(standing(classes=True), st.integers(0, 5))
def test_classes_are_covered_in_their_order(case: Standing, changes: int) -> None:
    """First the lowest, as far as the changes allow; but nobody whose pair stands is left without a column for it."""
    assume(case.fits)
    found, legal = case.rematched(changes), case.legal(changes)
    assert found in legal
    assert case.rank(found) == max(map(case.rank, legal))


@settings(max_examples=200)
@given(standing(), st.integers(0, 5), st.data())
def test_rows_that_must_be_covered_are(case: Standing, changes: int, data: st.DataObject) -> None:
    """The best of what covers them; where nothing does within the changes, that is said."""
    assume(case.fits)
    must = data.draw(st.sets(st.sampled_from(range(case.small.rows)))) if case.small.rows else set()
    legal = [one for one in case.legal(changes) if all(one[row] is not None for row in must)]
    if not legal:
        with pytest.raises(NoneWithin):
            case.rematched(changes, must)
        return
    found = case.rematched(changes, must)
    assert found in legal
    assert case.rank(found) == max(map(case.rank, legal))


@settings(max_examples=50)
@given(left(), st.integers(0, 2))
def test_larger_rematch_equals_trying_all_pairs_that_could_give_way(case: Standing, changes: int) -> None:
    """The free solver on whatever is left is no better, whichever pairs are held."""
    assume(len(case.pairs) <= 20)
    found = judged(case.small, case.rematched(changes))
    tried = [solve(instance(small)) for small in parted(case, changes)]
    best = max((one.coverage, 0 if one.worst is None else one.worst, one.total) for one in tried)
    assert (found.coverage, found.worst or 0, found.total) == best


@settings(max_examples=50)
@given(left(places=50))
def test_as_many_changes_as_rows_are_the_free_solve(case: Standing) -> None:
    """Coverage, worst and total are those of the plain solver that covers first whoever has a column now."""
    first = replace(case.small, classes=[1 if row in case.pairs else 2 for row in range(case.small.rows)])
    found, free = judged(case.small, case.rematched(case.small.rows)), solve(instance(first))
    assert (found.coverage, found.worst, found.total) == (free.coverage, free.worst, free.total)


@settings(max_examples=50)
@given(left(), st.integers(0, 3))
def test_unit_and_zero_change_no_pair(case: Standing, changes: int) -> None:
    """Scores beyond int64 are told apart to the last digit: the same pairs come out."""
    finer = replace(case, small=in_units(case.small, unit=3**50, zero=7**40))
    assert case.rank(finer.rematched(changes)) == case.rank(case.rematched(changes))


def test_three_who_could_only_move_together_stay_within_two_changes() -> None:
    """Bounds alone cannot tell: halfway to the circle of three looks better than what there is."""
    circle = Standing(Small([[8, 9, None], [None, 5, 9], [9, None, 0]], [1, 1, 1]), (0, 1, 2))
    assert [circle.rematched(changes) for changes in (0, 1, 2)] == [(0, 1, 2)] * 3
    assert circle.rematched(3) == (1, 2, 0)


def test_worst_pair_counts_before_the_total_those_that_stand_included() -> None:
    """As far as the changes allow."""
    case = Standing(Small([[20, 5, None], [5, 0, 3]], [1, 1, 1]), (0, 1))
    assert [case.rematched(changes) for changes in (0, 1, 2)] == [(0, 1), (0, 2), (1, 0)]


def test_row_gives_way_only_to_cover_more_or_better() -> None:
    """Nobody moves for nothing, and nobody is left without for somebody who fits better."""
    assert Standing(Small([[5, 5], [5, 5]], [1, 1]), (1, 0)).rematched(2) == (1, 0)
    assert Standing(Small([[5], [9]], [1]), (0, None)).rematched(2) == (0, None)
    assert Standing(Small([[5, 4], [5, None]], [1, 1]), (0, None)).rematched(0) == (0, None)
    assert Standing(Small([[5, 4], [5, None]], [1, 1]), (0, None)).rematched(1) == (1, 0)


def test_order_picks_among_equals_and_changes_no_value() -> None:
    """The first row by the given order gets the only place."""
    small = instance(Small([[5], [5]], [1]))
    nobody = np.full(2, -1, np.int32)
    pairs = [within(small, nobody, 0, row_order=np.array(order)).tolist() for order in ([0, 1], [1, 0])]
    assert sorted(pairs) == [[-1, 0], [0, -1]]


@settings(max_examples=50)
@given(left(), st.integers(0, 3), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_values(case: Standing, changes: int, chance: Random) -> None:
    """Sorting both sides otherwise changes no more than the choice among equals."""
    small, rows, columns = instance(case.small), list(range(case.small.rows)), list(range(len(case.small.capacities)))
    chance.shuffle(rows)
    chance.shuffle(columns)
    current = np.array([-1 if column is None else column for column in case.current], np.int32)
    found = within(small, current, changes, row_order=np.array(rows), column_order=np.array(columns))
    partner = tuple(None if column < 0 else column for column in found.tolist())
    assert case.rank(partner) == case.rank(case.rematched(changes))


def test_nobody_and_nothing_is_an_answer() -> None:
    """No rows, no columns, no pairs."""
    assert Standing(Small([], []), ()).rematched(1) == ()
    assert Standing(Small([[], []], []), (None, None)).rematched(1) == (None, None)
    assert Standing(Small([[None]], [1]), (0,)).rematched(0) == (None,)


@pytest.mark.parametrize("current", [[0], [0, 2], [-2, 0], [1, 1]])
def test_columns_that_there_are_not_are_refused(current: list[int]) -> None:
    """So are another number of rows, and more pairs than places."""
    with pytest.raises(MalformedInstance):
        within(instance(Small([[1, 2], [3, 4]], [1, 1])), np.array(current, np.int32), 0)
