"""Fixtures for tests on a real Kafka and a real database, imported as a plugin by the root conftest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest

from deploy.local.servers import Servers
from deploy.local.servers import servers as running_servers


class Running(Protocol):
    """Where the servers of a test run listen."""

    @property
    def kafka(self) -> str:
        """Kafka's bootstrap address."""
        ...

    @property
    def mongodb(self) -> str:
        """The database's URI."""
        ...


@dataclass(frozen=True, slots=True)
class External:
    """Servers that somebody else runs, named by the environment."""

    kafka: str
    mongodb: str


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The servers of this test run: those of TANDEM_KAFKA and TANDEM_MONGODB where both are set, else our own."""
    kafka, mongodb = os.environ.get("TANDEM_KAFKA"), os.environ.get("TANDEM_MONGODB")
    if kafka and mongodb:
        yield External(kafka, mongodb)
    else:
        with running_servers(tmp_path_factory.mktemp("servers")) as own:
            yield own


@pytest.fixture
def own_servers(servers: Running) -> Servers:
    """The servers, which the test may kill and must start again; skips where they belong to somebody else."""
    if not isinstance(servers, Servers):
        pytest.skip("TANDEM_KAFKA and TANDEM_MONGODB name servers that a test must not kill")
    return servers
