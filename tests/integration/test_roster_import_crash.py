"""Promises of an import that is cut off: another process goes on with it, and in the end everybody is there once."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from services.chassis import mongo, provision
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.people import store
from services.people.domain.roster_import import Asked, Job, Powers, State
from services.people.handlers import ImportHandlers, Importing, SubsidiaryHandlers, Upload
from services.people.main import SERVICE
from services.people.store.imports import Claim, ClaimLost
from tests.support.databases import connected
from tests.support.dying_import import DIED
from tests.support.hr_files import csv_of, person
from tests.support.servers import Running
from tests.support.waiting import until_async

PEOPLE = 900
HR = Command(actor="hr")


@dataclass(frozen=True, slots=True)
class Feed:
    """A database of its own, and whoever works on its imports in this process."""

    environment: dict[str, str]
    database: mongo.Database
    imports: store.Imports
    handlers: ImportHandlers
    importing: Importing

    async def until(self, id: str, state: State) -> Loaded[Job]:
        """Go on with the import until it is so far, as the service's loop does: again where the database was busy."""
        found = await self.handlers.jobs.get(id)

        async def so_far() -> bool:
            nonlocal found
            with suppress(mongo.Unavailable):
                await self.importing.turn()
            found = await self.handlers.jobs.get(id)
            assert found.state.problem is None
            return found.state.state is state

        await until_async(so_far, f"the import is {state}", 100)
        return found

    def dies(self, point: str, ordinal: int) -> None:
        """Have another process work on it until it dies."""
        argv = [sys.executable, "-m", "tests.support.dying_import", point, str(ordinal)]
        died = subprocess.run(argv, env=os.environ | self.environment, stderr=subprocess.PIPE, timeout=100)
        assert died.returncode == DIED, died.stderr.decode(errors="replace")[-4000:]

    async def a_minute_passes(self) -> None:
        """The claim of the dead expires."""
        past = {"$set": {"work.until": datetime(2000, 1, 1, tzinfo=UTC)}}
        await self.imports.jobs.update_many({}, past)

    async def people(self) -> dict[str, mongo.Document]:
        """Everybody, by employee number."""
        found = await self.database[store.PERSONS.collection].find({}).to_list(None)
        assert len({one["state"]["employee_number"] for one in found}) == len(found)
        return {one["state"]["employee_number"]: one for one in found}


@pytest.fixture
async def feed(servers: Running) -> AsyncIterator[Feed]:
    prefix = f"t{uuid.uuid4().hex[:12]}"
    environment = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": prefix}
    async with connected(servers.mongodb) as client:
        await provision.provision([SERVICE], kafka=servers.kafka, client=client, prefix=prefix)
        yield feed_of(environment, client[f"{prefix}_people"])


def feed_of(environment: dict[str, str], database: mongo.Database) -> Feed:
    """Whoever works on imports in this process, as the service puts them together."""
    clock = SystemClock()
    imports = store.Imports(database)
    companies = Repository(database, store.SUBSIDIARIES, clock=clock)
    jobs = Repository(database, store.ROSTER_IMPORTS, clock=clock)
    importing = Importing(
        imports,
        jobs=jobs,
        persons=Repository(database, store.PERSONS, clock=clock),
        subsidiaries=SubsidiaryHandlers(companies, store.Companies(database), clock),
        database=database,
        clock=clock,
        issuers=("idp",),
    )
    return Feed(environment, database, imports, ImportHandlers(jobs, imports, clock, importing.woken.set), importing)


def roster(**cells: str) -> bytes:
    """Everybody reports to one of the first ten, who report to the very first."""
    rows = []
    for number in range(PEOPLE):
        manager = "" if number == 0 else "p0" if number < 10 else f"p{number % 10}"
        rows.append(person(f"p{number}", manager_number=manager, **cells))
    return csv_of(*rows)


async def submitted(feed: Feed, body: bytes) -> str:
    """The id of an upload."""
    made = await feed.handlers.submit(random_id(), Upload(body, Asked(), Powers()), HR)
    return made.id


async def test_dry_run_that_is_cut_off_is_made_anew(feed: Feed) -> None:
    """Nothing is listed twice, and whoever joins has one promised id."""
    id = await submitted(feed, roster() + b"x,1\n" * 1500)

    feed.dies("listed", 2)
    assert (await feed.handlers.jobs.get(id)).state.state is State.READING
    await feed.a_minute_passes()
    planned = await feed.until(id, State.PLANNED)

    assert planned.state.plan is not None
    assert planned.state.plan.joiners == PEOPLE
    listed = [one["_id"] for one in await feed.imports.changes.find({}).to_list(None)]
    assert len(listed) == len(set(listed)) == PEOPLE + 1500 + 1


async def test_application_that_was_overtaken_is_shown_again(feed: Feed) -> None:
    """Whom a later file brought does not leave because an earlier one, cut off, is gone on with."""
    first = await submitted(feed, roster())
    planned = await feed.until(first, State.PLANNED)
    await feed.handlers.confirm(first, None, Powers(), Command(actor="hr", expected=planned.version))
    feed.dies("written", 1)
    more = csv_of(*(person(f"q{number}", manager_number="p0") for number in range(200)))
    later = await submitted(feed, roster() + more.partition(b"\n")[2])
    planned = await feed.until(later, State.PLANNED)
    await feed.handlers.confirm(later, None, Powers(), Command(actor="hr", expected=planned.version))
    await feed.until(later, State.APPLIED)

    await feed.a_minute_passes()
    while (left := (await feed.handlers.jobs.get(first)).state).state is State.APPLYING:
        await feed.importing.turn()

    people = await feed.people()
    assert sum(one["state"]["directory"]["active"] for one in people.values()) == PEOPLE + 200
    assert (left.state, left.started) == (State.PLANNED, False)
    assert left.plan is not None
    assert left.problem is not None
    assert (left.plan.joiners, left.plan.leavers, left.plan.held is not None) == (0, 200, True)


@pytest.mark.parametrize("ordinal", [1, 3])
async def test_application_that_is_cut_off_is_finished(feed: Feed, ordinal: int) -> None:
    """Joiners keep their promised ids, managers are people who exist, and nobody is written twice."""
    id = await submitted(feed, roster())
    planned = await feed.until(id, State.PLANNED)
    promised = await feed.imports.ids_of_joiners(id)
    await feed.handlers.confirm(id, None, Powers(), Command(actor="hr", expected=planned.version))

    feed.dies("written", ordinal)
    begun = await feed.people()
    assert 0 < len(begun) < PEOPLE
    await feed.a_minute_passes()
    done = await feed.until(id, State.APPLIED)

    people = await feed.people()
    assert {number: one["_id"] for number, one in people.items()} == promised
    assert {one["version"] for one in people.values()} == {1}
    ids = {one["_id"] for one in people.values()} | {None}
    assert {one["state"]["directory"]["manager_id"] for one in people.values()} <= ids
    assert done.state.outcome is not None
    assert (done.state.outcome.joined, done.state.outcome.failed) == (PEOPLE, 0)
    assert await feed.imports.body(id) == b""


async def test_movers_that_were_written_are_not_written_again(feed: Feed) -> None:
    """Everybody has one new version, whichever process wrote it."""
    for place, ordinal in (("Kiel", None), ("Köln", 2)):
        id = await submitted(feed, roster(place=place))
        await feed.until(id, State.PLANNED)
        await feed.handlers.confirm(id, None, Powers(), HR)
        if ordinal:
            feed.dies("written", ordinal)
            await feed.a_minute_passes()
        await feed.until(id, State.APPLIED)

    people = await feed.people()
    assert {one["version"] for one in people.values()} == {2}
    assert {one["state"]["profile"]["place"] for one in people.values()} == {"Köln"}


async def test_import_that_kills_its_reader_is_refused_in_the_end(feed: Feed) -> None:
    """A file that no process survives does not stop the service for ever."""
    id = await submitted(feed, roster())

    for _ in range(3):
        feed.dies("listed", 1)
        await feed.a_minute_passes()
    await feed.importing.turn()

    refused = (await feed.handlers.jobs.get(id)).state
    assert (refused.state, refused.problem and refused.problem.field) == (State.REFUSED, None)


async def test_two_workers_do_not_meet_in_one_import(feed: Feed) -> None:
    """Whoever lost the claim stops, and leaves the import to the other."""
    id = await submitted(feed, roster())
    assert await feed.imports.claim("first") == (id, 1)
    first = Claim(await feed.handlers.jobs.get(id), "first", 1)
    await feed.imports.hold(first, done=1, total=2)
    assert await feed.imports.progress(id) == (1, 2)
    assert await feed.imports.claim("second") is None
    await feed.a_minute_passes()
    assert await feed.imports.claim("second") == (id, 2)

    with pytest.raises(ClaimLost, match=id):
        await feed.imports.hold(first, done=2, total=2)


async def test_old_imports_are_forgotten_whole(feed: Feed) -> None:
    """After thirty days neither file nor names of it are there; that it took place is."""
    id = await submitted(feed, csv_of(person("1", last_name="Groß")).decode().encode("cp1252"))
    made = await feed.until(id, State.PLANNED)
    younger = await submitted(feed, roster())

    await feed.imports.forget_old(made.state.at)
    assert await feed.imports.changes.count_documents({}) > 0
    await feed.imports.jobs.update_one({"_id": id}, {"$set": {"time": datetime(2020, 1, 1, tzinfo=UTC)}})
    await feed.imports.forget_old(made.state.at)

    assert await feed.imports.changes.count_documents({}) == 0
    assert await feed.imports.body(id) == b""
    assert await feed.imports.body(younger) != b""
    summary = (await feed.handlers.jobs.get(id)).state.reading
    assert summary is not None
    assert summary.letters_to_check == ()
