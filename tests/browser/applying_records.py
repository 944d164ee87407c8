"""Applications that pages show, made over the API before anybody looks, each by whom it belongs to."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.browser.edition_records import changed
from tests.support.editions import LEGAL_GROUND, asking, calling, drafting, scoring
from tests.support.front_door import FrontDoor
from tests.support.waiting import until_async

OFFER = {
    "places": 2,
    "platforms": [{"platform": "tiktok", "level": 4}, {"platform": "youtube", "level": 3}],
    "languages": ["de", "en"],
    "availability": ["mon_am", "thu_pm"],
    "place": "Bremen",
    "remote": True,
}
ANSWERS = {"why": "I would ask which post was shared last, and look with her why it was that one."}
WHOLE = {"offer": OFFER, "answers": ANSWERS, "manager_informed": True}
_VERDICTS = {"timm": "selected", "gramm": "selected", "haddad": "selected", "sohn": "reserved", "ruge": "declined"}
_AGE = {"kind": "age", "maximum": 28, "legal_ground": LEGAL_GROUND, "aim": "Pass on what one grew up with"}
_TENURE = {"kind": "tenure", "minimum_months": 6}


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody at the API of `applications`, under the own login."""

    http: httpx2.AsyncClient
    person: str

    async def apply(self, edition: str, **parts: Any) -> str:
        """Begin an application with these parts; its id."""
        said = {"mentor_id": self.person, **parts}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = await self.http.post(f"/v1/editions/{edition}/applications", json=said, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return str(answer.json()["application_id"])

    async def act(self, application: str, what: str, said: Mapping[str, Any] | None = None) -> None:
        """Do something with an application, whatever its state is."""
        await changed(self.http, f"/v1/applications/{application}", "POST", f"/{what}", dict(said or {}))


@asynccontextmanager
async def applicant(door: FrontDoor, login: str) -> AsyncIterator[Applicant]:
    """Somebody of the front door's cast."""
    headers = {"Authorization": f"Bearer {door.issuer.minter.token(login)}"}
    async with httpx2.AsyncClient(base_url=door.people, headers=headers, timeout=30) as people:
        person = (await people.get("/v1/me")).json()["id"]
    async with httpx2.AsyncClient(base_url=door.applications, headers=headers, timeout=30) as http:
        yield Applicant(http, person)


async def open_call(
    door: FrontDoor, *companies: str, name: str, lasts: timedelta = timedelta(days=20), **call: Any
) -> str:
    """An edition for these companies of the front door, its call open: at most 28 years old, half a year there."""
    now = datetime.now(UTC)
    starts, ends = now.date(), (now + timedelta(days=365)).date()
    async with applicant(door, "okafor") as office, _people(door) as people:
        listed = (await people.get("/v1/subsidiaries")).json()
        ids = [one["id"] for one in listed if one["name"] in {door.company(company) for company in companies}]
        titles = {tag: {"title": name, "invitation": "Show us.\n\nApply."} for tag in ("de", "en")}
        said = {"reference_date": starts.isoformat(), "texts": titles, "rules": [_AGE, _TENURE], **call}
        draft = drafting(*ids, name=name, starts_on=starts.isoformat(), ends_on=ends.isoformat())
        made = await office.http.post("/v1/editions", json=draft, headers={"Idempotency-Key": uuid.uuid4().hex})
        assert made.status_code == 201, made.text
        id = str(made.json()["edition_id"])
        path, closes = f"/v1/editions/{id}", (datetime.now(UTC) + lasts).isoformat()
        await changed(office.http, path, "PUT", "/form", asking())
        await changed(office.http, path, "PUT", "/rubric", scoring())
        await changed(office.http, path, "PUT", "/call", calling(closes_at=closes, **said))
        await changed(office.http, path, "POST", "/stage", {"to": "call_open"})
        return id


async def applications(door: FrontDoor) -> dict[str, str]:
    """Ids of two editions, one with an open call and one that is decided, and of a request for a waiver."""
    call = await open_call(door, "Messen", "Services", name=f"Call {door.tag}", names_hidden=True)
    async with applicant(door, "sohn") as sohn, applicant(door, "timm") as timm:
        await sohn.apply(call, offer=OFFER)
        await timm.apply(call, **WHOLE, submit=True)
    async with applicant(door, "hoff") as hoff, applicant(door, "haddad") as haddad, applicant(door, "fromm") as fromm:
        await hoff.apply(call)
        reason = {"reason": "I lead the digital team of the fair."}
        asked, granted = await haddad.apply(call, **WHOLE), await fromm.apply(call, **WHOLE)
        await haddad.act(asked, "waiver-request", reason)
        await fromm.act(granted, "waiver-request", reason)
    async with applicant(door, "okafor") as office:
        await office.act(granted, "waiver", {"decision": "granted", "reason": "He teaches this already."})
    return {"call": call, "asked": asked, "decided": await _decided(door)}


async def _decided(door: FrontDoor) -> str:
    """An edition whose decisions are out: three selected, two of them by waivers, one on reserve, one declined."""
    id = await open_call(door, "Messen", "Services", name=f"Decided {door.tag}", lasts=timedelta(seconds=15))
    verdicts: dict[str, str] = {}
    for login, verdict in _VERDICTS.items():
        async with applicant(door, login) as one:
            verdicts[await one.apply(id, **WHOLE, submit=True)] = verdict
    async with applicant(door, "okafor") as office:
        await until_async(lambda: _over(office, id), "the call is over", seconds=60)
        for application, verdict in verdicts.items():
            seen = (await office.http.get(f"/v1/applications/{application}")).json()
            if seen["eligibility"] == "unmet":
                await office.act(application, "waiver", {"decision": "granted", "reason": "They teach this already."})
            await office.act(application, "decision", {"decision": verdict, "reason": "As the sheets have it."})
        path, headers = f"/v1/editions/{id}/release", {"Idempotency-Key": uuid.uuid4().hex}
        released = await office.http.post(path, json={}, headers=headers)
        assert released.json()["released"] == len(verdicts), released.text
    return id


async def _over(office: Applicant, id: str) -> bool:
    """Whether the selection has begun; it cannot before the call is over."""
    seen = (await office.http.get(f"/v1/editions/{id}")).headers["etag"]
    headers = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": seen}
    answer = await office.http.post(f"/v1/editions/{id}/stage", json={"to": "selection"}, headers=headers)
    return answer.status_code == 200


@asynccontextmanager
async def _people(door: FrontDoor) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {door.issuer.minter.token('okafor')}"}
    async with httpx2.AsyncClient(base_url=door.people, headers=headers, timeout=30) as people:
        yield people
