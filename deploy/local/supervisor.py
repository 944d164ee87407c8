"""Starts everything in order, watches it, and ends it all when one part ends or a person says so."""

from __future__ import annotations

import os
import sys
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes, token_hex

from deploy.local import addresses
from deploy.local.addresses import Addresses
from deploy.local.database import Database
from deploy.local.display import Display
from deploy.local.issuer.demo import DemoIssuer, Registry, trust
from deploy.local.jars import JARS, kafka_jars
from deploy.local.kafka import Kafka, Places
from deploy.local.keyring import Keyring
from deploy.local.mailbox import Mailbox
from deploy.local.ports import HOST, Ports, serves
from deploy.local.process import Child, ChildFailed, Family, Program
from deploy.local.server import Server
from deploy.local.story import calendar
from services.chassis import manifests

_READY_WITHIN = 90.0  # seconds from a service's start to its first readiness
_SERVICES_END_WITHIN = 20.0  # seconds; a service itself gives its requests 15
_SERVERS_END_WITHIN = 15.0  # seconds
_ASKED = ("people", "applications", "matching")  # services that the portal asks
_TICK = 0.1  # seconds between two looks at everything


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run over which data folder; ``services`` is ``None`` for all that are installed.

    ``until`` is the stage at which the story stops; ``None`` plays it to its end.
    """

    data: Path
    services: Sequence[str] | None = None
    story: bool = True
    until: calendar.Stage | None = None

    @property
    def logs(self) -> Path:
        """The folder of log files, one per process."""
        return self.data / "logs"

    @property
    def addresses(self) -> Path:
        """The file that exists while all is ready."""
        return self.data / "addresses.json"


class Supervisor:
    """The running parts of one data folder; nothing is ever restarted behind anybody's back."""

    def __init__(self, plan: Plan, family: Family, display: Display) -> None:
        self.plan = plan
        self._family = family
        self._display = display
        self._ports = Ports(plan.data / "ports.json")
        self._servers: list[Server] = []
        self._services: dict[str, Child] = {}
        self._tasks: list[Child] = []

    def start(self) -> Addresses:
        """Bring everything up and return where it listens. Raises ``ChildFailed`` when a part does not come up."""
        names = list(manifests.names() if self.plan.services is None else self.plan.services)
        for name in names:
            if name not in manifests.names():
                raise manifests.UnknownService(name, manifests.names())
        mailbox, issuer = self._mailbox(), self._issuer("portal" in names)
        kafka, mongodb = self._start_servers()
        where = Addresses(
            kafka,
            mongodb,
            {name: f"http://{HOST}:{self._ports.of(name)}" for name in names},
            clock=self._clock(),
            smtp=mailbox.address if mailbox else os.environ["TANDEM_SMTP"],
            mail=mailbox.page if mailbox else None,
            issuer=issuer.url if issuer else None,
            issuer_folder=str(issuer.folder) if issuer else None,
        )
        if names:
            self.run("provision", _tandem("provision", "--services", ",".join(names)), _environment(where))
            self._start_services(where)
        if self.plan.story:
            until = ["--until", self.plan.until] if self.plan.until else []
            self._display.say(self.run_local("play", where, *until).last_lines(40))
        where.write(self.plan.addresses)
        return where

    def run_local(self, command: str, where: Addresses, *arguments: str) -> Child:
        """Run a command of ``deploy.local`` that talks to what runs. Raises ``ChildFailed`` when it fails."""
        env = {addresses.VARIABLE: where.to_json(), "PYTHONUNBUFFERED": "1"}
        return self.run(command, [sys.executable, "-m", "deploy.local", command, *arguments], env)

    def run(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> Child:
        """Run a task to its end while everything is watched. Raises ``ChildFailed`` when it fails."""
        task = self._spawn(name, argv, env)
        self._tasks.append(task)
        self._display.show(name, "running", log=task.program.log)
        while task.code is None:
            self._look()
            time.sleep(_TICK)
        if task.code != 0:
            raise ChildFailed(task, f"failed with exit code {task.code}")
        self._family.kill(task)
        self._display.show(name, "done")
        return task

    def pids(self) -> dict[str, int]:
        """The process id of every running service and server, by name."""
        servers = {server.name: server.child for server in self._servers}
        return {name: child.pid for name, child in {**servers, **self._services}.items() if child is not None}

    def watch(self) -> None:
        """Watch for ever. Raises ``ChildFailed`` as soon as any part ends."""
        while True:
            self._look()
            time.sleep(_TICK)

    def stop(self) -> None:
        """End everything: tasks and services first, then the servers they write to; bounded."""
        self.plan.addresses.unlink(missing_ok=True)
        self._family.stop(self._tasks, 1)
        self._end(dict(self._services), _SERVICES_END_WITHIN)
        self._end({s.name: s.child for s in self._servers if s.child}, _SERVERS_END_WITHIN)

    def _end(self, children: Mapping[str, Child], seconds: float) -> None:
        for name, child in children.items():
            if child.code is None:
                self._display.show(name, "stopping")
        running = [name for name, child in children.items() if child.code is None]
        self._family.stop(children.values(), seconds)
        for name in running:
            self._display.show(name, "stopped")

    def _look(self) -> None:
        self._family.must_be_guarded()
        for child in (*self._services.values(), *(server.child for server in self._servers)):
            if child is not None:
                child.must_run()

    def _mailbox(self) -> Mailbox | None:
        """Where the services' mail stays, unless the environment names a relay that takes it further."""
        if os.environ.get("TANDEM_SMTP"):
            return None
        mailbox = Mailbox(self._family, self._ports, data=self.plan.data / "mail", logs=self.plan.logs)
        self._servers.append(mailbox)
        return mailbox

    def _issuer(self, portal: bool) -> DemoIssuer | None:
        """Who signs people in, unless the environment names issuers of its own."""
        if os.environ.get("TANDEM_ISSUERS"):
            return None
        where = f"http://localhost:{self._ports.of('portal')}" if portal else None
        registry = Registry(self.plan.data / "issuer", where, self.plan.story)
        issuer = DemoIssuer(self._family, self._ports, registry=registry, logs=self.plan.logs)
        self._servers.append(issuer)
        return issuer

    def _start_servers(self) -> tuple[str, str]:
        """Start those servers that the environment does not name; the addresses of both."""
        kafka, mongodb = os.environ.get("TANDEM_KAFKA"), os.environ.get("TANDEM_MONGODB")
        if not mongodb:
            database = Database(self._family, self._ports, data=self.plan.data / "secantusdb", logs=self.plan.logs)
            self._servers.append(database)
            mongodb = database.uri
        if not kafka:
            places = Places(self.plan.data / "kafka", self.plan.logs, kafka_jars(JARS, self._display.progress))
            broker = Kafka(self._family, self._ports, places)
            self._servers.append(broker)
            kafka = broker.address
        for server in self._servers:
            self._display.show(
                server.name, "starting", address=server.address, log=self.plan.logs / f"{server.name}.log"
            )
            server.spawn()
        for server in self._servers:
            server.wait_ready()
            self._display.show(server.name, "ready")
        return kafka, mongodb

    def _start_services(self, where: Addresses) -> None:
        for name, url in where.services.items():
            env = {**self._secrets(), **_environment(where), **(_of_portal(where) if name == "portal" else {})}
            env |= {"TANDEM_HOST": HOST, "TANDEM_PORT": url.rpartition(":")[2], "TANDEM_INSTANCE": f"local-{name}"}
            child = self._spawn(name, _tandem("serve", name), env)
            self._services[name] = child
            self._display.show(name, "starting", address=url, log=child.program.log)
        deadline = time.monotonic() + _READY_WITHIN
        waiting = dict(where.services)
        while waiting:
            self._look()
            for name in [name for name, url in waiting.items() if serves(url.removeprefix("http://"), "/health/ready")]:
                del waiting[name]
                self._display.show(name, "ready")
            for name in waiting:
                if time.monotonic() > deadline:
                    raise ChildFailed(self._services[name], f"was not ready within {_READY_WITHIN:.0f} seconds")
            time.sleep(_TICK)

    def _spawn(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> Child:
        return self._family.spawn(Program(name, argv, self.plan.logs / f"{name}.log", self.plan.data, env))

    def _secrets(self) -> dict[str, str]:
        """The secrets that services need, made at the first start; what the environment names goes before."""
        keyring = Keyring(self.plan.data / "keyring.json")
        made = {"TANDEM_KEY_PEPPERS": lambda: f"1:{token_hex(32)}", "TANDEM_PORTAL_KEY": lambda: _base64(32)}
        return {name: os.environ.get(name) or keyring.of(name, make) for name, make in made.items()}

    def _clock(self) -> str | None:
        """The file with the instant that stands in for the present, where the story moves it or once moved it."""
        named = os.environ.get("TANDEM_CLOCK")
        file = Path(named).resolve() if named else self.plan.data / "clock"
        if not file.exists():
            if not (named or self.plan.story):
                return None
            begins = calendar.CALL_OPENS if self.plan.story else datetime.now(UTC)
            file.write_text(begins.strftime("%Y-%m-%dT%H:%M:%SZ\n"))  # never later than what will happen
        return str(file)


def _tandem(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.chassis.cli", *arguments]


def _environment(where: Addresses) -> dict[str, str]:
    clock = {"TANDEM_CLOCK": where.clock} if where.clock else {}
    log_format = os.environ.get("TANDEM_LOG_FORMAT", "json")
    servers = {"TANDEM_KAFKA": where.kafka, "TANDEM_MONGODB": where.mongodb, "TANDEM_SMTP": where.smtp or ""}
    issuers = {"TANDEM_ISSUERS": trust(where.issuer)} if where.issuer else {}
    return {**servers, "TANDEM_LOG_FORMAT": log_format, **clock, **issuers}


def _of_portal(where: Addresses) -> dict[str, str]:
    """What the portal needs beside what all need: its own address, and where others are."""
    personas = {"TANDEM_PORTAL_PERSONAS": f"{where.issuer_folder}/personas.json"} if where.issuer_folder else {}
    asked = {f"TANDEM_{name.upper()}_URL": where.services[name] for name in _ASKED if name in where.services}
    return {"TANDEM_PORTAL": where.portal or "", **asked, **personas}


def _base64(count: int) -> str:
    return b64encode(token_bytes(count)).decode()
