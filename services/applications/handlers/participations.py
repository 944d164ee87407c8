"""The commands about the participations of executives: those of people, of pairs, of time, and of the directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.applications import contracts, store
from services.applications.domain import attendance, participation
from services.applications.domain.edition import Edition
from services.applications.handlers.editions import Editions
from services.chassis.aggregate import Command, Fence, Loaded, Many, Repository
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.envelope import Event
from services.chassis.errors import FieldError, Invalid, NotFound, Poison, Refused
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger
from services.chassis.timers import Timer, Timers

log = get_logger(__name__)
Participations = Repository[participation.Participation, participation.Event]
Decide = Callable[[participation.Participation | None], Sequence[participation.Event]]
ESCALATION, EXEMPTION_END = "escalation", "exemption_end"  # the kinds of timers
_ACTOR = "applications"
_AT_ONCE = 100  # participations changed in one bulk


class EditionNotRunning(Refused):
    """The edition is a draft or closed, so that nobody is obliged by it."""

    kind = "edition-not-running"


class UnknownAddressee(Invalid):
    """An escalation goes to somebody who belongs to the group."""

    kind = "unknown-person"


@dataclass(frozen=True, slots=True)
class ParticipationHandlers:
    """The commands about participations; ``changed`` is called after each that a timer may have to follow."""

    participations: Participations
    editions: Editions
    directory: Directory
    timers: Timers
    clock: Clock
    changed: Callable[[], None]

    async def exempt(
        self,
        id: str,
        command: Command,
        *,
        reason: participation.Reason,
        explanation: str,
        until: date | None = None,
    ) -> Loaded[participation.Participation]:
        """Exempt an executive from an edition, for good or until the end of a day in the edition's zone."""
        now, edition = self.clock.now(), await self._edition_of(id)
        said = participation.Exemption(
            reason, explanation, exempted_by=command.actor or "", exempted_at=now, until=until
        )
        today = edition.day_of(now)
        return await self._change(id, lambda state: participation.exempt(state, said, today=today), command)

    async def escalate(self, id: str, command: Command, *, to: str, reason: str) -> Loaded[participation.Participation]:
        """Give the case of an executive without a mentor to somebody. Raises ``UnknownAddressee``."""
        await self._edition_of(id)
        if to not in await store.active(self.directory.table, [to]):
            detail = "Name somebody who belongs to the group, by the person id."
            raise UnknownAddressee(detail, fields=[FieldError("/to", detail)])
        said = participation.Escalation(to, self.clock.now(), by=command.actor or "", reason=reason)
        return await self._change(id, lambda state: participation.escalate(state, said), command)

    async def lift(self, id: str, command: Command, *, reason: str) -> Loaded[participation.Participation]:
        """Put an exempt or escalated executive back among the obliged."""
        await self._edition_of(id)
        said = participation.Lift(reason, by=command.actor or "", at=self.clock.now())
        return await self._change(id, lambda state: participation.lift(state, said), command)

    async def _edition_of(self, id: str) -> Edition:
        """The participation's edition. Raises ``EditionNotRunning``."""
        edition = (await self.editions.get((await self.participations.get(id)).state.edition_id)).state
        if not edition.is_running_scope():
            raise EditionNotRunning("Executives are obliged from the opening of the call until the edition is closed.")
        return edition

    async def _change(
        self, id: str, decide: Callable[[participation.Participation], Sequence[participation.Event]], command: Command
    ) -> Loaded[participation.Participation]:
        loaded = await self.participations.change(id, decide, command)
        self.changed()
        return loaded

    async def note_pair(self, event: Event, pair: contracts.PairMatched | contracts.PairEnded) -> None:
        """Take over that a pair began or ended; once, however often the event is delivered.

        A pair of an edition that nobody here knows concerns nobody here. Raises ``Poison`` for a pair that names
        itself otherwise than its subject does, and ``NotFound`` where the executive is not known yet.
        """
        if pair.pair_id != event.subject:
            raise Poison("invalid_data", "pair_id is not the subject")
        now = self.clock.now()

        def decide(state: participation.Participation) -> Sequence[participation.Event]:
            if isinstance(pair, contracts.PairMatched):
                return participation.pair(state, pair.pair_id)
            return participation.unpair(state, pair.pair_id, at=_ended_at(event, pair) or now)

        seen = Fence(contracts.PAIRS, event.subject, event.sequence)
        command = Command(actor=event.actor, seen=seen, traceparent=event.traceparent)
        try:
            await self._change(participation_id(pair.edition_id, pair.mentee_id), decide, command)
        except NotFound:
            if await self.editions.find(pair.edition_id):
                raise
            log.warning("pair_of_unknown_edition", pair_id=pair.pair_id, edition_id=pair.edition_id)

    async def fall_due(self, timer: Timer) -> None:
        """Do what time does to a participation: end its exemption, or escalate it; once, however late it comes.

        What has become of the executive or the edition since the timer was set counts, not what was planned then.
        """
        loaded = await self.participations.get(timer.subject)
        edition, state, now = (await self.editions.get(loaded.state.edition_id)).state, loaded.state, self.clock.now()
        due = attendance.due(state, edition)
        if due is None or not edition.obliges(now) or state.turn != timer.data["turn"]:
            return
        if due > now:  # the edition's terms have changed since
            await self.timers.schedule(timer.id, kind=timer.kind, subject=timer.subject, due=due, data=timer.data)
            return
        escalation = await self._by_timer(edition, state) if state.status == "obliged" else None

        def decide(state: participation.Participation | None) -> Sequence[participation.Event]:
            assert state is not None
            if escalation:
                return participation.unattended(state, escalation)
            return participation.exemption_over(state, at=now)

        await self.participations.handle(timer.subject, as_seen(state, decide), Command(actor=_ACTOR))
        self.changed()

    async def _by_timer(self, edition: Edition, state: participation.Participation) -> participation.Escalation:
        wanted = edition.escalation.to
        there = await store.active(self.directory.table, [wanted, edition.created_by])
        to, reachable = attendance.addressee(edition, wanted, mentee_id=state.mentee_id, active=there)
        if not reachable:
            log.warning("escalated_to_nobody_there", participation_id=state.participation_id)
        return participation.Escalation(to, self.clock.now(), by=participation.TIMER, reachable=reachable)

    async def carry_out(self, decisions: Mapping[str, Decide]) -> Many:
        """Carry out what the directory asks for, participation by participation; one refuses for itself."""
        changed: set[str] = set()
        refused: dict[str, Refused] = {}
        ids = list(decisions)
        for start in range(0, len(ids), _AT_ONCE):
            chunk = {id: decisions[id] for id in ids[start : start + _AT_ONCE]}
            many = await self.participations.handle_many(chunk, Command(actor=_ACTOR))
            changed |= many.changed
            refused |= many.refused
        if changed:
            self.changed()
        return Many(frozenset(changed), refused)


def as_seen(seen: participation.Participation | None, decide: Decide) -> Decide:
    """The decision where a participation is still as it was seen; nothing where something happened meanwhile."""

    def careful(state: participation.Participation | None) -> Sequence[participation.Event]:
        return decide(state) if _turn(state) == _turn(seen) else []

    return careful


def _turn(state: participation.Participation | None) -> int | None:
    return state.turn if state else None


def _ended_at(event: Event, pair: contracts.PairEnded) -> datetime | None:
    """The instant that the event names, in its data or by itself; None where Python cannot hold it (a leap second)."""
    try:
        return pair.ended_at or datetime.fromisoformat(event.time or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def participation_id(edition_id: str, mentee_id: str) -> str:
    """The id of an executive's one participation in an edition."""
    return derived_id("participation", edition_id, mentee_id)
