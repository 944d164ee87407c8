"""The short form of the chaos suite: two workers of three services, each kind of fault, and the counts agree."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from services.chassis.ids import random_id
from tests.chaos import verdict
from tests.chaos.injector import Injector
from tests.chaos.load import load, programme
from tests.chaos.programme import Size
from tests.chaos.schedule import Fault, Kind, schedule
from tests.chaos.stage import Stage, stage

FAULTS = (
    Fault(0.3, "kill", "applications-1", 0.2),
    Fault(0.4, "kill_issuer", "issuer", 2.0),
    Fault(0.6, "pause", "reporting-1", 3.0),
    Fault(1.0, "kill_broker", "broker", 0.3),
    Fault(2.0, "third_worker", "reporting-3", 4.0),
    Fault(3.0, "kill_database", "database", 0.3),
    Fault(4.5, "kill_service", "reporting", 0.0),
    Fault(4.8, "kill_service", "people", 0.0),
)
KINDS: tuple[Kind, ...] = (
    "kill",
    "kill_service",
    "pause",
    "third_worker",
    "kill_broker",
    "kill_database",
    "kill_issuer",
)


@pytest.mark.timeout(180)
async def test_nothing_is_lost_when_workers_and_servers_are_killed_under_load(tmp_path: Path) -> None:
    """Accepted = published = projected, no fork, none parked, every acknowledged command found, every board right."""
    async with stage(tmp_path, ("people", "applications", "reporting"), Random(1), _silent) as on:
        async with load(on, Random(2), at_once=4, act=_open_edition):
            await Injector(on.fleet, on.killable, on.say).run(FAULTS)
            await on.fleet.ready(on.fleet.seats)
        judged = await verdict.judge(on, seconds=45)
        assert judged.good, judged.reasons
        assert judged.counts is not None
        assert judged.counts.accepted > 20


async def _open_edition(on: Stage, rng: Random) -> None:
    """Somebody opens an edition and its call; both stand in the ledger once they are acknowledged."""
    size = Size(executives=0, applicants=0, sessions=0)
    await programme(on, size, rng).open_edition(random_id(), lasts=timedelta(days=1))


def _silent(line: str) -> None:
    """Nobody is told."""


def _drawn(seed: int) -> list[Fault]:
    return schedule(Random(seed), services=("a", "b"), kinds=KINDS, seconds=120)


def test_a_seed_stands_for_one_schedule_with_every_kind_of_fault() -> None:
    """The same seed draws the same faults, another one others; each kind comes."""
    assert _drawn(7) == _drawn(7) != _drawn(8)
    assert {fault.kind for fault in _drawn(7)} == set(KINDS)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_hit_while_it_is_hit_already(seed: int) -> None:
    """No target is hit again before it was back for a while, so that each fault is one that somebody recovers from."""
    faults = _drawn(seed)
    for target in {fault.target for fault in faults}:
        hits = [fault for fault in faults if fault.target == target]
        assert all(one.at + one.lasts < following.at for one, following in pairwise(hits))
