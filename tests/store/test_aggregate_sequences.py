"""Promises of an aggregate that speaks on several topics: on each of them it counts 1, 2, 3 … by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind, Repository, sequence_on
from services.chassis.clock import SystemClock
from services.chassis.outbox import Outgoing
from tests.support.tallies import COLLECTION, Raised, Tally, TallyEvent, kind, raised

TOPIC, LARGE = "tandem.tallies.v1", "tandem.large.v1"


@pytest.fixture
def tallies(database: mongo.Database) -> Repository[Tally, TallyEvent]:
    """Tallies whose large amounts go to a topic of their own."""
    small, large = kind(TOPIC), kind(LARGE)

    def outgoing(event: TallyEvent) -> Outgoing | None:
        return (large if isinstance(event, Raised) and event.amount >= 200 else small).outgoing(event)

    two: AggregateKind[Tally, TallyEvent] = replace(small, outgoing=outgoing)
    return Repository(database, two, clock=SystemClock())


async def stored(database: mongo.Database) -> mongo.Document:
    document = await database[COLLECTION].find_one({"_id": "t"})
    assert document is not None
    return dict(document)


async def test_events_are_numbered_per_topic_without_holes(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """Whatever goes to the other topic leaves no hole; ``sequence`` stays the number of all."""
    await tallies.handle("t", raised(1, 200))
    await tallies.handle("t", raised(201))
    made = await tallies.handle("t", raised(2, 202, 3))

    document = await stored(database)
    numbers = [(one["topic"], one["sequence"]) for one in document["outbox"]]
    assert numbers == [(TOPIC, 1), (LARGE, 1), (LARGE, 2), (TOPIC, 2), (LARGE, 3), (TOPIC, 3)]
    assert (made.sequence, document["sequence"]) == (6, 6)
    assert document["sequences"] == {"tandem/tallies/v1": 3, "tandem/large/v1": 3}
    assert (sequence_on(document, TOPIC), sequence_on(document, "tandem.other.v1")) == (3, 0)


async def test_a_document_of_before_goes_on_from_its_total_on_every_topic(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """On no topic a number comes twice, whichever of them the first new event is for."""
    await tallies.handle("t", raised(1, 200, 2))
    await database[COLLECTION].update_one({"_id": "t"}, {"$unset": {"sequences": ""}, "$set": {"outbox": []}})
    assert sequence_on(await stored(database), LARGE) == 3

    await tallies.handle("t", raised(4))
    made = await tallies.handle("t", raised(201, 5, 202))

    document = await stored(database)
    numbers = [(one["topic"], one["sequence"]) for one in document["outbox"]]
    assert numbers == [(TOPIC, 4), (LARGE, 4), (TOPIC, 5), (LARGE, 5)]
    assert made.sequence == 7
