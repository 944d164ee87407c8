"""Fifty assessors score a thousand applications at the same time, and no sheet is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.support.selecting import Panel, panel
from tests.support.servers import Running

ASSESSORS, APPLICATIONS, EACH = 50, 1_000, 2


def levels(sheet: str) -> dict[str, int]:
    """The levels that the assessor of this sheet gives: 1 to 3, told from its id."""
    number = int(sheet[:8], 16)
    return {"explains": number % 3 + 1, "knows": number // 3 % 3 + 1}


async def assess(world: Panel, round: str, assessor: str) -> int:
    """Score all own sheets, one after another, and hand them in; how many these were."""
    sheets = await world.sheets(assessor)
    for sheet in sheets:
        body = {"scores": levels(sheet)}
        saved = await world.ask("PUT", f"/v1/sheets/{sheet}", body, actor=assessor, etag='"1"')
        assert saved.status_code == 200, saved.text
    done = await world.ask("POST", f"{round}/hand-in", {}, actor=assessor)
    assert done.json() == {"locked": len(sheets), "incomplete": []}
    return len(sheets)


@pytest.mark.timeout(600)  # about twenty seconds on a machine of its own
async def test_no_sheet_is_lost_among_many_assessors(servers: Running, tmp_path: Path) -> None:
    """Every sheet that was accepted counts as it was saved; loads are even; the round ends by itself, once."""
    async with panel(servers, tmp_path) as world:
        manager, assessors = await world.person("group_office"), await world.assessors(ASSESSORS)
        applications = await world.apply(APPLICATIONS)
        await world.oblige(20)
        round = await world.open_round(manager, per_application=EACH)

        counted = await asyncio.gather(*(assess(world, round, assessor) for assessor in assessors))
        await asyncio.gather(*(world.look() for _ in range(4)))
        board = await world.get(f"{world.path}/board", manager)
        sheets = [one["state"] for one in await world.collection("sheets").find({}).to_list(None)]
        [stored] = await world.collection("rounds").find({}).to_list(None)

    assert counted == [APPLICATIONS * EACH // ASSESSORS] * ASSESSORS
    assert Counter(one["application_id"] for one in sheets) == dict.fromkeys(applications, EACH)
    assert {one["state"] for one in sheets} == {"locked"}
    assert all(one["scores"] == levels(one["sheet_id"]) for one in sheets)
    assert (board["state"], len(board["entries"])) == ("ranked", APPLICATIONS)
    assert sum(one["sheets"] for one in board["entries"]) == APPLICATIONS * EACH
    assert [one["type"].split(".")[-2] for one in stored["outbox"]] == ["assigned", "closed"]
