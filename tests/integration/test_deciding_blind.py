"""Promises of deciding while sheets are written, over HTTP and a real database; the loop looks when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.judging import all_sheets, judged, kind
from tests.support.selecting import REASON, Panel, panel
from tests.support.servers import Running

MANAGER = "group_office"
BLIND = (409, "round-open")


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[Panel]:
    """An edition in selection, without a round yet."""
    async with panel(servers, tmp_path) as made:
        yield made


async def decided(world: Panel, application: str, decision: str, by: str) -> Any:
    """The answer to a decision on an application as it stands."""
    path = f"/v1/applications/{application}"
    seen = (await world.ask("GET", path, actor=by)).headers["ETag"]
    return await world.ask("POST", f"{path}/decision", {"decision": decision, "reason": REASON}, actor=by, etag=seen)


async def decided_together(world: Panel, by: str, *applications: str) -> tuple[int, dict[str, str]]:
    """How many of these could be noted as selected in one request, and of which kind the other refusals are."""
    each = [{"application_id": id, "decision": "selected"} for id in applications]
    body = {"decisions": each, "reason": REASON}
    told = (await world.ask("POST", f"{world.path}/decisions", body, actor=by)).json()
    return told["decided"], {one["application_id"]: one["kind"] for one in told["refused"]}


async def released(world: Panel, by: str) -> tuple[int, dict[str, str]]:
    """How many decisions a release carried out, and of which kind the refusals are."""
    told = (await world.ask("POST", f"{world.path}/release", {}, actor=by)).json()
    return told["released"], {one["application_id"]: one["kind"] for one in told["refused"]}


async def test_nobody_is_selected_while_the_round_is_blind(world: Panel) -> None:
    """Neither alone nor among many, and nothing is there to be released; once the round is closed all is possible."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    [one, other] = await world.apply(2)
    round = await world.open_round(manager, per_application=2)

    blind = [await decided(world, one, word, manager) for word in ("selected", "reserved", "declined")]
    many = await decided_together(world, manager, one, other)
    nothing = await released(world, manager)
    await world.close_round(round, manager)
    seen = await decided(world, one, "selected", manager)

    assert [kind(answer) for answer in blind] == [BLIND] * 3
    assert "Round 1 is not closed" in blind[0].json()["detail"]
    assert (many, nothing) == ((0, {one: "round-open", other: "round-open"}), (0, {}))
    assert (seen.status_code, await released(world, manager)) == (200, (1, {}))


async def test_second_round_holds_back_what_was_noted_for_its_applications(world: Panel) -> None:
    """The word stays noted and is released after the round; of everybody else it is released at once."""
    manager, [again, other] = await judged(world, 3, 2, places=2)
    [further] = await world.assessors(1)
    assert await decided_together(world, manager, again, other) == (2, {})
    round = await world.open_round(manager, per_application=1, assessors=[further], applications=[again], reason=REASON)

    during = await released(world, manager)
    [kept] = [(await world.get(f"/v1/applications/{again}", manager))["pending"]]
    await world.close_round(round, manager)

    assert during == (1, {again: "round-open"})
    assert kept["decision"] == "selected"
    assert await released(world, manager) == (1, {})


async def test_who_is_not_eligible_is_declined_during_the_round(world: Panel) -> None:
    """No sheet says anything of somebody who has none, and who could not be selected whatever it said."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    await world.apply(1)
    [unmet] = await world.apply(1, eligibility="unmet")
    await world.open_round(manager, per_application=2)

    assert (await decided(world, unmet, "declined", manager)).status_code == 200
    assert await released(world, manager) == (1, {})


async def test_those_responsible_read_why_a_sheet_was_given_back(world: Panel) -> None:
    """The board names who declared a conflict and why, once the round is closed; before it shows nothing."""
    manager, writers = await world.person(MANAGER), await world.assessors(3)
    [application] = await world.apply(1)
    round = await world.open_round(manager, per_application=2)
    sheet = (await all_sheets(world))[0]
    path, friend = f"/v1/sheets/{sheet['sheet_id']}", sheet["assessor_id"]
    seen = (await world.ask("GET", path, actor=friend)).headers["ETag"]
    given = await world.ask("POST", f"{path}/conflict", {"reason": "We share a flat."}, actor=friend, etag=seen)
    during = await world.get(f"{world.path}/board", manager)
    await world.close_round(round, manager)
    [entry] = (await world.get(f"{world.path}/board", manager))["entries"]

    assert (given.status_code, friend in writers, during["entries"]) == (200, True, [])
    assert entry["application_id"] == application
    assert entry["conflicts"] == [{"assessor_id": friend, "reason": "We share a flat."}]
