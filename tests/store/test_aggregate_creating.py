"""Promises of making aggregates that most likely do not exist yet: nothing twice, nothing lost, on both drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from services.chassis import mongo
from services.chassis.aggregate import Command, KeyReused, Repository
from services.chassis.clock import SystemClock
from services.chassis.errors import Refused
from tests.support.tallies import Tally, TallyEvent, kind, raised


@pytest.fixture
def tallies(database: mongo.Database) -> Repository[Tally, TallyEvent]:
    return Repository(database, kind("tandem.tallies.v1"), clock=SystemClock())


async def test_what_is_new_is_made_as_by_any_command(tallies: Repository[Tally, TallyEvent]) -> None:
    """State, version and events are those of ``handle``, and the same request again is answered with it."""
    command = Command(actor="ann", key="k", fingerprint="f")
    made = await tallies.create("t", raised(3, 4), command)
    again = await tallies.create("t", raised(3, 4), command)

    assert (made.state, made.version, made.sequence, made.replayed) == (Tally(7, 2), 1, 2, False)
    assert (again.state, again.version, again.replayed) == (made.state, 1, True)
    with pytest.raises(KeyReused):
        await tallies.create("t", raised(1), Command(actor="ann", key="k", fingerprint="other"))


async def test_what_is_there_already_is_decided_on_as_it_stands(tallies: Repository[Tally, TallyEvent]) -> None:
    """Also where the same could not be done without it."""

    def only_what_exists(state: Tally | None) -> Sequence[TallyEvent]:
        if state is None:
            raise Refused("There is nothing to raise.")
        return raised(5)(state)

    with pytest.raises(Refused, match="nothing to raise"):
        await tallies.create("t", only_what_exists)
    await tallies.create("t", raised(1))
    raisen = await tallies.create("t", only_what_exists)

    assert raisen.state == Tally(6, 2)


async def test_many_at_the_same_instant_lose_nothing(tallies: Repository[Tally, TallyEvent]) -> None:
    """One makes it, the others change what is there."""
    await asyncio.gather(*(tallies.create("t", raised(1)) for _ in range(10)))

    assert (await tallies.get("t")).state == Tally(10, 10)
