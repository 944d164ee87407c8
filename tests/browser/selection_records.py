"""Selections that pages show, made over the API: editions in which two apply and two assessors are independent of them.

All hold for the company Services alone. It has one executive, so one place is needed.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.editions import LEGAL_GROUND, asking, calling, drafting, scoring
from tests.support.front_door import FrontDoor
from tests.support.waiting import until_async

APPLICANTS = ("timm", "ruge")
TOO_CLOSE = "voss"  # applies where a conflict is declared: that holds for every later edition too
ASSESSORS = ("albers", "mohr")  # neither of the applicants' lines nor of the same manager
BEST, GOOD, POOR = 3, 2, 1  # levels
_OPEN_FOR = timedelta(seconds=12)  # as long as it takes to open many calls at once; who applies is admitted late
_OFFER = {
    "places": 1,
    "platforms": [{"platform": "tiktok", "level": 3}],
    "languages": ["de", "en"],
    "availability": ["mon_am"],
}


@dataclass(slots=True)
class Office:
    """Whoever does something over the API at the door, each under the own login; ids of people by login."""

    door: FrontDoor
    http: httpx2.AsyncClient
    people: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, login: str = "okafor") -> Any:
        """What is at a path."""
        answer = await self.http.get(path, headers=self.headers(login))
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def do(self, method: str, path: str, said: Mapping[str, Any], login: str = "okafor", at: str = "") -> Any:
        """Change something, on its present state, which is to be seen ``at`` a path where it has one."""
        seen = await self.http.get(at, headers=self.headers(login)) if at else None
        headers = {"Idempotency-Key": uuid.uuid4().hex, **self.headers(login)}
        if seen is not None:
            headers["If-Match"] = seen.headers["etag"]
        answer = await self.http.request(method, path, json=dict(said), headers=headers)
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json()

    def headers(self, login: str) -> dict[str, str]:
        """Those of somebody who is signed in."""
        return {"Authorization": f"Bearer {self.door.issuer.minter.token(login)}"}


@dataclass(frozen=True, slots=True)
class Selecting:
    """An edition in its selection, with its applications by the logins of who applied."""

    office: Office
    edition: str
    name: str
    applications: Mapping[str, str]

    @property
    def path(self) -> str:
        """Where the portal shows the selection."""
        return f"/editions/{self.edition}/selection"

    async def open_round(self, **said: Any) -> str:
        """Open a round of both assessors and wait until the sheets are there; its id."""
        assessors = [self.office.people[one] for one in ASSESSORS]
        body = {"per_application": 2, "assessors": assessors, **said}
        made = await self.office.do("POST", f"/v1/editions/{self.edition}/rounds", body)
        await self.round_is(made["round_id"], "open")
        return str(made["round_id"])

    async def round_is(self, round: str, state: str) -> None:
        """Wait until a round has come so far."""

        async def so_far() -> bool:
            return bool((await self.office.get(f"/v1/rounds/{round}"))["state"] == state)

        await until_async(so_far, f"the round is {state}", seconds=60)

    async def sheets(self, login: str) -> list[dict[str, Any]]:
        """An assessor's sheets, as they are listed."""
        return list(await self.office.get(f"/v1/editions/{self.edition}/sheets", login))

    async def score(self, login: str, level: Callable[[str], int]) -> None:
        """Score all sheets of an assessor; ``level`` by the login of who applied."""
        by_person = {id: login for login, id in self.office.people.items()}
        for one in await self.sheets(login):
            given = level(by_person[one["application"]["mentor_id"]])
            path = f"/v1/sheets/{one['sheet_id']}"
            scores = {"explains": given, "knows": given}
            await self.office.do("PUT", path, {"scores": scores, "comment": "Clear."}, login, at=path)

    async def hand_in(self, round: str, *logins: str) -> None:
        """Hand in what these assessors have scored."""
        for login in logins:
            await self.office.do("POST", f"/v1/rounds/{round}/hand-in", {}, login)

    async def ranked(self, first: str, *, apart: int = 1) -> str:
        """A closed round in which ``first`` is the best, ``apart`` levels before the other; the round's id."""
        round = await self.open_round()
        for login in ASSESSORS:
            await self.score(login, lambda who: BEST if who == first else BEST - apart)
        await self.hand_in(round, *ASSESSORS)
        await self.round_is(round, "closed")
        return round


@asynccontextmanager
async def office(door: FrontDoor) -> AsyncIterator[Office]:
    """Everybody at the door."""
    async with httpx2.AsyncClient(base_url=door.applications, timeout=30) as http:
        found = Office(door, http)
        token = door.issuer.minter.token("okafor")
        async with httpx2.AsyncClient(base_url=door.people, headers={"Authorization": f"Bearer {token}"}) as people:
            for login in (*APPLICANTS, TOO_CLOSE, *ASSESSORS):
                [one] = (await people.get("/v1/people", params={"q": login})).json()
                found.people[login] = one["id"]
            companies = (await people.get("/v1/subsidiaries")).json()
        found.people["services"] = next(one["id"] for one in companies if one["name"] == door.company("Services"))
        yield found


async def selecting(office: Office, name: str, *applicants: str) -> Selecting:
    """An edition in its selection, with applications; it takes some seconds, as long as its call is open."""
    now, called = datetime.now(UTC), f"{name} {uuid.uuid4().hex[:4]}"
    day, end = now.date().isoformat(), (now + timedelta(days=365)).date().isoformat()
    drafted = drafting(office.people["services"], name=called, starts_on=day, ends_on=end)
    edition = (await office.do("POST", "/v1/editions", drafted))["edition_id"]
    path = f"/v1/editions/{edition}"
    await office.do("PUT", f"{path}/form", asking(), at=path)
    await office.do("PUT", f"{path}/rubric", scoring(sheets=2), at=path)
    rules = [{"kind": "age", "maximum": 28, "legal_ground": LEGAL_GROUND}]
    closes = datetime.now(UTC) + _OPEN_FOR
    call = calling(closes_at=closes.isoformat(), reference_date=day, rules=rules)
    await office.do("PUT", f"{path}/call", call, at=path)
    await office.do("POST", f"{path}/stage", {"to": "call_open"}, at=path)
    applications = {login: await _apply(office, edition, login) for login in applicants or APPLICANTS}
    await until_async(lambda: _selection_begins(office, path, closes), "the call is over", seconds=60)
    return Selecting(office, edition, called, applications)


async def _apply(office: Office, edition: str, login: str) -> str:
    """The application of somebody who was admitted beyond the deadline, since the call is open for seconds only."""
    until = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    said = {"person_id": office.people[login], "until": until, "reason": "The call is short in this test."}
    made = await office.do("POST", f"/v1/editions/{edition}/late-admissions", said)
    path = f"/v1/applications/{made['application_id']}"
    parts = {"offer": _OFFER, "answers": {"why": f"I am {login}, and I explain."}, "manager_informed": True}
    await office.do("PATCH", path, parts, login, at=path)
    await office.do("POST", f"{path}/submission", {}, login, at=path)
    return str(made["application_id"])


async def _selection_begins(office: Office, path: str, closes: datetime) -> bool:
    """Whether the edition is in its selection now; before the deadline nobody asks."""
    if datetime.now(UTC) <= closes:
        return False
    headers = office.headers("okafor")
    seen = {
        "Idempotency-Key": uuid.uuid4().hex,
        "If-Match": (await office.http.get(path, headers=headers)).headers["etag"],
    }
    answer = await office.http.post(f"{path}/stage", json={"to": "selection"}, headers={**headers, **seen})
    return answer.is_success


async def selections(door: FrontDoor) -> dict[str, str]:
    """A round that is open and one that is closed, with one decision released and one not; ids for paths of pages."""
    async with office(door) as there:
        one, other = await asyncio.gather(selecting(there, "Assessed"), selecting(there, "Ranked"))
        round = await one.open_round(due_at=(datetime.now(UTC) + timedelta(days=6)).isoformat())
        [sheet, another] = await one.sheets("albers")
        path = f"/v1/sheets/{another['sheet_id']}"
        scores = {"scores": {"explains": 2, "knows": 1}}
        await there.do("PUT", path, scores, "albers", at=path)
        await other.ranked("timm", apart=2)
        said = {"decision": "selected", "reason": "The best of all by rank."}
        first = f"/v1/applications/{other.applications['timm']}"
        await there.do("POST", f"{first}/decision", said, at=first)
        ranked, last = f"/v1/editions/{other.edition}", (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
        await there.do("PATCH", ranked, {"accept_by": last}, at=ranked)
        await there.do("POST", f"{ranked}/release", {})
        second = f"/v1/applications/{other.applications['ruge']}"
        await there.do("POST", f"{second}/decision", {**said, "decision": "reserved"}, at=second)
        return {
            "assessing": one.edition,
            "round": round,
            "sheet": sheet["sheet_id"],
            "scored": another["sheet_id"],
            "ranked": other.edition,
            "locked": (await other.sheets("mohr"))[0]["sheet_id"],
            "candidate": other.applications["ruge"],
            "chosen": other.applications["timm"],
        }
