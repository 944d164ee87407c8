"""A roster of 50,000 people: planned beside csv and pydantic on the same file, applied beside a raw bulk write."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import random
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Annotated, Any

from pydantic import BaseModel, Field
from rich.console import Console

from deploy.local.servers import Servers
from services.chassis import collector, mongo, provision
from services.chassis.aggregate import Command, Repository
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.people import store
from services.people.domain.plan import Known, Plan, Scope, company_key
from services.people.domain.planning import before, plan
from services.people.domain.reading.reading import Reading, Wanted, read
from services.people.domain.roster_import import Asked, Powers, State
from services.people.handlers import ImportHandlers, Importing, SubsidiaryHandlers, Upload
from services.people.main import SERVICE
from services.people.mappings import shipped
from tests.bench.children import WrongEffects
from tests.bench.rows import Row

PEOPLE = int(os.environ.get("TANDEM_BENCH_PEOPLE", "50_000"))
ROUNDS = 5
_ALLOWED, _RATE = 3, 0.5  # times the seconds of csv and pydantic; of a raw bulk write's rate
_BATCH = 250  # documents in one raw write, as many as in one of the product's
_AS_OF = date(2027, 1, 15)
_HEADER = (
    *("employee_number", "first_name", "last_name", "email", "manager_number", "subsidiary"),
    *("birth_date", "hire_date", "executive", "active", "place", "job_level"),
)
_LAYOUTS = shipped()
Text = Annotated[str, Field(min_length=1, max_length=120)]


class _Row(BaseModel):
    """What anybody would write to have a row of this file checked."""

    employee_number: Text
    first_name: Text
    last_name: Text
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    manager_number: str
    subsidiary: Text
    birth_date: date
    hire_date: date
    executive: bool
    active: bool
    place: str
    job_level: str


def measure(servers: Servers, console: Console) -> list[Row]:
    """Planning without servers, applying with them. Raises ``WrongEffects``."""
    collector.relax()
    body = _file(PEOPLE)
    checked, first, again = _planned(body, console)
    written, raw = asyncio.run(_applied(body, servers, console))
    allowed = _ALLOWED * checked
    return [
        Row(f"{_ALLOWED} times csv and pydantic allowed, beside planning {PEOPLE:,} joiners", allowed, "s", first, 1),
        Row(f"the same, beside planning {PEOPLE:,} people who are known", allowed, "s", again, 1),
        Row(f"people of a roster applied, beside a raw bulk write of {PEOPLE:,}", written, "people/s", raw, _RATE),
    ]


def _file(people: int) -> bytes:
    """A roster with the dirt of an ordinary one: names with umlauts, a manager each, eight reports to a manager."""
    chance = random.Random(people)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADER)
    for number in range(people):
        names = chance.choice(("Sören", "Anna", "Zoë", "Max", "Eva")), f"Müller{chance.randrange(5000)}"
        manager = f"{number // 8:06}" if number else ""
        born, hired = date(1960, 1, 1), date(2004, 1, 1)
        days = born + timedelta(chance.randrange(15_000)), hired + timedelta(chance.randrange(7_000))
        where = chance.choice(("Nord GmbH", "Süd GmbH", "West GmbH"))
        rest = ("false", "true", chance.choice(("Köln", "Kiel", "Bonn")), chance.choice("ABCD"))
        writer.writerow((f"{number:06}", *names, f"p{number}@example.com", manager, where, *days, *rest))
    return out.getvalue().encode()


def _planned(body: bytes, console: Console) -> tuple[float, float, float]:
    """Seconds of the plain check, of a first plan and of one of people who are known; medians of interleaved rounds."""
    reading, found = _plan(body, [])
    if len(found.joiners) != PEOPLE:
        raise WrongEffects(f"{len(found.joiners)} of {PEOPLE} rows became joiners")
    known = _known(reading)
    if _plan(body, known)[1].unchanged != PEOPLE:
        raise WrongEffects("the same roster again would change somebody")
    rounds = [(_seconds(_check, body), _seconds(_plan, body, []), _seconds(_plan, body, known)) for _ in range(ROUNDS)]
    checked, first, again = (median(seconds) for seconds in zip(*rounds, strict=True))
    told = f"csv and pydantic {checked:.2f} s, first plan {first:.2f} s, plan of known people {again:.2f} s"
    console.print(f"roster of {PEOPLE:,}: {told}", highlight=False)
    return checked, first, again


def _check(body: bytes) -> list[_Row]:
    rows = csv.DictReader(io.StringIO(body.decode(), newline=""))
    return [_Row.model_validate(row) for row in rows]


def _plan(body: bytes, known: Sequence[Known]) -> tuple[Reading, Plan]:
    reading = read(body, _LAYOUTS, Wanted(_AS_OF), lambda layout: before(known, layout))
    names = {record.subsidiary for record in reading.records if record.subsidiary}
    return reading, plan(reading, known, Scope({company_key(name): company_key(name) for name in names}))


def _known(reading: Reading) -> list[Known]:
    managers = reading.hierarchy.managers
    names = [name for name in reading.said if name in Known.__slots__ and name not in ("manager", "subsidiary")]
    return [
        Known(
            record.key,
            source=reading.source,
            subsidiary=company_key(record.subsidiary or ""),
            manager=managers.get(record.key),
            **{name: getattr(record, name) for name in names},
        )
        for record in reading.records
    ]


def _seconds(work: Callable[..., object], *arguments: Any) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


async def _applied(body: bytes, servers: Servers, console: Console) -> tuple[float, float]:
    """People a second by the import job, from the word to apply until it is applied, and by a raw bulk write."""
    client = mongo.connect(servers.mongodb)
    prefix = f"bench_{uuid.uuid4().hex[:8]}"
    try:
        await provision.provision([SERVICE], kafka=servers.kafka, client=client, prefix=prefix)
        database = client[f"{prefix}_people"]
        seconds = await _by_the_job(body, database)
        documents = await database[store.PERSONS.collection].find({}).to_list(None)
        if len(documents) != PEOPLE:
            raise WrongEffects(f"{len(documents)} of {PEOPLE} people are there")
        raw = await _by_hand(documents, database["raw"])
    finally:
        await mongo.close(client)
    console.print(f"roster of {PEOPLE:,}: applied in {seconds:.1f} s, raw in {raw:.1f} s", highlight=False)
    return PEOPLE / seconds, PEOPLE / raw


async def _by_the_job(body: bytes, database: mongo.Database) -> float:
    imports, clock = store.Imports(database), SystemClock()
    companies = SubsidiaryHandlers(
        Repository(database, store.SUBSIDIARIES, clock=clock), store.Companies(database), clock
    )
    jobs = Repository(database, store.ROSTER_IMPORTS, clock=clock)
    importing = Importing(
        imports,
        jobs=jobs,
        persons=Repository(database, store.PERSONS, clock=clock),
        subsidiaries=companies,
        database=database,
        clock=clock,
        issuers=("idp",),
    )
    handlers = ImportHandlers(jobs, imports, clock, importing.woken.set)
    upload = Upload(body, Asked(as_of=_AS_OF), Powers(), "roster.csv")
    made = await handlers.submit(random_id(), upload, Command(actor="bench"))
    await _until(importing, handlers, made.id, State.PLANNED)
    await handlers.confirm(made.id, None, Powers(), Command(actor="bench"))
    began = time.perf_counter()
    await _until(importing, handlers, made.id, State.APPLIED)
    return time.perf_counter() - began


async def _until(importing: Importing, handlers: ImportHandlers, id: str, state: State) -> None:
    while (found := (await handlers.jobs.get(id)).state).state is not state:
        if found.problem:
            raise WrongEffects(found.problem.detail)
        await importing.turn()


async def _by_hand(documents: list[mongo.Document], collection: mongo.Collection) -> float:
    """Seconds of writing the same documents under the same indexes."""
    for index in store.INDEXES[store.PERSONS.collection]:
        options: dict[str, Any] = {"unique": index.unique}
        if index.partial:
            options["partialFilterExpression"] = dict(index.partial)
        await collection.create_index(list(index.keys), **options)
    began = time.perf_counter()
    for start in range(0, len(documents), _BATCH):
        writes = [mongo.InsertOne(document) for document in documents[start : start + _BATCH]]
        await collection.bulk_write(writes, ordered=False)
    return time.perf_counter() - began
