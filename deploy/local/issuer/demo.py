"""The demo issuer as a server among the others, over the demo's clients and personas."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.issuer.clients import Client, write_clients
from deploy.local.issuer.issuing import CLIENTS, PERSONAS
from deploy.local.issuer.personas import write_personas
from deploy.local.issuer.signing import ALGORITHM
from deploy.local.issuer.tokens import AUDIENCE
from deploy.local.keyring import Keyring
from deploy.local.ports import HOST, Ports, serves
from deploy.local.process import Family, Program
from deploy.local.server import Server
from deploy.local.story.personas import personas

NAME = "idp"  # the beginning of its people's logins in the directory
PORTAL, INTEGRATOR = "tandem-portal", "hr-feed"


@dataclass(frozen=True, slots=True)
class Registry:
    """What the issuer is started with: its folder, the portal's address, whether the story's people may sign in."""

    folder: Path
    portal: str | None = None
    story: bool = True

    def prepare(self) -> None:
        """Write the clients, and the story's personas where nobody has written any yet."""
        write_clients(self.folder / CLIENTS, self.clients())
        if self.story and not (self.folder / PERSONAS).exists():
            write_personas(self.folder / PERSONAS, personas())

    def clients(self) -> list[Client]:
        """The portal, where there is one, and a service account whose secret lies in ``clients.json``."""
        secret = Keyring(self.folder / "secrets.json").of(INTEGRATOR, secrets.token_urlsafe)
        integrator = Client(INTEGRATOR, "HR feed", grants=["client_credentials"], secret=secret)
        if self.portal is None:
            return [integrator]
        return [Client(PORTAL, "Tandem", [f"{self.portal}/sign-in/return"], [f"{self.portal}/signed-out"]), integrator]


class DemoIssuer(Server):
    """Signs in the demo's people at the press of a button; loopback only."""

    name = "issuer"

    def __init__(self, family: Family, ports: Ports, *, registry: Registry, logs: Path) -> None:
        super().__init__(family, ports.of("issuer"))
        self._registry = registry
        self._logs = logs

    @property
    def url(self) -> str:
        """What its tokens name as issuer."""
        return f"http://{self.address}"

    @property
    def folder(self) -> Path:
        """Where its key lies, for drivers that sign with it."""
        return self._registry.folder

    def program(self) -> Program:
        """The server over its folder."""
        self._registry.prepare()
        where = ["--folder", str(self.folder), "--host", HOST, "--port", str(self.port)]
        argv = [sys.executable, "-m", "deploy.local.issuer", *where]
        return Program(self.name, argv, self._logs / "issuer.log", self.folder)

    def healthy(self) -> bool:
        """Whether it tells its keys."""
        return serves(self.address, "/jwks")


def trust(url: str) -> str:
    """The value of ``TANDEM_ISSUERS`` by which services trust the demo issuer at ``url``, and no other."""
    settings = {"name": NAME, "issuer": url, "audience": AUDIENCE, "subject_claim": "sub"}
    return json.dumps([{**settings, "algorithms": [ALGORITHM], "typ": "at+jwt", "development": True}])
