"""The commands about what people lay down for an edition's pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.errors import NotFound, Refused
from services.matching import store
from services.matching.domain import contradictions, overrides
from services.matching.domain.candidates import Edition
from services.matching.domain.inputs import Inputs, inputs
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.policies import LENIENT
from services.matching.handlers.editions import refuse_over

EditionOverrides = Repository[Overrides, overrides.Event]
_MOST = 1000  # of an edition, those withdrawn included: they are one document; conflicts come beside them


class TooManyOverrides(Refused):
    """An edition keeps so many overrides and no more."""

    kind = "too-many-overrides"


@dataclass(frozen=True, slots=True)
class Moment:
    """An edition as it was found: nothing is refused by it before it is known that a command is no repeated one."""

    edition_id: str
    edition: Edition | None
    at: datetime
    everybody: Inputs

    def open(self) -> Inputs:
        """Who can be matched, in an edition that still goes on. Raises ``NotFound``, ``EditionOver``."""
        if self.edition is None:
            raise NotFound(f"There is no edition {self.edition_id}, or its opening has not arrived here yet.")
        refuse_over(self.edition, self.at)
        return self.everybody


@dataclass(frozen=True, slots=True)
class OverrideHandlers:
    """The commands about overrides; those of an edition change together, so that none contradicts another."""

    overrides: EditionOverrides
    candidates: store.Candidates
    clock: Clock

    async def of_edition(self, edition_id: str) -> Overrides:
        """What was laid down for an edition. Raises ``Unavailable``."""
        found = await self.overrides.find(edition_id)
        return found.state if found else Overrides(edition_id)

    async def lay_down(self, edition_id: str, wanted: Override, command: Command) -> Loaded[Overrides]:
        """Lay an override down; doing it again changes nothing. A declared conflict is heard whatever else is so.

        Raises ``NotFound``, ``EditionOver``, ``TooManyOverrides``, and as a broken rule what it contradicts: another
        override, what is known of the two, or a rule that holds under every policy.
        """
        now = await self._now(edition_id)

        def decide(state: Overrides | None) -> Sequence[overrides.Event]:
            events = overrides.add(state, edition_id, wanted)
            if wanted.kind == "conflict" or not events:
                return events
            considered = now.open()
            if state and sum(one.kind != "conflict" for one in state.items) >= _MOST:
                raise TooManyOverrides(
                    f"This edition has {_MOST} overrides, those withdrawn included; it keeps no more."
                )
            return contradictions.admit(state, edition_id, wanted, considered, LENIENT)

        return await self.overrides.handle(edition_id, decide, command)

    async def object(self, edition_id: str, wanted: Override, command: Command) -> Override:
        """Declare a conflict with one's own pair, once while it stands, also of several at once; what stands then."""

        def standing(state: Overrides) -> Override | None:
            theirs = state.conflicts_of(wanted.mentor_id, wanted.mentee_id or "")
            return next((one for one in theirs if one.by == wanted.by), None)

        def decide(state: Overrides | None) -> Sequence[overrides.Event]:
            return [] if state and standing(state) else overrides.add(state, edition_id, wanted)

        return standing((await self.overrides.handle(edition_id, decide, command)).state) or wanted

    async def withdraw(
        self, edition_id: str, override_id: str, command: Command, *, reason: str | None
    ) -> Loaded[Overrides]:
        """Withdraw an override, unless what else stands needs it. Raises ``NotFound``, ``EditionOver``."""
        now, by = await self._now(edition_id), command.actor or ""

        def decide(state: Overrides) -> Sequence[overrides.Event]:
            considered = now.open()
            events = overrides.withdraw(state, override_id, by=by, at=now.at, reason=reason)
            return contradictions.unopposed(state, events, considered, LENIENT)

        return await self.overrides.change(edition_id, decide, command)

    async def undo(self, edition_id: str, command: Command) -> Loaded[Overrides]:
        """Take the last change of an edition's overrides back. Raises ``NotFound``, ``EditionOver``."""
        now, by = await self._now(edition_id), command.actor or ""

        def decide(state: Overrides) -> Sequence[overrides.Event]:
            considered = now.open()
            return contradictions.unopposed(state, overrides.undo(state, by=by, at=now.at), considered, LENIENT)

        return await self.overrides.change(edition_id, decide, command)

    async def _now(self, edition_id: str) -> Moment:
        edition, facts = await self.candidates.edition(edition_id), await self.candidates.facts(edition_id)
        return Moment(edition_id, edition, self.clock.now(), inputs(facts))
