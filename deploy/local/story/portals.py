"""The services' HTTP APIs as the persons of the story use them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from deploy.local.addresses import Addresses
from services.chassis.ids import derived_id
from services.chassis.wire import rfc3339

T = TypeVar("T")
_PATIENCE = 60.0  # seconds for something to come about
_AWAY = {502, 503, 504}


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


class Portals:
    """Sends commands on behalf of persons; a command that gets no answer is sent again under the same key."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._client = httpx2.AsyncClient(timeout=30)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

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

    async def get(self, service: str, path: str, actor: str = "story") -> Answer:
        """Read a resource."""
        return await self._ask("GET", service, path, {"Tandem-Actor": actor})

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

    async def create(self, service: str, path: str, actor: str, body: Mapping[str, Any], name: str) -> Answer:
        """Create something; ``name`` tells this command from all others of the story."""
        headers = {"Tandem-Actor": actor, "Idempotency-Key": derived_id("story", name)}
        return await self._ask("POST", service, path, headers, json=body)

    async def change(
        self, service: str, path: str, actor: str, body: Mapping[str, Any], *, seen: str, name: str
    ) -> Answer:
        """Change something that was seen with the ETag ``seen``."""
        headers = {"Tandem-Actor": actor, "If-Match": seen, "Idempotency-Key": derived_id("story", name)}
        return await self._ask("POST", service, path, headers, json=body)

    async def upload(self, service: str, path: str, actor: str, text: bytes) -> Answer:
        """Send a CSV file."""
        headers = {"Tandem-Actor": actor, "Content-Type": "text/csv; charset=utf-8"}
        return await self._ask("POST", service, path, headers, content=text)

    async def _ask(self, method: str, service: str, path: str, headers: dict[str, str], **body: Any) -> Answer:
        url = self.url(service, path)
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                response = await self._client.request(method, url, headers=headers, **body)
                away = response.status_code in _AWAY
            except httpx2.TransportError as error:
                if time.monotonic() > deadline:
                    raise StoryFailed(f"{method} {url}: {error!r}") from error
                away = True
            if not away:
                break
            if time.monotonic() > deadline:
                raise StoryFailed(f"{method} {url}: still unavailable after {_PATIENCE:.0f} seconds")
            await asyncio.sleep(0.5)
        if response.status_code >= 400:
            kind = str(response.json().get("type", "")).rpartition(":")[2]
            raise StoryFailed(f"{method} {url} → {response.status_code} {response.text}", kind)
        return Answer(response.json(), response.headers.get("etag", ""), response.links.get("next", {}).get("url"))


async def eventually(ask: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Ask until there is an answer other than None. Raises ``StoryFailed`` naming ``what`` after a minute."""
    deadline = time.monotonic() + _PATIENCE
    while (answer := await ask()) is None:
        if time.monotonic() > deadline:
            raise StoryFailed(f"within {_PATIENCE:.0f} seconds it did not come about that {what}")
        await asyncio.sleep(0.1)
    return answer
