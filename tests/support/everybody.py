"""The services of the programme in one process, over topics and databases of their own, and a log of every command.

Whoever sends a command does so under a name that nobody else uses, so that what became of it can be found by it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis import manifests, mongo, provision
from services.chassis.ids import random_id
from services.chassis.settings import Settings
from services.chassis.wire import rfc3339
from tests.support.asking import client_of
from tests.support.servers import Running
from tests.support.waiting import until_async

SERVICES = ("people", "applications", "matching", "sessions", "reporting")
_CHANGING = ("post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was accepted: by whom it was sent, about what it was, and through which route.

    ``kind`` tells its entry from others of the same actor about the same thing.
    """

    service: str
    route: str
    actor: str
    subject: str
    kind: str = ""


@dataclass(slots=True)
class Everybody:
    """The running services, the clock that all of them share, and what was commanded so far."""

    http: Mapping[str, httpx2.AsyncClient]
    databases: Mapping[str, mongo.Database]
    clock: Path
    routes: Mapping[str, Sequence[str]]
    done: list[Done] = field(default_factory=list)

    def at(self, instant: datetime) -> None:
        """Move the clock."""
        self.clock.write_text(rfc3339(instant))

    async def get(self, service: str, path: str, *, actor: str = "a-reader") -> Any:
        """The JSON of a successful answer."""
        answer = await self.http[service].get(path, headers={"Tandem-Actor": actor})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def command(
        self,
        service: str,
        path: str,
        body: Any,
        *,
        subject: str,
        actor: str = "",
        seen: str = "",
        kind: str = "",
        method: str = "POST",
    ) -> httpx2.Response:
        """Send a command and note it; ``subject`` names the field of the answer that says what it was about, or an id.

        ``seen`` is the path of the resource whose ETag goes with a change; without it something is created.
        """
        actor = actor or f"actor-{random_id()[:8]}"
        headers = {"Tandem-Actor": actor}
        if seen:
            looked = await self.http[service].get(seen, headers=headers)
            headers["If-Match"] = looked.headers["ETag"]
        else:
            headers["Idempotency-Key"] = random_id()
        sent: dict[str, Any] = {"json": body} if body is not None else {}
        if isinstance(body, str):
            sent, headers = {"content": body.encode()}, {**headers, "Content-Type": "text/csv"}
        answer = await self.http[service].request(method, path, headers=headers, **sent)
        assert answer.is_success, answer.text
        routes = (route.removeprefix(f"{method} ") for route in self.routes[service] if route.startswith(method))
        route = next(route for route in routes if _template(route).fullmatch(path))
        self.done.append(Done(service, f"{method} {route}", actor, str(answer.json().get(subject, subject)), kind))
        return answer

    async def accepts(self, service: str, path: str, body: Any, *, subject: str, actor: str) -> httpx2.Response:
        """As ``command``, as soon as what it needs has arrived there."""
        answers: list[httpx2.Response] = []

        async def so() -> bool:
            try:
                answers.append(await self.command(service, path, body, subject=subject, actor=actor))
            except AssertionError:
                return False
            return True

        await until_async(so, f"{service} accepts {path}")
        return answers[0]


def _template(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(route)))


def commands(openapi: Mapping[str, Any]) -> list[str]:
    """The routes of a service that change something; those of operators are not among them."""
    return [
        f"{method.upper()} {route}"
        for route, methods in openapi["paths"].items()
        if not route.startswith("/v1/operations")
        for method in _CHANGING
        if method in methods
    ]


@asynccontextmanager
async def everybody(servers: Running, folder: Path) -> AsyncIterator[Everybody]:
    """These services until the block ends; the topics and the routes of all of them are known."""
    clock, installed = folder / "clock", manifests.manifests()
    clock.write_text("2026-03-01T09:00:00Z")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_KAFKA", servers.kafka)
        environment.setenv("TANDEM_MONGODB", servers.mongodb)
        environment.setenv("TANDEM_DATABASE_PREFIX", f"all_{random_id()[:8]}")
        environment.setenv("TANDEM_GROUP_PREFIX", f"all_{random_id()[:8]}")
        environment.setenv("TANDEM_CLOCK", str(clock))
        environment.setenv("TANDEM_KEY_PEPPERS", f"1:{'ab' * 32}")
        settings = Settings()
        every = {service.name: service.app() for service in installed if service.rules}
    client = mongo.connect(settings.mongodb)
    await provision.provision(installed, kafka=settings.kafka, client=client, prefix=settings.database_prefix)
    databases = {name: client[f"{settings.database_prefix}_{name}"] for name in SERVICES}
    async with AsyncExitStack() as stack:
        http = {name: await stack.enter_async_context(client_of(every[name])) for name in SERVICES}
        routes = {name: commands(app.openapi()) for name, app in every.items()}
        yield Everybody(http, databases, clock, routes)
    await mongo.close(client)
