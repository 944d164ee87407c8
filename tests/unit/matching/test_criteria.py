"""Promises of the criteria: each a share of its weight, and what nobody told neither wins nor loses a pair."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain import criteria
from services.matching.domain.criteria import ALL, CRITERIA, HALF, NOTHING, Share
from services.matching.domain.people import HALF_DAYS, Mentee, Mentor, Skill, Wish
from services.matching.domain.policy import CRITERIA as WEIGHTS
from tests.support.pairing import LENA, WINTER, mentees, mentors

PRIORITIES = (4, 2, 1)


def share(name: str, mentor: Mentor = LENA, mentee: Mentee = WINTER) -> Share:
    return CRITERIA[name](mentor, mentee, PRIORITIES)


def test_every_weight_has_its_criterion() -> None:
    """In the order in which points are shown."""
    assert tuple(CRITERIA) == WEIGHTS


@given(mentors(), mentees(), st.sampled_from(WEIGHTS))
def test_share_is_a_part_of_a_whole(mentor: Mentor, mentee: Mentee, name: str) -> None:
    """From nothing to all, in whole numbers."""
    found = share(name, mentor, mentee)
    assert 0 <= found.part <= found.whole
    assert {type(found.part), type(found.whole)} == {int}


# Learning wishes


def test_wishes_count_by_priority_and_level() -> None:
    """4 x 4 + 2 x 2 + 1 x 0 of (4 + 2 + 1) x 4."""
    assert share("learning_wishes") == Share(20, 28)


@given(mentors(), mentees(), st.integers(0, 4))
def test_knowing_more_never_scores_less(mentor: Mentor, mentee: Mentee, level: int) -> None:
    """A mentor who learns something does not fall."""
    wiser = replace(mentor, skills=(*mentor.skills, Skill("tiktok", level)))
    assert share("learning_wishes", wiser, mentee).part >= share("learning_wishes", mentor, mentee).part


def test_first_wish_counts_more_than_the_third() -> None:
    """The same skill is worth more where it meets the wish of a higher priority."""
    first, third = (replace(LENA, skills=(Skill(platform, 4),)) for platform in ("tiktok", "youtube"))
    assert share("learning_wishes", first) > share("learning_wishes", third) > NOTHING


def test_executive_without_wishes_does_not_set_the_worst_pair() -> None:
    """Who wishes for nothing is met by everybody, so the worst pair stays one that can be made better."""
    assert share("learning_wishes", mentee=replace(WINTER, wishes=())) == ALL


def test_platform_named_twice_counts_once() -> None:
    """Of a repeated skill the higher level counts, of a repeated wish the first priority."""
    twice = replace(LENA, skills=(*LENA.skills, Skill("tiktok", 1)))
    wishing = replace(WINTER, wishes=(*WINTER.wishes, Wish("tiktok", 3)))
    assert share("learning_wishes", twice, wishing) == share("learning_wishes")


# Availability


@pytest.mark.parametrize(("common", "expected"), [(0, 0), (1, 1), (2, 2), (3, 3), (7, 3)])
def test_up_to_three_common_half_days_count_a_third_each(common: int, expected: int) -> None:
    """More choice than that makes no pair better."""
    mentor = replace(LENA, availability=frozenset(HALF_DAYS[:common]) | {"fri_pm"})
    mentee = replace(WINTER, availability=frozenset(HALF_DAYS[:common]) | {"fri_am"})
    assert share("availability", mentor, mentee) == Share(expected, 3)


def test_half_days_that_nobody_told_count_half() -> None:
    """Neither as if there were no common time nor as if there were enough of it, whoever did not tell."""
    silent = replace(LENA, availability=frozenset())
    assert share("availability", silent) == HALF
    assert share("availability", mentee=replace(WINTER, availability=frozenset())) == HALF
    assert share("availability", silent, replace(WINTER, availability=frozenset())) == HALF


def test_half_days_by_different_clocks_cannot_be_compared() -> None:
    """A morning in Singapore is no morning in Hamburg; what cannot be known counts half."""
    assert share("availability", mentee=replace(WINTER, clock="+0800/+0800")) == HALF


# Languages


@pytest.mark.parametrize(
    ("spoken", "part"),
    [({}, 0), ({"de": 3}, 0), ({"de": 4}, 1), ({"de": 5}, 2), ({"de": 6}, 3), ({"en": 6}, 2), ({"de": 4, "en": 5}, 2)],
)
def test_language_spoken_best_together_counts_by_the_lower_level(spoken: dict[str, int], part: int) -> None:
    """B2 a third, C1 two thirds, C2 all; lena speaks German C2 and English C1."""
    assert share("languages", mentee=replace(WINTER, languages=spoken)) == Share(part, 3)


# Hierarchy


@pytest.mark.parametrize(
    ("superiors", "expected"),
    [
        (("team-lead", "department"), Share(0, 4)),
        (("department",), Share(1, 4)),
        (("director",), Share(2, 4)),
        (("chief",), Share(3, 4)),
        (("other", "chief"), Share(4, 4)),
        (("one", "two", "chief"), Share(4, 4)),
        (("elsewhere",), Share(4, 4)),
        ((), HALF),
    ],
)
def test_lines_that_meet_farther_up_count_more(superiors: tuple[str, ...], expected: Share) -> None:
    """Up to the nearest common superior and down again; without any superior the line is not known."""
    assert share("hierarchy", mentee=replace(WINTER, superiors=superiors)) == expected
    assert share("hierarchy", replace(LENA, superiors=superiors), replace(WINTER, superiors=LENA.superiors)) == expected


def test_nearest_common_superior_counts() -> None:
    """Also where lines meet again further up, as roster errors let them."""
    tangled = replace(WINTER, superiors=("chief", "director", "team-lead"))
    assert criteria.steps_apart(LENA, tangled) == 4


# Place and company


@pytest.mark.parametrize(
    ("place", "remote", "expected"),
    [
        ("hamburg", None, ALL),
        ("hamburg", False, ALL),
        ("singapore", True, HALF),
        ("singapore", None, HALF),
        ("singapore", False, NOTHING),
        ("", None, HALF),
        ("", False, HALF),
    ],
)
def test_place_counts_whole_half_or_not_at_all(place: str, remote: bool | None, expected: Share) -> None:
    """One place, by video or unknown, and neither."""
    assert share("place", mentee=replace(WINTER, place=place, remote=remote)) == expected
    assert share("place", replace(LENA, place=place, remote=remote), replace(WINTER, remote=True)) == expected


def test_two_unknown_places_count_half() -> None:
    """An empty place is no common one."""
    assert share("place", replace(LENA, place=""), replace(WINTER, place="")) == HALF


def test_another_company_counts_whole() -> None:
    """The own company earns nothing."""
    assert share("other_subsidiary") == ALL
    assert share("other_subsidiary", mentee=replace(WINTER, subsidiary="services")) == NOTHING
