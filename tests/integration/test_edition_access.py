"""Promises on who sees, makes and changes editions, through the HTTP interface of `applications`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.edition_service import (
    ASSESSOR,
    AUDITOR,
    DRAFTING,
    NORTH,
    NORTHERN,
    OFFICE,
    SOUTH,
    SOUTHERN,
    STAFF,
    World,
    new_id,
    refusal,
    serving_editions,
)
from tests.support.editions import drafting
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    async with serving_editions(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """The service on the day on which editions are prepared."""
    running.clock.write_text(DRAFTING)
    return running


async def test_draft_exists_for_those_responsible_alone(world: World) -> None:
    """For everybody else it is 404 and in no list, until its call opens; then its companies' staff see it."""
    path = await world.prepared(by=NORTHERN)
    id = path.rpartition("/")[2]

    async def seen(by: str) -> tuple[int, bool]:
        listed = await _all_ids(world, by)
        return (await world.ask("GET", path, by=by)).status_code, id in listed

    assert [await seen(by) for by in (OFFICE, NORTHERN)] == [(200, True)] * 2
    assert [await seen(by) for by in (SOUTHERN, AUDITOR, ASSESSOR, STAFF)] == [(404, False)] * 4
    nothing = await world.ask("GET", f"/v1/editions/{new_id()}", by=STAFF)
    hidden = await world.ask("GET", path, by=STAFF)
    assert hidden.json()["detail"].replace(id, "") == nothing.json()["detail"].replace(nothing.url.path[-36:], "")

    await world.move(path, "call_open", by=NORTHERN)
    assert [await seen(by) for by in (OFFICE, NORTHERN, AUDITOR, ASSESSOR, STAFF)] == [(200, True)] * 5
    assert await seen(SOUTHERN) == (404, False)


async def _all_ids(world: World, by: str) -> set[str]:
    found: set[str] = set()
    address: str | None = "/v1/editions?limit=200"
    while address:
        answer = await world.ask("GET", address, by=by)
        found |= {one["edition_id"] for one in answer.json()}
        address = answer.links.get("next", {}).get("url")
    return found


async def test_managers_of_one_company_learn_nothing_of_the_others(world: World) -> None:
    """They see a common edition with their own company, counts and no more; only those for all of it change it."""
    path = await world.opened(NORTH, SOUTH)

    own = await world.see(path, SOUTHERN)
    denied = await world.change("PATCH", path, "", {"accept_by": "2026-03-10"}, by=SOUTHERN)

    assert own["subsidiaries"] == [SOUTH]
    assert set(own["applications"].values()) == set(own["participations"].values()) == {0}
    assert (own["next"], own["places"]) == (None, None)
    assert own["escalation"]["to"] == OFFICE
    assert refusal(denied)[:2] == (403, "outside-your-subsidiaries")
    whole = await world.see(path)
    assert whole["next"]["stage"] == "selection"
    assert (await world.see(path, STAFF))["escalation"] is None


async def test_assessors_and_staff_learn_no_numbers(world: World) -> None:
    """Who scores or applies sees the edition; how many are where is for those responsible and auditors."""
    path = await world.opened()

    counted = [(await world.see(path, by))["applications"] is not None for by in (ASSESSOR, STAFF, AUDITOR, NORTHERN)]

    assert counted == [False, False, True, True]
    for by in (ASSESSOR, STAFF, AUDITOR):
        shown = await world.see(path, by)
        assert [shown[name] for name in ("next", "places", "escalation", "created_by", "template")] == [None] * 5


async def test_editions_are_made_within_the_own_scope(world: World) -> None:
    """Other companies, the whole group and others' wording are out of reach for a bounded manager."""
    foreign = await world.prepared(SOUTH)

    async def make(**changes: Any) -> tuple[int, str]:
        body = {name: value for name, value in drafting(NORTH, **changes).items() if value is not None}
        answer = await world.ask("POST", "/v1/editions", body, by=NORTHERN, **{"Idempotency-Key": new_id()})
        return refusal(answer)[:2]

    assert await make(subsidiaries=[NORTH, SOUTH]) == (403, "outside-your-subsidiaries")
    assert await make(subsidiaries=None, group_wide=True) == (403, "outside-your-subsidiaries")
    assert await make(template=foreign.rpartition("/")[2]) == (404, "not-found")
    own = await world.prepared(by=NORTHERN)
    for scope in ({"subsidiaries": [SOUTH]}, {"group_wide": True}):
        answer = await world.change("PATCH", own, "", scope, by=NORTHERN)
        assert refusal(answer)[:2] == (403, "outside-your-subsidiaries")


async def test_scope_that_contradicts_itself_names_its_field(world: World) -> None:
    """Companies of a group-wide edition are a fault of theirs, not of the whole body."""
    making = {"Idempotency-Key": new_id()}
    both = await world.ask("POST", "/v1/editions", drafting(NORTH, group_wide=True), **making)

    assert refusal(both) == (422, "invalid", ["/subsidiaries"])
