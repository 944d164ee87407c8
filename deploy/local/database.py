"""SecantusDB, which speaks MongoDB's protocol: always a process of its own, never imported (GPL-2.0)."""

from __future__ import annotations

import sys
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.ports import Ports
from deploy.local.process import Family, Program
from deploy.local.server import Server
from services.chassis.settings import MONGODB_OPTIONS


class Database(Server):
    """A database that keeps every journalled write over restarts, also after SIGKILL."""

    name = "database"

    def __init__(self, family: Family, ports: Ports, *, data: Path, logs: Path) -> None:
        super().__init__(family, ports.of("mongodb"))
        self._data = data
        self._logs = logs

    @property
    def uri(self) -> str:
        """Where clients connect; writes are majority and journalled."""
        return f"mongodb://{self.address}/?directConnection=true&{MONGODB_OPTIONS}"

    def program(self) -> Program:
        """The server over its data folder, with a configuration of its own so that it picks up nobody else's."""
        self._data.mkdir(parents=True, exist_ok=True)
        config = self._data / "secantusd.toml"
        config.touch()
        port, storage = str(self.port), str(self._data / "storage")
        options = ["--config", str(config), "--host", "127.0.0.1", "--port", port, "--storage-path", storage]
        argv = [
            sys.executable,
            str(_beside_python("secantusd-py")),
            *options,
            "--sync-on-commit",
            "--log-level",
            "WARNING",
        ]
        return Program(self.name, argv, self._logs / "database.log", self._data)

    def healthy(self) -> bool:
        """Whether the server answers a ping."""
        client: MongoClient[dict[str, object]] = MongoClient(self.uri, serverSelectionTimeoutMS=1000)
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            client.close()
        return True


def _beside_python(program: str) -> Path:
    """An installed script of the environment that runs this process."""
    return Path(sys.executable).with_name(program)
