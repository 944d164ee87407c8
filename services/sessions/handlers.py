"""One function per command and event of `sessions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.aggregate import Command, Fence, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.envelope import Event
from services.chassis.errors import NotFound, Poison
from services.chassis.logging import get_logger
from services.sessions import contracts, domain

Workspaces = Repository[domain.Workspace, domain.Event]
log = get_logger(__name__)
_ACTOR = "sessions"
_AT_ONCE = 16  # sessions cancelled by one command: an aggregate holds only so many unpublished events


@dataclass(frozen=True, slots=True)
class Handlers:
    """The commands of `sessions`, over its workspaces."""

    workspaces: Workspaces
    clock: Clock

    async def follow_pair(self, event: Event, told: contracts.PairMatched | contracts.PairEnded) -> None:
        """Open the workspace of a pair, or end it; applied once, however often it is delivered.

        Raises ``Poison`` for a pair that names itself otherwise than its subject does.
        """
        if isinstance(told, contracts.PairMatched):
            await self.open_workspace(event, told)
        else:
            await self.end_workspace(event, told)

    async def open_workspace(self, event: Event, matched: contracts.PairMatched) -> None:
        """A matched pair gets its workspace; applied once, however often it is delivered.

        Raises ``Poison`` for a pair that names itself otherwise than its subject does.
        """
        if matched.pair_id != event.subject:
            raise Poison("invalid_data", "pair_id is not the subject")
        workspace = domain.Workspace(
            pair_id=event.subject,
            edition_id=matched.edition_id,
            mentor_id=matched.mentor_id,
            mentee_id=matched.mentee_id,
            mentor_subsidiary=matched.mentor_subsidiary,
            mentee_subsidiary=matched.mentee_subsidiary,
            matched_at=matched.matched_at,
        )
        fence = Fence(contracts.PAIRS, event.subject, event.sequence)
        command = Command(actor=event.actor, seen=fence, traceparent=event.traceparent)
        await self.workspaces.handle(event.subject, lambda state: domain.open_workspace(state, workspace), command)

    async def end_workspace(self, event: Event, over: contracts.PairEnded) -> None:
        """A pair that ended plans nothing more, and what it planned for later is cancelled.

        A pair without a workspace has nothing to end: the record that would have opened it was given up.
        Raises ``Poison`` for a pair that names itself otherwise than its subject does.
        """
        if over.pair_id != event.subject:
            raise Poison("invalid_data", "pair_id is not the subject")
        fence = Fence(contracts.PAIRS, event.subject, event.sequence)
        actor = event.actor or _ACTOR
        command = Command(actor=actor, seen=fence, traceparent=event.traceparent)
        try:
            loaded = await self.workspaces.handle(
                event.subject, lambda state: domain.end(state, ended_at=over.ended_at), command
            )
        except NotFound:
            log.warning("ended_pair_without_workspace", pair_id=event.subject)
            return
        command = Command(actor=actor, traceparent=event.traceparent)
        while loaded.state.vain:
            loaded = await self.workspaces.handle(event.subject, self._give_up, command)

    def _give_up(self, state: domain.Workspace | None) -> Sequence[domain.Event]:
        return domain.give_up(state, now=self.clock.now(), most=_AT_ONCE)

    async def plan(
        self, pair_id: str, command: Command, *, session_id: str, planned_for: datetime, minutes: int
    ) -> Loaded[domain.Workspace]:
        """Plan a session of this pair."""
        now = self.clock.now()

        def decide(workspace: domain.Workspace) -> Sequence[domain.Event]:
            return domain.plan(workspace, session_id=session_id, planned_for=planned_for, minutes=minutes, now=now)

        return await self.workspaces.change(pair_id, decide, command)

    async def cancel(self, pair_id: str, command: Command, *, session_id: str) -> Loaded[domain.Workspace]:
        """Cancel a planned session of this pair."""
        now = self.clock.now()

        def decide(workspace: domain.Workspace) -> Sequence[domain.Event]:
            by = domain.role_of(workspace, command.actor)
            return domain.cancel(workspace, session_id=session_id, cancelled_by=by, now=now)

        return await self.workspaces.change(pair_id, decide, command)

    async def hold(
        self, pair_id: str, command: Command, *, session_id: str, held_at: datetime, minutes: int
    ) -> Loaded[domain.Workspace]:
        """Record that a session of this pair took place."""
        now = self.clock.now()

        def decide(workspace: domain.Workspace) -> Sequence[domain.Event]:
            return domain.hold(workspace, session_id=session_id, held_at=held_at, minutes=minutes, now=now)

        return await self.workspaces.change(pair_id, decide, command)
