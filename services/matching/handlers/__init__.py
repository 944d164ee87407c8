"""The commands of `matching`."""

from dataclasses import dataclass

from services.chassis.clock import Clock
from services.matching.handlers.editions import EditionOver, UnknownEdition
from services.matching.handlers.overrides import EditionOverrides, OverrideHandlers
from services.matching.handlers.pairs import PairHandlers, Pairs
from services.matching.handlers.policies import Policies, PolicyHandlers
from services.matching.handlers.questions import Ask, Choice, Concerned, Questions, RunNotProposed
from services.matching.handlers.runs import Asked, RunHandlers, RunOpen, Runs, UnknownPolicy
from services.matching.store import Candidates

__all__ = [
    "Ask",
    "Asked",
    "Choice",
    "Concerned",
    "EditionOver",
    "EditionOverrides",
    "Handlers",
    "OverrideHandlers",
    "PairHandlers",
    "Pairs",
    "Policies",
    "PolicyHandlers",
    "Questions",
    "RunHandlers",
    "RunNotProposed",
    "RunOpen",
    "Runs",
    "UnknownEdition",
    "UnknownPolicy",
]


@dataclass(frozen=True, slots=True)
class Handlers:
    """All commands, by what they are about, and what all of them look at."""

    runs: RunHandlers
    pairs: PairHandlers
    policies: PolicyHandlers
    overrides: OverrideHandlers
    questions: Questions
    candidates: Candidates
    clock: Clock
