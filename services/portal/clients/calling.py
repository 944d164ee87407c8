"""Calls another service with the token of whoever looks at the page: it decides what she may see."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx2

from services.portal.clients.answers import Answer, Away, Change, Refusal

_PATIENCE = httpx2.Timeout(10.0, connect=2.0)
_ETAG = re.compile(r'"(\d{1,18})"')
_BROKEN_OFF = (httpx2.ReadError, httpx2.RemoteProtocolError)
Token = Callable[[], Awaitable[str]]


def client(base: str, transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """The process's connections to one service."""
    return httpx2.AsyncClient(base_url=base, timeout=_PATIENCE, transport=transport, follow_redirects=False)


class Caller:
    """One signed-in person's calls; a token that is refused is renewed once, and the call repeated once.

    Reading is repeated once too where the connection broke off, as a kept one does that the service has closed.
    What changes something never is: nobody knows whether it was done.
    """

    def __init__(self, http: httpx2.AsyncClient, token: Token, renewed: Token) -> None:
        self._http = http
        self._token = token
        self._renewed = renewed

    async def get(self, path: str, **parameters: str | int | None) -> Answer:
        """Read something. Raises ``Refusal``, ``Away``, ``SignedOut``."""
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        return await self.send("GET", path, params=given)

    async def change(self, method: str, path: str, change: Change, body: Any) -> Answer:
        """Have something changed; ``body`` is JSON. Raises ``Refusal``, ``Away``, ``SignedOut``."""
        return await self.send(method, path, json=body, headers=change.as_headers())

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        """One call, with whatever httpx2 takes. Raises ``Refusal``, ``Away``, ``SignedOut``."""
        response = await self._once(method, path, await self._token(), options)
        if response.status_code == 401:
            response = await self._once(method, path, await self._renewed(), options)
        _raise_for(response, path)
        return _answer(response)

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """A file as it comes, of whatever size. Raises ``Refusal``, ``Away``, ``SignedOut`` before the first part."""
        response = await self._opened(path, await self._token())
        if response.status_code == 401:
            await response.aclose()
            response = await self._opened(path, await self._renewed())
        if response.status_code >= 400:
            await response.aread()
            await response.aclose()
            _raise_for(response, path)
        return _parts(response)

    async def _opened(self, path: str, token: str) -> httpx2.Response:
        request = self._http.build_request("GET", path, headers={"Authorization": f"Bearer {token}"})
        try:
            return await self._http.send(request, stream=True)
        except httpx2.HTTPError as error:
            raise Away(f"{type(error).__name__} from {path}") from error

    async def _once(self, method: str, path: str, token: str, options: Mapping[str, Any]) -> httpx2.Response:
        headers = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
        try:
            return await self._sent(method, path, {**options, "headers": headers})
        except httpx2.HTTPError as error:
            raise Away(f"{type(error).__name__} from {path}") from error

    async def _sent(self, method: str, path: str, options: Mapping[str, Any]) -> httpx2.Response:
        try:
            return await self._http.request(method, path, **options)
        except _BROKEN_OFF:
            if method != "GET":
                raise
        return await self._http.request(method, path, **options)


async def _parts(response: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_bytes():
            yield part
    finally:
        await response.aclose()


def _raise_for(response: httpx2.Response, path: str) -> None:
    if response.status_code >= 500:
        raise Away(f"{response.status_code} from {path}")
    if response.status_code >= 400:
        raise _refusal(response)


def _answer(response: httpx2.Response) -> Answer:
    kind = response.headers.get("content-type", "")
    body = response.json() if kind.startswith("application/json") else response.content
    tag = _ETAG.fullmatch(response.headers.get("etag", ""))
    following = response.links.get("next", {}).get("url")
    cursor = httpx2.URL(following).params.get("cursor") if following else None
    return Answer(body, int(tag[1]) if tag else None, cursor)


def _refusal(response: httpx2.Response) -> Refusal:
    try:
        told = response.json()
        kind = str(told.get("type", "")).rpartition(":")[2]
        fields = {str(one["field"]): str(one["message"]) for one in told.get("errors") or ()}
        return Refusal(response.status_code, kind, str(told.get("detail", "")), fields, told)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refusal(response.status_code, "unreadable", "")
