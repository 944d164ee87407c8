"""One suite, both drivers: every fixture below is made once with Motor and once with PyMongo's async client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.chassis import mongo
from services.chassis.ids import random_id
from tests.support.databases import connected, drop
from tests.support.servers import Running


@pytest.fixture(scope="session", params=["motor", "pymongo"])
def driver(request: pytest.FixtureRequest) -> mongo.Driver:
    """The driver that the test runs on."""
    chosen: mongo.Driver = request.param
    return chosen


@pytest.fixture(scope="session")
async def client(servers: Running, driver: mongo.Driver) -> AsyncIterator[mongo.Client]:
    """A client of the real database."""
    async with connected(servers.mongodb, driver=driver) as client:
        yield client


@pytest.fixture
async def database(client: mongo.Client) -> AsyncIterator[mongo.Database]:
    """An empty database of the test's own."""
    name = f"store_{random_id()[:8]}"
    yield client[name]
    await drop(client[name])
