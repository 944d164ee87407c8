"""A run is solved in a process of its own, whatever dies meanwhile, until nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis import mongo, provision
from services.chassis.aggregate import Command
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import run
from services.matching.domain.inputs import inputs
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import propose
from services.matching.handlers import Asked, RunOpen
from services.matching.main import SERVICE
from services.matching.solving import frames, tasks
from services.matching.solving.frames import Frame
from services.matching.store import Progress, RunChunks, Work
from services.matching.verification import verify
from services.matching.worker import ATTEMPTS, Child, ChildDied, Children, Limits, NotReady, Solver, children
from tests.support.dying_solver import DIED
from tests.support.matching_rooms import NOW, handlers_over, write_edition
from tests.support.servers import Running
from tests.support.solving_desk import MANAGER, Desk
from tests.support.waiting import until, until_async


async def warmed(children: Children) -> bool:
    """Whether a process is ready by now."""
    with contextlib.suppress(NotReady):
        await children.warm()
        return True
    return False


@contextlib.asynccontextmanager
async def solving(desk: Desk, children: Children, limits: Limits | None = None) -> AsyncIterator[Solver]:
    """A solver, as another process would have one, whose first process is ready."""
    solver = Solver(desk.handlers, database=desk.database, children=children, limits=limits)
    try:
        await until_async(lambda: warmed(children), "a process is ready")
        yield solver
    finally:
        await solver.close()


class Struck(Children):
    """Processes of which the first ones are struck by a signal as soon as they are taken."""

    def __init__(self, times: int, by: signal.Signals = signal.SIGKILL) -> None:
        super().__init__()
        self.left = times
        self.by = by
        self.struck: list[Child] = []

    async def take(self) -> Child:
        """A process that will not answer, until enough were struck."""
        child = await super().take()
        if self.left:
            self.left -= 1
            self.struck.append(child)
            os.kill(child.pid, self.by)
        return child


async def test_run_is_proposed_with_a_proof_that_the_checker_accepts(desk: Desk) -> None:
    """What is kept is the certificate of the very proposal, and what was known of people, as digests."""
    run_id = await desk.requested()
    async with solving(desk, Children()) as solver:
        state = await desk.solved(run_id, solver)

    assert (state.state, state.busy) == (run.State.PROPOSED, False)
    assert state.proposal is not None
    assert (len(state.proposal.pairs), state.proposal.policy_version) == (5, "standard.1")
    assert state.evidence is not None
    assert await desk.chunks(run_id) == {state.evidence}
    kept = [part async for part in RunChunks(desk.database).read(state.evidence, store.CERTIFICATE)]
    document = json.loads(b"".join(kept))
    assert verify(document).accepted
    assert document["claim"] == {"coverage": 5, "worst": state.proposal.worst, "total": state.proposal.total}
    assert state.certificate == run.Certificate(document["digest"], pairs=15)


async def test_same_people_and_seed_give_the_same_proof(desk: Desk) -> None:
    """Byte for byte, whoever solves it; another seed picks others among equals, of which there are 30!."""
    edition_id = await write_edition(desk.database, mentors=30, executives=30)
    proofs = []
    async with solving(desk, Children()) as solver:
        for seed in (7, 7, 8):
            asked = Asked(seed=seed)
            run_id = (await desk.handlers.runs.request(random_id(), edition_id, MANAGER, asked)).id
            proofs.append((await desk.solved(run_id, solver)).proposal)

    assert proofs[0] == proofs[1]
    assert proofs[0] != proofs[2]


async def test_run_whose_process_dies_is_solved_by_another(desk: Desk) -> None:
    """Whoever waits sees another attempt, and nothing of the one that broke off stays."""
    run_id = await desk.requested()
    async with solving(desk, Struck(times=1)) as solver:
        state = await desk.solved(run_id, solver)

    assert state.state is run.State.PROPOSED
    assert (await desk.handlers.runs.claims.progress(run_id)).attempts == 2
    assert await desk.chunks(run_id) == {state.evidence}


async def test_run_that_no_process_survives_is_given_up(desk: Desk) -> None:
    """After three attempts it says so, keeps its edition no longer, and holds nobody up."""
    run_id = await desk.requested()
    async with solving(desk, Struck(times=ATTEMPTS)) as solver:
        state = await desk.solved(run_id, solver)
        other = await desk.requested()
        following = await desk.solved(other, solver)

    assert (state.state, state.busy, state.failure and state.failure.reason) == ("failed", False, "solver_failed")
    assert await desk.chunks(run_id) == set()
    assert following.state is run.State.PROPOSED
    document = await desk.database["runs"].find_one({"_id": run_id})
    assert document["outbox"][-1]["actor"] == "matching"  # nobody asked for it


async def test_log_says_how_a_process_ended(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever is woken sees whether the system ended it."""
    run_id = await desk.requested()
    async with solving(desk, Struck(times=1)) as solver:
        await desk.solved(run_id, solver)

    said = capsys.readouterr()
    assert "SIGKILL, perhaps for want of memory" in said.out + said.err


async def test_run_of_more_pairs_than_there_is_memory_for_is_refused_with_their_number(desk: Desk) -> None:
    """Before anything is solved; another attempt would need as much."""
    run_id = await desk.requested()
    async with solving(desk, Children(), Limits(pairs=14)) as solver:
        state = await desk.solved(run_id, solver)

    assert state.failure is not None
    assert (state.state, state.failure.reason) == (run.State.FAILED, run.TOO_LARGE)
    assert state.failure.detail == "15 pairs are allowed; here 14 are possible."
    assert await desk.chunks(run_id) == set()


async def all_told(child: Child) -> None:
    """Hear a process to its end."""
    while True:
        await child.next(10)


async def test_process_that_answered_ends_in_good_order(desk: Desk) -> None:
    """Also where nobody ends it for a while; no core is written, which would hold what is known of people."""
    edition_id = await write_edition(desk.database, mentors=3, executives=5)
    known = inputs(await desk.handlers.candidates.facts(edition_id))
    task = tasks.SolveTask("full", STANDARD, Overrides(edition_id), seed=0, inputs=known)
    spare = Children()
    await until_async(lambda: warmed(spare), "a process is ready")
    child = await spare.take()
    try:
        await child.give(Frame(frames.SOLVE, tasks.SOLVE_TASK.dump_json(task)))
        with pytest.raises(ChildDied, match="exit status 0"):
            await all_told(child)
    finally:
        await spare.close()


async def test_cancelled_run_ends_its_process(desk: Desk) -> None:
    """However busy it is: nobody waits for its answer."""
    run_id, children = await desk.requested(), Struck(times=1, by=signal.SIGSTOP)
    async with solving(desk, children) as solver:
        turning = asyncio.create_task(solver.turn())

        async def begun() -> bool:
            return (await desk.state(run_id)).state is run.State.SOLVING and bool(children.struck)

        await until_async(begun, "the run is being solved")
        seen = (await desk.handlers.runs.runs.get(run_id)).version - 1  # before it began
        await desk.handlers.runs.cancel(run_id, Command(actor="manager", expected=seen))
        await turning

    assert (await desk.state(run_id)).state is run.State.CANCELLED
    assert await desk.chunks(run_id) == set()
    assert not _lives(children.struck[0].pid)


async def test_edition_has_one_run_at_a_time_that_is_worked_on(desk: Desk) -> None:
    """Another request is told which one it is, and so is whoever publishes a draft meanwhile."""
    first = await desk.requested()
    edition_id = (await desk.state(first)).edition_id
    with pytest.raises(RunOpen, match=first):
        await desk.handlers.runs.request(random_id(), edition_id, MANAGER)
    considered = inputs(await desk.handlers.candidates.facts(edition_id))
    await desk.handlers.runs.propose(first, run.Found(propose([], considered, STANDARD)))
    await desk.handlers.runs.review(first, MANAGER, decision="approved", note=None)
    second = (await desk.handlers.runs.request(random_id(), edition_id, MANAGER)).id

    with pytest.raises(RunOpen, match=second):
        await desk.handlers.runs.publish(first, MANAGER)
    await desk.handlers.runs.cancel(second, MANAGER)
    await desk.handlers.runs.publish(first, MANAGER)


async def test_run_is_solved_by_one_process_at_a_time(desk: Desk) -> None:
    """A claim keeps others away until it runs out; whoever lost it is told so."""
    run_id, work = await desk.requested(), Work(desk.database)
    first = await work.claim("first")
    assert first is not None
    assert (first.run_id, first.attempt) == (run_id, 1)
    assert await work.claim("second") is None
    await work.hold(first, Progress("solving"))

    await desk.a_claim_runs_out()
    second = await work.claim("second")

    assert second is not None
    assert second.attempt == 2
    with pytest.raises(store.ClaimLost):
        await work.hold(first, Progress("solving"))


async def test_service_that_stops_leaves_its_run_to_others_at_once(desk: Desk) -> None:
    """Nobody waits for a claim to run out, and the stop is no attempt of the run's."""
    run_id = await desk.requested()
    async with solving(desk, Struck(times=1, by=signal.SIGSTOP)) as solver:
        turning = asyncio.create_task(solver.turn())

        async def begun() -> bool:
            return (await desk.state(run_id)).state is run.State.SOLVING

        await until_async(begun, "the run is being solved")
        turning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await turning

    claim = await Work(desk.database).claim("another")
    assert claim is not None
    assert (claim.run_id, claim.attempt) == (run_id, 1)


async def test_what_contradicts_itself_by_the_time_it_is_solved_is_given_up_with_the_reason(desk: Desk) -> None:
    """A conflict that a member declared after the run was requested stands against a forced pair."""
    edition_id = await write_edition(desk.database, mentors=2, executives=2)
    facts = await desk.handlers.candidates.facts(edition_id)
    mentor_id, mentee_id = min(facts.mentors), min(facts.mentees)
    pair = (mentor_id, mentee_id, None, "They know each other.", "somebody", NOW)
    await desk.handlers.overrides.lay_down(edition_id, Override(random_id(), "force", *pair), MANAGER)
    run_id = (await desk.handlers.runs.request(random_id(), edition_id, MANAGER)).id
    await desk.handlers.overrides.lay_down(edition_id, Override(random_id(), "conflict", *pair), MANAGER)
    async with solving(desk, Children()) as solver:
        state = await desk.solved(run_id, solver)

    assert state.failure is not None
    assert (state.state, state.failure.reason) == (run.State.FAILED, run.OVERRIDES_CONTRADICT)


@pytest.fixture
async def provisioned(servers: Running) -> AsyncIterator[tuple[Desk, dict[str, str]]]:
    """A database that a service can be started over, and the environment that names it."""
    prefix, client = f"t{uuid.uuid4().hex[:12]}", mongo.connect(servers.mongodb)
    await provision.provision([SERVICE], kafka=servers.kafka, client=client, prefix=prefix)
    database = client[f"{prefix}_matching"]
    addresses = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": prefix}
    yield Desk(database, handlers_over(database)), addresses
    await mongo.close(client)


async def test_run_of_a_service_that_was_killed_is_solved_by_the_next(
    provisioned: tuple[Desk, dict[str, str]],
) -> None:
    """Its process ends by itself, and once the claim has run out another service goes on."""
    desk, addresses = provisioned
    run_id = await desk.requested(mentors=40, executives=60)
    argv = [sys.executable, "-m", "tests.support.dying_solver"]
    died = await asyncio.to_thread(
        subprocess.run, argv, env=os.environ | addresses, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=100
    )
    assert died.returncode == DIED

    orphan = int(died.stdout.split()[-1])
    until(lambda: not _lives(orphan), "the solving process ends by itself")
    assert (await desk.state(run_id)).state is run.State.SOLVING
    await desk.a_claim_runs_out()
    async with solving(desk, Children()) as solver:
        state = await desk.solved(run_id, solver)

    assert state.state is run.State.PROPOSED
    assert state.proposal is not None
    assert len(state.proposal.pairs) == 60


async def test_process_that_is_slow_to_get_ready_is_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling kernels takes long where nobody did it before: to start over each time would never end."""
    monkeypatch.setattr(children, "_PATIENCE", 0.2)
    start, made = Child.start, []

    async def asleep() -> Child:
        made.append(await start())
        os.kill(made[-1].pid, signal.SIGSTOP)
        return made[-1]

    monkeypatch.setattr(Child, "start", asleep)
    spare = Children()
    try:
        for _ in range(2):
            with pytest.raises(NotReady, match="loads its kernels"):
                await spare.warm()
        os.kill(made[0].pid, signal.SIGCONT)

        await until_async(lambda: warmed(spare), "it is ready")
        assert len(made) == 1
    finally:
        await spare.close()
    assert not _lives(made[0].pid)


def _lives(pid: int) -> bool:
    """Whether there is such a process, other than one that ended and waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
