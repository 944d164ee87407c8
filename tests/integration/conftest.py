"""What several files of integration tests ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.portal_stage import Stage, stage_of
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def stage(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The portal of one file of tests; one stand-in answers for all services."""
    async with stage_of(servers, tmp_path_factory.mktemp("issuer")) as one:
        yield one
