"""Runs to be solved over a database alone, and solving processes that do what a test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.chassis import mongo
from services.chassis.aggregate import Command
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import run
from services.matching.domain.inputs import inputs
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import propose
from services.matching.handlers import Handlers
from services.matching.solving import frames, tasks
from services.matching.solving.frames import Frame
from services.matching.store import RunChunks
from services.matching.store.run_chunks import CHUNKS
from services.matching.worker import Child, Children, NotReady, Solver
from tests.support.matching_rooms import write_edition

MANAGER = Command(actor="manager")
Said = Frame | None | Callable[[], Awaitable[Frame | None]]
"""What a process tells next: a message, nothing for a while, or what comes of something that happens meanwhile."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A database of its own, and the commands over it."""

    database: mongo.Database
    handlers: Handlers

    async def requested(self, *, mentors: int = 3, executives: int = 5) -> str:
        """A run of a new edition of people who are all alike; its id."""
        edition_id = await write_edition(self.database, mentors=mentors, executives=executives)
        return (await self.handlers.runs.request(random_id(), edition_id, MANAGER)).id

    async def state(self, run_id: str) -> run.Run:
        """The run as it stands."""
        return (await self.handlers.runs.runs.get(run_id)).state

    async def solved(self, run_id: str, solver: Solver) -> run.Run:
        """The run once this solver is done with it."""
        while (state := await self.state(run_id)).state in run.WAITING:
            with contextlib.suppress(NotReady):  # on a busy machine the next process takes its time
                await solver.turn()
        return state

    async def chunks(self, run_id: str) -> set[str]:
        """The attempts of which something is kept."""
        return {one["evidence"] for one in await self.database[CHUNKS].find({"run": run_id}).to_list(None)}

    async def proof(self, run_id: str) -> list[bytes]:
        """The parts of the proof that the run's proposal names."""
        evidence = (await self.state(run_id)).evidence
        assert evidence is not None
        return [part async for part in RunChunks(self.database).compressed(evidence, store.CERTIFICATE)]

    async def a_claim_runs_out(self) -> None:
        """Nobody holds any run any more."""
        past = {"$set": {"work.until": datetime(2000, 1, 1, tzinfo=UTC)}}
        await self.database[store.RUNS.collection].update_many({"work": {"$exists": True}}, past)

    async def nothing_waits(self) -> None:
        """Whatever waits to be solved is cancelled."""
        ended = {"$set": {"state.state": "cancelled", "state.busy": False}}
        await self.database[store.RUNS.collection].update_many({"state.state": {"$in": sorted(run.WAITING)}}, ended)

    async def answer(self, run_id: str) -> Frame:
        """An answer that proposes nobody for the run."""
        facts = await self.handlers.candidates.facts((await self.state(run_id)).edition_id)
        found = run.Found(propose([], inputs(facts), STANDARD), certificate=run.Certificate("sha256:x", 15))
        return Frame(frames.FOUND, tasks.FOUND.dump_json(found))

    def solver(self, *scripts: Sequence[Said]) -> Solver:
        """A solver of a process of its own, whose solving processes tell this."""
        return Solver(self.handlers, database=self.database, children=Scripted(*scripts))


def proof(part: bytes) -> Frame:
    """A part of a proof as a process tells it."""
    return Frame(frames.CERTIFICATE, part)


@dataclass(eq=False)
class ScriptedChild(Child):
    """A process that tells what a script says, and nothing after that."""

    script: list[Said] = field(default_factory=list)

    async def give(self, *given: Frame) -> None:
        """It takes any task."""

    async def next(self, within: float) -> Frame | None:
        """The next of the script; an exception in it is raised."""
        if not self.script:
            await asyncio.sleep(within)
            return None
        said = self.script.pop(0)
        return await said() if callable(said) else said

    async def end(self) -> None:
        """It is nobody."""


class Scripted(Children):
    """Processes that tell what scripts say, each the next one."""

    def __init__(self, *scripts: Sequence[Said]) -> None:
        super().__init__()
        self._scripts = [list(script) for script in scripts]

    async def warm(self) -> None:
        """They are ready."""

    async def take(self) -> Child:
        """The next one."""
        child = ScriptedChild(script=self._scripts.pop(0) if self._scripts else [])
        self._working.add(child)
        return child
