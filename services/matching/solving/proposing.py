"""Solves a run: a proposal with its proof, and where not everybody is covered, why, and what would help."""

from __future__ import annotations

from collections.abc import Callable

from services.matching.assignment import Solution
from services.matching.domain.people import PairKey
from services.matching.domain.proposal import propose
from services.matching.domain.run import Certificate, Found
from services.matching.solving import engine, relaxing, rematching, shortages
from services.matching.solving.engine import ProofRefused, TooManyPairs
from services.matching.solving.tasks import SolveTask, Told
from services.matching.tables import Table

__all__ = ["ProofRefused", "TooManyPairs", "solved"]
Tell = Callable[[Told], None]


def solved(task: SolveTask, tell: Tell) -> tuple[Found, bytes]:
    """What was found, and the certificate as it is kept; a re-match has none.

    Raises ``ProofRefused``, ``ContradictoryOverrides``, ``TooManyPairs``.
    """
    if task.kind == "rematch":
        return rematching.found(task, tell), b""
    tell(Told("scoring"))
    table = engine.built(task.inputs, task.policy, task.overrides, task.most_pairs)
    tell(Told("solving"))
    solution = engine.solved(table, task.seed)
    tell(Told("proving"))
    document = engine.proven(table, solution, task.seed)
    tell(Told("writing"))
    forced = frozenset((mentor, mentee) for mentee, mentor in table.forced)
    found = Found(
        proposal=propose(_named(table, solution), task.inputs, task.policy, task.overrides.barred, forced),
        certificate=Certificate(document["digest"], len(table.instance.columns)),
        shortages=(lacking := shortages.told(task, table, solution)),
        relaxations=relaxing.ranked(task, table, lacking, tell) if lacking else (),
    )
    return found, engine.written(document)


def _named(table: Table, solution: Solution) -> frozenset[PairKey]:
    mentors = table.columns
    return frozenset((mentors[column], table.mentee_ids[row]) for row, column in solution.pairs)
