"""The service `people` in the process of a test, and requests to it as somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.chassis import manifests, mongo, provision
from services.chassis.ids import random_id
from services.chassis.settings import Settings
from services.people.main import SERVICE
from tests.support.asking import client_of
from tests.support.databases import connected
from tests.support.importing import imported
from tests.support.servers import Running

PEPPERS = f"1:{'ab' * 32}"
_COLUMNS = ("employee_number", "name", "email", "subsidiary", "birth_date", "entry_date")


@dataclass(frozen=True, slots=True)
class Peopled:
    """The running service, its database, the clock's file and the settings as environment variables."""

    app: FastAPI
    http: httpx2.AsyncClient
    database: mongo.Database
    clock: Path
    environment: Mapping[str, str]

    async def ask(self, method: str, path: str, body: Any = None, *, actor: str = "officer", seen: str = "") -> Any:
        """The answer to a request of ``actor``; ``seen`` is the path whose ETag goes with it, else a new key does."""
        headers = {"Tandem-Actor": actor}
        if seen:
            headers["If-Match"] = (await self.http.get(seen, headers=headers)).headers["ETag"]
        elif method == "POST":
            headers["Idempotency-Key"] = random_id()
        return await self.http.request(method, path, json=body, headers=headers)

    async def person(self, number: str, *, leavers: int | None = None, **cells: str) -> str:
        """The id of somebody with this employee number, whom a roster has just named; ``leavers`` is 1 if they left."""
        values = (number, f"Person {number}", f"{number}@example.com", "North", "1999-03-14", "2021-09-01")
        row = dict(zip(_COLUMNS, values, strict=True)) | cells
        text = f"{','.join(row)}\n{','.join(row.values())}\n"
        await imported(self.http, text.encode(), leavers=leavers, partial=True)
        found = await self.http.get("/v1/people", params={"employee_number": number})
        [one] = found.json()
        id: str = one["id"]
        return id


@asynccontextmanager
async def peopled(servers: Running, folder: Path) -> AsyncIterator[Peopled]:
    """The service over a database and consumer groups of its own, until the block ends."""
    clock = folder / "clock"
    clock.write_text("2026-03-01T09:00:00Z")
    environment = {
        "TANDEM_KAFKA": servers.kafka,
        "TANDEM_MONGODB": servers.mongodb,
        "TANDEM_DATABASE_PREFIX": f"p_{random_id()[:8]}",
        "TANDEM_GROUP_PREFIX": f"p_{random_id()[:8]}",
        "TANDEM_CLOCK": str(clock),
        "TANDEM_KEY_PEPPERS": PEPPERS,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings, app = Settings(), SERVICE.app()
    prefix = settings.database_prefix
    async with connected(settings.mongodb) as client:
        await provision.provision(manifests.manifests(), kafka=settings.kafka, client=client, prefix=prefix)
        async with client_of(app) as http:
            yield Peopled(app, http, client[f"{prefix}_people"], clock, environment)
