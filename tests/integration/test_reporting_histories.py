"""However a history arrives at the projector and its database, the board is the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.chassis import mongo
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.chassis.projector import Projector
from services.chassis.projector.selection import Head
from services.reporting.projections.board import ALL
from services.reporting.store import Boards
from tests.support import board_histories
from tests.support.board_histories import Delivery, Executive, Programme, Record
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


# No shrinking: against a server it takes longer than a test may; the unit test of the same name shrinks.
@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data(), programme=board_histories.programmes)
async def test_any_delivery_of_a_history_gives_the_same_board(
    database: mongo.Database, data: st.DataObject, programme: Programme
) -> None:
    """Interleaved, doubled, delivered again from any place, to either consumer or both: one board, nothing parked.

    After every batch the documents are those of all that was delivered so far, never of less.
    """
    told = board_histories.lives(programme, salt := random_id())
    log: list[Record] = data.draw(board_histories.logs(told), label="log")
    arrived: list[Delivery] = data.draw(board_histories.deliveries(len(log)), label="deliveries")
    consumers, so_far, plain = Consumers(database), Memory(ALL), Memory(ALL)
    plain.deliver([record for life in told for record in life.records])
    for delivery in arrived:
        await consumers.deliver(log, delivery)
        so_far.deliver([log[n] for n in delivery.positions])
        assert await heads_in(database, so_far.heads) == so_far.heads
    shown = await Boards(database).of_edition(edition_id := board_histories.edition_of(salt))
    assert so_far.heads == plain.heads
    assert shown == plain.board(edition_id)
    assert shown.rows == programme.counts()
    here = {"subject": {"$in": [life.subject for life in told]}}
    assert await database["parked"].count_documents(here) == 0


async def test_a_consumer_that_fell_behind_neither_sets_the_board_back_nor_loses_events(
    database: mongo.Database,
) -> None:
    """What a consumer remembers of a pair is old once another has gone on; its next write must not count on it."""
    boss = Executive("north", duty="obliged", paired=True, sessions=("held", "held", "held", "held"))
    workspace = board_histories.lives(Programme(False, (boss,), ()), random_id())[-1]
    consumers, so_far = Consumers(database), Memory(ALL)
    for consumer, upto in ((0, 2), (1, 6), (0, 4), (0, 8), (1, 7), (1, 8)):
        await consumers.deliver(workspace.records, Delivery(tuple(range(upto)), (consumer,)))
        so_far.deliver(workspace.records[:upto])
        assert await heads_in(database, so_far.heads) == so_far.heads


async def heads_in(database: mongo.Database, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Head]:
    """The heads of these subjects, each named after its topic, as they lie in the database."""
    found = {}
    for projection in ALL:
        subjects = [subject for topic, subject in places if topic == projection.topic]
        for document in await database[projection.collection].find({"_id": {"$in": subjects}}).to_list(None):
            state = projection.state.validate_python(document["state"])
            found[projection.topic, document["_id"]] = Head(document["seq"], document["last"], state)
    return found
