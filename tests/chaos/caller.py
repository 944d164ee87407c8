"""A client as it should be: every command under a key, sent again under the same key until it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from deploy.local.issuer.wallet import Wallet
from tests.chaos.fleet import Fleet

T = TypeVar("T")
PATIENCE = 150.0  # seconds in which a command must be answered, outages included
_TRY = 5.0  # seconds that one worker gets for an answer
_PAUSE = 0.3  # seconds after all workers of a service refused
_AGAIN = {500, 502, 503, 504}  # 500 is no answer either, and counted, since it must not happen
_CHANGED_MEANWHILE = 412
_NOT_LINKED = "login-not-linked"  # passes as soon as the directory's news have arrived
OFFICER = "officer"  # the login of the group's programme office, who may do nearly everything


class Unanswered(Exception):
    """Nobody answered a command in all the time there was."""


class Refused(Exception):
    """A service said no; ``kind`` is that of the problem."""

    def __init__(self, asked: str, status: int, text: str, kind: str) -> None:
        super().__init__(f"{asked} → {status} {text[:300]}")
        self.status, self.kind = status, kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: the body, the version for the next change, the address of the next page."""

    body: Any
    etag: str
    next: str | None


@dataclass(slots=True)
class Figures:
    """What was asked and how it went. ``refused_by_all``: commands that no worker took in their first round."""

    commands: int = 0
    resent: int = 0
    refused_by_all: int = 0
    internal_errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of whoever has the login ``actor``: ``key`` stays the same however often it is sent."""

    method: str
    service: str
    path: str
    actor: str = OFFICER
    key: str | None = None
    etag: str | None = None
    body: Mapping[str, Any] | None = None
    csv: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.service}{self.path}"

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, but for the token."""
        named = {"Idempotency-Key": self.key, "If-Match": self.etag}
        kind = {"Content-Type": "text/csv"} if self.csv is not None else {}
        return {**{name: value for name, value in named.items() if value}, **kind}


class Caller:
    """Asks the workers of a service one after the other until one answers."""

    def __init__(self, fleet: Fleet, rng: Random, wallet: Wallet) -> None:
        self._fleet = fleet
        self._wallet = wallet
        self._rng = rng
        self.figures = Figures()
        self._client = httpx2.AsyncClient(timeout=_TRY, limits=httpx2.Limits(max_connections=200))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(self, request: Request) -> Answer:
        """Ask until there is an answer. Raises ``Refused``, ``Unanswered``."""
        deadline = time.monotonic() + PATIENCE
        is_command = request.method != "GET"
        self.figures.commands += is_command
        rounds = 0
        while time.monotonic() < deadline:
            response = await self._round(request)
            if response is not None and not _is_not_linked(response):
                return _answer(request, response)
            rounds += 1
            self.figures.refused_by_all += is_command and rounds == 1 and response is None
            await asyncio.sleep(_PAUSE)
        raise Unanswered(f"{request} was not answered within {PATIENCE:.0f} seconds")

    async def _round(self, request: Request) -> httpx2.Response | None:
        """The answer of the first worker that gives one."""
        workers = self._fleet.addresses(request.service)
        self._rng.shuffle(workers)
        for tried, worker in enumerate(workers):
            self.figures.resent += request.method != "GET" and tried > 0
            if (response := await self._one(worker, request)) is not None:
                return response
        return None

    async def _one(self, worker: str, request: Request) -> httpx2.Response | None:
        url = request.path if request.path.startswith("http") else worker + request.path
        sent: dict[str, Any] = {"json": request.body} if request.body is not None else {"content": request.csv}
        try:
            headers = {**self._wallet.bearer(request.actor), **request.headers}
            response = await self._client.request(request.method, url, headers=headers, **sent)
        except httpx2.TransportError:
            return None
        if response.status_code == 500:
            self.figures.internal_errors.append(f"{request} at {worker}: {response.headers.get('x-request-id')}")
        return None if response.status_code in _AGAIN else response

    async def get(self, service: str, path: str, actor: str = OFFICER) -> Answer:
        """Read a resource. Raises ``Refused``, ``Unanswered``."""
        return await self.ask(Request("GET", service, path, actor))

    async def find(self, service: str, path: str) -> Any:
        """The body of a resource, or None while it is not there."""
        try:
            return (await self.get(service, path)).body
        except Refused as error:
            if error.status == 404:
                return None
            raise

    async def every(self, service: str, path: str, actor: str = OFFICER) -> list[Any]:
        """All items of a paged collection."""
        items: list[Any] = []
        following: str | None = path
        while following:
            answer = await self.get(service, following, actor)
            items += answer.body
            following = "/" + answer.next.split("/", 3)[3] if answer.next else None
        return items

    async def change(self, request: Request, step: str) -> Answer:
        """Send to ``path/step`` with the ETag of ``path``; under the same key again where somebody was faster.

        Without a step the resource itself is changed.
        """
        path = f"{request.path}/{step}" if step else request.path
        while True:
            seen = (await self.get(request.service, request.path, request.actor)).etag
            sent = Request(request.method, request.service, path, request.actor, request.key, seen, request.body)
            try:
                return await self.ask(sent)
            except Refused as error:
                if error.status != _CHANGED_MEANWHILE:
                    raise


def _answer(request: Request, response: httpx2.Response) -> Answer:
    if response.status_code >= 400:
        raise Refused(str(request), response.status_code, response.text, _kind(response))
    return Answer(response.json(), response.headers.get("etag", ""), response.links.get("next", {}).get("url"))


def _is_not_linked(response: httpx2.Response) -> bool:
    return response.status_code == 403 and _kind(response) == _NOT_LINKED


def _kind(response: httpx2.Response) -> str:
    return str(response.json().get("type", "")).rpartition(":")[2]


async def eventually(ask: Callable[[], Awaitable[T | None]], what: str, seconds: float = PATIENCE) -> T:
    """Ask until there is an answer other than None. Raises ``Unanswered`` naming ``what``."""
    deadline = time.monotonic() + seconds
    while (answer := await ask()) is None:
        if time.monotonic() > deadline:
            raise Unanswered(f"within {seconds:.0f} seconds it did not come about that {what}")
        await asyncio.sleep(0.2)
    return answer
