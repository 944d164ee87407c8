"""Why not everybody is covered, told in executives, mentors and places."""

from __future__ import annotations

from collections import Counter

from services.matching.assignment import Solution
from services.matching.domain.run import Shortage
from services.matching.solving.tasks import SolveTask
from services.matching.tables import Table, barred
from services.matching.whatif import Lack, lacking


def told(task: SolveTask, table: Table, solution: Solution) -> tuple[Shortage, ...]:
    """The groups of executives who compete for too few places, none where everybody is covered."""
    return tuple(_named(task, table, lack) for lack in lacking(table.instance, solution.partner))


def _named(task: SolveTask, table: Table, lack: Lack) -> Shortage:
    executives = tuple(table.mentee_ids[row] for row in lack.rows)
    mentors = tuple(table.mentor_ids[column] for column in lack.columns)
    return Shortage(executives, mentors, lack.places, lack.missing, _barred(task, executives))


def _barred(task: SolveTask, executives: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """How many pairs of these executives are forbidden, by the code of each rule that forbids them."""
    by_executive = barred(task.inputs, task.policy, task.overrides, executives)
    counted = sum((Counter(codes) for codes in by_executive.values()), Counter[str]())
    return tuple(sorted(counted.items()))
