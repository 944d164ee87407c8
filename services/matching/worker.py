"""The worker: solves the runs that were requested, and publishes those that were approved, pair by pair.

Everything it does can be done again: a crash at any moment is made good by the next look, and several
processes doing the same at once do no harm.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime

from services.chassis.aggregate import AlreadyTaken, Command
from services.chassis.errors import Refused
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger
from services.matching import store
from services.matching.assignment import solve
from services.matching.domain import pair, scoring
from services.matching.domain.inputs import Inputs, inputs, obstacle
from services.matching.domain.proposal import REFUSED, Proposal, ProposedPair, propose
from services.matching.domain.run import Run, Settled, State
from services.matching.handlers import Handlers

log = get_logger(__name__)
LOOP = "matcher"
SECONDS = 5.0  # between two looks that nothing asked for
_CHUNK = 20  # pairs between two records of progress
_POLICIES = {scoring.DEFAULT_POLICY.version: scoring.DEFAULT_POLICY}


class Matcher:
    """Carries runs out."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    async def work(self) -> None:
        """Carry out all that is due now. Raises ``Unavailable``."""
        for run_id in await store.due_runs(self._handlers.runs.collection):
            state = (await self._handlers.runs.get(run_id)).state
            if state.state is State.REQUESTED:
                await self._propose(state)
            elif state.state is State.PUBLISHING:
                await self._publish(state)

    async def _propose(self, due: Run) -> None:
        considered = inputs(await self._handlers.candidates.facts(due.edition_id))
        proposal = await asyncio.to_thread(_solved, considered, scoring.DEFAULT_POLICY)
        await self._handlers.propose(due.run_id, proposal)
        numbers = {"executives": proposal.executives, "pairs": len(proposal.pairs)}
        log.info("run_proposed", run_id=due.run_id, edition_id=due.edition_id, **numbers)

    async def _publish(self, due: Run) -> None:
        """Publish chunk by chunk, each on what is known at its moment, and record each chunk."""
        while due.state is State.PUBLISHING:
            now = inputs(await self._handlers.candidates.facts(due.edition_id))
            settled = [await self._settled(due, proposed, now) for proposed in due.pending[:_CHUNK]]
            due = (await self._handlers.settle(due.run_id, settled, Command(actor=due.published_by))).state
        outcomes = Counter(one.outcome for one in due.proposal.pairs) if due.proposal else Counter[str]()
        numbers = {"pairs": outcomes["published"], "conflicts": outcomes["conflict"]}
        log.info("run_published", run_id=due.run_id, edition_id=due.edition_id, **numbers)

    async def _settled(self, due: Run, proposed: ProposedPair, now: Inputs) -> Settled:
        """Make one pair, or find out why it cannot be.

        Whether it was made before is asked after ``now`` was read: a conflict with itself is none.
        """
        assert due.proposal is not None
        mentee_id, pair_id = proposed.mentee_id, derived_id("pair", due.run_id, proposed.mentee_id)
        if await self._handlers.pairs.find(pair_id):
            return Settled(mentee_id, pair_id=pair_id)
        policy = _POLICIES[due.proposal.policy_version]
        conflict = obstacle(now, mentor_id=proposed.mentor_id, mentee_id=mentee_id, policy=policy)
        conflict = conflict or await self._matched(due, proposed, pair_id, now)
        return Settled(mentee_id, conflict=conflict) if conflict else Settled(mentee_id, pair_id=pair_id)

    async def _matched(self, due: Run, proposed: ProposedPair, pair_id: str, now: Inputs) -> str | None:
        """Make the pair in the mentor's first free slot; the reason where the unique indexes or a rule refuse it."""
        command = Command(actor=due.published_by)
        for slot in now.slots[proposed.mentor_id]:
            wanted = _pair(due, proposed, now, pair_id=pair_id, slot=slot, at=self._handlers.clock.now())
            try:
                await self._handlers.match(wanted, command)
            except AlreadyTaken:
                if await store.is_paired(self._handlers.pairs.collection, due.edition_id, proposed.mentee_id):
                    return "mentee_already_paired"
            except Refused as error:
                log.warning("pair_refused", run_id=due.run_id, pair_id=pair_id, kind=error.kind)
                return REFUSED
            else:
                return None
        return "mentor_full"


def _solved(considered: Inputs, policy: scoring.Policy) -> Proposal:
    table = scoring.table(considered.mentors.values(), considered.mentees.values(), policy)
    return propose(table, solve(table.scores(), table.capacities()).pairs, considered, policy)


def _pair(due: Run, proposed: ProposedPair, now: Inputs, *, pair_id: str, slot: int, at: datetime) -> pair.Pair:
    """The pair as it goes to the topic, in the subsidiaries of this moment."""
    assert due.proposal is not None
    return pair.Pair(
        pair_id=pair_id,
        edition_id=due.edition_id,
        run_id=due.run_id,
        mentor_id=proposed.mentor_id,
        mentee_id=proposed.mentee_id,
        mentor_subsidiary=now.mentors[proposed.mentor_id].subsidiary,
        mentee_subsidiary=now.mentees[proposed.mentee_id].subsidiary,
        policy_version=due.proposal.policy_version,
        matched_at=at,
        slot=slot,
    )
