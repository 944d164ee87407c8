"""What a chaos run plays on: a Kafka and a database of its own, topics and indexes, workers, and a clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from deploy.local.addresses import Addresses
from deploy.local.issuer.demo import DemoIssuer, Registry, trust
from deploy.local.issuer.minting import Minter
from deploy.local.issuer.wallet import Wallet
from deploy.local.jars import JARS, kafka_jars
from deploy.local.mailbox import Mailbox
from deploy.local.ports import Ports
from deploy.local.process import Family
from deploy.local.server import Server
from deploy.local.servers import Servers
from services.chassis import mongo
from services.chassis.manifests import manifests, names
from services.chassis.provision import provision
from services.chassis.settings import Settings
from tests.chaos.caller import Caller
from tests.chaos.fleet import Base, Fleet
from tests.chaos.ledger import Ledger
from tests.chaos.officer import let_in
from tests.chaos.passing_time import PassingTime

Say = Callable[[str], None]
SERVICES = tuple(name for name in names() if name != "portal")  # it owns nothing that could be lost


@dataclass(slots=True)
class Stage:
    """The parts of a run; ``closing`` is set when what plays on it is to come to an end."""

    servers: Servers
    mailbox: Mailbox
    issuer: DemoIssuer
    fleet: Fleet
    caller: Caller
    time: PassingTime
    say: Say
    ledger: Ledger = field(default_factory=Ledger)
    closing: bool = False

    @property
    def addresses(self) -> Addresses:
        """Where the servers listen, for counting."""
        services = {service: self.fleet.addresses(service)[0] for service in self.fleet.services}
        return Addresses(
            self.servers.kafka,
            self.servers.mongodb,
            services,
            clock=str(self.time.file),
            smtp=self.mailbox.address,
            mail=self.mailbox.page,
            issuer=self.issuer.url,
            issuer_folder=str(self.issuer.folder),
        )

    @property
    def killable(self) -> dict[str, Server]:
        """The servers by the names that schedules use."""
        servers = self.servers
        return {"broker": servers.broker, "database": servers.database, "mail": self.mailbox, "issuer": self.issuer}


@asynccontextmanager
async def stage(
    folder: Path, services: Sequence[str], rng: Random, say: Say, *, workers: int = 2
) -> AsyncIterator[Stage]:
    """Everything up and ready, and an officer let in; nothing of it runs on after the block.

    ``services`` must have `people`, without whose directory nobody is let in anywhere.
    """
    with Family() as family:
        servers = Servers(family, folder, kafka_jars(JARS), folder / "logs")
        mailbox = Mailbox(family, Ports(folder / "mail-ports.json"), data=folder / "mail", logs=folder / "logs")
        issuer = DemoIssuer(
            family,
            Ports(folder / "issuer-ports.json"),
            registry=Registry(folder / "issuer", story=False),
            logs=folder / "logs",
        )
        mailbox.spawn()
        issuer.spawn()
        servers.start()
        mailbox.wait_ready()
        issuer.wait_ready()
        await _provision(servers)
        time = PassingTime(folder / "clock")
        fleet = Fleet(Base(family, folder, _environment(servers, mailbox, issuer, time)), services, workers)
        moving = asyncio.create_task(time.pass_by())
        try:
            for seat in fleet.seats:
                fleet.start(seat)
            await fleet.ready(fleet.seats)
            wallet = Wallet(Minter(issuer.folder, issuer.url))
            async with Caller(fleet, rng, wallet) as caller:
                await let_in(fleet, caller)
                yield Stage(servers, mailbox, issuer, fleet, caller, time, say)
        finally:
            fleet.stop()
            moving.cancel()
            with suppress(asyncio.CancelledError):
                await moving


def _environment(servers: Servers, mailbox: Mailbox, issuer: DemoIssuer, time: PassingTime) -> dict[str, str]:
    return {
        "TANDEM_ISSUERS": trust(issuer.url),
        "TANDEM_SMTP": mailbox.address,
        "TANDEM_KAFKA": servers.kafka,
        "TANDEM_MONGODB": servers.mongodb,
        "TANDEM_CLOCK": str(time.file),
        "TANDEM_LOG_FORMAT": "json",
    }


async def _provision(servers: Servers) -> None:
    client = mongo.connect(servers.mongodb)
    try:
        prefix = Settings().database_prefix
        await provision(manifests(), kafka=servers.kafka, client=client, prefix=prefix)
    finally:
        await mongo.close(client)
