"""One front door and one Chromium for all browser tests of a run."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.support.front_door import FrontDoor, front_door
from tests.support.servers import Running
from tests.support.walking import Visitors, browser

_WEIGHTS = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
async def door(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FrontDoor]:
    """The portal, `people` and the issuer, with a small group of companies."""
    async with front_door(servers, tmp_path_factory.mktemp("issuer")) as found:
        yield found


@pytest.fixture(scope="session")
async def visitors(door: FrontDoor) -> AsyncIterator[Visitors]:
    """Whoever comes to the door with a browser."""
    async with browser() as chromium:
        yield Visitors(chromium, door.portal)


@pytest.fixture(scope="session")
async def found(door: FrontDoor) -> dict[str, str]:
    """Ids of records for the paths of pages, by what stands for them there."""
    token = door.issuer.minter.token("okafor")
    async with httpx2.AsyncClient(base_url=door.people, headers={"Authorization": f"Bearer {token}"}) as office:
        ids = {name: await _id(office, "/v1/people", q=name) for name in ("albers", "haddad", "hoff", "kurz")}
        companies = (await office.get("/v1/subsidiaries")).json()
        ids["messen"] = next(one["id"] for one in companies if one["name"] == door.company("Messen"))
        role = {"role": "auditor", "subsidiaries": [ids["messen"]]}
        account = await _made(office, "/v1/service-accounts", name="Audit feed", owner="Ms Okafor", roles=[role])
        until = (datetime.now(UTC) + timedelta(days=9)).isoformat()
        key = await _made(office, f"/v1/service-accounts/{account['id']}/keys", expires_at=until)
        return {**ids, "account": account["id"], "key": key["key"]["key_id"]}


async def _id(office: httpx2.AsyncClient, path: str, **sought: str) -> str:
    [one] = (await office.get(path, params=sought)).json()
    return str(one["id"])


async def _made(office: httpx2.AsyncClient, path: str, **said: Any) -> dict[str, Any]:
    answer = await office.post(path, json=said, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture(scope="session")
def weights(pytestconfig: pytest.Config) -> dict[str, int]:
    """What pages weigh, in bytes; the run's summary tells the heaviest."""
    return pytestconfig.stash.setdefault(_WEIGHTS, {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what the heaviest pages weigh."""
    for page, weight in sorted(config.stash.get(_WEIGHTS, {}).items(), key=lambda pair: -pair[1])[:3]:
        terminalreporter.write_line(f"page weight: {weight / 1000:.1f} kB compressed, {page}")
