"""Runs of an edition are numbered 1, 2, 3 in the order of their requests, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.chassis import mongo
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import run
from services.matching.handlers import Asked, Handlers, RunOpen
from tests.support.matching_rooms import NOW, handlers_over, own_database, write_edition
from tests.support.servers import Running


class Overtaken(Repository[Any, Any]):
    """A repository of a process that others overtake: before a request is written, so many runs take its number."""

    rivals = 0

    async def handle(self, id: str, decide: Any, command: Command | None = None) -> Loaded[Any]:
        """As ever, later."""
        if self.rivals:
            self.rivals -= 1
            edition_id = decide(None)[0].run.edition_id
            number = await store.next_number(self.collection, edition_id)
            await written(self.collection, edition_id, number)
        return await super().handle(id, decide, command)


@pytest.fixture
async def database(servers: Running) -> AsyncIterator[mongo.Database]:
    """A database of its own."""
    async with own_database(servers) as database:
        yield database


async def written(runs: mongo.Collection, edition_id: str, number: int | None) -> None:
    """Write a run that was cancelled."""
    one = run.Run(random_id(), edition_id, "somebody", NOW, run.State.CANCELLED, busy=False, number=number)
    document = {"version": 1, "sequence": 0, "sequences": {}, "outbox": [], "recent": [], "seen": {}}
    state = store.RUNS.state.dump_python(one, mode="json")
    await runs.insert_one({"_id": one.run_id, **document, "state": state})


async def requested(handlers: Handlers, edition_id: str, **asked: Any) -> int | None:
    """The number of a new run, which is cancelled so that the next one can be requested."""
    loaded = await handlers.runs.request(random_id(), edition_id, Command(actor="manager"), Asked(**asked))
    await handlers.runs.cancel(loaded.id, Command(actor="manager"))
    return loaded.state.number


async def test_runs_of_an_edition_are_numbered_trials_among_them(database: mongo.Database) -> None:
    """Each edition counts for itself, whatever the clock says."""
    handlers = handlers_over(database)
    first, second = [await write_edition(database, mentors=1, executives=1) for _ in range(2)]

    numbers = [await requested(handlers, first, trial=trial) for trial in (False, True, False)]

    assert (numbers, await requested(handlers, second)) == ([1, 2, 3], 1)


async def test_runs_of_before_have_no_number_and_stand_in_nobodys_way(database: mongo.Database) -> None:
    """However many there are of them."""
    edition_id = await write_edition(database, mentors=1, executives=1)
    for _ in range(2):
        await written(database[store.RUNS.collection], edition_id, None)

    assert await requested(handlers_over(database), edition_id) == 1


async def test_number_that_somebody_else_took_is_followed_by_the_next(database: mongo.Database) -> None:
    """It is given once, also to those who ask at the same moment; who is overtaken again and again may ask again."""
    edition_id = await write_edition(database, mentors=1, executives=1)
    handlers, clock = handlers_over(database), SystemClock()
    overtaken = Overtaken(database, store.RUNS, clock=clock)
    handlers = replace(handlers, runs=replace(handlers.runs, runs=overtaken))

    overtaken.rivals = 2
    assert await requested(handlers, edition_id) == 3
    overtaken.rivals = 99
    with pytest.raises(RunOpen) as refused:
        await requested(handlers, edition_id)
    assert "try again" in str(refused.value.detail)
