"""Re-match: proposals that leave the pairs that stand as they are, but for a few.

A pair that stands although a rule forbids it by now keeps its place and is not touched; one that people forbade since
is to be parted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance
from services.matching.domain.hard_rules import broken
from services.matching.domain.inputs import Inputs, Taken
from services.matching.domain.people import PairKey
from services.matching.domain.proposal import ProposedPair, propose
from services.matching.domain.run import Alternative, Found
from services.matching.solving import engine
from services.matching.solving.tasks import SolveTask, Told
from services.matching.tables import Table

CHANGES = (0, 1, 3)
Partners = NDArray[np.int32]


def found(task: SolveTask, tell: Callable[[Told], None]) -> Found:
    """One alternative for each number of changes; the proposal has no pair until somebody chooses one."""
    tell(Told("scoring"))
    kept = _kept(task)
    inputs = _without(task.inputs, kept)
    table = engine.built(inputs, task.policy, task.overrides)
    current, ways = _current(task, table), []
    for number, changes in enumerate(CHANGES):
        tell(Told("solving", number, len(CHANGES)))
        partner = engine.rematched(table, current, changes, task.seed)
        ways.append(_alternative(replace(task, inputs=inputs), table, partner, changes=changes, kept=len(kept)))
    tell(Told("writing"))
    nobody = propose([], inputs, task.policy, task.overrides.barred)
    return Found(replace(nobody, executives=nobody.executives + len(kept), uncovered=()), alternatives=tuple(ways))


def _kept(task: SolveTask) -> tuple[Taken, ...]:
    """The pairs that stand and that a rule forbids by now, but for those that people forbade."""
    found, parted = [], task.overrides.blocked | task.overrides.conflicts
    for pair in task.current:
        mentor, mentee = task.inputs.mentors.get(pair.mentor_id), task.inputs.mentees.get(pair.mentee_id)
        forbidden = mentor and mentee and broken(mentor, mentee, task.policy.rules)
        if forbidden and (pair.mentor_id, pair.mentee_id) not in parted:
            found.append(pair)
    return tuple(found)


def _without(inputs: Inputs, kept: Collection[Taken]) -> Inputs:
    """The same people without executives who keep their mentors, and without the places that these take.

    What is forced beyond the places that are left then is a contradiction, as it is with any active pair.
    """
    places, paired = Counter(pair.mentor_id for pair in kept), {pair.mentee_id for pair in kept}
    mentors = {
        id: replace(one, capacity=max(one.capacity - places[id], 0)) if places[id] else one
        for id, one in inputs.mentors.items()
    }
    mentees = {id: one for id, one in inputs.mentees.items() if id not in paired}
    return replace(inputs, mentors=mentors, mentees=mentees, taken={pair.mentee_id: pair.mentor_id for pair in kept})


def _current(task: SolveTask, table: Table) -> Partners:
    """Of each row the column that it has now, -1 where it has none that it could keep."""
    row_of = {id: row for row, id in enumerate(table.mentee_ids)}
    number_of = {id: number for number, id in enumerate(table.mentor_ids)}
    mentors = np.array([number_of[id] for id in table.columns], np.int64)
    current = np.full(len(row_of), -1, np.int32)
    for pair in task.current:
        if (row := row_of.get(pair.mentee_id)) is not None:
            allowed = _allowed(table.instance, row)
            current[row] = max(allowed[mentors[allowed] == number_of.get(pair.mentor_id, -1)].tolist(), default=-1)
    return current


def _allowed(instance: Instance, row: int) -> Partners:
    start, end = instance.pointers[row : row + 2].tolist()
    return instance.columns[start:end]


def _alternative(task: SolveTask, table: Table, partner: Partners, *, changes: int, kept: int) -> Alternative:
    """A way to re-match; of its pairs those are told that are new."""
    mentors = table.columns
    chosen = [(mentors[column], table.mentee_ids[row]) for row, column in enumerate(partner) if column >= 0]
    forced = frozenset((mentor, mentee) for mentee, mentor in table.forced)
    proposal = propose(chosen, task.inputs, task.policy, task.overrides.barred, forced)
    standing = {pair.mentee_id: pair for pair in task.current}
    return Alternative(
        changes=changes,
        covered=len(proposal.pairs) + kept,
        worst=proposal.worst,
        total=proposal.total,
        pairs=tuple(_new(pair, standing) for pair in proposal.pairs if not _stands(pair, standing)),
        uncovered=proposal.uncovered,
    )


def _stands(pair: ProposedPair, standing: Mapping[str, Taken]) -> bool:
    now = standing.get(pair.mentee_id)
    return now is not None and _key(pair) == (now.mentor_id, now.mentee_id)


def _new(pair: ProposedPair, standing: Mapping[str, Taken]) -> ProposedPair:
    now = standing.get(pair.mentee_id)
    return replace(pair, ends=now.pair_id if now else None)


def _key(pair: ProposedPair) -> PairKey:
    return pair.mentor_id, pair.mentee_id
