"""Editions that pages show, made over the API before anybody looks: one that is a draft, one whose call is open.

Both hold for the holding alone, so that the calls of other tests stay their own.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.editions import asking, calling, drafting, scoring
from tests.support.front_door import FrontDoor
from tests.support.waiting import until_async


async def editions(door: FrontDoor, holding: str) -> dict[str, str]:
    """The ids of the draft, of the open one, and of an executive's part in it."""
    token = door.issuer.minter.token("okafor")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=door.applications, headers=headers, timeout=30) as office:
        draft = await prepared(office, holding, name=f"Draft {door.tag}")
        opened = await prepared(office, holding, name=f"Open {door.tag}")
        await changed(office, f"/v1/editions/{opened}", "POST", "/stage", {"to": "call_open"})
        return {"draft": draft, "opened": opened, "executive": await _executive(office, opened)}


async def prepared(office: httpx2.AsyncClient, *companies: str, name: str) -> str:
    """An edition of the coming year with everything that an open call needs; its id."""
    now = datetime.now(UTC)
    starts, ends = now.date(), (now + timedelta(days=365)).date()
    said = drafting(*companies, name=name, starts_on=starts.isoformat(), ends_on=ends.isoformat())
    made = await office.post("/v1/editions", json=said, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert made.status_code == 201, made.text
    path = f"/v1/editions/{made.json()['edition_id']}"
    closes = (now + timedelta(days=20)).isoformat(timespec="minutes")
    await changed(office, path, "PUT", "/call", calling(closes_at=closes, reference_date=starts.isoformat()))
    await changed(office, path, "PUT", "/form", asking())
    await changed(office, path, "PUT", "/rubric", scoring())
    return str(made.json()["edition_id"])


async def changed(office: httpx2.AsyncClient, path: str, method: str, below: str, said: dict[str, Any]) -> None:
    """Change something below the record at ``path``, whatever its state is."""
    seen = (await office.get(path)).headers["etag"]
    headers = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": seen}
    answer = await office.request(method, f"{path}{below}", json=said, headers=headers)
    assert answer.status_code < 300, answer.text


async def _executive(office: httpx2.AsyncClient, edition: str) -> str:
    """The part of somebody who is obliged, as soon as the enrolment got there."""
    found: list[dict[str, Any]] = []

    async def enrolled() -> bool:
        found[:] = (await office.get(f"/v1/editions/{edition}/participations")).json()
        return bool(found)

    await until_async(enrolled, "an executive is enrolled", seconds=60)
    return str(found[0]["participation_id"])
