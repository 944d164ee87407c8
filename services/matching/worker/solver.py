"""Solves the runs that were requested, each in a process of its own, over and over if need be.

Any process of the service may take a run that another one left: the claim runs out. Each claim is an attempt of its
own, under whose name what it finds is kept; the run knows the newest one, and takes over the proposal of no other. So
whoever wakes up without a claim does no harm. What breaks off is tried again; after three attempts the run is given
up, so that one run which no process survives does not hold up the others.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from services.chassis import metrics, mongo
from services.chassis.aggregate import AlreadyTaken
from services.chassis.errors import Transient
from services.chassis.ids import random_id
from services.chassis.logging import get_logger
from services.matching import store
from services.matching.domain.inputs import Facts, inputs
from services.matching.domain.overrides import Overrides
from services.matching.domain.run import SOLVER_FAILED, TOO_LARGE, TOO_SLOW, WAITING, Found, Run, State, fingerprints
from services.matching.handlers import Handlers
from services.matching.solving import frames, tasks
from services.matching.solving.breaking import place_of
from services.matching.solving.frames import Frame
from services.matching.store import Claim, ClaimLost, Progress, RunChunks, Work
from services.matching.worker.children import Child, ChildDied, Children

log = get_logger(__name__)
ATTEMPTS = 3  # at a run that breaks off, after which it is given up
MOST = 10_000  # executives whose pairs a run's document has room for: some 5 MB
MOST_BYTES = 12_000_000  # of an answer as JSON; it takes 1.2 times that of the 16 MiB of a document
_TURN = 10.0  # seconds after which a turn begins nothing more, so that the loop shows that it turns
_BEAT = 1.0  # seconds between two looks whether anybody still waits for the run
_REST = 60.0  # seconds for which a run is let alone that nothing can be done about


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may need: allowed ``pairs``, which take memory, and ``seconds`` of a solving process."""

    pairs: int | None = None
    seconds: float = math.inf


@dataclass(slots=True)
class Attempt:
    """One attempt at a run: what arrived of it so far, and the moment until which it may go on."""

    claim: Claim
    progress: Progress
    until: float
    held: float = 0.0
    parts: int = 0


class Solver:
    """The background work; ``turn`` does some of it."""

    def __init__(
        self,
        handlers: Handlers,
        *,
        database: mongo.Database,
        children: Children,
        woken: asyncio.Event | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._handlers = handlers
        self._runs = handlers.runs
        self._claims = Work(database)
        self._chunks = RunChunks(database)
        self._children = children
        self._steps: AsyncGenerator[None, None] | None = None
        self._woken = woken or asyncio.Event()
        self._limits = limits or Limits()
        self._owed: list[Claim] = []
        for outcome in ("proposed", "failed"):
            metrics.RUNS.labels(outcome)

    async def turn(self) -> None:
        """Go on with runs for a while; not before a process is ready. Raises ``Transient``; may be repeated."""
        until = time.monotonic() + _TURN
        while time.monotonic() < until:
            if self._steps is None:
                await self._children.warm()
                await self._make_good()
                claim = await self._claims.claim(random_id())
                if claim is None:
                    return
                self._steps = self._solve(claim)
            await self._step(self._steps)
        self._woken.set()

    async def _step(self, steps: AsyncGenerator[None, None]) -> None:
        over = True
        try:
            await anext(steps)
            over = False
        except StopAsyncIteration:
            pass
        finally:
            if over:
                self._steps = None

    async def _solve(self, claim: Claim) -> AsyncGenerator[None, None]:
        """One attempt at a run, a bounded piece of waiting at a time; whatever a run does ends it alone."""
        counts, rest = True, 0.0
        try:
            async with aclosing(self._attempt(claim)) as steps:
                async for _ in steps:
                    yield
        except ClaimLost:
            log.warning("run_claim_lost", run_id=claim.run_id, attempt=claim.attempt)
        except ChildDied as error:
            log.error("run_broke_off", run_id=claim.run_id, attempt=claim.attempt, reason=str(error))
        except AlreadyTaken:  # it was requested before an edition had one run at a time, and another one is busy
            counts, rest = False, _REST
            log.warning("run_waits_for_another", run_id=claim.run_id)
        except (Transient, asyncio.CancelledError, GeneratorExit):
            counts = False  # the run is not to blame
            raise
        except Exception as error:
            rest = _REST if claim.attempt > ATTEMPTS else 0.0
            log.error("run_broke_off", run_id=claim.run_id, attempt=claim.attempt, reason=place_of(error))
        finally:
            await self._let_go(claim, counts=counts, rest=rest)

    async def _let_go(self, claim: Claim, *, counts: bool, rest: float) -> None:
        """Give the claim back; while the database is away, that it was no attempt is remembered."""
        if not counts:
            self._owed.append(claim)
        await self._claims.release(claim, counts=counts, rest=rest)
        if not counts:
            self._owed.remove(claim)

    async def _make_good(self) -> None:
        """Take back the attempts that were none, where the database was away at their end."""
        while self._owed:
            await self._claims.release(self._owed[-1], counts=False)
            self._owed.pop()

    async def _attempt(self, claim: Claim) -> AsyncGenerator[None, None]:
        if claim.attempt > ATTEMPTS:
            await self._give_up(claim, SOLVER_FAILED, fenced=False)
            return
        try:
            async with aclosing(self._solved(claim)) as steps:
                async for _ in steps:
                    yield
        except mongo.TooLarge:
            await self._give_up(claim, TOO_LARGE)
        except (ClaimLost, ChildDied):
            await self._clear(claim)
            raise

    async def _solved(self, claim: Claim) -> AsyncGenerator[None, None]:
        """Have the run solved and give it its proposal. Raises ``ChildDied``, ``ClaimLost``."""
        run = (await self._runs.begin(claim.run_id, claim.by)).state
        if run.state not in WAITING:
            raise ClaimLost(claim.run_id)
        stated = await self._handlers.overrides.of_edition(run.edition_id)
        facts = await self._handlers.candidates.facts(run.edition_id)
        if len(facts.mentees) > MOST:
            await self._give_up(claim, TOO_LARGE, f"It has {len(facts.mentees):,} executives; {MOST:,} are possible.")
            return
        people = fingerprints.written(fingerprints.of_people(facts, salt=claim.by))
        await self._chunks.keep_whole(claim.run_id, claim.by, store.PEOPLE, people)
        task = await _task(run, facts, stated, most_pairs=self._limits.pairs)
        child = await self._children.take()
        attempt = Attempt(claim, Progress("reading", attempts=claim.attempt), time.monotonic() + self._limits.seconds)
        try:
            await child.give(Frame(frames.SOLVE, task))
            async with aclosing(self._followed(attempt, child)) as steps:
                async for _ in steps:
                    yield
        finally:
            await self._children.end(child)

    async def _followed(self, attempt: Attempt, child: Child) -> AsyncGenerator[None, None]:
        """Take over what the process tells until it has answered, or for as long as it may take.

        Raises ``ChildDied``, ``ClaimLost``.
        """
        while True:
            frame = await child.next(_BEAT)
            if frame is not None and await self._answered(attempt, frame):
                return
            if time.monotonic() > attempt.until:
                await self._give_up(attempt.claim, TOO_SLOW)
                return
            await self._hold(attempt)
            yield

    async def _answered(self, attempt: Attempt, frame: Frame) -> bool:
        """Take over one message; whether it was the last."""
        claim = attempt.claim
        match frame.kind:
            case frames.PROGRESS:
                told = tasks.TOLD.validate_json(frame.body)
                attempt.progress = Progress(told.step, told.done, told.of, claim.attempt)
                attempt.held = 0.0
            case frames.CERTIFICATE:
                await self._chunks.keep(claim.run_id, claim.by, store.CERTIFICATE, attempt.parts, frame.body)
                attempt.parts += 1
            case frames.FOUND:
                found = await asyncio.to_thread(tasks.FOUND.validate_json, frame.body)
                _refuse_larger(found, len(frame.body))
                await self._propose(claim, replace(found, evidence=claim.by))
                return True
            case frames.REFUSED:
                given_up = tasks.GIVEN_UP.validate_json(frame.body)
                await self._give_up(claim, given_up.reason, given_up.detail)
                return True
            case _:
                raise ChildDied(frame.body.decode(errors="replace"))
        return False

    async def _hold(self, attempt: Attempt) -> None:
        """Say how far the run is, at most once a beat unless it is at another step. Raises ``ClaimLost``."""
        now = time.monotonic()
        if now - attempt.held >= _BEAT:
            await self._claims.hold(attempt.claim, attempt.progress)
            attempt.held = now

    async def _propose(self, claim: Claim, found: Found) -> None:
        """Give the run its proposal, unless it waits for none of this attempt any more. Raises ``ClaimLost``."""
        state = (await self._runs.propose(claim.run_id, found)).state
        if state.evidence != claim.by:
            raise ClaimLost(claim.run_id)
        await self._clear(claim)
        metrics.RUNS.labels("proposed").inc()
        numbers = {"executives": found.proposal.executives, "pairs": len(found.proposal.pairs)}
        log.info("run_proposed", run_id=claim.run_id, edition_id=state.edition_id, **numbers)

    async def _give_up(self, claim: Claim, reason: str, detail: str | None = None, *, fenced: bool = True) -> None:
        """Let nothing come of the run, where it is ``fenced`` unless another attempt is at it. Raises ``ClaimLost``."""
        state = (await self._runs.fail(claim.run_id, reason, detail, attempt=claim.by if fenced else None)).state
        if state.state is not State.FAILED:
            raise ClaimLost(claim.run_id)
        await self._clear(claim)
        metrics.RUNS.labels("failed").inc()
        log.error("run_failed", run_id=claim.run_id, edition_id=state.edition_id, reason=reason)

    async def _clear(self, claim: Claim) -> None:
        """Forget what is no proof of the run: of a run that waits only what this attempt kept."""
        state = (await self._runs.runs.get(claim.run_id)).state
        if state.state in WAITING:
            await self._chunks.forget_attempt(claim.run_id, claim.by)
        else:
            await self._chunks.forget(claim.run_id, but=state.evidence)

    async def close(self) -> None:
        """End all processes; whatever they were at is taken up again, by this process or another."""
        steps, self._steps = self._steps, None
        if steps is not None:
            await steps.aclose()
        await self._children.close()


def _refuse_larger(found: Found, size: int) -> None:
    """Refuse what a run's document has no room for, as JSON of so many bytes; one alternative is kept twice.

    Raises ``TooLarge``.
    """
    number = len(found.alternatives)
    if size + (size // number if number else 0) > MOST_BYTES:
        raise mongo.TooLarge(f"The proposal takes {size:,} bytes.")


async def _task(run: Run, facts: Facts, stated: Overrides, *, most_pairs: int | None) -> bytes:
    """What the process is asked, with all that it needs to know; in a re-match everybody's places count as free."""
    everybody = facts.as_if_nobody_were_paired() if run.kind == "rematch" else facts
    task = tasks.SolveTask(
        kind=run.kind,
        policy=run.policy_used,
        overrides=stated,
        seed=run.seed,
        inputs=inputs(everybody),
        current=facts.taken if run.kind == "rematch" else (),
        reserves=inputs(replace(facts, mentors=facts.reserves)).mentors if facts.reserves else {},
        most_pairs=most_pairs,
    )
    return await asyncio.to_thread(tasks.SOLVE_TASK.dump_json, task)
