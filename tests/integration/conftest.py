"""What several files of integration tests ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.chassis import mongo
from tests.support.matching_rooms import handlers_over, own_database
from tests.support.portal_stage import Stage, stage_of
from tests.support.servers import NAMED, Running
from tests.support.solving_desk import Desk
from tests.support.topics import forget


@pytest.fixture(scope="module")
async def stage(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The portal of one file of tests; one stand-in answers for all services."""
    async with stage_of(servers, tmp_path_factory.mktemp("issuer")) as one:
        yield one


@pytest.fixture(scope="module")
async def database(servers: Running) -> AsyncIterator[mongo.Database]:
    """A database of `matching` with its indexes, for one file of tests."""
    async with own_database(servers) as database:
        yield database


@pytest.fixture
async def desk(database: mongo.Database) -> AsyncIterator[Desk]:
    """Runs over that database; nothing waits to be solved before and after."""
    desk = Desk(database, handlers_over(database))
    yield desk
    await desk.nothing_waits()


@pytest.fixture(scope="module", autouse=True)
async def new_topics(servers: Running) -> None:
    """Without what other files produced: a service that begins reads its topics whole, in each test once more."""
    if not NAMED:
        await forget(servers.kafka)
