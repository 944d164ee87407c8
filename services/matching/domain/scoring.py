"""What a pair is worth under a policy, why, and which rules forbid it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from services.matching.domain import criteria
from services.matching.domain.hard_rules import NOBODY_BARRED, Barred, broken
from services.matching.domain.people import Mentee, Mentor
from services.matching.domain.policy import Policy


class Criterion(NamedTuple):
    """One criterion's share of a score, in the policy's units."""

    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Scored:
    """An allowed pair: ``points`` from 0 to 100 x units_per_point, the sum of ``criteria``, which explain it."""

    points: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A pair that must not be: the codes of all rules it breaks, in the order of ``hard_rules.CODES``."""

    rules: tuple[str, ...]


Verdict = Scored | Forbidden


def score(mentor: Mentor, mentee: Mentee, policy: Policy, barred: Barred = NOBODY_BARRED) -> Verdict:
    """The points of a pair and where they come from, or all rules that forbid it.

    Points of a criterion: weight x units_per_point x share, rounded down; the score is their sum.
    """
    if rules := broken(mentor, mentee, policy.rules, barred):
        return Forbidden(rules)
    given = tuple(Criterion(name, _given(name, mentor, mentee, policy)) for name in criteria.CRITERIA)
    return Scored(points=sum(criterion.points for criterion in given), criteria=given)


def _given(name: str, mentor: Mentor, mentee: Mentee, policy: Policy) -> int:
    most: int = getattr(policy.weights, name) * policy.units_per_point
    share = criteria.CRITERIA[name](mentor, mentee, policy.priority_weights)
    return most * share.part // share.whole
