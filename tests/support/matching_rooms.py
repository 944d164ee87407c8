"""The commands of `matching` over a database alone, and editions written into it, without topics or a service."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from services.chassis import directory, mongo, provision
from services.chassis.aggregate import Repository
from services.chassis.clock import Clock, SystemClock
from services.chassis.directory import Directory
from services.chassis.ids import random_id
from services.chassis.service import Service
from services.matching import store
from services.matching.domain.candidates import Candidate, Edition, Obliged, Selected
from services.matching.domain.run import WhyNot
from services.matching.handlers import (
    Handlers,
    OverrideHandlers,
    PairHandlers,
    PolicyHandlers,
    Questions,
    RunHandlers,
)
from services.matching.main import SERVICE
from services.matching.projections import CANDIDATES
from tests.support.servers import Running

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@asynccontextmanager
async def own_database(servers: Running) -> AsyncIterator[mongo.Database]:
    """A database with the indexes of the service, without the service."""
    prefix, client = f"p{uuid.uuid4().hex[:12]}", mongo.connect(servers.mongodb)
    alone = Service(SERVICE.name, SERVICE.app, indexes=SERVICE.indexes, aggregates=SERVICE.aggregates)
    await provision.indexes([alone], client, prefix)
    yield client[f"{prefix}_matching"]
    await mongo.close(client)


def handlers_over(database: mongo.Database, clock: Clock | None = None) -> Handlers:
    """All commands, as a process of its own has them; nobody answers its questions."""
    clock = clock or SystemClock()
    candidates = store.Candidates(database, Directory(database, clock), store.profiles(database, clock))
    policies = PolicyHandlers(Repository(database, store.POLICIES, clock=clock), clock)
    overrides = OverrideHandlers(Repository(database, store.OVERRIDES, clock=clock), candidates, clock)
    return Handlers(
        runs=RunHandlers(
            runs=Repository(database, store.RUNS, clock=clock),
            claims=store.Work(database),
            candidates=candidates,
            policies=policies,
            overrides=overrides,
            clock=clock,
            work=lambda: None,
        ),
        pairs=PairHandlers(Repository(database, store.PAIRS, clock=clock), clock),
        policies=policies,
        overrides=overrides,
        questions=Questions(candidates, overrides, store.RunChunks(database), _nobody),
        candidates=candidates,
        clock=clock,
    )


async def _nobody(mentee_id: str, mentor_id: str, certificate: bytes) -> WhyNot:
    raise AssertionError("nobody asks here")


async def write_edition(database: mongo.Database, *, mentors: int, executives: int, places: int = 2) -> str:
    """An edition of these people, all alike; its id."""
    edition_id = random_id()
    selected, obliged = [[random_id() for _ in range(number)] for number in (mentors, executives)]
    states: list[Candidate] = [
        Edition(edition_id, NOW.date().replace(year=9999)),
        *(Selected(edition_id, id) for id in selected),
        *(Obliged(edition_id, id, exempt=False) for id in obliged),
    ]
    ids = [edition_id, *selected, *obliged]
    dumped = [CANDIDATES.state.dump_python(state, mode="json") for state in states]
    documents = [{"_id": id, "seq": 1, "state": state} for id, state in zip(ids, dumped, strict=True)]
    await database[CANDIDATES.collection].insert_many(documents)
    person = {"subsidiary": "north", "active": True, "language": "de", "manager_id": None}
    profile = {"skills": [], "wishes": [], "languages": [], "place": "", "capacity": places}
    for collection, entry in ((directory.COLLECTION, person), (store.PROFILES, profile)):
        rows = [{"_id": id, "seq": 1, "gone": False, "entry": {"person_id": id, **entry}} for id in ids[1:]]
        await database[collection].insert_many(rows)
    return edition_id
