"""The policy's promise: integer points that the criteria explain, and rules that no points can outweigh."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.assignment import solve
from services.matching.domain.scoring import (
    DEFAULT_POLICY,
    DuplicatePerson,
    Forbidden,
    Mentee,
    Mentor,
    OutOfRange,
    Policy,
    Scored,
    Skill,
    Wish,
    line_above,
    score,
    table,
)

PLATFORMS = ("instagram", "linkedin", "tiktok", "youtube")
POLICY = Policy(
    version="test",
    learning_wishes=70,
    other_subsidiary=20,
    same_place=10,
    priority_weights=(3, 2, 1),
    units_per_point=10,
)
LENA = Mentor(
    person_id="lena",
    subsidiary="services",
    skills=(Skill("tiktok", 4), Skill("linkedin", 2)),
    languages=("de", "en"),
    place="Hamburg",
    capacity=1,
    manager_line=frozenset({"boss", "chief"}),
)
WINTER = Mentee(
    person_id="winter",
    subsidiary="holding",
    wishes=(Wish("tiktok", 1), Wish("youtube", 3)),
    languages=("de",),
    place="Hamburg",
)


def points(mentor: Mentor, mentee: Mentee, policy: Policy = POLICY) -> dict[str, int]:
    verdict = score(mentor, mentee, policy)
    assert isinstance(verdict, Scored)
    return {criterion.name: criterion.points for criterion in verdict.criteria}


skills = st.lists(st.builds(Skill, st.sampled_from(PLATFORMS), st.integers(0, 4)), max_size=5).map(tuple)
wishes = st.lists(st.builds(Wish, st.sampled_from(PLATFORMS), st.integers(1, 3)), max_size=5).map(tuple)
places = st.sampled_from(["", "Hamburg", "Singapore"])
subsidiaries = st.sampled_from(["holding", "services"])
mentors = st.builds(
    lambda known, place, home: replace(LENA, skills=known, place=place, subsidiary=home), skills, places, subsidiaries
)
mentees = st.builds(
    lambda wish, place, home: replace(WINTER, wishes=wish, place=place, subsidiary=home), wishes, places, subsidiaries
)


def test_worked_example() -> None:
    """Wishes 3 x 4 + 1 x 0 of 4 x 4 are three quarters of 70; another subsidiary and the same place add 20 and 10."""
    verdict = score(LENA, WINTER, POLICY)
    expected = (("learning_wishes", 525), ("other_subsidiary", 200), ("same_place", 100))
    assert verdict == Scored(points=825, criteria=expected)  # type: ignore[arg-type]  # equal as plain tuples


@given(mentors, mentees, st.sampled_from([POLICY, DEFAULT_POLICY]))
def test_points_are_the_sum_of_their_criteria_and_within_the_scale(
    mentor: Mentor, mentee: Mentee, policy: Policy
) -> None:
    """The criteria explain the points to the last unit; points run from 0 to 100 in the policy's units."""
    verdict = score(mentor, mentee, policy)
    assert isinstance(verdict, Scored)
    assert verdict.points == sum(criterion.points for criterion in verdict.criteria)
    assert 0 <= verdict.points <= 100 * policy.units_per_point
    assert all(type(criterion.points) is int and criterion.points >= 0 for criterion in verdict.criteria)


@given(mentors, mentees, st.integers(0, 4))
def test_knowing_more_never_scores_less(mentor: Mentor, mentee: Mentee, level: int) -> None:
    """A mentor who learns something does not fall."""
    wiser = replace(mentor, skills=(*mentor.skills, Skill("tiktok", level)))
    assert points(wiser, mentee)["learning_wishes"] >= points(mentor, mentee)["learning_wishes"]


def test_first_wish_counts_more_than_the_third() -> None:
    """The same skill is worth more where it meets the wish of a higher priority."""
    knows_third = replace(LENA, skills=(Skill("youtube", 4),))
    assert points(LENA, WINTER)["learning_wishes"] > points(knows_third, WINTER)["learning_wishes"] > 0


def test_best_pair_has_full_marks() -> None:
    """Every wish met at the highest level, another subsidiary, the same place: 100 points."""
    verdict = score(LENA, replace(WINTER, wishes=(Wish("tiktok", 2),)), DEFAULT_POLICY)
    assert isinstance(verdict, Scored)
    assert verdict.points == 100 * DEFAULT_POLICY.units_per_point


def test_executive_without_wishes_does_not_set_the_worst_pair() -> None:
    """Who wishes for nothing is met by everybody, so the worst pair stays one that can be made better."""
    assert points(LENA, replace(WINTER, wishes=()))["learning_wishes"] == 700


def test_platform_named_twice_counts_once() -> None:
    """Of a repeated skill the higher level counts, of a repeated wish the first priority."""
    twice = replace(LENA, skills=(Skill("tiktok", 4), Skill("tiktok", 1), Skill("linkedin", 2)))
    wishing = replace(WINTER, wishes=(Wish("tiktok", 1), Wish("tiktok", 3), Wish("youtube", 3)))
    assert points(twice, wishing) == points(LENA, WINTER)


def test_bonuses_need_another_subsidiary_and_a_known_common_place() -> None:
    """The own subsidiary and an unknown or other place earn nothing; spelling in capitals does not matter."""
    at_home = replace(LENA, subsidiary="holding", place="")
    assert points(at_home, replace(WINTER, place=""))["same_place"] == 0
    assert points(at_home, WINTER)["other_subsidiary"] == 0
    assert points(replace(LENA, place="Singapore"), WINTER)["same_place"] == 0
    assert points(replace(LENA, place=" hamburg"), WINTER)["same_place"] == 100


def test_nobody_mentors_themselves() -> None:
    """A person on both sides is never paired with herself, whatever else holds."""
    assert score(LENA, replace(WINTER, person_id="lena"), POLICY) == Forbidden("same_person")


@pytest.mark.parametrize("superior", ["boss", "chief"])
def test_nobody_mentors_a_superior_at_any_depth(superior: str) -> None:
    """The reporting line forbids a pair however many levels lie between."""
    assert score(LENA, replace(WINTER, person_id=superior), POLICY) == Forbidden("reporting_line")


@pytest.mark.parametrize("languages", [(), ("en",), ("",)])
def test_pair_needs_a_common_language(languages: tuple[str, ...]) -> None:
    """Without a language both speak there is no pair; an empty entry is no language."""
    speaks_german = replace(LENA, languages=("de", ""))
    assert score(speaks_german, replace(WINTER, languages=languages), POLICY) == Forbidden("no_common_language")


def test_regions_of_a_language_understand_each_other() -> None:
    """de-CH and DE are the same language."""
    assert isinstance(score(replace(LENA, languages=("de-CH",)), replace(WINTER, languages=("DE",)), POLICY), Scored)


def test_line_above_reaches_the_top_and_survives_a_circle() -> None:
    """Everybody above is found at any depth; a circle in the roster ends the walk without the person in it."""
    assert line_above("a", {"a": "b", "b": "c", "c": None}) == {"b", "c"}
    assert line_above("a", {"a": "b", "b": "c", "c": "b"}) == {"b", "c"}
    assert line_above("a", {"a": "b", "b": "a"}) == {"b"}
    assert line_above("a", {}) == frozenset()


def test_table_is_the_same_for_people_in_any_order() -> None:
    """Both sides are sorted by person id, so the solver gets the same table and picks the same pairs."""
    team = [replace(LENA, person_id=f"mentor-{number}", capacity=number % 3) for number in range(5)]
    board = [replace(WINTER, person_id=f"mentee-{number}") for number in range(4)]
    one, other = table(team, board, POLICY), table(reversed(team), reversed(board), POLICY)
    assert one == other
    assert [mentee.person_id for mentee in one.mentees] == sorted(mentee.person_id for mentee in board)
    assert one.capacities() == (0, 1, 2, 0, 1)


def test_table_is_ready_for_the_solver() -> None:
    """Rows are mentees, columns are mentors, a forbidden pair is None and is never chosen."""
    boss = replace(WINTER, person_id="boss")
    tim = replace(LENA, person_id="tim", skills=(), manager_line=frozenset())
    ready = table([tim, LENA], [WINTER, boss], POLICY)
    assert ready.scores() == ((None, 300), (825, 300))
    assert ready.verdicts[0][0] == Forbidden("reporting_line")
    answer = solve(ready.scores(), ready.capacities())
    chosen = [(ready.mentees[row].person_id, ready.mentors[column].person_id) for row, column in answer.pairs]
    assert chosen == [("boss", "tim"), ("winter", "lena")]


def test_person_twice_on_one_side_is_refused() -> None:
    """A duplicate would be given places twice."""
    with pytest.raises(DuplicatePerson, match="lena"):
        table([LENA, LENA], [WINTER], POLICY)
    with pytest.raises(DuplicatePerson, match="winter"):
        table([LENA], [WINTER, WINTER], POLICY)


def test_person_may_stand_on_both_sides() -> None:
    """An executive who mentors others is only kept from herself."""
    both = replace(WINTER, person_id="lena")
    assert table([LENA], [both, WINTER], POLICY).scores() == ((None,), (825,))


def test_values_outside_their_range_are_refused() -> None:
    """Levels, priorities, capacities and policies outside the formula's range never get into a score."""
    for level in (-1, 5):
        with pytest.raises(OutOfRange):
            Skill("tiktok", level)
    for priority in (0, 4):
        with pytest.raises(OutOfRange):
            Wish("tiktok", priority)
    with pytest.raises(OutOfRange):
        replace(LENA, capacity=-1)


@pytest.mark.parametrize(
    "change",
    [
        {"same_place": 11},
        {"learning_wishes": 110, "same_place": -30},
        {"priority_weights": (3, 2, 0)},
        {"units_per_point": 0},
    ],
)
def test_policy_that_does_not_add_up_is_refused(change: dict[str, object]) -> None:
    """The criteria share exactly 100 points, none below 0, and every wish weighs something."""
    with pytest.raises(OutOfRange):
        replace(POLICY, **change)  # type: ignore[arg-type]


def test_default_policy_is_version_2026_1() -> None:
    """The shipped policy keeps its version: a changed formula is a new version."""
    released = Policy("2026.1", 80, 12, 8, (4, 2, 1), 100)
    assert released == DEFAULT_POLICY
