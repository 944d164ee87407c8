"""Whether a policy allows anybody anybody, looked at before anything is solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from services.matching.domain.crowds import Crowd
from services.matching.domain.hard_rules import Barred
from services.matching.domain.inputs import Inputs
from services.matching.domain.policy import Policy
from services.matching.domain.rules import RuleBroken


class AllowsNothing(RuleBroken):
    """The policy forbids each pair there could be; ``barred`` counts them by the first of its rules that does."""

    kind = "policy-allows-nothing"
    field = "/policy_id"

    def __init__(self, barred: Mapping[str, int]) -> None:
        told = ", ".join(f"{number} by {code}" for code, number in sorted(barred.items()))
        super().__init__(f"This policy forbids every pair there could be: {told}. Choose another one, or change it.")
        self.barred = dict(barred)

    @property
    def members(self) -> dict[str, object]:
        """The counts as plain JSON."""
        return {"barred": self.barred}


def refuse_nothing_allowed(considered: Inputs, policy: Policy, barred: Barred) -> None:
    """Raises ``AllowsNothing`` where the policy is to blame: where without its rules some pair would be allowed.

    It is not where somebody may be paired whose places are taken: a place more is what helps then.
    """
    mentors = (*considered.mentors.values(), *considered.full.values())
    crowd, counted = Crowd(mentors, policy.rules, barred), Counter[str]()
    for mentee in considered.mentees.values():
        left = crowd.everybody & ~crowd.whatever_the_policy(mentee)
        for code, forbidden in crowd.by_the_policy(mentee):
            counted[code] += (left & forbidden).bit_count()
            left &= ~forbidden
        if left:
            return
    if told := +counted:
        raise AllowsNothing(told)
