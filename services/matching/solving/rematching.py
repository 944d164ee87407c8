"""Re-match: proposals that leave the pairs that run as they are, but for a few; each can be carried out as it is.

Nobody's pair ends for whom there is no other mentor, and no place is given to anybody that a pair holds which goes on.
Which pairs may change ``domain.running`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance
from services.matching.domain.inputs import Taken
from services.matching.domain.proposal import PAIR_GOES_ON, Proposal, ProposedPair, Uncovered, propose
from services.matching.domain.run import Alternative, Found
from services.matching.domain.running import Ground, ground
from services.matching.solving import engine
from services.matching.solving.tasks import SolveTask, Told
from services.matching.tables import Table

CHANGES = (0, 1, 3)
Columns = NDArray[np.int32]
Places = NDArray[np.int64]
_TRIED = 4  # pairs to be parted of which every choice is looked at
_Rank = tuple[tuple[int, ...], int, int, int]


def found(task: SolveTask, tell: Callable[[Told], None]) -> Found:
    """One alternative for each number of changes; the proposal has no pair until somebody chooses one."""
    tell(Told("scoring"))
    over = ground(task.inputs, task.current, task.policy.rules, task.overrides)
    task = replace(task, inputs=over.inputs, overrides=over.overrides)
    board = _board(over, engine.built(task.inputs, task.policy, task.overrides, task.most_pairs))
    proposals = []
    for number, changes in enumerate(CHANGES):
        tell(Told("solving", number, len(CHANGES)))
        proposals.append(_proposal(task, board, board.partners(changes, task.seed)))
    tell(Told("writing"))
    held = len(over.running.held)
    ways = zip(CHANGES, proposals, strict=True)
    alternatives = tuple(_alternative(task, way, changes=changes, held=held) for changes, way in ways)
    return Found(_nobody(over, proposals[0]), alternatives=alternatives)


@dataclass(frozen=True, slots=True)
class _Board:
    """The table of a re-match: ``current`` has the column of each row whose pair is free to change, else -1.

    ``mentors`` has the number of each column's mentor, ``places`` by mentor what is left, ``parted`` the mentor of
    each row whose pair people forbade since.
    """

    table: Table
    current: Columns
    mentors: Places
    places: Places
    parted: Mapping[int, int]

    def partners(self, changes: int, seed: int) -> Columns:
        """The column of each row, -1 without one, with at most so many changes.

        Whoever is to be parted gets somebody else, or stays where they are, with their place: of all choices of those
        who stay the one that covers most, then the smallest, then the one whose worst pair and total are best.
        """
        if not 0 < len(self.parted) <= _TRIED:
            return self._stepwise(changes, seed)
        hoped = self._rank(self._solved((), changes, seed), 0)
        best: tuple[_Rank, Columns] | None = None
        for number in range(len(self.parted) + 1):
            for staying in combinations(sorted(self.parted), number):
                partner = self._solved(staying, changes, seed, must=self.parted.keys() - set(staying))
                if partner is not None and (best is None or self._rank(partner, number) > best[0]):
                    best = self._rank(partner, number), partner
            if best is not None and best[0][0] == hoped[0]:
                break  # nobody more can be covered, and more would stay
        assert best is not None
        return best[1]

    def _stepwise(self, changes: int, seed: int) -> Columns:
        """As good as can be found in a few steps: whoever finds nobody else stays, and all is solved anew."""
        staying = set[int]()
        while True:
            partner = self._solved(staying, changes, seed)
            assert partner is not None
            stuck = {row for row in self.parted if partner[row] < 0} - staying
            if not stuck:
                return partner
            staying |= stuck

    def _solved(self, staying: Collection[int], changes: int, seed: int, must: Collection[int] = ()) -> Columns | None:
        """The best where these rows keep the places of their pairs; None where not all can be covered that must."""
        places = self.places.copy()
        np.subtract.at(places, [self.parted[row] for row in staying], 1)
        table = replace(self.table, instance=self._instance(places))
        return engine.rematched(table, self.current, changes, seed, must)

    def _rank(self, partner: Columns | None, staying: int) -> _Rank:
        """What an answer is judged by: rows covered, those of the first class before all others; the larger better."""
        assert partner is not None
        instance = self.table.instance
        rows = np.flatnonzero(partner >= 0)
        classes = np.array(instance.classes or [0] * instance.rows)
        covered = tuple(int(np.count_nonzero(classes[rows] <= one)) for one in sorted(set(classes.tolist())))
        made = instance.columns == partner[np.repeat(np.arange(instance.rows), np.diff(instance.pointers))]
        scores = instance.scores[made].tolist()
        return covered, -staying, min(scores, default=0), sum(scores)

    def _instance(self, places: Places) -> Instance:
        """The pairs that may be made with so many places; a mentor who has more pairs than these gets nobody new."""
        whole, first = self.table.instance, len(self.table.mentor_ids)
        standing = np.bincount(self.mentors[self.current[self.current >= 0]], minlength=first)
        lent = np.zeros(first, np.int64)
        lent[self.mentors[first:]] = whole.capacities[first:]
        own = np.maximum(places, standing) - lent
        rows = np.repeat(np.arange(whole.rows), np.diff(whole.pointers))
        full = places < standing
        open_ones = ~full[self.mentors[whole.columns]] | (whole.columns == self.current[rows])
        return replace(
            whole,
            pointers=np.concatenate([[0], np.cumsum(open_ones)])[whole.pointers],
            columns=whole.columns[open_ones],
            scores=whole.scores[open_ones],
            capacities=np.concatenate([own, whole.capacities[first:]]),
        )


def _board(over: Ground, table: Table) -> _Board:
    number_of = {id: number for number, id in enumerate(table.mentor_ids)}
    row_of = {id: row for row, id in enumerate(table.mentee_ids)}
    mentors = np.array([number_of[id] for id in table.columns], np.int64)
    current = np.full(len(row_of), -1, np.int32)
    for pair in over.running.free:
        row = row_of[pair.mentee_id]
        start, end = table.instance.pointers[row : row + 2].tolist()
        allowed = table.instance.columns[start:end]
        [current[row]] = allowed[mentors[allowed] == number_of[pair.mentor_id]]
    places = np.array([over.places[id] for id in table.mentor_ids], np.int64)
    parted = {row_of[pair.mentee_id]: number_of[pair.mentor_id] for pair in over.running.parted}
    return _Board(table, current, mentors, places, parted)


def _proposal(task: SolveTask, board: _Board, partner: Columns) -> Proposal:
    """All pairs that would then run, but for those that nobody parts."""
    table = board.table
    chosen = [(table.columns[column], table.mentee_ids[row]) for row, column in enumerate(partner) if column >= 0]
    forced = frozenset((mentor, mentee) for mentee, mentor in table.forced)
    found = propose(chosen, task.inputs, task.policy, task.overrides.barred, forced)
    staying = {table.mentee_ids[row] for row in board.parted}
    return replace(found, uncovered=tuple(_reason(one, staying) for one in found.uncovered))


def _reason(one: Uncovered, staying: Collection[str]) -> Uncovered:
    return replace(one, reason=PAIR_GOES_ON) if one.mentee_id in staying else one


def _alternative(task: SolveTask, proposal: Proposal, *, changes: int, held: int) -> Alternative:
    """A way to re-match; of its pairs those are told that are new."""
    now = {pair.mentee_id: pair for pair in task.current}
    return Alternative(
        changes=changes,
        covered=len(proposal.pairs) + held,
        worst=proposal.worst,
        total=proposal.total,
        pairs=tuple(_new(pair, now) for pair in proposal.pairs if not _runs(pair, now)),
        uncovered=proposal.uncovered,
    )


def _nobody(over: Ground, proposal: Proposal) -> Proposal:
    """The proposal before anybody has chosen a way: nobody is in it."""
    lost = {(pair.mentor_id, pair.mentee_id) for pair in over.running.lost}
    return replace(
        proposal,
        executives=proposal.executives + len(over.running.held),
        worst=None,
        total=0,
        pairs=(),
        uncovered=(),
        size=0,
        standing=tuple(pair for pair in proposal.standing if pair not in lost),
    )


def _runs(pair: ProposedPair, now: Mapping[str, Taken]) -> bool:
    taken = now.get(pair.mentee_id)
    return taken is not None and taken.mentor_id == pair.mentor_id


def _new(pair: ProposedPair, now: Mapping[str, Taken]) -> ProposedPair:
    taken = now.get(pair.mentee_id)
    return replace(pair, ends=taken.pair_id if taken else None)
