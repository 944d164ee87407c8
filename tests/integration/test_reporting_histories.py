"""However a history arrives at the projector and its database, the board is the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis import mongo
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.chassis.projector import Projector
from services.chassis.projector.selection import Head
from services.reporting.projections.board import ALL
from services.reporting.store import Boards
from tests.support import board_histories
from tests.support.board_histories import Delivery, Life, Programme, Record
from tests.support.board_memory import Memory
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def database(servers: Running) -> AsyncIterator[mongo.Database]:
    """A database of its own on the real server."""
    client = mongo.connect(servers.mongodb)
    yield client[f"histories_{random_id()[:8]}"]
    await mongo.close(client)


class Consumers:
    """Two processes that project the same topics, each with its own memory of what it wrote."""

    def __init__(self, database: mongo.Database) -> None:
        self._projectors = [{one.topic: Projector(database, one, SystemClock()) for one in ALL} for _ in range(2)]

    async def deliver(self, log: list[Record], delivery: Delivery) -> None:
        """Give a batch to one of the two, or to both at the same time."""
        batches: dict[str, list[Record]] = {}
        for n in delivery.positions:
            batches.setdefault(log[n].topic, []).append(log[n])
        await asyncio.gather(
            *(
                self._projectors[consumer][topic].apply(records)
                for consumer in delivery.consumers
                for topic, records in batches.items()
            )
        )


@settings(max_examples=60, deadline=None)
@given(data=st.data(), programme=board_histories.programmes)
async def test_any_delivery_of_a_history_gives_the_same_board(
    database: mongo.Database, data: st.DataObject, programme: Programme
) -> None:
    """Interleaved, doubled, delivered again from any place, to either consumer or both: one board, nothing parked."""
    told = board_histories.lives(programme, salt := random_id())
    log: list[Record] = data.draw(board_histories.logs(told), label="log")
    arrived: list[Delivery] = data.draw(board_histories.deliveries(len(log)), label="deliveries")
    consumers, plain, edition_id = Consumers(database), Memory(ALL), board_histories.edition_of(salt)
    plain.deliver([record for life in told for record in life.records])
    for delivery in arrived:
        await consumers.deliver(log, delivery)
    shown = await Boards(database).of_edition(edition_id)
    assert shown == plain.board(edition_id)
    assert shown.rows == programme.counts()
    assert await heads_in(database, told) == plain.heads
    assert await database["parked"].count_documents({}) == 0


async def heads_in(database: mongo.Database, told: list[Life]) -> dict[tuple[str, str], Head]:
    """The heads of these lives as they lie in the database."""
    found = {}
    for life in told:
        projection = next(one for one in ALL if one.topic == life.topic)
        document = await database[projection.collection].find_one({"_id": life.subject})
        assert document is not None, life
        state = projection.state.validate_python(document["state"])
        found[life.topic, life.subject] = Head(document["seq"], document["last"], state)
    return found
