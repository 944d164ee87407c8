"""What a solving process is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import TypeAdapter

from services.matching.domain.inputs import Inputs, Taken
from services.matching.domain.overrides import Overrides
from services.matching.domain.people import Mentor
from services.matching.domain.policy import Policy
from services.matching.domain.run import Found, Kind, WhyNot

Step = Literal["reading", "scoring", "solving", "proving", "writing"]


@dataclass(frozen=True, slots=True)
class SolveTask:
    """A run to be solved: who can be matched, by which policy, under which overrides.

    Of a re-match ``current`` are the pairs that stand; their members are among the ``inputs``. ``reserves`` could be
    mentors too, if somebody took them from the reserve list. No table with more than ``most_pairs`` allowed pairs is
    solved, since memory goes by them.
    """

    kind: Kind
    policy: Policy
    overrides: Overrides
    seed: int
    inputs: Inputs
    current: tuple[Taken, ...] = ()
    reserves: Mapping[str, Mentor] = field(default_factory=dict)
    most_pairs: int | None = None


@dataclass(frozen=True, slots=True)
class WhyNotTask:
    """A pair that is not in the proposal whose certificate comes along."""

    mentee_id: str
    mentor_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """How far a run is: ``done`` of ``of`` parts of the step."""

    step: Step
    done: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Why nothing can be proposed, by one of the reasons in ``run.failures``."""

    reason: str
    detail: str


SOLVE_TASK, WHY_NOT_TASK = TypeAdapter(SolveTask), TypeAdapter(WhyNotTask)
TOLD, FOUND, WHY_NOT = TypeAdapter(Told), TypeAdapter(Found), TypeAdapter(WhyNot)
GIVEN_UP = TypeAdapter(GivenUp)
