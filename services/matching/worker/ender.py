"""Ends the pairs of those who left, withdrew, were exempted for good, or are out of the edition's scope.

Everything it does can be done again: a crash at any moment is made good by the next look, and several processes
doing the same at once do no harm, since a pair ends once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.chassis.aggregate import Command
from services.chassis.logging import get_logger
from services.matching.domain.candidates import Edition
from services.matching.domain.ending import Together, why_over
from services.matching.domain.pair import SERVICE, Reason
from services.matching.handlers import Handlers
from services.matching.store import Standings
from services.matching.worker.causes import Causes

log = get_logger(__name__)
Abreast = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Ender:
    """Looks after the active pairs of all editions that are not over.

    ``abreast`` tells whether all that the topics of persons and applications hold at that moment has been applied
    here. It is asked before anything ends: a copy that is being built anew shows for a moment what was true long
    ago, a mentor on the reserve list who was selected since, and an end cannot be taken back.
    ``causes`` tells in which trace something became known of somebody.
    """

    handlers: Handlers
    standings: Standings
    abreast: Abreast
    causes: Causes = field(default_factory=Causes)

    async def work(self) -> None:
        """End the pairs that cannot go on; none while a copy is behind. Raises ``Unavailable``, ``BrokerAway``."""
        looked_at = self.causes.known()
        for edition in await self._running():
            if not await self._over(edition):
                continue
            if not await self.abreast():
                log.info("ends_wait_for_topics", edition_id=edition.edition_id)
                return
            await self._end(edition)
        self.causes.forget(looked_at)

    async def _running(self) -> list[Edition]:
        now = self.handlers.clock.now()
        return [edition for edition in await self.handlers.candidates.editions() if not edition.is_over(now)]

    async def _over(self, edition: Edition) -> list[tuple[Together, Reason]]:
        """The edition's active pairs that cannot go on, each with the reason."""
        pairs = await self.standings.together(edition.edition_id)
        if not pairs:
            return []
        standing = await self.standings.standing(edition, pairs)
        return [(pair, reason) for pair in pairs if (reason := why_over(pair, standing))]

    async def _end(self, edition: Edition) -> None:
        """End what cannot go on by what is known now, which is more than when it was looked for."""
        for pair, reason in await self._over(edition):
            whose = pair.mentor_id if reason.startswith("mentor") else pair.mentee_id
            command = Command(actor=SERVICE, traceparent=self.causes.of(whose))
            await self.handlers.pairs.end(pair.pair_id, command, reason=reason)
            log.info("pair_ended", pair_id=pair.pair_id, edition_id=edition.edition_id, reason=reason)
