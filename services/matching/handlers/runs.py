"""The commands about runs: those of people, and those of the workers that carry runs out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.chassis.aggregate import AlreadyTaken, Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.errors import FieldError, Invalid, NotFound, Refused
from services.chassis.ids import derived_id, random_id
from services.chassis.rules import refusing
from services.matching import store
from services.matching.domain import run
from services.matching.domain.candidates import Edition
from services.matching.domain.contradictions import refuse_contradictions
from services.matching.domain.inputs import inputs
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.pair import SERVICE
from services.matching.domain.policy import STANDARD, Policy
from services.matching.domain.rules import RuleBroken
from services.matching.domain.running import ground
from services.matching.handlers.editions import UnknownEdition, refuse_over
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
        anything is solved. A policy is used from the moment on at which nothing is in the way of its run any more.
        Asked again for the same run, nothing is looked at anew. Raises ``UnknownEdition``, ``EditionOver``,
        ``RunOpen``, ``UnknownPolicy``.
        """
        if await self.runs.find(run_id):
            return await self.runs.change(run_id, lambda state: run.request(state, state), command)
        asked, now = asked or Asked(), self.clock.now()
        refuse_over(await self._edition(edition_id), now)
        if not asked.trial:
            await self._refuse_open(edition_id, but=run_id)
        policy = await self._policy(asked.policy_id)
        await self._refuse_hopeless(edition_id, asked, policy)
        if not asked.trial:
            await self.policies.used(policy, run_id, command)
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
        loaded = await self._numbered(wanted, command)
        self.work()
        return loaded

    async def _refuse_hopeless(self, edition_id: str, asked: Asked, policy: Policy) -> None:
        """Refuse what nothing can come of: contradictions, and a policy that allows nobody anybody."""
        stated, facts = await self.overrides.of_edition(edition_id), await self.candidates.facts(edition_id)
        considered = inputs(facts.as_if_nobody_were_paired() if asked.kind == "rematch" else facts)
        if asked.kind == "rematch":
            over = ground(considered, facts.taken, policy.rules, stated)
            considered, stated = over.inputs, over.overrides
        with refusing(RuleBroken):
            await asyncio.to_thread(run.refuse_nothing_allowed, considered, policy, stated.barred)
            refuse_contradictions(stated, considered, policy)

    async def _numbered(self, wanted: run.Run, command: Command) -> Loaded[run.Run]:
        """Request a run under the next number of its edition. Raises ``RunOpen``."""
        numbered = wanted

        def decide(state: run.Run | None) -> Sequence[run.Event]:
            return run.request(state, numbered)

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

    async def _policy(self, policy_id: str) -> Policy:
        """The policy as it reads now. Raises ``UnknownPolicy``."""
        try:
            return await self.policies.policy(policy_id)
        except NotFound as error:
            detail = f"There is no policy {policy_id}."
            raise UnknownPolicy(detail, fields=[FieldError("/policy_id", detail)]) from error

    async def _refuse_open(self, edition_id: str, *, but: str) -> None:
        """Refuse where another run of the edition is being solved or published. Raises ``RunOpen``."""
        if await store.busy_run(self.runs.collection, edition_id) not in (None, but):
            raise RunOpen(await self._which_is_open(edition_id))

    async def _which_is_open(self, edition_id: str) -> str:
        other = await store.busy_run(self.runs.collection, edition_id)
        if other is None:
            return "Another run of this edition was being worked on at that moment; try again."
        return f"Run {other} of this edition is being solved or published; wait for it, or cancel it."

    async def cancel(self, run_id: str, command: Command) -> Loaded[run.Run]:
        """Want no proposal of a run any more; whoever solves it stops.

        That the work on it began, or began anew, since the caller looked is no reason to refuse.
        """
        now = self.clock.now()
        found = await self.runs.get(run_id)
        if found.state.state is run.State.SOLVING and 0 < (command.expected or 0) < found.version:
            command = replace(command, expected=found.version)
        loaded = await self.runs.change(run_id, lambda state: run.cancel(state, now), command)
        self.work()
        return loaded

    async def choose(self, run_id: str, changes: int, command: Command) -> Loaded[run.Run]:
        """Choose among the alternatives of a re-match. Raises ``EditionOver``."""
        now = self.clock.now()
        return await self._going_on(run_id, lambda state: run.choose(state, changes, now), command)

    async def preview(self, run_id: str, command: Command) -> Loaded[run.Run]:
        """Show the pairs of a proposal to their members, who may object for as many days as the policy says.

        Another one of the edition that was shown before is shown no more. Raises ``EditionOver``.
        """
        now, by = self.clock.now(), command.actor or ""

        def decide(state: run.Run) -> Sequence[run.Event]:
            until = run.days_after(now, state.policy_used.veto_days)
            return run.preview(state, run.Preview(by, now, until))

        edition_id = await self._edition_id(run_id)
        earlier = (await store.previewed(self.runs.collection, [edition_id])).get(edition_id, ())
        loaded = await self._going_on(run_id, decide, command)
        plain = Command(actor=command.actor, traceparent=command.traceparent)
        for id in earlier:
            await self.runs.change(id, lambda state: run.withdraw_preview(state, loaded.state, now), plain)
        return loaded

    async def veto(self, run_id: str, mentee_id: str, reason: str, command: Command) -> Loaded[run.Run]:
        """Object to one's own pair: it becomes a declared conflict, which no later run and no publication passes by.

        Each member's word is a conflict of its own, with its reason; the pair can be when all of them are withdrawn.
        """
        now, by = self.clock.now(), command.actor or ""
        stated = await self._told((await self.runs.get(run_id)).state, mentee_id)
        state = (await self.runs.get(run_id)).state  # read after: it names no fewer conflicts
        pair = state.pair_of(mentee_id)
        id = derived_id("veto", run_id, by, command.key or random_id())
        said = run.Veto(mentee_id, pair.mentor_id if pair else "", by, now, id)
        with refusing(RuleBroken):
            is_news = bool(run.veto(state, said, stated))
        if is_news:
            conflict = Override(id, "conflict", said.mentor_id, mentee_id, None, reason, by, now)
            plain = Command(actor=command.actor, traceparent=command.traceparent)
            stands = await self.overrides.object(state.edition_id, conflict, plain)
            said = replace(said, override_id=stands.override_id)
        return await self.runs.change(run_id, lambda state: run.veto(state, said, stated), command)

    async def _told(self, state: run.Run, mentee_id: str) -> Overrides:
        """What is laid down, but for conflicts that the two of a pair declared and that no objection names.

        These are being declared at this moment, or their run was not told of them when a process ended.
        """
        stated, pair = await self.overrides.of_edition(state.edition_id), state.pair_of(mentee_id)
        if pair is None or any(not one.override_id for one in state.vetoes):  # those of before named none
            return stated
        own = [one.override_id for one in stated.conflicts_of(pair.mentor_id, pair.mentee_id)]
        untold = set(own) - await store.objections(self.runs.collection, state.edition_id, own)
        return replace(stated, items=tuple(one for one in stated.items if one.override_id not in untold))

    async def review(
        self, run_id: str, command: Command, *, decision: Literal["approved", "rejected"], note: str | None
    ) -> Loaded[run.Run]:
        """Approve or reject the proposal of a run. Raises ``EditionOver`` where it is approved."""
        said = run.Review(decision, note, reviewed_by=command.actor or "", reviewed_at=self.clock.now())
        change = self.runs.change if decision == "rejected" else self._going_on
        return await change(run_id, lambda state: run.review(state, said), command)

    async def publish(
        self, run_id: str, command: Command, mentee_ids: Sequence[str] | None = None, *, approve: bool = False
    ) -> Loaded[run.Run]:
        """Have the approved proposal of a run carried out: all of it, or the pairs of these executives.

        ``approve``: where nobody has approved it yet, this does, if nothing else is in the way. Raises ``RunOpen``,
        ``EditionOver``.
        """
        now, by, trace = self.clock.now(), command.actor or "", command.traceparent
        places = None if mentee_ids is None else await self._places(run_id)
        approval = run.Review("approved", None, reviewed_by=by, reviewed_at=now) if approve else None

        def decide(state: run.Run) -> Sequence[run.Event]:
            return run.publish(state, by, now, mentee_ids, traceparent=trace, places=places, approval=approval)

        try:
            loaded = await self._going_on(run_id, decide, command)
        except AlreadyTaken as error:
            raise RunOpen(await self._which_is_open(await self._edition_id(run_id))) from error
        self.work()
        return loaded

    async def _places(self, run_id: str) -> run.Places | None:
        """The places at this moment, for a re-match: in other runs no pair of one frees a place for another."""
        found = await store.of_which(self.runs.collection, run_id)
        return run.Places.at(await self.candidates.facts(found[0])) if found and found[1] == "rematch" else None

    async def _going_on(
        self, run_id: str, decide: Callable[[run.Run], Sequence[run.Event]], command: Command
    ) -> Loaded[run.Run]:
        """Change a run whose edition goes on; what would change nothing, or was done before, is not refused.

        Raises ``EditionOver``.
        """
        edition, now = await self.candidates.edition(await self._edition_id(run_id)), self.clock.now()

        def unless_over(state: run.Run) -> Sequence[run.Event]:
            if events := decide(state):
                refuse_over(edition, now)
            return events

        return await self.runs.change(run_id, unless_over, command)

    async def _edition_id(self, run_id: str) -> str:
        """The edition of a run. Raises ``NotFound``."""
        found = await store.of_which(self.runs.collection, run_id)
        return found[0] if found else (await self.runs.get(run_id)).state.edition_id

    async def begin(self, run_id: str, attempt: str) -> Loaded[run.Run]:
        """Note who is at a run; earlier attempts count no more. Doing it again changes nothing."""
        return await self.runs.change(run_id, lambda state: run.begin(state, attempt))

    async def propose(self, run_id: str, found: run.Found) -> Loaded[run.Run]:
        """Give a run its proposal; doing it again changes nothing."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.propose(state, found, now))

    async def fail(
        self, run_id: str, reason: str, detail: str | None = None, *, attempt: str | None = None
    ) -> Loaded[run.Run]:
        """Give a run up, on the word of this attempt where one is named; doing it again changes nothing."""
        failure = run.Failure(reason, self.clock.now(), detail)
        return await self.runs.change(run_id, lambda state: run.fail(state, failure, attempt), Command(actor=SERVICE))

    async def settle(self, run_id: str, settled: Sequence[run.Settled], command: Command) -> Loaded[run.Run]:
        """Record what became of pairs of a run; doing it again changes nothing."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.settle(state, settled, now), command)

    async def supersede_others(self, due: run.Run) -> None:
        """Put the other drafts of an edition aside, since this run is published; doing it again changes nothing."""
        now, command = self.clock.now(), Command(actor=due.published_by, traceparent=due.traceparent)
        for id in await store.drafts(self.runs.collection, due.edition_id):
            await self.runs.change(id, lambda state: run.supersede(state, due.run_id, now), command)
