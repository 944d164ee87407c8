"""Promises of the hard rules: each forbids by its own code, all broken ones are named, no points outweigh them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain import explanations
from services.matching.domain.hard_rules import CODES, NOBODY_BARRED, Barred, broken
from services.matching.domain.people import Mentee, Mentor
from services.matching.domain.policy import Policy, Rules
from services.matching.domain.scoring import Forbidden, score
from tests.support.pairing import LENA, WINTER, mentees, mentors, policies

LAX = Rules(language_level="A1", same_manager=False, earlier_pairs=False)


def codes(
    mentor: Mentor = LENA, mentee: Mentee = WINTER, rules: Rules = LAX, barred: Barred = NOBODY_BARRED
) -> list[str]:
    return list(broken(mentor, mentee, rules, barred))


def test_the_two_of_the_example_may_be_a_pair() -> None:
    """The strictest policy has nothing against them."""
    strictest = Rules("must_differ", "C2", "same_place", same_manager=True, earlier_pairs=True)
    assert codes(rules=strictest) == []


def test_nobody_mentors_themselves() -> None:
    """A person on both sides is never paired with herself, whatever else holds."""
    assert codes(mentee=replace(WINTER, person_id="lena")) == ["same_person"]


@pytest.mark.parametrize("superior", LENA.superiors)
def test_nobody_mentors_a_superior_at_any_depth(superior: str) -> None:
    """The reporting line forbids a pair however many levels lie between."""
    assert codes(mentee=replace(WINTER, person_id=superior, superiors=())) == ["reporting_line"]


def test_nobody_mentors_somebody_below_them() -> None:
    """An executive who reports to the mentor, at any depth, is as little free to speak."""
    assert codes(mentee=replace(WINTER, superiors=("other", "lena"))) == ["reporting_line"]


def test_two_who_report_to_one_person_are_no_pair_where_the_policy_says_so() -> None:
    """Only the nearest superior counts, and who has none shares none."""
    colleague = replace(WINTER, superiors=LENA.superiors[:1])
    strict = replace(LAX, same_manager=True)
    assert codes(mentee=colleague, rules=strict) == ["same_manager"]
    assert codes(mentee=colleague) == []
    assert codes(mentee=replace(WINTER, superiors=LENA.superiors[1:]), rules=strict) == []
    assert codes(replace(LENA, superiors=()), replace(WINTER, superiors=()), strict) == []


@pytest.mark.parametrize(
    ("rule", "home", "forbidden"),
    [
        ("any", "services", False),
        ("any", "holding", False),
        ("must_differ", "services", True),
        ("must_differ", "holding", False),
        ("must_be_same", "services", False),
        ("must_be_same", "holding", True),
    ],
)
def test_companies_must_differ_or_be_the_same_as_the_policy_says(rule: str, home: str, forbidden: bool) -> None:
    """Lena works for services."""
    rules = replace(LAX, subsidiary=rule)  # type: ignore[arg-type]  # one of the three
    assert codes(mentee=replace(WINTER, subsidiary=home), rules=rules) == ["subsidiary_rule"] * forbidden


@pytest.mark.parametrize(
    ("spoken", "level", "forbidden"),
    [
        ({}, "A1", True),
        ({"fr": 6}, "A1", True),
        ({"en": 4}, "B2", False),
        ({"en": 4}, "C1", True),
        ({"en": 6}, "C1", False),
        ({"en": 6}, "C2", True),
        ({"en": 3, "de": 4}, "B2", False),
    ],
)
def test_both_speak_one_language_at_the_level_of_the_policy(
    spoken: dict[str, int], level: str, forbidden: bool
) -> None:
    """The lower of the two levels counts, in whatever language it is higher; lena speaks German C2, English C1."""
    rules = replace(LAX, language_level=level)  # type: ignore[arg-type]  # one of the levels
    assert codes(mentee=replace(WINTER, languages=spoken), rules=rules) == ["no_common_language"] * forbidden


@pytest.mark.parametrize(
    ("place", "remote", "forbidden"),
    [
        ("hamburg", False, ()),
        ("singapore", True, ("same_place",)),
        ("singapore", None, ("same_place",)),
        ("singapore", False, ("same_place", "same_place_or_remote")),
        ("", None, ("same_place",)),
        ("", False, ("same_place", "same_place_or_remote")),
    ],
)
def test_both_can_meet_as_the_policy_says(place: str, remote: bool | None, forbidden: tuple[str, ...]) -> None:
    """One place will always do; a place nobody knows is none; only a no to video rules video out."""
    elsewhere = replace(WINTER, place=place, remote=remote)
    for rule in ("any", "same_place", "same_place_or_remote"):
        found = codes(mentee=elsewhere, rules=replace(LAX, meeting=rule))  # type: ignore[arg-type]  # one of the three
        assert found == ["no_common_place"] * (rule in forbidden)


def test_two_unknown_places_are_not_one_place() -> None:
    """Nothing shows that the two could meet."""
    rules = replace(LAX, meeting="same_place")
    assert codes(replace(LENA, place=""), replace(WINTER, place=""), rules) == ["no_common_place"]


def test_pair_of_another_edition_is_not_repeated_where_the_policy_says_so() -> None:
    """Everybody shall meet somebody new."""
    again = replace(LENA, earlier=frozenset({"winter", "other"}))
    assert codes(again, rules=replace(LAX, earlier_pairs=True)) == ["earlier_pair"]
    assert codes(again) == []


def test_people_forbid_pairs_with_codes_of_their_own() -> None:
    """A conflict that one of the two declared and a pair that was blocked; another pair of the same people is free."""
    pair = frozenset({("lena", "winter")})
    assert codes(barred=Barred(blocked=pair, conflicts=pair)) == ["conflict", "blocked"]
    assert codes(barred=Barred(blocked=frozenset({("winter", "lena"), ("lena", "other")}))) == []


def test_all_broken_rules_are_named() -> None:
    """Who looks for a way out has to know everything that stands in it."""
    mentor = replace(LENA, earlier=frozenset({"lena"}), remote=False)
    mentee = replace(WINTER, person_id="lena", superiors=LENA.superiors, languages={}, place="")
    rules = Rules("must_differ", "B2", "same_place", same_manager=True, earlier_pairs=True)
    pair = frozenset({("lena", "lena")})
    everything = codes(mentor, replace(mentee, subsidiary="services"), rules, Barred(pair, pair))
    assert everything == [code for code in CODES if code != "reporting_line"]


def test_every_code_has_its_sentence() -> None:
    """A reason is told to people in words, also of a pair that cannot be published any more."""
    for code in CODES:
        assert explanations.of_conflict(code) != code
        assert "m-1" in explanations.of_contradiction(code, "m-1", "e-1")


@given(mentors(), mentees(), policies(), st.booleans())
def test_a_pair_has_points_exactly_if_no_rule_is_broken(
    mentor: Mentor, mentee: Mentee, policy: Policy, barred: bool
) -> None:
    """No criterion outweighs a rule, and no rule is hidden behind another."""
    people = Barred(blocked=frozenset({(mentor.person_id, mentee.person_id)})) if barred else NOBODY_BARRED
    found = broken(mentor, mentee, policy.rules, people)
    verdict = score(mentor, mentee, policy, people)
    assert found == (verdict.rules if isinstance(verdict, Forbidden) else ())
    assert list(found) == [code for code in CODES if code in found]
    assert ("blocked" in found) is barred
