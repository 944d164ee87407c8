"""Promises of many commands at once: each is its own compare-and-set, none is lost, and one refuses for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from services.chassis import mongo
from services.chassis.aggregate import AlreadyTaken, Command, Many, Repository
from services.chassis.clock import SystemClock
from services.chassis.errors import Refused
from tests.support.tallies import COLLECTION, Decide, Tally, TallyEvent, kind, placed, raised

TOPIC = "tandem.tallies.v1"


@pytest.fixture
def tallies(database: mongo.Database) -> Repository[Tally, TallyEvent]:
    return Repository(database, kind(TOPIC), clock=SystemClock())


def up_to(total: int) -> Decide:
    """Raise a tally to a total; where it stands there already, nothing happens."""

    def decide(state: Tally | None) -> Sequence[TallyEvent]:
        missing = total - (state.total if state else 0)
        return raised(missing)(state) if missing > 0 else []

    return decide


async def test_many_are_made_changed_and_left_alone_at_once(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """New ones, known ones and those that agree; what stands there is what single commands would have made."""
    await tallies.handle("known", up_to(3))
    await tallies.handle("agrees", up_to(5))

    done = await tallies.handle_many({id: up_to(5) for id in ("new", "known", "agrees")}, Command(actor="ann"))

    assert done == Many(frozenset({"new", "known"}), {})
    for id, version, sequence in (("new", 1, 1), ("known", 2, 2), ("agrees", 1, 1)):
        found = await tallies.get(id)
        assert (found.state.total, found.version, found.sequence) == (5, version, sequence)
    document = await database[COLLECTION].find_one({"_id": "known"})
    assert [(one["sequence"], one["actor"]) for one in document["outbox"]] == [(1, None), (2, "ann")]


async def test_the_same_again_changes_nothing(tallies: Repository[Tally, TallyEvent]) -> None:
    """Whatever was cut off is finished by sending all of it again."""
    decisions = {f"t{number}": up_to(number + 1) for number in range(300)}
    part = dict(list(decisions.items())[:120])

    await tallies.handle_many(part)
    rest = await tallies.handle_many(decisions)

    assert rest.changed == decisions.keys() - part.keys()
    assert (await tallies.handle_many(decisions)).changed == frozenset()


async def test_one_that_refuses_does_not_keep_the_others(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """A rule that says no, and a place that somebody has, are told by id; all others are written."""
    held = {"state.place": {"$type": "string"}}
    await database[COLLECTION].create_index([("state.place", 1)], unique=True, partialFilterExpression=held)
    await tallies.handle("holder", placed("here"))
    await tallies.handle("moves", up_to(1))

    def never(_: Tally | None) -> Sequence[TallyEvent]:
        raise Refused("No.")

    decisions: dict[str, Decide] = {
        "a": up_to(1),
        "b": placed("here"),
        "c": never,
        "moves": placed("here"),
        "d": placed("there"),
    }
    done = await tallies.handle_many(decisions)

    assert done.changed == {"a", "d"}
    assert {id: type(error) for id, error in done.refused.items()} == {
        "b": AlreadyTaken,
        "c": Refused,
        "moves": AlreadyTaken,
    }
    assert (await tallies.get("moves")).version == 1


async def test_whoever_is_overtaken_is_handled_again(tallies: Repository[Tally, TallyEvent]) -> None:
    """Of several that change the same ones at once each takes effect, and no event is lost or doubled."""
    ids = [f"t{number}" for number in range(60)]
    await tallies.handle_many({id: up_to(1) for id in ids[::2]})

    await asyncio.gather(*(tallies.handle_many({id: up_to(total) for id in ids}) for total in range(2, 8)))

    for id in ids:
        found = await tallies.get(id)
        assert found.state.total == 7
        assert found.sequence == found.state.entries


async def test_many_wake_the_relay_once(database: mongo.Database) -> None:
    """And nothing that changed nothing does."""
    woken: list[None] = []
    tallies = Repository(database, kind(TOPIC), clock=SystemClock(), accepted=lambda: woken.append(None))

    await tallies.handle_many({"a": up_to(1), "b": up_to(1)})
    await tallies.handle_many({"a": up_to(1)})

    assert len(woken) == 1
