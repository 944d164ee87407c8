"""Publishes the runs that people want published: pair by pair, each on what is known at its moment.

Everything it does can be done again: a crash at any moment is made good by the next look, and several
processes doing the same at once do no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.chassis.aggregate import AlreadyTaken, Command
from services.chassis.errors import Refused, Transient
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger
from services.matching import store
from services.matching.domain import pair
from services.matching.domain.inputs import Inputs
from services.matching.domain.obstacles import Moment, against, hindered, in_order
from services.matching.domain.proposal import MENTOR_FULL, REFUSED, ProposedPair
from services.matching.domain.run import Places, Run, Settled, State, free_with
from services.matching.handlers import Handlers
from services.matching.solving.breaking import place_of

log = get_logger(__name__)
_CHUNK = 20  # pairs between two records of progress, at least
_RECORDS = 20  # of progress at most, of a large run
_TURN = 10.0  # seconds after which a turn begins nothing more, so that the loop shows that it turns


class NotPublished(Transient):
    """A bug, or a document that cannot be read, is in the way of a publication."""

    kind = "not-published"


@dataclass(frozen=True, slots=True)
class _Read:
    """A moment as it was read; ``version`` is that of what people had laid down."""

    moment: Moment
    version: int


class Publisher:
    """Carries out what people decided on runs."""

    def __init__(self, handlers: Handlers, *, woken: asyncio.Event | None = None) -> None:
        self._handlers = handlers
        self._woken = woken or asyncio.Event()

    async def work(self) -> None:
        """Carry out what is due, for a while; a run that cannot be hinders no other.

        Raises ``Unavailable``, and at the end ``NotPublished``, so that the loop says so.
        """
        until, stuck = time.monotonic() + _TURN, list[str]()
        for run_id in await store.due_runs(self._handlers.runs.runs.collection):
            try:
                due = await self._carried_out(run_id, until)
            except Transient:
                raise
            except Exception as error:
                stuck.append(run_id)
                log.error("run_not_published", run_id=run_id, reason=place_of(error))
                continue
            if due.state is State.PUBLISHING:
                self._woken.set()
                return
            _tell(due)
        if stuck:
            raise NotPublished(f"The publication of these runs cannot go on, see the log: {', '.join(stuck)}.")

    async def _carried_out(self, run_id: str, until: float) -> Run:
        """The run after its pairs were carried out, or some of them by the moment ``until``."""
        due = (await self._handlers.runs.runs.get(run_id)).state
        await self._handlers.runs.supersede_others(due)
        while due.state is State.PUBLISHING and time.monotonic() < until:
            due = await self._go_on(due)
        return due

    async def _go_on(self, due: Run) -> Run:
        """Publish some pairs on what is known now, and record it."""
        not_moved = await self._make_way(due)
        read, settled = await self._known(due), []
        number = max(_CHUNK, len(due.pending) // _RECORDS)
        for one in in_order(due.pending)[:number]:
            read = await self._still(due, read)
            settled.append(await self._settled(due, one, read.moment, not_moved.get(one.mentee_id)))
        return (await self._handlers.runs.settle(due.run_id, settled, _command(due))).state

    async def _known(self, due: Run) -> _Read:
        """What pairs go by now. The version is read first: what is laid down while the rest is read counts as news."""
        version = await self._version(due)
        return _Read(await self._handlers.questions.moment(due.edition_id), version)

    async def _still(self, due: Run, read: _Read) -> _Read:
        """The same moment, unless somebody has laid something down since."""
        return read if await self._version(due) == read.version else await self._known(due)

    async def _version(self, due: Run) -> int:
        return await store.overrides_version(self._handlers.overrides.overrides.collection, due.edition_id)

    async def _make_way(self, due: Run) -> Mapping[str, str]:
        """End the pairs that give way to pending ones, all of them before the first new one: their places are needed.

        A pair that would give way to one which cannot be stands, so that nobody is left without for a conflict; of
        these new ones the reasons, by executive.
        """
        moving = [one for one in due.pending if one.ends is not None]
        not_moved = hindered(due, moving, (await self._known(due)).moment) if moving else {}
        for one in moving:
            if one.ends is not None and one.mentee_id not in not_moved:
                await self._handlers.pairs.end(one.ends, _command(due), reason="rematched")
        return not_moved

    async def _settled(self, due: Run, proposed: ProposedPair, moment: Moment, not_moved: str | None) -> Settled:
        """Make one pair, or find out why it cannot be; ``not_moved`` is why none gave way to it.

        Whether it was made before is asked after all that is known was read: a conflict with itself is none.
        """
        pair_id = derived_id("pair", due.run_id, proposed.mentee_id)
        if await self._handlers.pairs.pairs.find(pair_id):
            return Settled(proposed.mentee_id, pair_id=pair_id)
        conflict = not_moved or against(due, proposed, moment)
        conflict = conflict or await self._matched(due, proposed, pair_id, moment.inputs)
        return _unmade(due, proposed, conflict, moment) if conflict else Settled(proposed.mentee_id, pair_id=pair_id)

    async def _matched(self, due: Run, proposed: ProposedPair, pair_id: str, now: Inputs) -> str | None:
        """Make the pair in the mentor's first free slot; the reason where the unique indexes or a rule refuse it."""
        for slot in now.slots[proposed.mentor_id]:
            wanted = _pair(due, proposed, now, pair_id=pair_id, slot=slot, at=self._handlers.clock.now())
            try:
                await self._handlers.pairs.match(wanted, _command(due))
            except AlreadyTaken:
                pairs = self._handlers.pairs.pairs.collection
                if await store.is_paired(pairs, due.edition_id, proposed.mentee_id):
                    return "mentee_already_paired"
            except Refused as error:
                log.warning("pair_refused", run_id=due.run_id, pair_id=pair_id, kind=error.kind)
                return REFUSED
            else:
                return None
        return MENTOR_FULL


def _command(due: Run) -> Command:
    """All that comes of a publication is done by whoever asked for it, in the trace of the request."""
    return Command(actor=due.published_by, traceparent=due.traceparent)


def _unmade(due: Run, one: ProposedPair, conflict: str, moment: Moment) -> Settled:
    """A pair that cannot be; one whose place another kept-back pair of the run holds is kept back like that one."""
    waits = conflict == MENTOR_FULL and free_with(due.kept_back, {one.mentor_id}, Places.at(moment.facts))
    return Settled(one.mentee_id) if waits else Settled(one.mentee_id, conflict=conflict)


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
