"""The parts of one issuer, put together once; the endpoints get them as their first argument."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from deploy.local.issuer.clients import Clients, read_clients
from deploy.local.issuer.grants import Grants
from deploy.local.issuer.personas import Personas
from deploy.local.issuer.reach import HERE, Reach
from deploy.local.issuer.signing import SigningKeys
from deploy.local.issuer.tokens import Tokens
from services.chassis.clock import Clock, SystemClock

CLIENTS, PERSONAS = "clients.json", "personas.json"


class NotLoopback(ValueError):
    """The issuer signs in anybody who presses a button, so neither its address nor its name may be reachable."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer over its folder; ``url`` is its name everywhere, ``testing`` adds ``POST /_rotate``."""

    url: str
    keys: SigningKeys
    clients: Clients
    personas: Personas
    grants: Grants
    tokens: Tokens
    testing: bool = False
    reach: Reach = HERE

    @classmethod
    def over(
        cls, folder: Path, url: str, *, clock: Clock | None = None, testing: bool = False, reach: Reach = HERE
    ) -> Self:
        """The issuer of a folder with ``clients.json``, and ``personas.json`` as soon as somebody writes it.

        Raises ``NotLoopback``, and ``ValueError`` where the clients cannot be read.
        """
        if not reach.names(urlsplit(url).hostname):
            raise NotLoopback(f"{url} is not on loopback")
        clock, keys = clock or SystemClock(), SigningKeys(folder)
        return cls(
            url=url,
            keys=keys,
            clients=read_clients(folder / CLIENTS),
            personas=Personas(folder / PERSONAS),
            grants=Grants(clock),
            tokens=Tokens(keys, url, clock),
            testing=testing,
            reach=reach,
        )
