"""The leanest HTTP client there is: requests written beforehand, sent over a few connections that stay open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

_LENGTH = b"content-length:"


def post(url: str, headers: Mapping[str, str], body: Any) -> bytes:
    """A POST of JSON as it goes over the wire."""
    parts, sent = urlsplit(url), json.dumps(body, separators=(",", ":")).encode()
    named = {"Host": parts.netloc, "Content-Type": "application/json", "Content-Length": str(len(sent)), **headers}
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode() + sent


async def statuses(host: str, port: int, requests: Iterable[bytes], at_once: int) -> list[int]:
    """Send them all, so many at a time, each connection one after the other; the statuses of the answers.

    Raises ``OSError`` where the connection breaks.
    """
    waiting, answered = iter(requests), []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            for request in waiting:
                writer.write(request)
                answered.append(await _answer(reader))
        finally:
            writer.close()

    await asyncio.gather(*(connection() for _ in range(at_once)))
    return answered


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(next(_length(head), 0))
    return int(head[9:12])


def _length(head: bytes) -> Iterator[int]:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            yield int(line[len(_LENGTH) :])
