"""The mail server of the demo as a server among the others: it keeps what the services send and shows it."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local.ports import HOST, Ports, serves
from deploy.local.process import Family, Program
from deploy.local.server import Server


class Mailbox(Server):
    """Keeps every message under ``data``; nothing leaves this machine."""

    name = "mail"

    def __init__(self, family: Family, ports: Ports, *, data: Path, logs: Path) -> None:
        super().__init__(family, ports.of("smtp"))
        self._page = ports.of("mail")
        self._data = data
        self._logs = logs

    @property
    def page(self) -> str:
        """The address of the page that shows the messages."""
        return f"http://{HOST}:{self._page}"

    def program(self) -> Program:
        """The server over its folder."""
        self._data.mkdir(parents=True, exist_ok=True)
        ports = ["--smtp-port", str(self.port), "--http-port", str(self._page)]
        argv = [sys.executable, "-m", "deploy.local.mail", "--folder", str(self._data), "--host", HOST, *ports]
        return Program(self.name, argv, self._logs / "mail.log", self._data)

    def healthy(self) -> bool:
        """Whether the page is served."""
        return serves(f"{HOST}:{self._page}", "/messages.json")
