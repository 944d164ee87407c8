"""Of those who solve one run only the newest counts, and no run ends the work on others."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.chassis import mongo
from services.chassis.aggregate import Command
from services.chassis.errors import Transient
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import run
from services.matching.solving.frames import Frame
from services.matching.store import Work
from services.matching.store.run_chunks import NothingKept
from services.matching.worker import ATTEMPTS, Children, Limits, NotReady, Publisher, Solver, Waiting, children, solver
from tests.support.solving_desk import MANAGER, Desk, Said, Scripted, proof
from tests.support.waiting import until_async


async def test_process_that_lost_its_claim_leaves_the_proof_of_the_other(desk: Desk) -> None:
    """A pause as of a frozen machine: another one solves the run meanwhile, and its proof is all that is left."""
    run_id = await desk.requested()
    other = desk.solver([proof(b"of the other"), await desk.answer(run_id)])

    async def paused() -> None:
        await desk.a_claim_runs_out()
        await other.turn()
        assert (await desk.state(run_id)).state is run.State.PROPOSED

    await desk.solver([proof(b"of the first"), paused]).turn()

    assert await desk.proof(run_id) == [b"of the other"]
    assert await desk.chunks(run_id) == {(await desk.state(run_id)).evidence}


async def test_late_answer_of_a_process_that_lost_its_claim_is_dropped(desk: Desk) -> None:
    """The run is taken over by then; it waits for whoever is at it now, and what that one keeps stays."""
    run_id = await desk.requested()
    answer, woken = await desk.answer(run_id), asyncio.Event()

    async def wait() -> None:
        await woken.wait()

    other = desk.solver([proof(b"of the other"), wait, answer])
    turning: list[asyncio.Task[None]] = []

    async def paused() -> Frame:
        await desk.a_claim_runs_out()
        turning.append(asyncio.create_task(other.turn()))
        await until_async(lambda: keeps(2), "the other has begun")
        return answer

    async def keeps(number: int) -> bool:
        return await desk.database["run_chunks"].count_documents({"run": run_id, "kind": "certificate"}) == number

    await desk.solver([proof(b"of the first"), paused]).turn()
    assert (await desk.state(run_id)).state is run.State.SOLVING
    woken.set()
    await asyncio.gather(*turning)

    assert await desk.proof(run_id) == [b"of the other"]


async def test_run_taken_over_can_be_cancelled_by_whoever_saw_an_earlier_attempt(desk: Desk) -> None:
    """That the work began anew is no reason to refuse."""
    run_id = await desk.requested()
    seen = (await desk.handlers.runs.begin(run_id, "first")).version
    await desk.handlers.runs.begin(run_id, "second")

    command = Command(actor="manager", expected=seen)
    assert (await desk.handlers.runs.cancel(run_id, command)).state.state is run.State.CANCELLED


async def test_proof_that_is_not_kept_is_said_to_be_missing(desk: Desk) -> None:
    """Nobody takes an empty document for a proof."""
    run_id = await desk.requested()
    await desk.solver([await desk.answer(run_id)]).turn()

    with pytest.raises(NothingKept, match="request another run"):
        await desk.proof(run_id)
    with pytest.raises(NothingKept):
        await desk.handlers.questions.certificate(await desk.state(run_id))


async def test_run_that_breaks_whoever_solves_it_is_given_up_and_others_go_on(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug that one run meets ends neither the loop nor the runs of others; the log says what it was and where."""
    bad, other = await desk.requested(), await desk.requested()

    async def broken() -> Frame:
        raise ZeroDivisionError("somebody's name")

    scripts: list[list[Said]] = [[broken]] * ATTEMPTS + [[await desk.answer(other)]]
    await desk.solver(*scripts).turn()

    state = await desk.state(bad)
    assert (state.state, state.failure and state.failure.reason) == (run.State.FAILED, run.SOLVER_FAILED)
    assert (await desk.state(other)).state is run.State.PROPOSED
    said = capsys.readouterr()
    assert "ZeroDivisionError in solver.py line" in said.out + said.err
    assert "somebody's name" not in said.out + said.err


async def test_run_that_cannot_even_be_read_hinders_no_other(desk: Desk) -> None:
    """It rests between two looks, since it cannot be given up either."""
    bad, other = await desk.requested(), await desk.requested()
    await desk.database["runs"].update_one({"_id": bad}, {"$set": {"state.seed": "no number"}})
    await desk.solver([await desk.answer(other)]).turn()

    assert (await desk.state(other)).state is run.State.PROPOSED
    assert await Work(desk.database).claim("another") is None
    await desk.database["runs"].delete_one({"_id": bad})


async def test_run_requested_beside_another_one_long_ago_waits_for_it(desk: Desk) -> None:
    """Of before an edition had one run at a time: it comes to its turn, and the other is not touched."""
    first = await desk.requested()
    edition_id = (await desk.state(first)).edition_id
    await desk.database["runs"].update_one({"_id": first}, {"$set": {"state.busy": False}})
    second = (await desk.handlers.runs.request(random_id(), edition_id, MANAGER)).id
    await desk.solver([await desk.answer(second)]).turn()
    assert (await desk.state(second)).state is run.State.PROPOSED

    await desk.a_claim_runs_out()
    await desk.solver([await desk.answer(first)]).turn()

    assert (await desk.state(first)).state is run.State.PROPOSED
    assert (await desk.handlers.runs.claims.progress(first)).attempts == 1


async def test_answer_too_large_for_a_document_is_refused_with_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: another attempt would be as large."""
    monkeypatch.setattr(solver, "MOST_BYTES", 100)
    run_id = await desk.requested()
    await desk.solver([proof(b"of it"), await desk.answer(run_id)]).turn()

    state = await desk.state(run_id)
    assert (state.state, state.failure and state.failure.reason) == (run.State.FAILED, run.TOO_LARGE)
    assert await desk.chunks(run_id) == set()


async def test_document_that_grows_too_large_is_refused_and_nothing_is_changed(desk: Desk) -> None:
    """As the choice of an alternative did that was kept twice from then on."""
    run_id = await desk.requested()

    with pytest.raises(mongo.TooLarge, match="divide it"):
        await desk.handlers.runs.fail(run_id, run.TOO_LARGE, "x" * (17 * 1024 * 1024))
    assert (await desk.state(run_id)).state is run.State.REQUESTED


async def test_outages_of_the_database_are_no_attempts_of_a_run(desk: Desk) -> None:
    """Whoever solves it remembers that the run was not to blame, until that can be written."""
    run_id = await desk.requested()
    solver = desk.solver([None], [None], [None], [await desk.answer(run_id)])
    hold, release = solver._claims.hold, solver._claims.release

    async def away(*_: object, **__: object) -> None:
        raise mongo.Unavailable("The database does not answer; try again in a moment.")

    async def goes_away(*_: object, **__: object) -> None:
        solver._claims.release = away  # type: ignore[method-assign]
        await away()

    for _ in range(ATTEMPTS):
        solver._claims.hold = goes_away  # type: ignore[method-assign]
        with pytest.raises(Transient):
            await solver.turn()
        solver._claims.hold, solver._claims.release = hold, release  # type: ignore[method-assign]
        await desk.a_claim_runs_out()
    await solver.turn()

    assert (await desk.state(run_id)).state is run.State.PROPOSED
    assert (await desk.handlers.runs.claims.progress(run_id)).attempts == 1


async def test_attempt_that_was_none_is_taken_back_although_another_process_has_the_run_by_then(desk: Desk) -> None:
    """And once only, however often it is said."""
    run_id, work = await desk.requested(), Work(desk.database)
    first = await work.claim("first")
    await desk.a_claim_runs_out()
    second = await work.claim("second")
    assert first is not None
    assert second is not None
    for _ in range(2):
        await work.release(first, counts=False)

    assert (await work.progress(run_id)).attempts == 1
    await work.hold(second, store.Progress("solving"))


async def test_run_that_takes_too_long_is_given_up_and_its_process_ended(desk: Desk) -> None:
    """By the limit of an attempt; another attempt would take as long."""
    run_id, processes = await desk.requested(), Scripted([])
    await Solver(desk.handlers, database=desk.database, children=processes, limits=Limits(seconds=0.1)).turn()

    state = await desk.state(run_id)
    assert (state.state, state.failure and state.failure.reason) == (run.State.FAILED, run.TOO_SLOW)
    assert not processes._working


async def test_process_that_does_not_take_its_task_is_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task larger than a pipe holds would be waited for, for ever."""
    monkeypatch.setattr(children, "_TAKES", 0.2)
    monkeypatch.setattr(children, "_PROGRAM", ("-c", "import sys, time; print('ready 0', flush=True); time.sleep(600)"))
    run_id = await desk.requested(mentors=300, executives=300)
    processes = Children()
    turning = Solver(desk.handlers, database=desk.database, children=processes)
    try:
        while (await desk.state(run_id)).state in run.WAITING:
            with contextlib.suppress(NotReady):
                await turning.turn()
    finally:
        await turning.close()

    assert (await desk.state(run_id)).failure is not None
    assert not processes._working


@contextlib.contextmanager
def no_more_files() -> Iterator[None]:
    """This process may open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_runs_wait_while_no_process_can_be_started(desk: Desk) -> None:
    """A shortage of handles or memory says so, and is no end of the loop."""
    run_id, processes = await desk.requested(), Children()
    with no_more_files(), pytest.raises(NotReady, match="can be started"):
        await processes.warm()
    await processes.close()

    assert (await desk.state(run_id)).state is run.State.REQUESTED


async def test_metrics_tell_how_many_runs_wait_and_since_when(desk: Desk) -> None:
    """By the state of the database, whoever is at them."""
    measured = Waiting(desk.handlers.runs.claims, desk.handlers.clock)
    await measured.measure()
    assert REGISTRY.get_sample_value("tandem_runs_waiting") == 0
    assert REGISTRY.get_sample_value("tandem_run_waiting_seconds") == 0

    for _ in range(2):
        run_id = await desk.requested()
    await desk.database["runs"].update_one({"_id": run_id}, {"$set": {"state.requested_at": "2026-01-01T00:00:00Z"}})
    await measured.measure()

    assert REGISTRY.get_sample_value("tandem_runs_waiting") == 2
    assert (REGISTRY.get_sample_value("tandem_run_waiting_seconds") or 0) > 1000


async def test_publication_that_cannot_go_on_hinders_no_other(desk: Desk) -> None:
    """The loop says which run it is, and tries again; the others are published meanwhile."""
    bad, other = [await desk.requested() for _ in range(2)]
    await desk.solver([await desk.answer(bad)], [await desk.answer(other)]).turn()
    for run_id in (bad, other):
        await desk.handlers.runs.review(run_id, MANAGER, decision="approved", note=None)
        await desk.handlers.runs.publish(run_id, MANAGER)
    runs = desk.database["runs"]
    await runs.update_one({"_id": bad}, {"$set": {"state.seed": "no number"}})

    with pytest.raises(Transient, match=bad):
        await Publisher(desk.handlers).work()

    assert (await desk.state(other)).state is run.State.PUBLISHED
    await runs.delete_one({"_id": bad})
