"""Kafka and the database together, for the supervisor and for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.database import Database
from deploy.local.jars import JARS, Progress, kafka_jars
from deploy.local.kafka import Kafka, Places
from deploy.local.ports import Ports
from deploy.local.process import Family


class Servers:
    """A real Apache Kafka and a real MongoDB-wire database over one data folder.

    ``broker`` and ``database`` can each ``kill()`` (SIGKILL), ``stop()`` and ``start()`` again on the same port.
    """

    def __init__(self, family: Family, data: Path, jars: Path, logs: Path) -> None:
        self._family = family
        ports = Ports(data / "ports.json")
        self.broker = Kafka(family, ports, Places(data / "kafka", logs, jars))
        self.database = Database(family, ports, data=data / "secantusdb", logs=logs)

    @property
    def kafka(self) -> str:
        """Kafka's bootstrap address, host:port."""
        return self.broker.address

    @property
    def mongodb(self) -> str:
        """The database's URI."""
        return self.database.uri

    def start(self) -> None:
        """Start both and wait until both answer."""
        self.database.spawn()
        self.broker.spawn()
        self.database.wait_ready()
        self.broker.wait_ready()

    def stop(self) -> None:
        """Stop both in order, at the same time; what has not ended after 15 seconds is killed."""
        running = [server.child for server in (self.broker, self.database) if server.child]
        self._family.stop(running, 15)
        self.broker.child = self.database.child = None


@contextmanager
def servers(data: Path, *, jars: Path = JARS, progress: Progress = lambda line: None) -> Iterator[Servers]:
    """Running servers over ``data``; nothing of them runs on after the block, whatever happens inside it."""
    data = data.resolve()
    folder = kafka_jars(jars, progress)
    with Family() as family:
        both = Servers(family, data, folder, data / "logs")
        try:
            both.start()
            yield both
        finally:
            both.stop()
