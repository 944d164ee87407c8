"""What those responsible decide on applications, one by one and many at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from services.applications import store
from services.applications.domain import application
from services.applications.domain.edition import Edition
from services.applications.domain.round import Round
from services.applications.handlers.applications import (
    ApplicationHandlers,
    Applications,
    Loading,
    application_id,
    change_as_seen,
)
from services.applications.handlers.assigning import Rounds
from services.chassis import mongo
from services.chassis.aggregate import Command, Many
from services.chassis.clock import Clock
from services.chassis.errors import NotFound, Refused

AT_ONCE = 1000  # decisions that one request releases at most
CHUNK = 100  # of them at a time
Allowed = Callable[[application.Application], None]
Decide = Callable[[application.Application], Sequence[application.Event]]
Judge = Callable[[application.Application, Round | None], Sequence[application.Event]]  # with the round that is open


@dataclass(frozen=True, slots=True)
class Admittance:
    """Who may apply until when after the deadline, and why; of people who are not ``within`` nobody is told."""

    person_id: str
    until: datetime
    reason: str
    within: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Released:
    """How many decisions a request carried out, which it could not and why, and how many wait still."""

    released: int
    refused: Mapping[str, Refused]
    remaining: int


@dataclass(frozen=True, slots=True)
class DecisionHandlers:
    """The commands of those responsible for applications; ``known`` looks applicants up.

    What stands in a round that is not closed is neither decided nor released.
    """

    applications: Applications
    known: ApplicationHandlers
    rounds: Rounds
    clock: Clock

    async def decide_waiver(
        self, id: str, command: Command, *, decision: Literal["granted", "refused"], reason: str
    ) -> Loading:
        """Grant or refuse a waiver."""
        waiver = application.Waiver(decision, reason, decided_by=command.actor or "", decided_at=self.clock.now())
        return await self._change(id, command, lambda state: application.decide_waiver(state, waiver))

    async def admit(self, edition: Edition, wanted: Admittance, command: Command) -> Loading:
        """Let a person apply until an instant, whatever the deadline."""
        now, id = self.clock.now(), application_id(edition.edition_id, wanted.person_id)
        admission = application.Admission(wanted.until, wanted.reason, by=command.actor or "", at=now)
        found = await self.known.applicant(wanted.person_id)
        where = application.At(id, edition, found if found and wanted.within(found.subsidiary) else None, now)
        return await self.applications.handle(id, lambda state: application.admit(state, admission, where), command)

    async def extend_acceptance(self, id: str, edition: Edition, command: Command, until: date, reason: str) -> Loading:
        """Let somebody accept a place until a later day."""
        given = application.Extension(until, reason, by=command.actor or "", at=self.clock.now())
        return await self._change(id, command, lambda state: application.extend_acceptance(state, given, edition))

    async def decide(
        self, id: str, edition: Edition, command: Command, verdict: application.Verdict, reason: str | None
    ) -> Loading:
        """Prepare a decision on an application."""
        decision, running = self._decision(verdict, reason, command), await self._running(edition)
        return await self._change(
            id, command, lambda state: application.decide(state, decision, edition, running=running)
        )

    async def _change(self, id: str, command: Command, decide: Decide) -> Loading:
        """A command of those responsible, who saw ``told_changes``. Raises ``LostUpdate``."""
        return await change_as_seen(self.applications, id, command, decide, lambda state: state.told_changes)

    async def decide_many(
        self,
        edition: Edition,
        verdicts: Mapping[str, tuple[application.Verdict, str | None]],
        command: Command,
        allowed: Allowed,
    ) -> Many:
        """Prepare decisions by application id, each with its reason; ``allowed`` raises where the caller may not.

        Bears repetition. Raises what is ``Transient``, with some of them prepared.
        """

        def deciding(verdict: application.Verdict, reason: str | None) -> Judge:
            decision = self._decision(verdict, reason, command)
            return lambda state, running: application.decide(state, decision, edition, running=running)

        decisions = {id: deciding(*said) for id, said in verdicts.items()}
        return await self._many(edition, decisions, command, allowed)

    async def release(
        self, edition: Edition, within: Mapping[str, Any], command: Command, allowed: Allowed
    ) -> Released:
        """Carry out the prepared decisions of an edition, about a thousand at most, of those that match ``within``.

        Bears repetition; whoever asks again goes on with what remains. Raises what is ``Transient``.
        """
        now, by, after = self.clock.now(), command.actor or "", ""
        released, refused = 0, dict[str, Refused]()
        collection, id = self.applications.collection, edition.edition_id

        def releasing(state: application.Application, running: Round | None) -> Sequence[application.Event]:
            return application.release(state, edition, by=by, at=now, running=running)

        while released < AT_ONCE and len(refused) < AT_ONCE:
            ids = await store.prepared(collection, id, within, after=after, limit=CHUNK)
            if not ids:
                break
            after = ids[-1]
            done = await self._many(edition, dict.fromkeys(ids, releasing), command, allowed)
            released += len(done.changed)
            refused |= done.refused
        waiting = await store.number_prepared(collection, id, within)
        return Released(released, refused, max(0, waiting - len(refused)))

    async def _many(self, edition: Edition, decisions: Mapping[str, Judge], command: Command, allowed: Allowed) -> Many:
        changed, refused = set[str](), dict[str, Refused]()
        for chunk in mongo.in_chunks(list(decisions), CHUNK):
            running = await self._running(edition)  # one may be opened meanwhile
            some = {id: _known(id, edition, allowed, _beside(running, decisions[id])) for id in chunk}
            done = await self.applications.handle_many(some, command)
            changed |= done.changed
            refused |= done.refused
        return Many(frozenset(changed), refused)

    async def _running(self, edition: Edition) -> Round | None:
        """The round of an edition that is not closed; there is at most one."""
        found = await store.rounds_of(self.rounds.collection, edition.edition_id, unfinished=True)
        return self.rounds.loaded(found[0]).state if found else None

    def _decision(self, verdict: application.Verdict, reason: str | None, command: Command) -> application.Decision:
        return application.Decision(verdict, reason, decided_by=command.actor or "", decided_at=self.clock.now())


def _beside(running: Round | None, judge: Judge) -> Decide:
    return lambda state: judge(state, running)


def _known(
    id: str, edition: Edition, allowed: Allowed, decide: Decide
) -> Callable[[application.Application | None], Sequence[application.Event]]:
    """A decision on an application of this edition that the caller may decide on. Raises ``NotFound``."""

    def decided(state: application.Application | None) -> Sequence[application.Event]:
        if state is None or state.edition_id != edition.edition_id:
            raise NotFound(f"There is no application {id}.")
        allowed(state)
        return decide(state)

    return decided
