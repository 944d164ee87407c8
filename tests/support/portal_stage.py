"""A portal over a database of its own, the demo issuer and a stand-in for `people`; how a browser signs in there."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pymongo import MongoClient

from services.portal.main import app
from tests.support.issuing import Issuing, issuing, persona, portal_client
from tests.support.portal import ORIGIN, Peopled, environment, patched, people_stand_in
from tests.support.servers import Running
from tests.support.serving import served

COOKIE = "__Host-tandem"


@dataclass(frozen=True, slots=True)
class Stage:
    """A portal, its issuer, what `people` says, and the collection of its sessions."""

    app: FastAPI
    issuer: Issuing
    people: Peopled
    sessions: Any

    def browser(self) -> httpx2.AsyncClient:
        """A browser without history; https, since in-process clients keep no Secure cookie on http."""
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN.replace("http:", "https:"), timeout=30)


@asynccontextmanager
async def stage_of(servers: Running, folder: Path) -> AsyncIterator[Stage]:
    """A stage with two persons who may sign in: lena and kurz."""
    client = portal_client(f"{ORIGIN}/sign-in/return", after_sign_out=[f"{ORIGIN}/signed-out"])
    peopled, prefix = Peopled(), f"t{uuid.uuid4().hex[:12]}"
    people = {"lena": persona("Lena Hoff"), "kurz": persona("Ms Kurz")}
    with issuing(folder, personas=people, clients=[client]) as issuer, served(people_stand_in(peopled)) as url:
        settings = environment(mongodb=servers.mongodb, issuer=issuer.url, people=url, prefix=prefix)
        with pytest.MonkeyPatch.context() as patch, patched(patch, settings):
            portal = app()
        with MongoClient[dict[str, Any]](servers.mongodb) as database:
            async with portal.router.lifespan_context(portal):
                yield Stage(portal, issuer, peopled, database[f"{prefix}_portal"]["sessions"])


async def at_issuer(start: httpx2.Response, login: str) -> str:
    """Press the person's button on the issuer's page; where the issuer sends the browser, from the portal on."""
    async with httpx2.AsyncClient(timeout=30) as client:
        page = await client.get(start.headers["location"])
        found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        fields = {name: value.replace("&amp;", "&") for name, value in found}
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        there = httpx2.URL(str(page.url)).join(action[1].replace("&amp;", "&"))
        answer = await client.post(there, data={**fields, "persona": login})
    return answer.headers["location"].removeprefix(ORIGIN)


async def sign_in(browser: httpx2.AsyncClient, login: str = "lena", query: str = "") -> httpx2.Response:
    """The answer to the browser as it comes back from the issuer."""
    start = await browser.get(f"/sign-in/start{query}")
    return await browser.get(await at_issuer(start, login))
