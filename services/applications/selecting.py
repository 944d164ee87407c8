"""Selecting: rounds get their sheets, replacements for assessors who drop out, and their end, whoever asked for it."""

from __future__ import annotations

import time

from services.applications import store
from services.applications.domain import round as rounds
from services.applications.domain.round import Round
from services.applications.handlers import SelectionHandlers
from services.chassis import metrics
from services.chassis.aggregate import Command
from services.chassis.errors import Refused
from services.chassis.logging import get_logger

log = get_logger(__name__)
LOOP = "selection"
SECONDS = 5.0  # between two looks that nothing asked for
LINES_SECONDS = 60.0  # between two looks at the reporting lines of a round, which read all of its open sheets
_SERVICE = Command(actor="applications")


class Selecting:
    """Looks after the rounds that are not closed.

    Several processes doing so at once do no harm: a sheet's id is derived from round, application and assessor,
    and a round moves on by compare-and-set.
    """

    def __init__(self, selection: SelectionHandlers) -> None:
        self._selection = selection
        self._made = selection.assigning
        self._lines_due: dict[str, float] = {}  # by round: when reporting lines are looked at again, monotonic
        self._dropped: dict[str, int] = {}  # by round: the sheets given back or void when it was last refilled

    async def select(self) -> int:
        """Move each round on as far as it can go; how many there were. Raises ``Unavailable``, ``BacklogFull``."""
        found = [
            self._made.rounds.loaded(document) for document in await store.running_rounds(self._made.rounds.collection)
        ]
        stuck = 0
        for one in found:
            try:
                await self._move(one.state)
            except Refused as error:  # it holds up no other round and is tried again at the next look
                stuck += 1
                log.warning("round_stuck", round_id=one.id, kind=error.kind)
        metrics.ROUNDS_STUCK.set(stuck)
        return len(found)

    async def _move(self, round: Round) -> None:
        match round.state:
            case "assigning":
                await self._selection.count_in(round)  # whoever opened it may have died before
                await self._made.fill(round)
                log.info("sheets_assigned", round_id=round.round_id)
            case "open":
                await self._tend(round)
            case "closing":
                await self._close(round)

    async def _tend(self, round: Round) -> None:
        """Take back what is not needed, replace who dropped out, and close the round when everything is in."""
        gone = await store.gone_in(self._made.applications.collection, round.edition_id)
        await self._made.void(await self._needless(round, gone))
        counted = await store.count_by_assessor(self._made.sheets.collection, round.round_id)
        dropped = sum(number for (_, state), number in counted.items() if state in {"conflicted", "void"})
        if dropped != self._dropped.get(round.round_id, 0):
            made = await self._made.refill(round)
            self._dropped[round.round_id] = dropped
            log.info("sheets_reassigned", round_id=round.round_id, number=made)
            if made:
                return
        if not any(number for (_, state), number in counted.items() if state == "open"):
            await self._complete(round, gone)

    async def _needless(self, round: Round, gone: set[str]) -> set[str]:
        """The open sheets of applications that are gone, and of assessors who may not assess any longer."""
        of = (await self._made.editions.get(round.edition_id)).state
        able = {one.person_id for one in await self._made.assessors(of)}
        collection, query = self._made.sheets.collection, {"round_id": round.round_id, "state": "open"}
        unfit = [id for id in round.assessors if id not in able]
        found = await store.sheet_ids(collection, query, gone) if gone else []
        if unfit:
            found += await store.sheet_ids(collection, {**query, "assessor_id": {"$in": unfit}})
        return {*found, *await self._dependent(round)}

    async def _dependent(self, round: Round) -> frozenset[str]:
        """The open sheets whose assessors are of the applicant's line by now; looked for once a minute."""
        if time.monotonic() < self._lines_due.get(round.round_id, 0.0):
            return frozenset()
        self._lines_due[round.round_id] = time.monotonic() + LINES_SECONDS
        return await self._made.dependent(round)

    async def _complete(self, round: Round, gone: set[str]) -> None:
        """Close a round in which no sheet is open, unless an application lacks opinions: then people decide."""
        enough = rounds.LEAST if round.number == 1 else round.per_application
        locked: dict[str, int] = {}
        for one in await store.sheets_where(self._made.sheets.collection, {"round_id": round.round_id}):
            locked[one.application_id] = locked.get(one.application_id, 0) + (one.state == "locked")
        if all(number >= enough for id, number in locked.items() if id not in gone):
            await self._made.rounds.change(round.round_id, rounds.complete, _SERVICE)
            await self._close(round)

    async def _close(self, round: Round) -> None:
        closed = await self._selection.settle(round.round_id)
        self._dropped.pop(round.round_id, None)
        self._lines_due.pop(round.round_id, None)
        log.info("round_closed", round_id=round.round_id, cause=closed.state.cause)
