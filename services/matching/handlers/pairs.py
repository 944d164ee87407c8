"""The commands about pairs."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.matching.domain import pair

Pairs = Repository[pair.Pair, pair.Event]


@dataclass(frozen=True, slots=True)
class PairHandlers:
    """The commands about pairs."""

    pairs: Pairs
    clock: Clock

    async def match(self, wanted: pair.Pair, command: Command) -> Loaded[pair.Pair]:
        """Make a pair; doing it again changes nothing. Raises ``AlreadyTaken``."""
        return await self.pairs.handle(wanted.pair_id, lambda state: pair.match(state, wanted), command)

    async def end(
        self, pair_id: str, command: Command, *, reason: pair.Reason, note: str | None = None
    ) -> Loaded[pair.Pair]:
        """End a pair, so that executive and slot are free; one that has ended stays as it is. Raises ``NotFound``."""
        wanted = self._end(command, reason, note)
        return await self.pairs.change(pair_id, lambda state: pair.end(state, wanted), command)

    async def end_by_hand(
        self, pair_id: str, command: Command, *, reason: pair.GivenReason, note: str | None
    ) -> Loaded[pair.Pair]:
        """End a pair because somebody says so. Raises ``NotFound``, and 409 where it has ended before."""
        wanted = self._end(command, reason, note)
        return await self.pairs.change(pair_id, lambda state: pair.end_by_hand(state, wanted), command)

    def _end(self, command: Command, reason: pair.Reason, note: str | None) -> pair.End:
        return pair.End(reason, self.clock.now(), command.actor or pair.SERVICE, note)
