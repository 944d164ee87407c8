"""Whether a policy allows anybody anybody, looked at before anything is solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from services.matching.domain.hard_rules import Barred, broken
from services.matching.domain.inputs import Inputs
from services.matching.domain.policy import Policy
from services.matching.domain.rules import RuleBroken

_ALWAYS = frozenset({"same_person", "reporting_line", "conflict", "blocked"})  # whatever a policy says


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

    Takes time by the pairs up to the first allowed one, of which there is one soon or none at all.
    """
    counted: Counter[str] = Counter()
    for codes in _codes(considered, policy, barred):
        if not codes:
            return
        own = [code for code in codes if code not in _ALWAYS]
        if len(own) == len(codes):
            counted[own[0]] += 1
    if counted:
        raise AllowsNothing(counted)


def _codes(considered: Inputs, policy: Policy, barred: Barred) -> Iterator[tuple[str, ...]]:
    for mentee in considered.mentees.values():
        for mentor in considered.mentors.values():
            yield broken(mentor, mentee, policy.rules, barred)
