"""The board of an edition with 10,000 applications of three sheets each, beside one read of the same documents."""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from rich.console import Console

from deploy.local.servers import Servers
from services.applications import store
from services.applications.domain.application import Application, Offer
from services.applications.domain.edition import Edition
from services.applications.domain.participation import Participation
from services.applications.domain.round import Round
from services.applications.domain.sheet import Sheet
from services.applications.handlers import Assigning, Judging, Overview
from services.applications.main import SERVICE
from services.chassis import collector, mongo, provision
from services.chassis.aggregate import AggregateKind, Repository
from services.chassis.clock import SystemClock
from services.chassis.directory import Directory
from services.chassis.ids import random_id
from tests.bench.children import WrongEffects
from tests.bench.rows import Row
from tests.support.editions import edition

APPLICATIONS = int(os.environ.get("TANDEM_BENCH_APPLICATIONS", "10_000"))
SHEETS, ASSESSORS, PLACES = 3, 50, 400
ROUNDS = 5
_ALLOWED = 10  # reads of the same documents that ranking may cost
_BATCH = 1_000
_AT = datetime(2026, 2, 20, 9, tzinfo=UTC)
_ANSWER = "I have explained it to my whole family, and they have understood it. " * 10


def measure(servers: Servers, console: Console) -> list[Row]:
    """Ranking as the board does it, read and all. Raises ``WrongEffects``."""
    collector.relax()
    read, ranked = asyncio.run(_measured(servers, console))
    name = f"{_ALLOWED} reads of the same documents allowed, beside ranking {APPLICATIONS:,} x {SHEETS} sheets"
    return [Row(name, _ALLOWED * read, "s", ranked, 1)]


async def _measured(servers: Servers, console: Console) -> tuple[float, float]:
    client = mongo.connect(servers.mongodb)
    prefix = f"bench_{uuid.uuid4().hex[:8]}"
    try:
        await provision.indexes([SERVICE], client, prefix)
        database = client[f"{prefix}_applications"]
        of = replace(edition("selection"), edition_id=random_id())
        await _prepare(database, of)
        judging = _judging(database)
        _must_be_whole(await judging.overview(of))
        rounds = [
            (await _seconds(lambda: _read(database, of)), await _seconds(lambda: judging.overview(of)))
            for _ in range(ROUNDS)
        ]
    finally:
        await mongo.close(client)
    read, ranked = (median(seconds) for seconds in zip(*rounds, strict=True))
    told = f"read in {read:.2f} s, read and ranked in {ranked:.2f} s"
    console.print(f"{APPLICATIONS:,} applications of {SHEETS} sheets each: {told}", highlight=False)
    return read, ranked


def _judging(database: mongo.Database) -> Judging:
    clock = SystemClock()
    assigning = Assigning(
        Repository(database, store.ROUNDS, clock=clock),
        Repository(database, store.SHEETS, clock=clock),
        Repository(database, store.APPLICATIONS, clock=clock),
        Repository(database, store.EDITIONS, clock=clock),
        Directory(database, clock),
        clock,
    )
    return Judging(assigning, Repository(database, store.PARTICIPATIONS, clock=clock))


async def _read(database: mongo.Database, of: Edition) -> int:
    """Read the documents that ranking reads, whole and without a look at them; how many there are."""
    found = 0
    for collection in (store.APPLICATIONS.collection, store.SHEETS.collection):
        found += len(await database[collection].find({"state.edition_id": of.edition_id}).to_list(None))
    return found


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _must_be_whole(overview: Overview) -> None:
    entries = overview.board.entries
    sheets = sum(len(entry.totals) for entry in entries)
    if (overview.phase, len(entries), sheets) != ("ranked", APPLICATIONS, APPLICATIONS * SHEETS):
        raise WrongEffects(f"{len(entries)} applications with {sheets} sheets stand on the board ({overview.phase})")
    proposed = [entry for entry in entries if entry.proposal == "selected"]
    if not proposed or not all(entry.ranked for entry in entries):
        raise WrongEffects("nobody is proposed, or somebody is not ranked")


async def _prepare(database: mongo.Database, of: Edition) -> None:
    chance, round_id = random.Random(APPLICATIONS), random_id()
    applications = {id: _application(of, id, chance) for id in (random_id() for _ in range(APPLICATIONS))}
    assessors = [random_id() for _ in range(ASSESSORS)]
    sheets = [
        _sheet(of, round_id, application, assessor, chance)
        for application in applications.values()
        for assessor in chance.sample(assessors, SHEETS)
    ]
    closed = Round(
        round_id,
        of.edition_id,
        number=1,
        state="closed",
        per_application=SHEETS,
        due_at=None,
        assessors=tuple(assessors),
        applications=None,
        seed=random_id(),
        opened_by=random_id(),
        opened_at=_AT,
        unfinished=False,
    )
    obliged = {id: Participation(id, of.edition_id, id, of.subsidiaries[0], _AT) for id in map(str, range(PLACES))}
    kinds: list[tuple[AggregateKind[Any, Any], Mapping[str, Any]]] = [
        (store.APPLICATIONS, applications),
        (store.SHEETS, {one.sheet_id: one for one in sheets}),
        (store.ROUNDS, {round_id: closed}),
        (store.PARTICIPATIONS, obliged),
    ]
    for kind, states in kinds:
        await _write(database, kind, states)


async def _write(database: mongo.Database, kind: AggregateKind[Any, Any], states: Mapping[str, Any]) -> None:
    bare = {"version": 1, "sequence": 0, "sequences": {}, "outbox": [], "recent": [], "seen": {}}
    for ids in mongo.in_chunks(list(states), _BATCH):
        documents = [{"_id": id, "state": kind.state.dump_python(states[id], mode="json"), **bare} for id in ids]
        await database[kind.collection].insert_many(documents)


def _application(of: Edition, id: str, chance: random.Random) -> Application:
    return Application(
        id,
        of.edition_id,
        random_id(),
        chance.choice(of.subsidiaries),
        status="applied",
        started_at=_AT,
        changed_at=_AT,
        standing="in",
        eligibility="met",
        rules=(),
        offer=Offer(places=chance.choice((1, 1, 1, 2))),
        answers={"why": _ANSWER},
        form_version=1,
        manager_informed=True,
        applied_at=_AT,
    )


def _sheet(of: Edition, round_id: str, application: Application, assessor: str, chance: random.Random) -> Sheet:
    assert of.rubric is not None
    return Sheet(
        random_id(),
        round_id,
        of.edition_id,
        application.application_id,
        application.mentor_id,
        assessor,
        state="locked",
        scores={one.criterion_id: chance.randint(1, len(one.levels)) for one in of.rubric.criteria},
        comment="Explains well, with examples.",
        saved_at=_AT,
        locked_at=_AT,
    )
