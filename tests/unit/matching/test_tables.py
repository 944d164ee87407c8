"""Promises of tables: the numbers that the solver takes are those of the formula, pair by pair."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.domain.contradictions import ContradictoryOverrides, contradictions
from services.matching.domain.hard_rules import Barred
from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import Override
from services.matching.domain.policy import STANDARD, Policy
from services.matching.domain.scoring import Forbidden, Scored, score
from services.matching.tables import Table, barred, build, building
from tests.support.pairing import LENA, WINTER, considered, crowd, override, policies, sides, stated

_KINDS = st.sampled_from(["block", "conflict", "force"])
_ID = st.sampled_from([f"p{number}" for number in range(8)])
_OVERRIDES = st.lists(st.builds(override, _KINDS, _ID, _ID), max_size=4, unique_by=lambda one: one.override_id)

_AT_ONCE = st.sampled_from([1, 5, 1 << 20])  # pairs, so that blocks have one row, a few or all


def scores(table: Table) -> dict[tuple[str, str], int]:
    """The score by executive and mentor of all allowed pairs."""
    instance = table.instance
    found = {}
    for row, mentee_id in enumerate(table.mentee_ids):
        for number in range(int(instance.pointers[row]), int(instance.pointers[row + 1])):
            found[mentee_id, table.columns[instance.columns[number]]] = int(instance.scores[number])
    return found


def scored(now: Inputs, policy: Policy, people: Barred) -> dict[tuple[str, str], int]:
    """The same by the formula."""
    return {
        (mentee.person_id, mentor.person_id): verdict.points
        for mentee in now.mentees.values()
        for mentor in now.mentors.values()
        if isinstance(verdict := score(mentor, mentee, policy, people), Scored)
    }


@given(sides(), policies(), _OVERRIDES, _AT_ONCE)
def test_every_pair_has_the_score_of_the_formula(
    now: Inputs, policy: Policy, items: list[Override], at_once: int
) -> None:
    """Whatever the policy, the people and what was laid down, and however many rows are taken at once."""
    laid_down = stated(*items)
    assume(not contradictions(laid_down, now, policy))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "_PAIRS_AT_ONCE", at_once)
        table = build(now, policy, laid_down)

    forced = dict(table.forced)
    expected = scored(now, policy, laid_down.barred)
    assert scores(table) == {
        pair: points for pair, points in expected.items() if forced.get(pair[0], pair[1]) == pair[1]
    }
    taken = Counter(forced.values())
    places = [now.mentors[id].capacity - taken[id] for id in table.mentor_ids]
    assert table.instance.capacities.tolist() == [*places, *(taken[id] for id in table.mentor_ids if taken[id])]


@given(st.integers(0, 1 << 32).map(crowd), policies())
@settings(max_examples=15)
def test_every_pair_of_a_crowd_has_the_score_of_the_formula(now: Inputs, policy: Policy) -> None:
    """Of forty on each side, so that all kinds of people meet."""
    assert scores(build(now, policy)) == scored(now, policy, Barred())


@given(sides(), policies(), _OVERRIDES, _AT_ONCE)
def test_every_broken_rule_is_counted(now: Inputs, policy: Policy, items: list[Override], at_once: int) -> None:
    """A mentor who breaks two rules counts for both."""
    laid_down = stated(*items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "_PAIRS_AT_ONCE", at_once)
        counted = barred(now, policy, laid_down)
    assert list(counted) == sorted(now.mentees)
    for mentee_id, found in counted.items():
        verdicts = (score(one, now.mentees[mentee_id], policy, laid_down.barred) for one in now.mentors.values())
        rules = [rule for verdict in verdicts if isinstance(verdict, Forbidden) for rule in verdict.rules]
        assert found == Counter(rules)


def test_barred_is_told_of_the_executives_that_are_asked_for() -> None:
    """Of nobody else, and of an unknown one nothing."""
    now = considered([LENA], [WINTER, replace(WINTER, person_id="other", languages={})])
    assert barred(now, STANDARD, mentee_ids=["other", "unknown"]) == {"other": {"no_common_language": 1}}
    assert barred(now, STANDARD)["winter"] == {}


def test_worked_example_is_in_the_table() -> None:
    """77.01 points, in hundredths."""
    assert scores(build(considered([LENA], [WINTER]), STANDARD)) == {("winter", "lena"): 7701}


def test_rows_and_columns_are_in_the_order_of_ids() -> None:
    """Whoever is named first elsewhere."""
    now = considered([], [])
    now = replace(now, mentors={id: replace(LENA, person_id=id) for id in "cab"})
    table = build(replace(now, mentees={id: replace(WINTER, person_id=id) for id in "zxy"}), STANDARD)
    assert (table.mentee_ids, table.mentor_ids) == (("x", "y", "z"), ("a", "b", "c"))


def test_forced_pair_has_a_column_of_its_own() -> None:
    """Its place is lent to it, so nobody else may have it; the mentor's other place is anybody's."""
    now = considered([replace(LENA, capacity=2)], [WINTER, replace(WINTER, person_id="other")])
    table = build(now, STANDARD, stated(override("force", "lena", "other")))
    assert table.forced == (("other", "lena"),)
    assert (table.mentee_ids, table.mentor_ids) == (("other", "winter"), ("lena",))
    assert (table.columns, table.column_names) == (("lena", "lena"), ("lena", "lena (forced)"))
    assert (table.instance.columns.tolist(), table.instance.capacities.tolist()) == ([1, 0], [1, 1])


def test_contradictory_overrides_are_refused_before_anything_is_counted() -> None:
    """With the names, as at laying down."""
    laid_down = stated(override("force", "lena", "winter"), override("block", "lena", "winter"))
    with pytest.raises(ContradictoryOverrides, match="lena"):
        build(considered([LENA], [WINTER]), STANDARD, laid_down)


def test_forced_pair_of_whom_is_gone_is_left_out() -> None:
    """Nothing comes of it, and nobody loses a place."""
    table = build(considered([LENA], [WINTER]), STANDARD, stated(override("force", "gone", "winter")))
    assert (table.forced, table.mentee_ids) == ((), ("winter",))


def test_classes_follow_the_level_where_the_policy_says_so() -> None:
    """1 at the top, at most 3; without such a policy all are alike."""
    board = [replace(WINTER, person_id=f"e{number}", superiors=("a", "b", "c", "d")[:number]) for number in range(5)]
    now = considered([LENA], board)
    assert build(now, replace(STANDARD, priority="by_level")).instance.classes == (1, 2, 3, 3, 3)
    assert build(now, STANDARD).instance.classes is None
