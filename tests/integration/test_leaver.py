"""A mentor leaves: what the roster says reaches the pair, its sessions, the participation and the boards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import random_id
from tests.support.everybody import Everybody, everybody
from tests.support.servers import Running
from tests.support.waiting import until_async
from tests.support.yearly import an_edition, moved_on

COMPANY = f"Company {random_id()[:8]}"  # of its own: the directory topic also tells of the people of other tests
COLUMNS = "employee_number,name,email,subsidiary,birth_date,entry_date,executive,languages,capacity,skills,wishes,roles"
OTHERS = f"""{COLUMNS}
E1,Ada Amt,ada@leaver.example,{COMPANY},1960-01-01,1990-01-01,true,de,0,,TikTok:1,
E2,Bea Bau,bea@leaver.example,{COMPANY},1961-01-01,1991-01-01,true,de,0,,TikTok:1,
M2,Dan Dorn,dan@leaver.example,{COMPANY},1980-01-01,2011-01-01,false,de,1,TikTok:4,,
M3,Eva Ende,eva@leaver.example,{COMPANY},2001-03-01,2021-01-01,false,de,1,TikTok:4,,
A1,Fay Fink,fay@leaver.example,{COMPANY},1980-03-01,2011-01-01,false,de,0,,,assessor@{COMPANY}
A2,Gil Gold,gil@leaver.example,{COMPANY},1980-03-01,2011-01-01,false,de,0,,,assessor@{COMPANY}
A3,Hal Hain,hal@leaver.example,{COMPANY},1980-03-01,2011-01-01,false,de,0,,,assessor@{COMPANY}
"""
ROSTER = f"{OTHERS}M1,Cem Can,cem@leaver.example,{COMPANY},2001-01-01,2021-01-01,false,de,1,TikTok:4,,\n"


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Everybody]:
    """All services over topics and databases of their own."""
    async with everybody(servers, Path(tmp_path_factory.mktemp("everybody"))) as running:
        yield running


async def shows(world: Everybody, service: str, path: str, wanted: dict[str, Any], *, actor: str = "a-reader") -> Any:
    """Wait until what stands there has these members; all of it."""
    found: list[Any] = []

    async def so() -> bool:
        answer = await world.http[service].get(path, headers={"Tandem-Actor": actor})
        found[:] = [answer.json()]
        return answer.status_code == 200 and wanted.items() <= found[0].items()

    await until_async(so, f"{path} of {service} shows {wanted}")
    return found[0]


async def imported(world: Everybody, roster: str, **said: int) -> None:
    """HR sends a roster, and says that it is meant."""
    made = await world.command("people", "/v1/roster-imports", roster, subject="id", actor="hr")
    path = f"/v1/roster-imports/{made.json()['id']}"
    await shows(world, "people", path, {"state": "planned"})
    await world.command("people", f"{path}/application", said, actor="hr", subject="id", seen=path)
    await shows(world, "people", path, {"state": "applied"})


async def published(world: Everybody, edition: str) -> str:
    """The one pair that comes of the edition's matching; its id."""
    await shows(world, "matching", f"/v1/candidates?edition_id={edition}", {"mentors": 1, "executives": 1})
    run = (await world.command("matching", "/v1/runs", {"edition_id": edition}, subject="run_id")).json()["run_id"]
    path = f"/v1/runs/{run}"
    await shows(world, "matching", path, {"state": "proposed"})
    await world.command("matching", f"{path}/review", {"decision": "approved"}, subject=run, seen=path)
    await world.command("matching", f"{path}/publication", {}, subject=run, seen=path)
    done = await shows(world, "matching", path, {"state": "published"})
    return str(done["pairs"][0]["pair_id"])


async def paired(world: Everybody, edition: str, number: int) -> None:
    """Wait until so many of the one obliged executive are paired, on both boards."""
    found: list[tuple[int, int]] = []

    async def so() -> bool:
        board = await world.http["reporting"].get(f"/v1/boards/{edition}")
        listed = await world.get("applications", f"/v1/editions/{edition}/participations?state=paired")
        totals = board.json().get("totals", {}) if board.status_code == 200 else {}
        found[:] = [(totals.get("obliged", 0), totals.get("paired", -1)), (1, len(listed))]
        return found == [(1, number)] * 2

    await until_async(so, f"{number} executives are paired on both boards")


async def test_mentor_who_leaves_takes_the_pair_its_sessions_and_the_coverage_along(world: Everybody) -> None:
    """Nobody has to do anything but send the roster; the executive is obliged again and can be matched anew."""
    await imported(world, ROSTER)
    persons = {one["employee_number"]: one["id"] for one in await world.get("people", "/v1/people")}
    [company] = [one["id"] for one in await world.get("people", "/v1/subsidiaries") if one["name"] == COMPANY]
    edition = await an_edition(world, company, persons)
    pair = await published(world, edition)
    await moved_on(world, edition, "running")
    mentor, workspace = persons["M1"], f"/v1/workspaces/{pair}"
    await shows(world, "sessions", workspace, {"pair_id": pair}, actor=mentor)
    planned = {"planned_for": "2026-05-03T09:00:00Z"}
    await world.command("sessions", f"{workspace}/sessions", planned, subject=pair, actor=mentor)
    await paired(world, edition, 1)

    await imported(world, OTHERS, leavers=1)

    over = await shows(world, "matching", f"/v1/pairs/{pair}", {"active": False})
    assert (over["ended"]["reason"], over["ended"]["by"]) == ("mentor_left", "matching")

    async def cancelled() -> bool:
        found = await world.get("sessions", workspace)
        return [(one["state"], one["cancelled_by"]) for one in found["sessions"]] == [("cancelled", "programme")]

    await until_async(cancelled, "the session is cancelled")
    await paired(world, edition, 0)
    [obliged] = await world.get("applications", f"/v1/editions/{edition}/participations?state=obliged")
    assert obliged["mentee_id"] == persons["E1"]
    await shows(world, "matching", f"/v1/candidates?edition_id={edition}", {"mentors": 0, "executives": 1})

    async def on_the_trail() -> bool:
        answer = await world.http["reporting"].get("/v1/audit", params={"pair": pair, "kind": "PairEnded"})
        told = [(one["who"], one["what"], one["reason"]) for one in answer.json()]
        return told == [("matching", "ended a pair", "mentor_left")]

    await until_async(on_the_trail, "the audit trail tells of it")
