"""Promises of the look at a policy before anything is solved: what the rules say of each pair, and fast."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.crowds import Crowd
from services.matching.domain.hard_rules import NOBODY_BARRED, Barred, broken
from services.matching.domain.inputs import Inputs
from services.matching.domain.policy import STANDARD, Level, MeetingRule, Policy, Rules, SubsidiaryRule
from services.matching.domain.run import AllowsNothing, refuse_nothing_allowed
from tests.support.pairing import LENA, WINTER, considered, crowd, policies, sides

ALWAYS = {"same_person", "reporting_line", "conflict", "blocked"}
pairs = st.frozensets(st.tuples(*[st.sampled_from([f"p{number}" for number in range(8)])] * 2), max_size=6)


def by_the_rules(now: Inputs, policy: Policy, barred: Barred) -> dict[str, int] | None:
    """Pair by pair: the counts, or None where somebody may be paired or the policy is not to blame."""
    every = [
        broken(mentor, mentee, policy.rules, barred)
        for mentee in now.mentees.values()
        for mentor in now.mentors.values()
    ]
    counted = Counter(codes[0] for codes in every if codes and not ALWAYS & set(codes))
    return None if () in every or not counted else dict(counted)


@given(now=sides(), policy=policies(), blocked=pairs, conflicts=pairs)
def test_counts_are_those_of_the_rules_pair_by_pair(
    now: Inputs, policy: Policy, blocked: frozenset[tuple[str, str]], conflicts: frozenset[tuple[str, str]]
) -> None:
    """Refused just where no pair is allowed and the policy is to blame, with the same numbers."""
    barred, found = Barred(blocked, conflicts), None
    try:
        refuse_nothing_allowed(now, policy, barred)
    except AllowsNothing as refusal:
        found = refusal.barred

    assert found == by_the_rules(now, policy, barred)


def test_policy_is_not_to_blame_where_a_place_more_would_do() -> None:
    """Somebody whose places are all taken may be paired, and nobody else may: a run will say what helps."""
    policy = replace(STANDARD, rules=Rules(subsidiary="must_be_same"))
    own = replace(LENA, person_id="m2", subsidiary=WINTER.subsidiary, capacity=0)
    now = considered([LENA], [WINTER])
    with pytest.raises(AllowsNothing):
        refuse_nothing_allowed(now, policy, NOBODY_BARRED)

    refuse_nothing_allowed(replace(now, full={"m2": own}), policy, NOBODY_BARRED)


@given(now=sides(), policy=policies(), blocked=pairs, conflicts=pairs)
def test_each_rule_forbids_the_same_mentors_to_an_executive(
    now: Inputs, policy: Policy, blocked: frozenset[tuple[str, str]], conflicts: frozenset[tuple[str, str]]
) -> None:
    """In the order of the codes; what no policy can change is one set."""
    agree(now, policy.rules, Barred(blocked, conflicts))


@pytest.mark.parametrize("meeting", ["any", "same_place", "same_place_or_remote"])
@pytest.mark.parametrize("subsidiary", ["any", "must_differ", "must_be_same"])
@pytest.mark.parametrize("level", ["A1", "B2", "C2"])
def test_each_rule_forbids_the_same_mentors_in_a_crowd(
    meeting: MeetingRule, subsidiary: SubsidiaryRule, level: Level
) -> None:
    """Forty of either side, alike and not, under every rule that a policy can set."""
    agree(crowd(seed=7), Rules(subsidiary, level, meeting), NOBODY_BARRED)


def agree(now: Inputs, rules: Rules, barred: Barred) -> None:
    """Whether each pair breaks the same rules asked for alone and in the crowd."""
    them_all = Crowd(now.mentors.values(), rules, barred)
    for mentee in now.mentees.values():
        always, by_the_policy = them_all.whatever_the_policy(mentee), list(them_all.by_the_policy(mentee))
        for number, mentor in enumerate(now.mentors.values()):
            codes = broken(mentor, mentee, rules, barred)
            own = [code for code, forbidden in by_the_policy if forbidden >> number & 1]
            assert own == [code for code in codes if code not in ALWAYS]
            assert bool(always >> number & 1) == bool(ALWAYS & set(codes))
        every = (broken(mentor, mentee, rules, barred) for mentor in now.mentors.values())
        assert them_all.barring(mentee) == Counter(codes[0] for codes in every if codes)


def test_two_thousand_executives_take_less_than_half_a_second() -> None:
    """Where a policy forbids every pair, so that nothing ends the look early; of processor time."""
    mentors = [
        replace(LENA, person_id=f"m{number}", superiors=tuple(f"s{number % 97 * step}" for step in range(1, 7)))
        for number in range(2400)
    ]
    now = considered(mentors, [replace(WINTER, person_id=f"e{number}") for number in range(2000)])
    policy = replace(STANDARD, rules=Rules(subsidiary="must_be_same"))
    began = time.process_time()
    with pytest.raises(AllowsNothing) as caught:
        refuse_nothing_allowed(now, policy, NOBODY_BARRED)

    assert time.process_time() - began < 0.5
    assert sum(caught.value.barred.values()) == 2000 * 2400
