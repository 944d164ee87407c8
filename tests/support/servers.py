"""Fixtures for tests on a real Kafka and a real database, imported as a plugin by the root conftest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import pytest

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


class Killable(Protocol):
    """One server that a test may kill, and must start again on the same address."""

    def kill(self) -> None:
        """End it at once, as a crash would."""
        ...

    def start(self) -> None:
        """Start it over its data and wait until it answers."""
        ...


class OwnServers(Running, Protocol):
    """Servers that belong to the test run."""

    @property
    def broker(self) -> Killable:
        """Kafka."""
        ...

    @property
    def database(self) -> Killable:
        """The database."""
        ...


@dataclass(frozen=True, slots=True)
class External:
    """Servers that somebody else runs, named by the environment."""

    kafka: str
    mongodb: str


def _named() -> External | None:
    """The servers of TANDEM_KAFKA and TANDEM_MONGODB, where both are set."""
    kafka, mongodb = os.environ.get("TANDEM_KAFKA"), os.environ.get("TANDEM_MONGODB")
    return External(kafka, mongodb) if kafka and mongodb else None


NAMED = _named()  # now: tests set these variables for the services they start


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The servers of this test run: those of TANDEM_KAFKA and TANDEM_MONGODB where both are set, else our own.

    Our own are embedded, or in containers where TANDEM_TEST_SERVERS says ``containers``.
    """
    folder = tmp_path_factory.mktemp("servers")
    if NAMED:
        yield NAMED
    elif os.environ.get("TANDEM_TEST_SERVERS") == "containers":
        from tests.support import containers  # only now: the Docker client is slow to import

        if reason := containers.unavailable():
            pytest.skip(reason)
        with containers.containers(folder) as contained:
            yield contained
    else:
        with running_servers(folder) as own:
            yield own


@pytest.fixture
def own_servers(servers: Running) -> OwnServers:
    """The servers, which the test may kill and must start again; skips where they belong to somebody else."""
    if isinstance(servers, External):
        pytest.skip("TANDEM_KAFKA and TANDEM_MONGODB name servers that a test must not kill")
    return cast(OwnServers, servers)
