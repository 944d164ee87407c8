"""One front door and one Chromium for all browser tests of a run."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from services.portal.main import SERVICE as PORTAL
from tests.browser.applying_records import applications
from tests.browser.deciding_records import Deciding, deciding, decidings
from tests.browser.edition_records import editions
from tests.browser.matching_records import MENTORS, Matched, matched, matchings, matchmaking
from tests.browser.records import imports, records
from tests.browser.selection_records import Selecting, office, selecting, selections
from tests.support.front_door import FrontDoor, front_door, running
from tests.support.portal_pages import faulty
from tests.support.servers import Running
from tests.support.walking import Visitors, browser

_SECONDS = 300  # of a test with all that it sets up, on a machine that is busy
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
        ids = {**await records(office, door), **await imports(office, door)}
    programme = (editions(door, ids["holding"]), selections(door), applications(door), matchings(door), decidings(door))
    parts = await asyncio.gather(*programme)
    return {name: id for part in (ids, *parts) for name, id in part.items()}


@pytest.fixture(scope="session")
async def unused(door: FrontDoor, request: pytest.FixtureRequest) -> AsyncIterator[list[Selecting]]:
    """Editions in their selection for tests that change one: each takes one. They wait for their deadlines together."""
    async with office(door) as there:
        yield list(await asyncio.gather(*(selecting(there, "Selection") for _ in range(_takers(request)))))


@pytest.fixture(scope="session")
async def unmatched(door: FrontDoor, request: pytest.FixtureRequest) -> AsyncIterator[list[Matched]]:
    """Editions in their matching without a proposal, for tests that make one: each takes one."""
    async with matchmaking(door) as there:
        yield list(await asyncio.gather(*(matched(there, "Unmatched", *MENTORS) for _ in range(_takers(request)))))


@pytest.fixture(scope="session")
async def undecided(door: FrontDoor, request: pytest.FixtureRequest) -> AsyncIterator[list[Deciding]]:
    """Editions of one company in their matching, for tests that publish one: each takes one."""
    async with deciding(door, _takers(request)) as found:
        yield found


@pytest.fixture(scope="session")
def weights(pytestconfig: pytest.Config) -> dict[str, int]:
    """What pages weigh, in bytes; the run's summary tells the heaviest."""
    return pytestconfig.stash.setdefault(_WEIGHTS, {})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests more time than others: the first of them waits for editions whose calls have to be over."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(_SECONDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what the heaviest pages weigh."""
    for page, weight in sorted(config.stash.get(_WEIGHTS, {}).items(), key=lambda pair: -pair[1])[:3]:
        terminalreporter.write_line(f"page weight: {weight / 1000:.1f} kB compressed, {page}")


@pytest.fixture(scope="session")
def beside(door: FrontDoor, visitors: Visitors) -> Iterator[Visitors]:
    """The same people at a second portal, whose `people` is away and one of whose pages breaks (/broken)."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listening.getsockname()[1]}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TANDEM_PORTAL", origin)
            patch.setenv("TANDEM_PEOPLE_URL", "http://127.0.0.1:9")
            portal = PORTAL.app()
        faulty(portal)
        with running(portal, listening):
            yield Visitors(visitors.browser, origin, visitors.remembered)


def _takers(request: pytest.FixtureRequest) -> int:
    """How many tests of this run take one of what the fixture holds."""
    return sum(request.fixturename in getattr(item, "fixturenames", ()) for item in request.session.items)
