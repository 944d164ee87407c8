"""Clients that end with their block, and databases that leave nothing behind on a server that is not ours."""

from __future__ import annotations

import asyncio
import socket
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any

import pytest

from services.chassis import mongo
from tests.support.servers import NAMED
from tests.support.waiting import until_async


@asynccontextmanager
async def connected(uri: str, *, driver: mongo.Driver = "motor") -> AsyncIterator[mongo.Client]:
    """A client that is closed when the block ends, whatever ends it."""
    with _tidy() if driver == "pymongo" else nullcontext():
        client = mongo.connect(uri, driver=driver)
        try:
            yield client
        finally:
            await mongo.close(client)


@contextmanager
def _tidy() -> Iterator[None]:
    """Close the socket of whoever is cancelled while it connects.

    PyMongo's own async client forgets it, most often that of a monitor that it cancels when it is closed while its
    server is away; the warning would come in some later test.
    """
    connect = BaseSelectorEventLoop.sock_connect

    def connecting(loop: BaseSelectorEventLoop, sock: socket.socket, address: Any) -> asyncio.Future[None]:
        task = asyncio.ensure_future(connect(loop, sock, address), loop=loop)
        task.add_done_callback(lambda done: sock.close() if done.cancelled() else None)
        return task

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseSelectorEventLoop, "sock_connect", connecting)
        yield


async def drop(database: mongo.Database) -> None:
    """Drop a test's database, where the server is somebody else's; ours goes with its folder.

    Dropping takes the embedded server half a second, now and then a minute, in which it answers nobody.
    A server that is too busy to answer in the driver's time is asked again.
    """

    async def dropped() -> bool:
        try:
            with mongo.unavailable():
                await database.client.drop_database(database.name)
        except mongo.Unavailable:
            return False
        return True

    if NAMED:
        await until_async(dropped, f"{database.name} is dropped", 90)
