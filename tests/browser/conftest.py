"""One front door and one Chromium for all browser tests of a run."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.browser.records import imports, records
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
        return {**await records(office, door), **await imports(office, door)}


@pytest.fixture(scope="session")
def weights(pytestconfig: pytest.Config) -> dict[str, int]:
    """What pages weigh, in bytes; the run's summary tells the heaviest."""
    return pytestconfig.stash.setdefault(_WEIGHTS, {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what the heaviest pages weigh."""
    for page, weight in sorted(config.stash.get(_WEIGHTS, {}).items(), key=lambda pair: -pair[1])[:3]:
        terminalreporter.write_line(f"page weight: {weight / 1000:.1f} kB compressed, {page}")
