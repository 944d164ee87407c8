"""``python -m tests.chaos``: breaks Tandem for minutes and proves that nothing was lost, doubled or left behind."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import typer

from tests.chaos import verdict
from tests.chaos.caller import Refused, Unanswered
from tests.chaos.due_timers import killed_timers
from tests.chaos.fleet import NotReady
from tests.chaos.full_disk import NotPermitted, full_disks, small_disks
from tests.chaos.injector import Injector
from tests.chaos.load import load
from tests.chaos.publication import killed_publications
from tests.chaos.rebuild import killed_rebuild
from tests.chaos.recovery import recovery_times
from tests.chaos.rolling import rolling_restart
from tests.chaos.schedule import Kind, schedule
from tests.chaos.stage import SERVICES, Say, Stage, stage

LOCAL = Path(__file__).resolve().parents[2] / ".local"
SECONDS = 240.0  # of faults in the main run
LIMIT = 1500.0  # seconds that all of it may take; some 1,000 on two cores
KINDS: tuple[Kind, ...] = (
    "kill",
    "kill_service",
    "pause",
    "third_worker",
    "kill_broker",
    "kill_database",
    "kill_mail",
    "kill_issuer",
)


def main() -> int:
    """Run the suite; 0 when all is as promised, else 1."""
    chosen = _arguments()
    seed = chosen.seed if chosen.seed is not None else secrets.randbelow(1_000_000)
    typer.echo(f"seed={seed}")
    parent = chosen.data or LOCAL / "chaos"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"seed-{seed}-", dir=parent))
    began = time.monotonic()

    def say(line: str) -> None:
        typer.echo(f"[{time.monotonic() - began:5.0f}] {line}")

    say(f"data and logs: {folder}")
    only = frozenset(chosen.only.split(",")) if chosen.only else None
    code = asyncio.run(_bounded(_suite(Run(seed, chosen.seconds, folder, say, only))))
    if code == 0:
        shutil.rmtree(folder, ignore_errors=True)
    return code


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for: the seed, the seconds of faults, where data lie, and which scenarios (none named: all)."""

    seed: int
    seconds: float
    folder: Path
    say: Say
    only: frozenset[str] | None

    def plays(self, name: str) -> bool:
        """Whether this scenario was asked for."""
        return self.only is None or name in self.only

    def rng(self, name: str) -> Random:
        """The choices of one scenario, the same whichever others are played."""
        return Random(f"{self.seed}/{name}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the run to have again; a random one without it")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long faults are made in the main run")
    parser.add_argument("--data", type=Path, help="folder for data and logs")
    parser.add_argument("--only", help="scenarios, separated by commas: disk, main, " + ", ".join(_names()))
    return parser.parse_args()


def _names() -> list[str]:
    return [scenario.name for scenario in SCENARIOS]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, and the seconds that it may take."""

    name: str
    play: Callable[[Stage, Random], Awaitable[None]]
    budget: float


SCENARIOS = (
    Scenario("rolling", rolling_restart, 180),
    Scenario("publication", killed_publications, 300),
    Scenario("rebuild", killed_rebuild, 90),
    Scenario("timers", killed_timers, 120),
    Scenario("recovery", recovery_times, 120),
)


async def _bounded(suite: Coroutine[Any, Any, int]) -> int:
    async with asyncio.timeout(LIMIT):
        return await suite


async def _suite(run: Run) -> int:
    judged: list[verdict.Verdict] = []
    if run.plays("disk"):
        judged.append(await _full_disk(run))
    async with stage(run.folder / "main", SERVICES, run.rng("caller"), run.say) as on:
        run.say(f"ready: {', '.join(map(str, on.fleet.seats))}")
        if run.plays("main"):
            await _main_run(on, run)
        for scenario in SCENARIOS:
            if run.plays(scenario.name):
                await _within(scenario, on, run.rng(scenario.name))
        judged.append(await verdict.judge(on) if on.ledger.promises else verdict.NOTHING)
    for reason in (reason for one in judged for reason in one.reasons):
        run.say(f"FAILED {reason}")
    typer.echo(f"seed={run.seed} {judged[-1]}")
    return 0 if all(one.good for one in judged) else 1


async def _within(scenario: Scenario, on: Stage, rng: Random) -> None:
    try:
        async with asyncio.timeout(scenario.budget):
            await scenario.play(on, rng)
    except TimeoutError:
        on.ledger.failures.append(f"{scenario.name} took longer than {scenario.budget:.0f} seconds")
    except (NotReady, Refused, Unanswered) as error:
        on.ledger.failures.append(f"{scenario.name}: {error}")


async def _full_disk(run: Run) -> verdict.Verdict:
    """The scenario on servers of its own, whose disks are small."""
    folder = run.folder / "disk"
    try:
        with small_disks(folder):
            async with stage(folder, SERVICES, run.rng("disk caller"), run.say, workers=1) as on:
                await _within(Scenario("disk", full_disks, 120), on, run.rng("disk"))
                judged = await verdict.judge(on, forgiving=True)
                run.say(f"full disk: {judged}")
                return judged
    except NotPermitted as error:
        run.say(f"full disk: skipped: {error}")
        return verdict.NOTHING


async def _main_run(on: Stage, run: Run) -> None:
    rng = run.rng("main")
    faults = schedule(rng, services=on.fleet.services, kinds=KINDS, seconds=run.seconds)
    on.say("the schedule of faults:")
    for fault in faults:
        on.say(f"  {fault}")
    injector = Injector(on.fleet, on.killable, on.say)
    async with load(on, rng):
        await injector.run(faults)
        await on.fleet.ready(on.fleet.seats)
        on.say("all faults are over; programmes come to an end")
    on.say(verdict.figures(on.caller, injector.done))


if __name__ == "__main__":
    sys.exit(main())
