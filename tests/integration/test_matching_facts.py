"""Promises of what rules and contradictions look at: it is read from the topics, other editions and overrides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.clock import SystemClock
from services.chassis.directory import Directory
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain.inputs import Inputs, inputs, obstacle
from services.matching.domain.policy import STANDARD
from tests.support.matching import World
from tests.support.matching_service import running
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own."""
    async with running(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


async def known(world: World, edition_id: str) -> Inputs:
    """Who can be matched in an edition, as a run reads it."""
    clock = SystemClock()
    profiles = store.profiles(world.database, clock)
    return inputs(await store.Candidates(world.database, Directory(world.database, clock), profiles).facts(edition_id))


async def test_pair_of_another_edition_is_not_repeated(world: World) -> None:
    """Whoever was a pair elsewhere meets somebody new; a pair of others elsewhere, and one of this edition, is none."""
    edition_id = await world.edition()
    mentors = [await world.mentor(edition_id) for _ in range(3)]
    mentee_id = await world.executive(edition_id)
    await world.counts(edition_id, mentors=3, executives=1)
    pairs = ((mentors[0], mentee_id, random_id()), (mentors[1], random_id(), random_id()))
    for mentor, mentee, edition in (*pairs, (mentors[2], mentee_id, edition_id)):
        state = {"edition_id": edition, "mentor_id": mentor, "mentee_id": mentee, "active": False}
        await world.database[store.PAIRS.collection].insert_one({"_id": random_id(), "state": state})

    now = await known(world, edition_id)

    assert [now.mentors[id].earlier for id in mentors] == [{mentee_id}, set(), set()]
    barred = [obstacle(now, mentor_id=id, mentee_id=mentee_id, policy=STANDARD) for id in mentors]
    assert barred == ["earlier_pair", None, None]


async def test_places_that_were_laid_down_are_counted(world: World) -> None:
    """The profile says one place; the newest override says how many there are in this edition."""
    edition_id = await world.edition()
    mentor_id = await world.mentor(edition_id)
    await world.executive(edition_id)
    await world.counts(edition_id, mentors=1, places=1, executives=1)

    for places, expected in ((3, {"mentors": 1, "places": 3}), (0, {"mentors": 0, "places": 0})):
        body = {"kind": "place", "mentor_id": mentor_id, "places": places, "reason": "Agreed."}
        answer = await world.post(f"/v1/editions/{edition_id}/overrides", body)
        assert answer.status_code == 201, answer.text
        found: Any = await world.get("/v1/candidates", edition_id=edition_id)
        assert expected.items() <= found.items()


async def test_all_that_is_counted_from_arrives_with_the_profile(world: World) -> None:
    """Declared levels, video, half days and the time zone of the directory."""
    edition_id = await world.edition()
    mentor_id = await world.mentor(edition_id)
    spoken = [{"language": "en-GB", "level": "C1"}, {"language": "de", "level": "B1"}]
    said = {"language_levels": spoken, "remote": False, "availability": ["mon_am", "fri_pm"], "place": "Hamburg"}
    mentee_id = await world.executive(edition_id, languages=["en-GB"], **said)
    await world.counts(edition_id, mentors=1, executives=1)

    now = await known(world, edition_id)

    mentor, mentee = now.mentors[mentor_id], now.mentees[mentee_id]
    assert (mentee.languages, mentee.place, mentee.remote) == ({"en": 5, "de": 3}, "hamburg", False)
    assert (mentee.availability, mentee.clock) == ({"mon_am", "fri_pm"}, "+0100/+0200")
    assert (mentor.languages, mentor.place, mentor.remote, mentor.availability) == ({"de": 6}, "", None, frozenset())
