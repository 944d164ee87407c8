"""Promises of decisions and their release, through the HTTP interface of `applications`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.applications.contracts import applications as types
from services.applications.handlers import decisions
from tests.support.calls import OPEN, REASON, World, kind_of, new_id, serving_calls
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    async with serving_calls(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """The service at the time of the call."""
    running.clock.write_text(OPEN)
    return running


async def test_applicant_learns_nothing_of_a_decision_before_its_release(world: World) -> None:
    """What the applicant can ask for is the same before and after, byte for byte; managers see the decision."""
    house = new_id()
    edition, mentor, manager = await world.edition(house), await world.candidate(house), await world.manager(house)
    application = await world.applied(edition, mentor)
    await world.selecting(edition)
    paths = (application, f"{edition}/my-application", edition, f"{edition}/eligibility")
    before = [await world.ask("GET", path, by=mentor) for path in paths]
    body = {"decision": "declined", "reason": REASON}
    seen = await world.done(application, "/decision", body, by=manager)
    after = [await world.ask("GET", path, by=mentor) for path in paths]

    assert seen["pending"]["reason"] == REASON
    assert (seen["status"], seen["decision"]) == ("applied", None)
    assert [answer.content for answer in before] == [answer.content for answer in after]
    assert [answer.headers.get("ETag") for answer in before] == [answer.headers.get("ETag") for answer in after]
    etag = before[0].headers["ETag"]
    withdrawn = await world.ask("POST", f"{application}/withdrawal", {}, by=mentor, **{"If-Match": etag})
    assert withdrawn.status_code == 200
    assert (await world.see(application, by=manager))["pending"] is None


async def test_reason_is_told_with_a_no_and_with_nothing_else(world: World) -> None:
    """Who is selected or waits does not read why; who is declined does."""
    house = new_id()
    edition = await world.edition(house)
    applications = {}
    for decision in ("selected", "reserved", "declined"):
        mentor = await world.candidate(house)
        applications[decision] = (mentor, await world.applied(edition, mentor))
    await world.selecting(edition)
    bare = [await world.change(path, "/decision", {"decision": said}) for said, (_, path) in applications.items()]
    for decision, (_, path) in applications.items():
        await world.done(path, "/decision", {"decision": decision, "reason": REASON})
    await world.ask("POST", f"{edition}/release", {})

    assert [(kind_of(one), one.json()["errors"][0]["field"]) for one in bare] == [((422, "invalid"), "/reason")] * 3
    for decision, (mentor, path) in applications.items():
        seen = await world.see(path, by=mentor)
        assert (seen["status"], seen["decision"]["decision"]) == (decision, decision)
        assert seen["decision"]["reason"] == (REASON if decision == "declined" else None)
        assert (await world.see(path))["decision"]["reason"] == REASON


async def test_release_carries_out_what_it_can_and_names_the_rest(world: World) -> None:
    """Who left meanwhile is not selected, and stays pending; asking again changes nothing."""
    house = new_id()
    edition = await world.edition(house)
    stays, leaves = await world.candidate(house), await world.candidate(house)
    chosen, gone = await world.applied(edition, stays), await world.applied(edition, leaves)
    await world.selecting(edition)
    for path in (chosen, gone):
        await world.done(path, "/decision", {"decision": "selected", "reason": REASON})
    await world.person(house, leaves, active=False)
    await world.becomes(gone, standing="left")

    first = (await world.ask("POST", f"{edition}/release", {})).json()
    second = (await world.ask("POST", f"{edition}/release", {})).json()

    [refused] = first["refused"]
    assert (first["released"], first["remaining"], refused["kind"]) == (1, 0, "not-in-scope")
    assert refused["application_id"] == gone.rpartition("/")[2]
    assert (second["released"], second["refused"]) == (0, first["refused"])
    assert [(await world.see(path))["status"] for path in (chosen, gone)] == ["selected", "applied"]


async def test_reserve_moves_up(world: World) -> None:
    """Who is on the reserve list is selected later by a release of its own."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    application = await world.applied(edition, mentor)
    await world.selecting(edition)
    for decision in ("reserved", "selected"):
        await world.done(application, "/decision", {"decision": decision, "reason": REASON})
        await world.ask("POST", f"{edition}/release", {})

    kinds = [type_ for type_, _ in await world.published(application, 5)]
    assert kinds == [types.APPLIED, types.CHANGED, types.RESERVED, types.CHANGED, types.SELECTED]


async def test_place_that_lapsed_goes_to_a_reserve_who_has_a_week(world: World) -> None:
    """Who did not accept in time blocks the matching until declined, which is told to all; the reserve can accept."""
    house = new_id()
    edition = await world.edition(house, accept_by="2026-04-10")
    silent, follower = await world.candidate(house), await world.candidate(house)
    paths = [await world.applied(edition, mentor) for mentor in (silent, follower)]
    await world.selecting(edition)
    for path, decision in zip(paths, ("selected", "reserved"), strict=True):
        await world.done(path, "/decision", {"decision": decision, "reason": REASON})
    await world.ask("POST", f"{edition}/release", {})
    early = await world.change(paths[0], "/decision", {"decision": "declined", "reason": REASON})
    world.clock.write_text("2026-04-13T09:00:00Z")
    shown = await world.see(edition)
    for path, decision in zip(paths, ("declined", "selected"), strict=True):
        await world.done(path, "/decision", {"decision": decision, "reason": REASON})
    released = (await world.ask("POST", f"{edition}/release", {})).json()
    moved_up = await world.see(paths[1], by=follower)
    world.clock.write_text("2026-04-20T21:59:00Z")
    accepted = await world.done(paths[1], "/acceptance", {}, by=follower)

    assert kind_of(early) == (409, "decided-before")
    assert {one["code"]: one["number"] for one in shown["next"]["blockers"]} == {"not-accepted": 1}
    assert (shown["places"]["selected"], released["released"]) == (0, 2)
    assert (moved_up["accept_by"], accepted["status"]) == ("2026-04-20", "accepted")
    assert (await world.see(edition))["next"]["blockers"] == []
    kinds = [type_ for type_, _ in await world.published(paths[0], 5)]
    assert kinds == [types.APPLIED, types.CHANGED, types.SELECTED, types.CHANGED, types.DECLINED]


async def test_many_are_released_in_steps_and_at_once_by_several(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request does so many and says how many remain; two at the same moment release nobody twice."""
    monkeypatch.setattr(decisions, "AT_ONCE", 4)
    monkeypatch.setattr(decisions, "CHUNK", 2)
    house = new_id()
    edition = await world.edition(house)
    paths = [await world.applied(edition, await world.candidate(house)) for _ in range(7)]
    await world.selecting(edition)
    for path in paths:
        await world.done(path, "/decision", {"decision": "selected", "reason": REASON})

    first = (await world.ask("POST", f"{edition}/release", {})).json()
    rest = await asyncio.gather(*(world.ask("POST", f"{edition}/release", {}) for _ in range(2)))

    assert first == {"released": 4, "refused": [], "remaining": 3}
    assert all(answer.json()["remaining"] == 0 for answer in rest)
    for path in paths:
        kinds = [type_ for type_, _ in await world.published(path, 3)]
        assert kinds == [types.APPLIED, types.CHANGED, types.SELECTED]


async def test_nothing_is_decided_while_the_call_is_open(world: World) -> None:
    """Neither prepared nor released, before the edition was moved on."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    application = await world.applied(edition, mentor)

    assert kind_of(await world.change(application, "/decision", {"decision": "selected", "reason": REASON})) == (
        409,
        "not-in-selection",
    )
    assert (await world.ask("POST", f"{edition}/release", {})).json()["released"] == 0


async def test_manager_releases_for_the_own_companies_only(world: World) -> None:
    """What a colleague decided for another company waits for somebody responsible there."""
    north, south = new_id(), new_id()
    edition, manager = await world.edition(north, south), await world.manager(north)
    paths = [await world.applied(edition, await world.candidate(house)) for house in (north, south)]
    await world.selecting(edition)
    for path in paths:
        await world.done(path, "/decision", {"decision": "selected", "reason": REASON})

    hidden = await world.change(paths[1], "/decision", {"decision": "declined", "reason": REASON}, by=manager)
    done = (await world.ask("POST", f"{edition}/release", {}, by=manager)).json()

    assert kind_of(hidden) == (404, "not-found")
    assert done == {"released": 1, "refused": [], "remaining": 0}
    assert [(await world.see(path))["status"] for path in paths] == ["selected", "applied"]
