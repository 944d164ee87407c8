"""Promises about who can meet whom in the story: what the first run lacks, what helps, and whom the leaver leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from deploy.local.story import calendar, papers, roster
from services.matching.assignment import solve
from services.matching.domain.hard_rules import broken
from services.matching.domain.inputs import Facts, Inputs, Person, Profile, inputs
from services.matching.domain.overrides import NO_OVERRIDES
from services.matching.domain.people import Skill, Wish
from services.matching.domain.policy import STANDARD, Policy
from services.matching.rematching import within
from services.matching.tables import Table, build

ROWS = roster.rows()
EXECUTIVES = frozenset(number for number, row in ROWS.items() if row["executive"] == "true")
INELIGIBLE = ("M014", "M022")  # over the limit, and not excused
IN_SINGAPORE = {"E014", "E015"}
ENGLISH = "M013"  # the one mentor who may meet both


def merit(number: str) -> Fraction:
    """The total of an application, as the median of its sheets."""
    criteria = papers.call()["criteria"]
    levels = zip(criteria, papers.papers()[number].merit, strict=True)
    return sum((Fraction(one["weight"] * level, len(one["levels"])) for one, level in levels), Fraction(0))


def mentors() -> frozenset[str]:
    """Who has accepted in the end: the best, without the one who withdraws, and the first of the reserves."""
    able = [number for number in papers.papers() if number not in INELIGIBLE]
    ranked = sorted(able, key=lambda number: (-merit(number), number == papers.LOST_THE_TIE))
    return frozenset(ranked[: calendar.SELECTED + 1]) - {papers.WITHDRAWN}


def known(places: Mapping[str, int], *, gone: str = "") -> Inputs:
    """The people of the story as matching knows them."""
    return inputs(
        Facts(
            mentors=mentors(),
            mentees=EXECUTIVES,
            persons={number: _person(number, active=number != gone) for number in ROWS},
            profiles={number: _profile(number) for number in ROWS},
            taken=(),
            places=places,
        )
    )


def _person(number: str, *, active: bool) -> Person:
    row = ROWS[number]
    return Person(
        number, row["subsidiary"], active, "en", row["manager"] or None, row["executive"] == "true", row["zone"]
    )


def _profile(number: str) -> Profile:
    row = ROWS[number]
    skills = (one.split(":") for one in row["skills"].split(";") if one)
    wishes = (one.split(":") for one in row["wishes"].split(";") if one)
    return Profile(
        skills=tuple(Skill(name, int(level)) for name, level in skills),
        wishes=tuple(Wish(name, int(priority)) for name, priority in wishes),
        languages=tuple(row["languages"].split(";")),
        place=row["place"],
        capacity=int(row["capacity"]),
    )


def best(now: Inputs, policy: Policy = STANDARD) -> tuple[Table, tuple[int, int, int], dict[str, str]]:
    """The table, the best proposal's three values, and its mentors by executive."""
    table = build(now, policy, NO_OVERRIDES)
    solution = solve(table.instance)
    pairs = {
        table.mentee_ids[row]: table.mentor_ids[column] for row, column in enumerate(solution.partner) if column >= 0
    }
    return table, (solution.coverage, solution.worst or 0, solution.total), pairs


def test_two_executives_compete_for_one_place() -> None:
    """They speak English alone; of the two mentors who speak it one has their superior."""
    now = known({})
    allowed = {
        executive: {
            id for id, mentor in now.mentors.items() if not broken(mentor, now.mentees[executive], STANDARD.rules)
        }
        for executive in IN_SINGAPORE
    }

    _, (coverage, _, _), pairs = best(now)

    assert allowed == {executive: {ENGLISH} for executive in IN_SINGAPORE}
    assert now.mentors[ENGLISH].capacity == 1
    assert coverage == calendar.COVERED_AT_FIRST
    assert EXECUTIVES - pairs.keys() < IN_SINGAPORE


def test_a_place_more_is_the_cheapest_way_out() -> None:
    """Both ways cover everybody; where the rule on superiors gives way, the worst pair is worse."""
    _, with_a_place, _ = best(known({ENGLISH: 2}))
    _, without_the_rule, _ = best(known({}), replace(STANDARD, rules=replace(STANDARD.rules, same_manager=False)))

    assert with_a_place[0] == without_the_rule[0] == calendar.EXECUTIVES
    assert with_a_place > without_the_rule


@pytest.mark.parametrize(("changes", "covered"), [(0, calendar.EXECUTIVES - 1), (1, calendar.EXECUTIVES)])
def test_after_the_leaver_one_change_covers_everybody(changes: int, covered: int) -> None:
    """The one free place left is in the reporting line of the executive who lost the mentor."""
    _, _, pairs = best(known({ENGLISH: 2}))
    table = build(known({ENGLISH: 2}, gone=roster.LEAVER), STANDARD, NO_OVERRIDES)
    columns = {id: column for column, id in enumerate(table.mentor_ids)}
    current = np.array([columns.get(pairs[id], -1) for id in table.mentee_ids], np.int32)

    partner = within(table.instance, current, changes)

    assert list(pairs.values()).count(roster.LEAVER) == 1
    assert int((partner >= 0).sum()) == covered
    assert int(((partner != current) & (current >= 0)).sum()) <= changes
    assert all(Counter(partner.tolist())[column] <= table.instance.capacities[column] for column in columns.values())
