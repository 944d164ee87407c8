"""Members see one proposal of an edition at a time, on real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.aggregate import Command
from services.chassis.ids import random_id
from services.matching.domain.inputs import inputs
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import propose
from services.matching.domain.run import Found
from tests.support.matching import MANAGER, World
from tests.support.matching_rooms import handlers_over, own_database, write_edition
from tests.support.matching_service import kind_of, running
from tests.support.servers import Running
from tests.support.tracing import TRACE


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own."""
    async with running(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


async def as_member(world: World, method: str, path: str, person: str, body: Any = None) -> Any:
    """What a member of a pair is answered."""
    headers = {"Tandem-Actor": person, **({"Idempotency-Key": random_id()} if body else {})}
    return await world.http.request(method, path, headers=headers, json=body)


async def two_drafts(world: World) -> tuple[str, str, str]:
    """An edition with one executive and two proposals for them; the executive and the two paths."""
    edition_id = await world.edition()
    await world.mentor(edition_id)
    executive = await world.executive(edition_id)
    await world.counts(edition_id, mentors=1, executives=1)
    return executive, await world.proposed(edition_id), await world.proposed(edition_id)


async def test_second_preview_takes_the_place_of_the_first(world: World) -> None:
    """Members see the newer one alone, whichever was computed first, and who objects to the older one is told so."""
    executive, newer, older = await two_drafts(world)
    for path in (older, newer):
        assert (await world.change(path, "preview", {})).status_code == 200

    assert (await world.get(older))["state"] == "superseded"
    assert (await world.get(newer))["state"] == "previewed"
    own = (await as_member(world, "GET", "/v1/proposals", executive)).json()
    assert [one["run_id"] for one in own] == [newer.rpartition("/")[2]]
    objection = {"mentee_id": executive, "reason": "We share a flat."}
    late = await as_member(world, "POST", f"{older}/vetoes", executive, objection)
    assert kind_of(late) == (409, "run-not-vetoable")
    assert "took the place of this one" in late.json()["detail"]
    assert (await as_member(world, "POST", f"{newer}/vetoes", executive, objection)).status_code == 201


async def test_preview_that_was_put_aside_tells_by_what_and_by_whom(servers: Running) -> None:
    """The event is of whoever showed the newer one, in the same trace."""
    older, newer, command = random_id(), random_id(), Command(actor=MANAGER, traceparent=TRACE)
    async with own_database(servers) as database:
        handlers = handlers_over(database)
        edition_id = await write_edition(database, mentors=1, executives=1)
        known = inputs(await handlers.candidates.facts(edition_id))
        for run_id in (older, newer):
            await handlers.runs.request(run_id, edition_id, Command(actor="somebody"))
            await handlers.runs.propose(run_id, Found(propose([], known, STANDARD)))
            await handlers.runs.preview(run_id, command)
        aside = (await database["runs"].find_one({"_id": older}))["outbox"][-1]

    assert (aside["type"], aside["actor"]) == ("org.tandem.run.superseded.v1", MANAGER)
    assert f'"by_run_id":"{newer}"' in aside["data"]
    assert aside["traceparent"][3:35] == TRACE[3:35]


async def test_refused_preview_leaves_the_one_that_is_shown(world: World) -> None:
    """A proposal that cannot be shown takes nobody's place."""
    executive, shown, rejected = await two_drafts(world)
    await world.change(shown, "preview", {})
    await world.change(rejected, "review", {"decision": "rejected"})

    assert kind_of(await world.change(rejected, "preview", {})) == (409, "run-not-previewable")

    [own] = (await as_member(world, "GET", "/v1/proposals", executive)).json()
    assert own["run_id"] == shown.rpartition("/")[2]


async def test_of_two_that_stand_as_shown_members_see_the_later_one(world: World) -> None:
    """Whatever broke off in between, or was shown before this was so."""
    executive, first, second = await two_drafts(world)
    await world.change(first, "preview", {})
    await world.change(second, "preview", {})
    again = {"$set": {"state.state": "previewed"}}
    await world.database["runs"].update_one({"_id": first.rpartition("/")[2]}, again)

    [own] = (await as_member(world, "GET", "/v1/proposals", executive)).json()
    assert own["run_id"] == second.rpartition("/")[2]
