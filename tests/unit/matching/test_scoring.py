"""The promise of a score: integer points that the criteria explain, by a formula that can be followed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from services.matching.domain.people import Mentee, Mentor, OutOfRange, Skill, Wish
from services.matching.domain.policy import CRITERIA, STANDARD, Policy
from services.matching.domain.scoring import Forbidden, Scored, score
from tests.support.pairing import LENA, WINTER, mentees, mentors, policies


def test_worked_example() -> None:
    """The example of docs/matching.md, to the hundredth of a point: 77.01."""
    verdict = score(LENA, WINTER, STANDARD)
    assert isinstance(verdict, Scored)
    assert dict(verdict.criteria) == {
        "learning_wishes": 4285,  # 60 x 20/28
        "availability": 666,  # 10 x 2/3
        "languages": 1000,  # 10 x 3/3
        "hierarchy": 750,  # 10 x 3/4
        "place": 500,  # 5
        "other_subsidiary": 500,  # 5
    }
    assert verdict.points == 7701


@given(mentors(), mentees(), policies())
def test_points_are_the_sum_of_their_criteria_and_within_the_scale(
    mentor: Mentor, mentee: Mentee, policy: Policy
) -> None:
    """The criteria explain the points to the last unit; points run from 0 to 100 in the policy's units."""
    verdict = score(mentor, mentee, policy)
    if isinstance(verdict, Forbidden):
        return
    assert verdict.points == sum(criterion.points for criterion in verdict.criteria)
    assert 0 <= verdict.points <= 100 * policy.units_per_point
    assert [criterion.name for criterion in verdict.criteria] == list(CRITERIA)
    for criterion in verdict.criteria:
        assert type(criterion.points) is int
        assert 0 <= criterion.points <= getattr(policy.weights, criterion.name) * policy.units_per_point


def test_best_pair_has_full_marks() -> None:
    """Every criterion met in full is 100 points."""
    week = frozenset({"mon_am", "tue_am", "wed_am"})
    mentor = replace(LENA, availability=week, skills=(Skill("tiktok", 4),))
    mentee = replace(WINTER, availability=week, wishes=(Wish("tiktok", 2),), superiors=("other", "chief"))
    verdict = score(mentor, mentee, STANDARD)
    assert isinstance(verdict, Scored)
    assert verdict.points == 100 * STANDARD.units_per_point


def test_two_who_told_nothing_are_neither_best_nor_worst() -> None:
    """Directory data alone leave a pair between one that fits in nothing and one that fits in all."""
    mentor = Mentor("lena", "services", {"de": 6}, superiors=("boss",))
    mentee = Mentee("winter", "services", {"de": 6}, wishes=(Wish("tiktok", 1),))
    verdict = score(mentor, mentee, STANDARD)
    assert isinstance(verdict, Scored)
    assert dict(verdict.criteria)["availability"] == 500
    assert dict(verdict.criteria)["hierarchy"] == 500
    assert dict(verdict.criteria)["place"] == 250


@pytest.mark.parametrize("level", [-1, 5])
def test_level_is_0_to_4(level: int) -> None:
    """The formula is defined for these levels alone."""
    with pytest.raises(OutOfRange):
        Skill("tiktok", level)


@pytest.mark.parametrize("priority", [0, 4])
def test_priority_is_1_to_3(priority: int) -> None:
    """The formula is defined for these priorities alone."""
    with pytest.raises(OutOfRange):
        Wish("tiktok", priority)


def test_capacity_is_not_negative() -> None:
    """0 is a mentor who takes nobody."""
    with pytest.raises(OutOfRange):
        replace(LENA, capacity=-1)


def test_executives_near_the_top_are_of_a_higher_class() -> None:
    """1 has nobody above, 2 reports to the top, 3 are all others, at any depth."""
    lines: list[tuple[str, ...]] = [(), ("a",), ("a", "b"), ("a", "b", "c", "d")]
    assert [replace(WINTER, superiors=line).priority_class for line in lines] == [1, 2, 3, 3]
