"""The commands about runs: those of people, and those of the workers that carry runs out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.chassis.aggregate import AlreadyTaken, Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.errors import FieldError, Invalid, NotFound, Refused
from services.chassis.ids import derived_id
from services.chassis.rules import refusing
from services.matching import store
from services.matching.domain import run
from services.matching.domain.candidates import Edition
from services.matching.domain.contradictions import refuse_contradictions
from services.matching.domain.inputs import inputs
from services.matching.domain.overrides import Override
from services.matching.domain.policy import STANDARD, Policy
from services.matching.domain.rules import RuleBroken
from services.matching.handlers.editions import EditionOver, UnknownEdition
from services.matching.handlers.overrides import OverrideHandlers
from services.matching.handlers.policies import PolicyHandlers

Runs = Repository[run.Run, run.Event]
_TRIES = 5  # to take a number that somebody else takes at the same moment


class RunOpen(Refused):
    """An edition has one run at a time that is being solved or published."""

    kind = "run-open"


class UnknownPolicy(Invalid):
    """There is no policy of this id."""

    kind = "unknown-policy"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a run; a ``trial`` comes to nothing, and leaves its policy open to changes."""

    policy_id: str = STANDARD.policy_id
    seed: int = 0
    trial: bool = False
    kind: run.Kind = "full"


@dataclass(frozen=True, slots=True)
class RunHandlers:
    """The commands about runs; ``work`` is called when there is something to do for the workers."""

    runs: Runs
    claims: store.Work
    candidates: store.Candidates
    policies: PolicyHandlers
    overrides: OverrideHandlers
    clock: Clock
    work: Callable[[], None]

    async def request(
        self, run_id: str, edition_id: str, command: Command, asked: Asked | None = None
    ) -> Loaded[run.Run]:
        """Ask for a run over an edition.

        Overrides that contradict each other or the facts, and a policy that allows nobody anybody, are refused before
        anything is solved. Raises ``UnknownEdition``, ``EditionOver``, ``RunOpen``, ``UnknownPolicy``.
        """
        asked, edition = asked or Asked(), await self._edition(edition_id)
        known = await self.runs.find(run_id)
        policy = known.state.policy_used if known else await self._policy(run_id, edition_id, asked, command)
        stated = await self.overrides.of_edition(edition_id)
        now, facts = self.clock.now(), await self.candidates.facts(edition_id)
        considered = inputs(facts.as_if_nobody_were_paired() if asked.kind == "rematch" else facts)
        wanted = run.Run(
            run_id=run_id,
            edition_id=edition_id,
            requested_by=command.actor or "",
            requested_at=now,
            kind=asked.kind,
            trial=asked.trial,
            seed=asked.seed,
            policy=policy,
        )

        with refusing(RuleBroken):
            await asyncio.to_thread(run.refuse_nothing_allowed, considered, policy, stated.barred)

        def refuse() -> None:
            if edition.is_over(now):
                ended = "was closed" if edition.closed else f"ended on {edition.ends_on}"
                raise EditionOver(f"The edition {ended}; nobody is matched in it any more.")
            refuse_contradictions(stated, considered, policy)

        loaded = await self._numbered(wanted, refuse, command)
        self.work()
        return loaded

    async def _numbered(self, wanted: run.Run, refuse: Callable[[], None], command: Command) -> Loaded[run.Run]:
        """Request a run under the next number of its edition. Raises ``RunOpen`` and what ``refuse`` does."""
        numbered = wanted

        def decide(state: run.Run | None) -> Sequence[run.Event]:
            events = run.request(state, numbered)
            refuse()
            return events

        for _ in range(_TRIES):
            number = await store.next_number(self.runs.collection, wanted.edition_id)
            numbered = replace(wanted, number=number)
            try:
                return await self.runs.handle(wanted.run_id, decide, command)
            except AlreadyTaken as error:
                if await store.busy_run(self.runs.collection, wanted.edition_id):
                    raise RunOpen(await self._which_is_open(wanted.edition_id)) from error
        raise RunOpen(await self._which_is_open(wanted.edition_id))

    async def _edition(self, edition_id: str) -> Edition:
        edition = await self.candidates.edition(edition_id)
        if edition is None:
            raise UnknownEdition(edition_id)
        return edition

    async def _policy(self, run_id: str, edition_id: str, asked: Asked, command: Command) -> Policy:
        """The policy as it reads now; one whose run may be published stays so, once nothing else is in the way."""
        if not asked.trial and await store.busy_run(self.runs.collection, edition_id):
            raise RunOpen(await self._which_is_open(edition_id))
        try:
            if asked.trial:
                return await self.policies.policy(asked.policy_id)
            return await self.policies.used(asked.policy_id, run_id, command)
        except NotFound as error:
            detail = f"There is no policy {asked.policy_id}."
            raise UnknownPolicy(detail, fields=[FieldError("/policy_id", detail)]) from error

    async def _which_is_open(self, edition_id: str) -> str:
        other = await store.busy_run(self.runs.collection, edition_id)
        if other is None:
            return "Another run of this edition was being worked on at that moment; try again."
        return f"Run {other} of this edition is being solved or published; wait for it, or cancel it."

    async def cancel(self, run_id: str, command: Command) -> Loaded[run.Run]:
        """Want no proposal of a run any more; whoever solves it stops.

        That the work on it began since the caller looked is no reason to refuse.
        """
        now = self.clock.now()
        found = await self.runs.get(run_id)
        if found.state.state is run.State.SOLVING and command.expected == found.version - 1:
            command = replace(command, expected=found.version)
        loaded = await self.runs.change(run_id, lambda state: run.cancel(state, now), command)
        self.work()
        return loaded

    async def choose(self, run_id: str, changes: int, command: Command) -> Loaded[run.Run]:
        """Choose among the alternatives of a re-match."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.choose(state, changes, now), command)

    async def preview(self, run_id: str, command: Command) -> Loaded[run.Run]:
        """Show the pairs of a proposal to their members, who may object for as many days as the policy says."""
        now, by = self.clock.now(), command.actor or ""

        def decide(state: run.Run) -> Sequence[run.Event]:
            until = run.days_after(now, state.policy_used.veto_days)
            return run.preview(state, run.Preview(by, now, until))

        return await self.runs.change(run_id, decide, command)

    async def veto(self, run_id: str, mentee_id: str, reason: str, command: Command) -> Loaded[run.Run]:
        """Object to one's own pair: it becomes a declared conflict, which no later run and no publication passes by."""
        now, by = self.clock.now(), command.actor or ""
        state = (await self.runs.get(run_id)).state
        with refusing(RuleBroken):
            run.veto(state, mentee_id, by, now)
        pair = state.pair_of(mentee_id)
        assert pair is not None
        stated = await self.overrides.of_edition(state.edition_id)
        if (pair.mentor_id, mentee_id) not in stated.conflicts:
            id = derived_id("veto", run_id, mentee_id)
            conflict = Override(id, "conflict", pair.mentor_id, mentee_id, None, reason, by, now)
            plain = Command(actor=command.actor, traceparent=command.traceparent)
            await self.overrides.lay_down(state.edition_id, conflict, plain)
        return await self.runs.change(run_id, lambda state: run.veto(state, mentee_id, by, now), command)

    async def review(
        self, run_id: str, command: Command, *, decision: Literal["approved", "rejected"], note: str | None
    ) -> Loaded[run.Run]:
        """Approve or reject the proposal of a run."""
        said = run.Review(decision, note, reviewed_by=command.actor or "", reviewed_at=self.clock.now())
        return await self.runs.change(run_id, lambda state: run.review(state, said), command)

    async def publish(self, run_id: str, command: Command, mentee_ids: Sequence[str] | None = None) -> Loaded[run.Run]:
        """Have the approved proposal of a run carried out: all of it, or the pairs of these executives.

        Raises ``RunOpen``.
        """
        now, by = self.clock.now(), command.actor or ""
        try:
            loaded = await self.runs.change(run_id, lambda state: run.publish(state, by, now, mentee_ids), command)
        except AlreadyTaken as error:
            edition_id = (await self.runs.get(run_id)).state.edition_id
            raise RunOpen(await self._which_is_open(edition_id)) from error
        self.work()
        return loaded

    async def begin(self, run_id: str) -> Loaded[run.Run]:
        """Note that a run is being solved; doing it again changes nothing."""
        return await self.runs.change(run_id, run.begin)

    async def propose(self, run_id: str, found: run.Found) -> Loaded[run.Run]:
        """Give a run its proposal; doing it again changes nothing."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.propose(state, found, now))

    async def fail(self, run_id: str, reason: str, detail: str | None = None) -> Loaded[run.Run]:
        """Give a run up; doing it again changes nothing."""
        failure = run.Failure(reason, self.clock.now(), detail)
        return await self.runs.change(run_id, lambda state: run.fail(state, failure))

    async def settle(self, run_id: str, settled: Sequence[run.Settled], command: Command) -> Loaded[run.Run]:
        """Record what became of pairs of a run; doing it again changes nothing."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.settle(state, settled, now), command)

    async def supersede_others(self, due: run.Run) -> None:
        """Put the other drafts of an edition aside, since this run is published; doing it again changes nothing."""
        now, command = self.clock.now(), Command(actor=due.published_by)
        for id in await store.drafts(self.runs.collection, due.edition_id):
            await self.runs.change(id, lambda state: run.supersede(state, due.run_id, now), command)
