"""A fresh MongoDB server becomes a replica set of one; whatever else it is is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import mongo
from services.chassis.patience import patiently
from services.chassis.replica_set import NotPrimary, initiate
from tests.support.servers import Running


class Mongod:
    """Answers as mongod does until and after its set is initiated; ``elections`` questions pass before the vote."""

    def __init__(self, *, elections: int = 0, refuses: int | None = None, belongs_to: str = "") -> None:
        self.admin = self
        self.set = belongs_to
        self.config: dict[str, Any] = {}
        self._elections = elections
        self._refuses = refuses

    async def command(self, name: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
        if name == "replSetInitiate" and config is not None:
            self.set, self.config = config["_id"], config
            if self._refuses is not None:
                raise mongo.OperationFailure("no", self._refuses)
            return {"ok": 1}
        if not self.set:
            return {"isWritablePrimary": False, "isreplicaset": True}
        self._elections -= 1
        return {"setName": self.set, "isWritablePrimary": self._elections < 0}


async def test_a_fresh_server_becomes_a_set_of_one_under_the_address_that_clients_use() -> None:
    """The member's address is what the set tells its clients."""
    server = Mongod()
    assert await initiate(server, "rs0", "mongo:27017") == "rs0"
    assert server.config == {"_id": "rs0", "members": [{"_id": 0, "host": "mongo:27017"}]}


async def test_the_election_is_waited_for() -> None:
    """Before it the server takes no write."""
    server = Mongod(elections=3)
    with pytest.raises(NotPrimary):
        await initiate(server, "rs0", "mongo:27017")
    assert await patiently(lambda: initiate(server, "rs0", "mongo:27017"), 10, pause=0) == "rs0"


async def test_whoever_comes_second_finds_the_set_made() -> None:
    """Two jobs may run at the same time."""
    assert await initiate(Mongod(refuses=23), "rs0", "mongo:27017") == "rs0"


async def test_a_server_that_refuses_its_member_is_told_of() -> None:
    """Such as an address that it cannot reach itself under."""
    with pytest.raises(mongo.OperationFailure):
        await initiate(Mongod(refuses=93), "rs0", "elsewhere:27017")


async def test_an_existing_set_is_left_alone() -> None:
    """Also one of another name, with members of its own."""
    server = Mongod(belongs_to="production")
    assert await initiate(server, "rs0", "mongo:27017") == "production"
    assert server.config == {}


async def test_a_real_server_that_has_a_set_is_found_primary(servers: Running) -> None:
    """Over both drivers' common dialect."""
    client = mongo.connect(servers.mongodb)
    try:
        assert await initiate(client, "rs0", "127.0.0.1:27017")
    finally:
        await mongo.close(client)


async def test_a_server_that_is_away_is_a_passing_failure() -> None:
    """So that the job waits for it."""
    client = mongo.connect("mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=50")
    try:
        with pytest.raises(mongo.Unavailable):
            await initiate(client, "rs0", "127.0.0.1:1")
    finally:
        await mongo.close(client)
