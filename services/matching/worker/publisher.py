"""Publishes the runs that people want published: pair by pair, each on what is known at its moment.

Everything it does can be done again: a crash at any moment is made good by the next look, and several
processes doing the same at once do no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.chassis.aggregate import AlreadyTaken, Command
from services.chassis.errors import Refused
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger
from services.matching import store
from services.matching.domain import pair
from services.matching.domain.hard_rules import Barred
from services.matching.domain.inputs import Inputs, inputs, obstacle
from services.matching.domain.proposal import REFUSED, ProposedPair
from services.matching.domain.run import Run, Settled, State
from services.matching.handlers import Handlers

log = get_logger(__name__)
_CHUNK = 20  # pairs between two records of progress, at least
_RECORDS = 20  # of progress at most, of a large run
_TURN = 10.0  # seconds after which a turn begins nothing more, so that the loop shows that it turns


class Publisher:
    """Carries out what people decided on runs."""

    def __init__(self, handlers: Handlers, *, woken: asyncio.Event | None = None) -> None:
        self._handlers = handlers
        self._woken = woken or asyncio.Event()

    async def work(self) -> None:
        """Carry out what is due, for a while. Raises ``Unavailable``."""
        until = time.monotonic() + _TURN
        for run_id in await store.due_runs(self._handlers.runs.runs.collection):
            due = (await self._handlers.runs.runs.get(run_id)).state
            await self._handlers.runs.supersede_others(due)
            while due.state is State.PUBLISHING and time.monotonic() < until:
                due = await self._go_on(due)
            if due.state is State.PUBLISHING:
                self._woken.set()
                return
            _tell(due)

    async def _go_on(self, due: Run) -> Run:
        """Publish some pairs on what is known now, and record it."""
        hindered = await self._make_way(due)
        now, barred = await self._known(due)
        some = due.pending[: max(_CHUNK, len(due.pending) // _RECORDS)]
        settled = [
            Settled(one.mentee_id, conflict=hindered[one.mentee_id])
            if one.mentee_id in hindered
            else await self._settled(due, one, now, barred)
            for one in some
        ]
        return (await self._handlers.runs.settle(due.run_id, settled, Command(actor=due.published_by))).state

    async def _known(self, due: Run, *, but: Collection[str] = ()) -> tuple[Inputs, Barred]:
        """Who can be matched now, as if the pairs of the executives in ``but`` had ended."""
        facts = await self._handlers.candidates.facts(due.edition_id)
        stated = await self._handlers.overrides.of_edition(due.edition_id)
        taken = tuple(pair for pair in facts.taken if pair.mentee_id not in but)
        return inputs(replace(facts, taken=taken)), stated.barred

    async def _make_way(self, due: Run) -> Mapping[str, str]:
        """End the pairs that give way to pending ones, all of them before the first new one: their places are needed.

        A pair that would give way to one which cannot be stands, so that nobody is left without for a conflict; of
        these new ones the reasons, by executive.
        """
        moving = [one for one in due.pending if one.ends is not None]
        hindered = await self._hindered(due, moving) if moving else {}
        for one in moving:
            if one.ends is not None and one.mentee_id not in hindered:
                await self._handlers.pairs.end(one.ends, Command(actor=due.published_by), reason="rematched")
        return hindered

    async def _hindered(self, due: Run, moving: Sequence[ProposedPair]) -> dict[str, str]:
        """Why pairs cannot be that others give way to; what stands for one of them may be in the way of another."""
        found: dict[str, str] = {}
        while True:
            left = [one for one in moving if one.mentee_id not in found]
            now, barred = await self._known(due, but={one.mentee_id for one in left})
            places, news = {id: len(slots) for id, slots in now.slots.items()}, dict[str, str]()
            for one in left:
                ids = {"mentor_id": one.mentor_id, "mentee_id": one.mentee_id}
                reason = obstacle(now, **ids, policy=due.policy_used, barred=barred)
                places[one.mentor_id] = places.get(one.mentor_id, 0) - 1
                if reason or places[one.mentor_id] < 0:
                    news[one.mentee_id] = reason or "mentor_full"
            if not news:
                return found
            found |= news

    async def _settled(self, due: Run, proposed: ProposedPair, now: Inputs, barred: Barred) -> Settled:
        """Make one pair, or find out why it cannot be.

        Whether it was made before is asked after ``now`` was read: a conflict with itself is none.
        """
        mentee_id, pair_id = proposed.mentee_id, derived_id("pair", due.run_id, proposed.mentee_id)
        if await self._handlers.pairs.pairs.find(pair_id):
            return Settled(mentee_id, pair_id=pair_id)
        policy = due.policy_used
        conflict = obstacle(now, mentor_id=proposed.mentor_id, mentee_id=mentee_id, policy=policy, barred=barred)
        conflict = conflict or await self._matched(due, proposed, pair_id, now)
        return Settled(mentee_id, conflict=conflict) if conflict else Settled(mentee_id, pair_id=pair_id)

    async def _matched(self, due: Run, proposed: ProposedPair, pair_id: str, now: Inputs) -> str | None:
        """Make the pair in the mentor's first free slot; the reason where the unique indexes or a rule refuse it."""
        command = Command(actor=due.published_by)
        for slot in now.slots[proposed.mentor_id]:
            wanted = _pair(due, proposed, now, pair_id=pair_id, slot=slot, at=self._handlers.clock.now())
            try:
                await self._handlers.pairs.match(wanted, command)
            except AlreadyTaken:
                pairs = self._handlers.pairs.pairs.collection
                if await store.is_paired(pairs, due.edition_id, proposed.mentee_id):
                    return "mentee_already_paired"
            except Refused as error:
                log.warning("pair_refused", run_id=due.run_id, pair_id=pair_id, kind=error.kind)
                return REFUSED
            else:
                return None
        return "mentor_full"


def _tell(due: Run) -> None:
    outcomes = Counter(one.outcome for one in due.proposal.pairs) if due.proposal else Counter[str]()
    numbers = {"pairs": outcomes["published"], "conflicts": outcomes["conflict"], "kept_back": outcomes["kept_back"]}
    log.info("run_published", run_id=due.run_id, edition_id=due.edition_id, **numbers)


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
