"""Where everything listens, as the file ``addresses.json`` says it to people's own tools."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

VARIABLE = "TANDEM_ADDRESSES"


class NotRunning(Exception):
    """Nothing that could be talked to is running; the message says how to start it."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Kafka's bootstrap servers, the database's URI, each service's base URL, and the clock's file if one is used.

    ``smtp`` is where the services send mail (host:port), ``mail`` the page that shows it if it stays here.
    ``issuer`` is the demo issuer's URL and ``issuer_folder`` holds its key, where one runs.
    """

    kafka: str
    mongodb: str
    services: Mapping[str, str] = field(default_factory=dict)
    clock: str | None = None
    smtp: str | None = None
    mail: str | None = None
    issuer: str | None = None
    issuer_folder: str | None = None

    @property
    def portal(self) -> str | None:
        """The address for browsers, where the portal runs.

        By name, not by number: cookies ignore ports, so the issuer would be sent the portal's.
        """
        url = self.services.get("portal")
        return url and f"http://localhost:{url.rpartition(':')[2]}"

    def to_json(self) -> str:
        """The JSON text of the file."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the file's text. Raises ``ValueError`` where it is none."""
        return cls(**json.loads(text))

    def write(self, file: Path) -> None:
        """Let the file appear complete or not at all."""
        partial = file.with_name(file.name + ".partial")
        partial.write_text(self.to_json())
        partial.replace(file)


def running(data: Path) -> Addresses:
    """The addresses of what runs: those the supervisor hands down, else those of the data folder.

    Raises ``NotRunning``.
    """
    if handed := os.environ.get(VARIABLE):
        return Addresses.from_json(handed)
    try:
        return Addresses.from_json((data / "addresses.json").read_text())
    except FileNotFoundError as error:
        raise NotRunning(f"nothing runs over {data}; start it with `make demo`") from error
