"""Requests to an application in this process: ordinary ones by httpx2, and bytes that no client would send."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.support.trusting import trusting

BASE = "http://127.0.0.1:8000"


@asynccontextmanager
async def client_of(app: FastAPI, *, caller: str | None = "a-caller") -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application, which takes the caller's word; its lifespan runs, failures come back as answers."""
    trusting(app)
    headers = {"Tandem-Actor": caller} if caller else {}
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers, timeout=30) as client,
    ):
        yield client


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application sent back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


async def ask_raw(
    app: FastAPI,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = (),
    messages: Sequence[dict[str, Any]] = ({"type": "http.request", "body": b""},),
    client: tuple[str, int] | None = ("127.0.0.1", 123),
) -> Answer | None:
    """Speak ASGI to the application: any bytes anywhere, a body in any pieces; None if it never answered."""
    given = dict(headers)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [*([] if b"host" in given else [(b"host", b"127.0.0.1:8000")]), *headers],
        "client": client,
        "server": ("127.0.0.1", 8000),
        "root_path": "",
    }
    left = [*messages, {"type": "http.disconnect"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return left.pop(0) if len(left) > 1 else left[0]

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return None
    names = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:]))
