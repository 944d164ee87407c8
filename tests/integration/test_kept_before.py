"""Promises on editions and applications that an earlier release kept, while people go on with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import random_id
from tests.support.calls import kind_of
from tests.support.editions import edition, scoring
from tests.support.selecting import LEVELS, Panel, panel
from tests.support.servers import Running

MANAGER = "group_office"


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[Panel]:
    """An edition in selection."""
    async with panel(servers, tmp_path) as made:
        yield made


async def keep(world: Panel, person_id: str, status: str = "applied") -> str:
    """An application as it was kept before there were drafts; the id."""
    id = random_id()
    state: dict[str, Any] = {
        "application_id": id, "edition_id": world.edition.edition_id, "mentor_id": person_id,
        "subsidiary": world.edition.subsidiaries[0], "applied_at": "2026-01-20T10:00:00Z", "eligibility": "met",
        "rules": [], "status": status, "waiver": None, "decision": None,
    }  # fmt: skip
    document = {"_id": id, "version": 1, "sequence": 1, "outbox": [], "recent": [], "seen": {}, "state": state}
    await world.collection("applications").insert_one(document)
    return id


async def test_application_of_before_is_assessed_and_ranked(world: Panel) -> None:
    """It gets sheets as any other, and stands on the board."""
    manager, assessors = await world.person(MANAGER), await world.assessors(2)
    kept = await keep(world, await world.person())
    await keep(world, await world.person(), status="withdrawn")
    path = await world.open_round(manager, per_application=2)
    await world.score_all(assessors)
    await world.hand_in(path, assessors)
    await world.look()

    board = await world.get(f"{world.path}/board", manager)

    assert [(one["application_id"], one["rank"]) for one in board["entries"] if one["rank"]] == [(kept, 1)]


async def test_who_applied_before_is_a_party_still(world: Panel) -> None:
    """Neither does such a person assess others, nor see the board; also after withdrawing."""
    for status in ("applied", "withdrawn"):
        person = await world.person(MANAGER, "assessor")
        await keep(world, person, status)
        await world.apply(1)
        assert kind_of(await world.ask("GET", f"{world.path}/board", actor=person)) == (403, "own-case")
        body = {"assessors": [person]}
        refused = await world.ask("POST", f"{world.path}/rounds", body, actor=await world.person(MANAGER))
        assert kind_of(refused) == (422, "unknown-assessors")


async def test_edition_without_a_rubric_says_so_and_gets_one(servers: Running, tmp_path: Path) -> None:
    """Nothing answers with an error of the service: it is told what is missing, and it can be written."""
    async with panel(servers, tmp_path, replace(edition("selection"), rubric=None)) as world:
        manager, assessors = await world.person(MANAGER), await world.assessors(2)
        [application] = await world.apply(1)
        assert kind_of(await world.ask("POST", f"{world.path}/rounds", {}, actor=manager)) == (409, "rubric-missing")

        seen = (await world.ask("GET", world.path, actor=manager)).headers["ETag"]
        filled = await world.ask("PUT", f"{world.path}/rubric", scoring(), actor=manager, etag=seen)
        assert filled.status_code == 200, filled.text
        path = await world.open_round(manager, per_application=2)
        await world.score_all(assessors)
        [sheet, _] = [one for assessor in assessors for one in await world.sheets(assessor)]
        await world.hand_in(path, assessors[1:])
        await world.collection("editions").update_one({}, {"$set": {"state.rubric": None}})

        written = await world.ask("PUT", f"/v1/sheets/{sheet}", {"scores": LEVELS}, actor=assessors[0], etag='"2"')
        assert kind_of(written) == (409, "rubric-missing")
        shown = await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessors[0])
        assert kind_of(shown) == (409, "rubric-missing")
        await world.close_round(path, manager)
        for path in (f"{world.path}/board", f"/v1/applications/{application}/sheets"):
            assert kind_of(await world.ask("GET", path, actor=manager)) == (409, "rubric-missing"), path
