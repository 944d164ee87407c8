"""Solves the runs that were requested, each in a process of its own, over and over if need be.

Any process of the service may take a run that another one left: the claim runs out. What breaks off is tried again;
after three attempts the run is given up, so that one run which no process survives does not hold up the others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from services.chassis import mongo
from services.chassis.errors import Transient
from services.chassis.ids import random_id
from services.chassis.logging import get_logger
from services.matching import store
from services.matching.domain.inputs import Facts, inputs
from services.matching.domain.overrides import Overrides
from services.matching.domain.run import SOLVER_FAILED, TOO_LARGE, Found, Run, fingerprints
from services.matching.handlers import Handlers
from services.matching.solving import frames, tasks
from services.matching.solving.frames import Frame
from services.matching.store import Claim, ClaimLost, Progress, RunChunks, Work
from services.matching.worker.children import Child, ChildDied, Children

log = get_logger(__name__)
ATTEMPTS = 3  # at a run that breaks off, after which it is given up
MOST = 10_000  # executives whose pairs a run's document has room for: some 7 MB
_TURN = 10.0  # seconds after which a turn begins nothing more, so that the loop shows that it turns
_BEAT = 1.0  # seconds between two looks whether anybody still waits for the run


@dataclass(slots=True)
class Attempt:
    """One attempt at a run: what arrived of it so far."""

    claim: Claim
    evidence: str
    progress: Progress
    held: float = 0.0
    parts: int = 0


class Solver:
    """The background work; ``turn`` does some of it."""

    def __init__(
        self, handlers: Handlers, *, database: mongo.Database, children: Children, woken: asyncio.Event | None = None
    ) -> None:
        self._handlers = handlers
        self._runs = handlers.runs
        self._claims = Work(database)
        self._chunks = RunChunks(database)
        self._children = children
        self._me = random_id()
        self._steps: AsyncGenerator[None, None] | None = None
        self._woken = woken or asyncio.Event()

    async def turn(self) -> None:
        """Go on with runs for a while; not before a process is ready. Raises ``Transient``; may be repeated."""
        until = time.monotonic() + _TURN
        while time.monotonic() < until:
            if self._steps is None:
                await self._children.warm()
                claim = await self._claims.claim(self._me)
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
        """One attempt at a run, a bounded piece of waiting at a time."""
        attempts = claim.attempt
        try:
            if claim.attempt > ATTEMPTS:
                await self._give_up(claim, SOLVER_FAILED)
                return
            async with aclosing(self._attempt(claim)) as steps:
                async for _ in steps:
                    yield
        except ChildDied as error:
            log.error("run_broke_off", run_id=claim.run_id, attempt=claim.attempt, reason=str(error))
        except ClaimLost:
            await self._chunks.forget(claim.run_id)
        except (Transient, asyncio.CancelledError, GeneratorExit):
            attempts -= 1  # the run is not to blame
            raise
        finally:
            await self._claims.release(claim, attempts=attempts)

    async def _attempt(self, claim: Claim) -> AsyncGenerator[None, None]:
        run = (await self._runs.begin(claim.run_id)).state
        await self._chunks.forget(claim.run_id)
        attempt = Attempt(claim, random_id(), Progress("reading", attempts=claim.attempt))
        stated = await self._handlers.overrides.of_edition(run.edition_id)
        facts = await self._handlers.candidates.facts(run.edition_id)
        if len(facts.mentees) > MOST:
            await self._give_up(claim, TOO_LARGE)
            return
        people = fingerprints.written(fingerprints.of_people(facts, salt=attempt.evidence))
        await self._chunks.keep_whole(claim.run_id, attempt.evidence, store.PEOPLE, people)
        child = await self._children.take()
        try:
            await child.give(Frame(frames.SOLVE, await _task(run, facts, stated)))
            async with aclosing(self._followed(attempt, child)) as steps:
                async for _ in steps:
                    yield
        finally:
            await self._children.end(child)

    async def _followed(self, attempt: Attempt, child: Child) -> AsyncGenerator[None, None]:
        """Take over what the process tells until it has answered. Raises ``ChildDied``, ``ClaimLost``."""
        while True:
            frame = await child.next(_BEAT)
            if frame is not None and await self._answered(attempt, frame):
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
                await self._chunks.keep(claim.run_id, attempt.evidence, store.CERTIFICATE, attempt.parts, frame.body)
                attempt.parts += 1
            case frames.FOUND:
                found = await asyncio.to_thread(tasks.FOUND.validate_json, frame.body)
                await self._propose(attempt, replace(found, evidence=attempt.evidence))
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

    async def _propose(self, attempt: Attempt, found: Found) -> None:
        run_id = attempt.claim.run_id
        state = (await self._runs.propose(run_id, found)).state
        await self._chunks.forget(run_id, but=state.evidence)
        numbers = {"executives": found.proposal.executives, "pairs": len(found.proposal.pairs)}
        log.info("run_proposed", run_id=run_id, edition_id=state.edition_id, **numbers)

    async def _give_up(self, claim: Claim, reason: str, detail: str | None = None) -> None:
        await self._runs.fail(claim.run_id, reason, detail)
        await self._chunks.forget(claim.run_id)
        log.error("run_failed", run_id=claim.run_id, reason=reason)

    async def close(self) -> None:
        """End all processes; whatever they were at is taken up again, by this process or another."""
        steps, self._steps = self._steps, None
        if steps is not None:
            await steps.aclose()
        await self._children.close()


async def _task(run: Run, facts: Facts, stated: Overrides) -> bytes:
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
    )
    return await asyncio.to_thread(tasks.SOLVE_TASK.dump_json, task)
