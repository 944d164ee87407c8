"""Editions in their matching, made over the API before anybody looks, and proposals of them.

They hold for three companies. Of their executives Winter is above everybody, so no mentor is possible for her;
Lenz and Koester may have any of the mentors.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2

from tests.browser.applying_records import WHOLE, applicant, open_call
from tests.browser.edition_records import changed
from tests.support.front_door import FrontDoor
from tests.support.waiting import until_async

MENTORS = ("haddad", "gramm", "fromm")  # of no reporting line with Lenz or Koester, and of another manager
EXECUTIVES = 3
_COMPANIES = ("Holding", "Messen", "Services")
_OPEN_FOR = timedelta(seconds=20)  # as long as it takes to open several calls at once and to apply
_SPEAKS = {"languages": {"de": "C1", "en": "C2"}, "skills": [{"platform": "tiktok", "level": 3}]}


@dataclass(frozen=True, slots=True)
class Matchmaking:
    """The group office at the APIs of `matching`; ids of people by login."""

    door: FrontDoor
    http: httpx2.AsyncClient
    people: Mapping[str, str]

    async def get(self, path: str) -> Any:
        """What is at a path."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def do(self, path: str, said: Mapping[str, Any], at: str = "") -> Any:
        """Change something, on its present state, which is to be seen ``at`` a path where it has one."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if at:
            headers["If-Match"] = (await self.http.get(at)).headers["etag"]
        answer = await self.http.post(path, json=dict(said), headers=headers)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()

    async def proposed(self, edition: str, **said: Any) -> str:
        """Have an edition matched and wait for the proposal; the run's id."""
        run = str((await self.do("/v1/runs", {"edition_id": edition, **said}))["run_id"])
        await self.run_is(run, "proposed")
        return run

    async def run_is(self, run: str, state: str) -> None:
        """Wait until a run has come so far."""

        async def so_far() -> bool:
            return bool((await self.get(f"/v1/runs/{run}"))["state"] == state)

        await until_async(so_far, f"the run is {state}", seconds=60)


@dataclass(frozen=True, slots=True)
class Matched:
    """An edition in its matching."""

    office: Matchmaking
    edition: str

    @property
    def path(self) -> str:
        """Where the portal shows its matching."""
        return f"/editions/{self.edition}/matching"


@asynccontextmanager
async def matchmaking(
    door: FrontDoor, mentors: Sequence[str] = MENTORS, executives: Sequence[str] = ("winter", "lenz", "koester")
) -> AsyncIterator[Matchmaking]:
    """The group office at the door; the mentors have said which languages they speak."""
    people = {login: await _person(door, login) for login in (*mentors, *executives)}
    for login in mentors:
        await _declare(door, login)
    headers = {"Authorization": f"Bearer {door.issuer.minter.token('okafor')}"}
    async with httpx2.AsyncClient(base_url=door.matching, headers=headers, timeout=30) as http:
        yield Matchmaking(door, http, people)


async def matched(
    office: Matchmaking, name: str, *mentors: str, companies: Sequence[str] = _COMPANIES, executives: int = EXECUTIVES
) -> Matched:
    """An edition in its matching with these mentors, once `matching` knows it; it takes as long as its call is open."""
    called = f"{name} {uuid.uuid4().hex[:4]}"
    id = await open_call(office.door, *companies, name=called, lasts=_OPEN_FOR, rules=[])
    applications = [await _apply(office.door, id, login) for login in mentors]
    await _select(office.door, id, applications)
    found = Matched(office, id)
    await until_async(lambda: _known(found, len(mentors), executives), f"{name} is known to the matching", seconds=90)
    return found


async def matchings(door: FrontDoor) -> dict[str, str]:
    """A proposal with two tandems, and one in which two executives compete for a place; ids for paths of pages."""
    async with matchmaking(door) as office:
        one, other = await asyncio.gather(matched(office, "Matched", *MENTORS), matched(office, "Short", "haddad"))
        proposal, shortage = await office.proposed(one.edition), await office.proposed(other.edition)
        pair = (await office.get(f"/v1/runs/{proposal}"))["pairs"][0]
        said = {"kind": "force", "reason": "The board asked for these two."}
        pair_of = {"mentor_id": pair["mentor_id"], "mentee_id": pair["mentee_id"]}
        await office.do(f"/v1/editions/{one.edition}/overrides", {**said, **pair_of})
        second = await office.proposed(one.edition)
        ids = {office.people[login] for login in MENTORS} - {pair["mentor_id"]}
        return {
            "matched": one.edition,
            "proposal": proposal,
            "second": second,
            "mentee": pair["mentee_id"],
            "other": min(ids),
            "short": other.edition,
            "shortage": shortage,
            "winter": office.people["winter"],
        }


async def _person(door: FrontDoor, login: str) -> str:
    headers = {"Authorization": f"Bearer {door.issuer.minter.token(login)}"}
    async with httpx2.AsyncClient(base_url=door.people, headers=headers, timeout=30) as people:
        return str((await people.get("/v1/me")).json()["id"])


async def _declare(door: FrontDoor, login: str) -> None:
    headers = {"Authorization": f"Bearer {door.issuer.minter.token(login)}"}
    async with httpx2.AsyncClient(base_url=door.people, headers=headers, timeout=30) as people:
        seen = (await people.get("/v1/me")).headers["etag"]
        said = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": seen}
        answer = await people.patch("/v1/me/profile", json=_SPEAKS, headers=said)
        assert answer.status_code == 200, answer.text


async def _apply(door: FrontDoor, edition: str, login: str) -> str:
    async with applicant(door, login) as one:
        return await one.apply(edition, **WHOLE, submit=True)


async def _select(door: FrontDoor, edition: str, applications: list[str]) -> None:
    """Select everybody who applied, release it and begin the matching."""
    async with applicant(door, "okafor") as office:
        await until_async(lambda: _begun(office.http, edition, "selection"), "the call is over", seconds=90)
        for application in applications:
            await office.act(application, "decision", {"decision": "selected", "reason": "As the sheets have it."})
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        released = await office.http.post(f"/v1/editions/{edition}/release", json={}, headers=headers)
        assert released.json()["released"] == len(applications), released.text
        await changed(office.http, f"/v1/editions/{edition}", "POST", "/stage", {"to": "matching"})


async def _begun(http: httpx2.AsyncClient, edition: str, stage: str) -> bool:
    """Whether this stage has begun; that of the selection cannot before the call is over."""
    seen = (await http.get(f"/v1/editions/{edition}")).headers["etag"]
    headers = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": seen}
    answer = await http.post(f"/v1/editions/{edition}/stage", json={"to": stage}, headers=headers)
    return answer.status_code == 200


async def _known(found: Matched, mentors: int, executives: int) -> bool:
    """Whether `matching` has heard of everybody and of what they said."""
    answer = await found.office.http.get("/v1/candidates", params={"edition_id": found.edition})
    if answer.status_code != 200:
        return False
    told = answer.json()
    return (told["mentors"], told["executives"], told["unknown"]) == (mentors, executives, 0)
