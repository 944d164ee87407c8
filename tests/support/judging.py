"""What tests of rounds and of the board share: a closed round, all sheets, what a refusal says."""

from __future__ import annotations

from typing import Any

from tests.support.selecting import Panel

BEST, WORST = {"explains": 3, "knows": 3}, {"explains": 1, "knows": 1}


def kind(answer: Any) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def fields(answer: Any) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in answer.json()["errors"]]


async def all_sheets(world: Panel) -> list[dict[str, Any]]:
    """What the database has of all sheets."""
    return [one["state"] for one in await world.collection("sheets").find({}).to_list(None)]


async def judged(world: Panel, *totals: int, places: int) -> tuple[str, list[str]]:
    """A closed round in which two assessors gave these levels (1 to 3) to an application each; manager and ids."""
    manager, assessors = await world.person("group_office"), await world.assessors(2)
    applications = await world.apply(len(totals))
    await world.oblige(places)
    path = await world.open_round(manager, per_application=2)
    of = {one["sheet_id"]: one for one in await all_sheets(world)}
    for assessor in assessors:
        for sheet in await world.sheets(assessor):
            level = totals[applications.index(of[sheet]["application_id"])]
            assert (await world.score(assessor, sheet, {"explains": level, "knows": level})).status_code == 200
    await world.hand_in(path, assessors)
    await world.look()
    return manager, applications
