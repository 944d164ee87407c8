"""The services' HTTP APIs as the persons of the story use them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from deploy.local.addresses import Addresses
from deploy.local.issuer.minting import Minter
from deploy.local.issuer.wallet import Wallet
from services.chassis.ids import derived_id
from services.chassis.wire import rfc3339

T = TypeVar("T")
_PATIENCE = 60.0  # seconds for something to come about
_PAUSE = 0.2  # seconds before the same request is sent again
_AWAY = (502, 503, 504)
_NOT_LINKED = "login-not-linked"  # passes as soon as the directory's news have arrived at a service


class StoryFailed(Exception):
    """A service did not answer as the story needs it; ``kind`` is that of the problem it answered with, if it did."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: the body, and the version for the next change."""

    body: Any
    etag: str
    next: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, before it is somebody's: ``sent`` are its body and headers."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class Portals:
    """Where the persons of the story go in, each under the own login."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._wallet = Wallet(Minter.of(addresses))
        self._client = httpx2.AsyncClient(timeout=30)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    def by(self, login: str) -> Acting:
        """Everything as this person may do it."""
        return Acting(self, login)

    def set_clock(self, instant: datetime) -> None:
        """Move the injected clock; from now on it is this instant everywhere."""
        if not self._addresses.clock:
            raise StoryFailed("the services run on the machine's clock; start them with the story to play a year")
        partial = Path(f"{self._addresses.clock}.partial")
        partial.write_text(rfc3339(instant) + "\n")
        partial.replace(self._addresses.clock)

    def url(self, service: str, path: str) -> str:
        """The address of a resource."""
        return path if path.startswith("http") else self._addresses.services[service] + path

    async def ask(self, login: str, asked: Asked) -> Answer:
        """Send a request until it is answered, for a minute at most. Raises ``StoryFailed``.

        It is sent again where the service is away, or has not heard of this person or of the new hour yet.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            response = await self._sent(login, asked)
            if isinstance(response, httpx2.Response) and not _passes(response):
                return _answer(asked, response)
            if time.monotonic() > deadline:
                raise StoryFailed(f"{asked}: after {_PATIENCE:.0f} seconds still {_told(response)}")
            await asyncio.sleep(_PAUSE)

    async def _sent(self, login: str, asked: Asked) -> httpx2.Response | httpx2.TransportError:
        """The answer; to a second request under a new token where the first one's was not accepted."""
        try:
            response = await self._once(login, asked)
            if response.status_code != 401:
                return response
            self._wallet.discard(login)
            return await self._once(login, asked)
        except httpx2.TransportError as error:
            return error

    async def _once(self, login: str, asked: Asked) -> httpx2.Response:
        headers = {**self._wallet.bearer(login), **asked.headers}
        return await self._client.request(asked.method, asked.url, headers=headers, **asked.sent)


@dataclass(frozen=True, slots=True)
class Acting:
    """One person's commands and questions; a command that gets no answer is sent again under the same key."""

    portals: Portals
    login: str

    async def get(self, service: str, path: str) -> Answer:
        """Read a resource."""
        return await self._ask("GET", service, path)

    async def find(self, service: str, path: str) -> Any:
        """The body of a resource, or None while it is not there."""
        try:
            return (await self.get(service, path)).body
        except StoryFailed as error:
            if error.kind == "not-found":
                return None
            raise

    async def every(self, service: str, path: str) -> list[Any]:
        """All items of a paged collection."""
        items: list[Any] = []
        following: str | None = path
        while following:
            answer = await self.get(service, following)
            items += answer.body
            following = answer.next
        return items

    async def create(self, service: str, path: str, body: Mapping[str, Any], name: str) -> Answer:
        """Create something; ``name`` tells this command from all others of the story."""
        return await self._ask("POST", service, path, {"Idempotency-Key": derived_id("story", name)}, json=body)

    async def change(
        self, service: str, path: str, body: Mapping[str, Any], *, seen: str, name: str, method: str = "POST"
    ) -> Answer:
        """Change something that was seen with the ETag ``seen``."""
        headers = {"If-Match": seen, "Idempotency-Key": derived_id("story", name)}
        return await self._ask(method, service, path, headers, json=body)

    async def amend(self, service: str, path: str, fields: Mapping[str, Any]) -> Answer:
        """Set some fields of the resource, as it stands now."""
        headers = {"If-Match": (await self.get(service, path)).etag}
        return await self._ask("PATCH", service, path, headers, json=fields)

    async def change_at(
        self, place: tuple[str, str], step: str, body: Mapping[str, Any], *, name: str = "", method: str = "POST"
    ) -> Answer:
        """Change the aggregate at ``place`` (service, path), as it stands now, by ``path/step``.

        ``name`` tells this command from others of the same step.
        """
        service, path = place
        seen = (await self.get(service, path)).etag
        name = name or f"{step} {path}"
        return await self.change(service, f"{path}/{step}", body, seen=seen, name=name, method=method)

    async def upload(self, service: str, path: str, text: bytes, *, name: str) -> Answer:
        """Send a CSV file; ``name`` tells this command from all others of the story."""
        headers = {"Content-Type": "text/csv; charset=utf-8", "Idempotency-Key": derived_id("story", name)}
        return await self._ask("POST", service, path, headers, content=text)

    async def _ask(
        self, method: str, service: str, path: str, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> Answer:
        return await self.portals.ask(self.login, Asked(method, self.portals.url(service, path), headers or {}, sent))


def _passes(response: httpx2.Response) -> bool:
    """Whether the answer will be another one soon, without anybody's doing."""
    return response.status_code in _AWAY or (response.status_code == 403 and _kind(response) == _NOT_LINKED)


def _answer(asked: Asked, response: httpx2.Response) -> Answer:
    if response.status_code >= 400:
        raise StoryFailed(f"{asked} → {response.status_code} {response.text}", _kind(response))
    return Answer(response.json(), response.headers.get("etag", ""), response.links.get("next", {}).get("url"))


def _kind(response: httpx2.Response) -> str:
    try:
        return str(response.json().get("type", "")).rpartition(":")[2]
    except ValueError:
        return ""


def _told(response: httpx2.Response | httpx2.TransportError) -> str:
    return f"{response.status_code} {response.text}" if isinstance(response, httpx2.Response) else repr(response)


async def eventually(ask: Callable[[], Awaitable[T | None]], what: str, seconds: float = _PATIENCE) -> T:
    """Ask until there is an answer other than None. Raises ``StoryFailed`` naming ``what``, usually after a minute."""
    deadline = time.monotonic() + seconds
    while (answer := await ask()) is None:
        if time.monotonic() > deadline:
            raise StoryFailed(f"within {seconds:.0f} seconds it did not come about that {what}")
        await asyncio.sleep(0.1)
    return answer
