"""The audit trail is complete: whatever was accepted from somebody has its entry, who and about what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import random_id
from tests.support.editions import drafting
from tests.support.everybody import Done, Everybody, everybody
from tests.support.servers import Running
from tests.support.waiting import until_async
from tests.support.yearly import an_edition, moved_on

COMPANY = f"Company {random_id()[:8]}"  # of its own: the directory topic also tells of the people of other tests
COLUMNS = "employee_number,name,email,subsidiary,birth_date,entry_date,executive,languages,capacity,skills,wishes,roles"
ROSTER = f"""{COLUMNS}
E1,Ada Amt,ada@north.example,{COMPANY},1960-01-01,1990-01-01,true,de,0,,TikTok:1,
E2,Bea Bau,bea@north.example,{COMPANY},1961-01-01,1991-01-01,true,de,0,,TikTok:1,
M1,Cem Can,cem@north.example,{COMPANY},2001-01-01,2021-01-01,false,de,1,TikTok:4,,
M2,Dan Dorn,dan@north.example,{COMPANY},1980-01-01,2011-01-01,false,de,1,TikTok:4,,
M3,Eva Ende,eva@north.example,{COMPANY},2001-03-01,2021-01-01,false,de,1,TikTok:4,,
A1,Fay Fink,fay@north.example,{COMPANY},1980-03-01,2011-01-01,false,de,0,,,assessor@{COMPANY}
A2,Gil Gold,gil@north.example,{COMPANY},1980-03-01,2011-01-01,false,de,0,,,assessor@{COMPANY}
A3,Hal Hain,hal@north.example,{COMPANY},1980-03-01,2011-01-01,false,de,0,,,assessor@{COMPANY}
"""


@pytest.fixture(scope="module")
async def all_services(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Everybody]:
    async with everybody(servers, Path(tmp_path_factory.mktemp("everybody"))) as running:
        yield running


async def the_roster(world: Everybody) -> dict[str, str]:
    """Everybody; their ids by employee number. A second upload is given up."""
    first, second = [await uploaded(world, actor) for actor in ("hr", "hr-again")]
    await world.command("people", f"{first}/application", {}, actor="hr", subject="id", seen=first)
    await is_so_far(world, first, "applied")
    found = {one["employee_number"]: one["id"] for one in await world.get("people", "/v1/people")}
    world.done += [Done("people", world.done[-1].route, "hr", id, "PersonChanged") for id in found.values()]
    await world.command("people", f"{second}/cancellation", None, subject="id", seen=second)
    return found


async def uploaded(world: Everybody, actor: str) -> str:
    """The path of a roster import of which the dry run is there."""
    made = await world.command("people", "/v1/roster-imports", ROSTER, subject="id", actor=actor)
    await is_so_far(world, path := f"/v1/roster-imports/{made.json()['id']}", "planned")
    return path


async def is_so_far(world: Everybody, path: str, state: str) -> None:
    async def so() -> bool:
        return bool((await world.get("people", path))["state"] == state)

    await until_async(so, f"the import is {state}")


async def a_program(world: Everybody) -> None:
    """A service account gets a key that is revoked, and ends."""
    roles = [{"role": "auditor", "subsidiaries": []}]
    body = {"name": "Export", "owner": "Controlling", "roles": roles}
    made = (await world.command("people", "/v1/service-accounts", body, subject="id")).json()
    path = f"/v1/service-accounts/{made['id']}"
    key = (await world.command("people", f"{path}/keys", {}, subject=made["id"])).json()
    said = partial(world.command, "people", body=None, subject=made["id"], seen=path)
    await said(f"{path}/keys/{key['key']['key_id']}/revocation")
    await said(f"{path}/deactivation")


async def a_company_and_its_people(world: Everybody, persons: dict[str, str]) -> None:
    """A company is founded and changed; somebody gets a role and loses it; somebody speaks for herself."""
    body = {"name": f"{COMPANY} Asia"}
    company = (await world.command("people", "/v1/subsidiaries", body, subject="id")).json()["id"]
    path = f"/v1/subsidiaries/{company}"
    changed = {"names_shown": True}
    await world.command("people", path, changed, subject=company, seen=path, method="PATCH")
    one = f"/v1/people/{persons['E1']}"
    about = {"subject": persons["E1"], "seen": one}
    granted = {"role": "assessor", "subsidiaries": [company], "reason": "She has done so before."}
    await world.command("people", f"{one}/roles", granted, **about)
    await world.command("people", f"{one}/roles/assessor/revocation", {"reason": "She has no time."}, **about)
    mine = {"actor": persons["M1"], "subject": persons["M1"], "seen": "/v1/me", "method": "PATCH"}
    await world.command("people", "/v1/me/profile", {"place": "Hamburg"}, **mine)
    await world.command("people", "/v1/me/preferences", {"language": "en"}, **mine)


async def policies(world: Everybody) -> str:
    """A policy is made, changed and goes on in a version; the id of that one."""
    body = {"name": f"Policy {random_id()[:8]}"}
    first = (await world.command("matching", "/v1/policies", body, subject="policy_id")).json()["policy_id"]
    path = f"/v1/policies/{first}"
    await world.command("matching", path, {"veto_days": 5}, subject=first, seen=path, method="PUT")
    following = await world.command("matching", f"{path}/versions", {"veto_days": 0}, subject="policy_id")
    return str(following.json()["policy_id"])


async def overrides(world: Everybody, edition: str, persons: dict[str, str]) -> None:
    """A mentor gets a place that is withdrawn again; a pair is forced, blocked, and that is undone."""
    path = f"/v1/editions/{edition}/overrides"
    mentor = {"mentor_id": persons["M1"], "reason": "All agree on it."}
    both = {**mentor, "mentee_id": persons["E1"]}
    place = {"kind": "place", "places": 2, **mentor}
    placed = (await world.command("matching", path, place, subject=edition)).json()["override_id"]
    await world.command("matching", f"{path}/{placed}/withdrawal", {}, subject=edition, seen=path)
    await world.command("matching", path, {"kind": "block", **both}, subject=edition)
    await world.command("matching", f"{path}/undo", {}, subject=edition, seen=path)
    forced = await world.command("matching", path, {"kind": "force", **both}, subject=persons["E1"])
    assert forced.json()["stands"]


async def reaches(world: Everybody, run: str, state: str) -> None:
    async def so() -> bool:
        return bool((await world.get("matching", run))["state"] == state)

    await until_async(so, f"the run is {state}")


async def a_draft(world: Everybody, edition: str, **asked: str) -> tuple[str, dict[str, str]]:
    """The path of a run with its proposal, and what commands on it are about."""
    made = await world.command("matching", "/v1/runs", {"edition_id": edition, **asked}, subject="run_id")
    path = f"/v1/runs/{made.json()['run_id']}"
    await reaches(world, path, "proposed")
    return path, {"subject": made.json()["run_id"], "seen": path}


async def drafts(world: Everybody, edition: str, persons: dict[str, str]) -> None:
    """A run is cancelled, one shown to its members, to which one objects, one chosen among a re-match's proposals."""
    said = partial(world.command, "matching")

    async def cancelled() -> bool:
        """Unless it was solved faster."""
        run = (await said("/v1/runs", {"edition_id": edition}, subject="run_id")).json()["run_id"]
        path = f"/v1/runs/{run}"
        try:
            await said(f"{path}/cancellation", {}, subject=run, seen=path)
        except AssertionError:
            await reaches(world, path, "proposed")
            return False
        return True

    await until_async(cancelled, "a run is cancelled")
    path, about = await a_draft(world, edition)
    await said(f"{path}/preview", {}, **about)
    objection = {"mentee_id": persons["E1"], "reason": "They share a flat."}
    await said(f"{path}/vetoes", objection, subject=about["subject"], actor=persons["E1"])
    overrides = f"/v1/editions/{edition}/overrides"
    [conflict] = await world.get("matching", overrides)
    withdrawal = f"{overrides}/{conflict['override_id']}/withdrawal"
    await said(withdrawal, {"reason": "They moved out."}, subject=edition, seen=overrides)
    path, about = await a_draft(world, edition, kind="rematch")
    await said(f"{path}/choice", {"changes": 0}, **about)


async def a_pair(world: Everybody, edition: str, persons: dict[str, str]) -> str:
    """A run by a policy of one's own, reviewed and published; the pair that came of it, which was forced."""
    wanted = {"mentors": 1, "executives": 1, "without_profile": 0, "unknown": 0}

    async def all_known() -> bool:
        answer = await world.http["matching"].get("/v1/candidates", params={"edition_id": edition})
        return answer.status_code == 200 and wanted.items() <= answer.json().items()

    await until_async(all_known, "matching knows everybody")
    await drafts(world, edition, persons)
    await overrides(world, edition, persons)
    asked = {"edition_id": edition, "policy_id": await policies(world)}
    run = (await world.command("matching", "/v1/runs", asked, subject="run_id")).json()["run_id"]
    path = f"/v1/runs/{run}"
    await reaches(world, path, "proposed")
    await world.command("matching", f"{path}/review", {"decision": "approved"}, subject=run, seen=path)
    await world.command("matching", f"{path}/publication", {}, subject=run, seen=path)
    await reaches(world, path, "published")
    return str((await world.get("matching", "/v1/pairs"))[0]["pair_id"])


async def sessions(world: Everybody, pair: str, mentor_id: str) -> None:
    """The mentor plans two sessions; one is cancelled, one held."""
    workspace = f"/v1/workspaces/{pair}"

    async def there() -> bool:
        return (await world.http["sessions"].get(workspace, headers={"Tandem-Actor": mentor_id})).status_code == 200

    await until_async(there, "the pair has its workspace")
    said = partial(world.command, "sessions", subject=pair, actor=mentor_id)
    paths = []
    for day in (3, 4):
        body = {"planned_for": f"2026-05-0{day}T09:00:00Z"}
        planned = await said(f"{workspace}/sessions", body, kind="SessionPlanned")
        paths.append(f"{workspace}/sessions/{planned.json()['session_id']}")
    world.at(datetime(2026, 5, 5, tzinfo=UTC))
    await said(f"{paths[0]}/cancellation", {}, seen=workspace, kind="SessionCancelled")
    held = {"held_at": "2026-05-04T09:00:00Z"}
    await said(f"{paths[1]}/holding", held, seen=workspace, kind="SessionHeld")


async def entries(world: Everybody, **wanted: str) -> list[dict[str, Any]]:
    found = await world.http["reporting"].get("/v1/audit", params={**wanted, "limit": "200"})
    assert found.status_code == 200, found.text
    return list(found.json())


async def test_every_accepted_command_has_its_entry(all_services: Everybody) -> None:
    """Each command of each service is sent once, by somebody of its own; who and about what is on the trail."""
    world = all_services
    persons = await the_roster(world)
    [company] = [one["id"] for one in await world.get("people", "/v1/subsidiaries") if one["name"] == COMPANY]
    edition = await an_edition(world, company, persons)
    pair = await a_pair(world, edition, persons)
    await moved_on(world, edition, "running")
    await sessions(world, pair, persons["M1"])
    over = {"reason": "by_agreement", "note": "Both asked for it."}
    await world.command("matching", f"/v1/pairs/{pair}/end", over, subject=pair, seen=f"/v1/pairs/{pair}")

    await a_company_and_its_people(world, persons)
    await a_program(world)

    offered = {(service, route) for service, routes in world.routes.items() for route in routes}
    assert {(one.service, one.route) for one in world.done} == offered, "a command nobody tries has no proof"
    for done in world.done:
        await has_its_entry(world, done)
    [matched] = await entries(world, pair=pair, kind="PairMatched")
    assert (matched["what"], matched["subject"], matched["edition"]) == (
        "paired a mentor with an executive",
        pair,
        edition,
    )
    assert [one["reason"] for one in await entries(world, edition=edition, kind="MenteeExempted")] == ["leaving"]
    both = f"{persons['M1']} + {persons['E1']}"
    forced = [
        one["what"] for one in await entries(world, subject=persons["E1"], kind="OverrideSet") if one["target"] == both
    ]
    assert sorted(forced) == [f"laid down for the matching: {kind}" for kind in ("block", "conflict", "force")]
    assert [one["reason"] for one in await entries(world, edition=edition, kind="RunReviewed")] == ["approved"]


async def has_its_entry(world: Everybody, done: Done) -> None:
    async def so() -> bool:
        of_kind = {"kind": done.kind} if done.kind else {}
        return bool(await entries(world, actor=done.actor, subject=done.subject, **of_kind))

    await until_async(so, f"the audit trail tells of {done}")


async def test_a_denial_is_on_the_trail(all_services: Everybody) -> None:
    """Who was denied what by which rule, once however often the request is repeated under its key."""
    http, somebody = all_services.http["applications"], random_id()
    drafted = await http.post("/v1/editions", json=drafting(random_id()), headers={"Idempotency-Key": random_id()})
    path = f"/v1/editions/{drafted.json()['edition_id']}/applications"
    headers = {"Tandem-Actor": "an-impostor", "Idempotency-Key": "k"}
    for _ in range(2):
        answer = await http.post(path, json={"mentor_id": somebody}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:tandem:problem:not-yourself")
    await http.post(path, json={"mentor_id": random_id()}, headers=headers)

    async def both_there() -> bool:
        return len(await entries(all_services, actor="an-impostor")) == 2

    await until_async(both_there, "both denials are on the trail")
    told = await entries(all_services, actor="an-impostor", order="oldest")
    assert [(one["what"], one["reason"]) for one in told] == [("was denied access: application", "not-yourself")] * 2
    assert sorted(one["sequence"] for one in told) == [1, 2]


async def test_reading_the_trail_is_on_the_trail(all_services: Everybody) -> None:
    """Who read it, once per request."""
    for _ in range(2):
        answer = await all_services.http["reporting"].get("/v1/audit", headers={"Tandem-Actor": "a-curious-one"})
        assert answer.status_code == 200

    async def both_there() -> bool:
        found = await entries(all_services, actor="a-curious-one", kind="AccessRead")
        assert len(found) <= 2
        return len(found) == 2

    await until_async(both_there, "both reads are on the trail")
    [newest, _] = await entries(all_services, actor="a-curious-one")
    assert (newest["what"], newest["target"], newest["topic"]) == (
        "read what is protected: audit",
        "*",
        "tandem.access.reporting.v1",
    )
