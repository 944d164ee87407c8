"""Roster imports over HTTP, as callers make them: upload, wait, look, apply."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.support.waiting import until_async

PATH = "/v1/roster-imports"
BUSY = ("reading", "applying")
Job = dict[str, Any]


async def uploaded(http: httpx2.AsyncClient, body: bytes, *, key: str | None = None, **asked: Any) -> httpx2.Response:
    """The answer to an upload; ``asked`` are query parameters."""
    headers = {"Content-Type": "text/csv", "Idempotency-Key": key or str(uuid.uuid4())}
    return await http.post(PATH, content=body, params=asked, headers=headers)


async def settled(http: httpx2.AsyncClient, id: str) -> Job:
    """An import when nothing is done on it any more, with its ETag as ``etag``."""
    seen: list[httpx2.Response] = []

    async def quiet() -> bool:
        seen.append(await http.get(f"{PATH}/{id}"))
        return seen[-1].status_code == 200 and seen[-1].json()["state"] not in BUSY

    await until_async(quiet, "the import is read or applied", seconds=60)
    return {**seen[-1].json(), "etag": seen[-1].headers["ETag"]}


async def planned(http: httpx2.AsyncClient, body: bytes, **asked: Any) -> Job:
    """The dry run of a file."""
    answer = await uploaded(http, body, **asked)
    assert answer.status_code == 202, answer.text
    return await settled(http, answer.json()["id"])


async def applied(http: httpx2.AsyncClient, job: Mapping[str, Any], *, leavers: int | None = None) -> Job:
    """A dry run, applied."""
    headers = {"If-Match": job["etag"]}
    answer = await http.post(f"{PATH}/{job['id']}/application", json={"leavers": leavers}, headers=headers)
    assert answer.status_code == 202, answer.text
    return await settled(http, job["id"])


async def imported(http: httpx2.AsyncClient, body: bytes, *, leavers: int | None = None, **asked: Any) -> Job:
    """A file, read and applied."""
    job = await applied(http, await planned(http, body, **asked), leavers=leavers)
    assert job["state"] == "applied", job
    return job


async def changes(http: httpx2.AsyncClient, job: Mapping[str, Any], kind: str) -> list[Job]:
    """Everything of a kind that an import would change, over all pages."""
    found: list[Job] = []
    following: str | None = f"{PATH}/{job['id']}/changes?kind={kind}&limit=50"
    while following:
        answer = await http.get(following)
        assert answer.status_code == 200, answer.text
        found += answer.json()
        following = answer.links.get("next", {}).get("url")
    return found
