"""The demo issuer as tests need it: served on a real port, or only its keys."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from deploy.local.issuer.app import application
from deploy.local.issuer.clients import Client, write_clients
from deploy.local.issuer.issuing import CLIENTS, PERSONAS, Issuer
from deploy.local.issuer.minting import Minter
from deploy.local.issuer.personas import Persona, write_personas
from deploy.local.issuer.signing import SigningKeys
from tests.support.waiting import until

PORTAL = "tandem-portal"


@dataclass(frozen=True, slots=True)
class Issuing:
    """An issuer that is served; ``minter`` signs with its key, ``folder`` holds its files."""

    url: str
    folder: Path
    minter: Minter

    def write(self, personas: Mapping[str, Persona]) -> None:
        """These are who may sign in from now on."""
        write_personas(self.folder / PERSONAS, personas)

    def rotate(self, *, keep: bool = True) -> str:
        """Let it sign with a new key; the one before stays published where it is kept. The new key's id."""
        return SigningKeys(self.folder).rotate(keep=keep)


def portal_client(*redirect_uris: str, after_sign_out: Sequence[str] = ()) -> Client:
    """The portal as a public client."""
    return Client(PORTAL, "Tandem", redirect_uris, after_sign_out)


def persona(name: str, **claims: Any) -> Persona:
    """A person of no importance."""
    return Persona(name, {"en": "Somebody", "de": "Jemand"}, claims=claims)


@contextmanager
def issuing(
    folder: Path, *, personas: Mapping[str, Persona] | None = None, clients: Sequence[Client] = ()
) -> Iterator[Issuing]:
    """A running issuer over ``folder``, on the machine's clock; it ends with the block."""
    write_clients(folder / CLIENTS, clients)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = application(Issuer.over(folder, url, testing=True))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False, ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],), name="issuer", daemon=True)
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive(), "the issuer is served")
            assert server.started, "the issuer did not start"
            running = Issuing(url, folder, Minter(folder, url))
            running.write(personas or {})
            yield running
        finally:
            server.should_exit = True
            thread.join(30)
