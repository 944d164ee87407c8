"""Promises of calls to other services when connections break off."""

from __future__ import annotations

from collections.abc import Sequence

import httpx2
import pytest

from services.portal.clients.answers import Away, Change
from services.portal.clients.calling import Caller, client

READ = httpx2.ReadError("The connection was reset.")
PROTOCOL = httpx2.RemoteProtocolError("Server disconnected without sending a response.")
CONNECT = httpx2.ConnectError("Nobody listens.")


class Line(httpx2.AsyncBaseTransport):
    """Breaks off as often as told, then answers; counts what it was asked."""

    def __init__(self, breaks: Sequence[Exception]) -> None:
        self._breaks = list(breaks)
        self.asked = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """An answer, or a break."""
        self.asked += 1
        if self._breaks:
            raise self._breaks.pop(0)
        return httpx2.Response(200, json={"asked": request.method})


async def token() -> str:
    """A token."""
    return "t"


@pytest.mark.parametrize("broken", [READ, PROTOCOL])
async def test_reading_is_repeated_once_when_a_connection_breaks_off(broken: Exception) -> None:
    """Nobody sees that a kept connection was gone."""
    line = Line([broken])
    async with client("http://other", line) as http:
        answer = await Caller(http, token, token).get("/v1/me")
    assert (answer.body, line.asked) == ({"asked": "GET"}, 2)


@pytest.mark.parametrize(("breaks", "asked"), [([READ, PROTOCOL], 2), ([CONNECT], 1)])
async def test_reading_gives_up_after_the_second_break(breaks: list[Exception], asked: int) -> None:
    """A service that breaks off again, or that nobody reaches, is away."""
    line = Line(breaks)
    async with client("http://other", line) as http:
        with pytest.raises(Away):
            await Caller(http, token, token).get("/v1/me")
    assert line.asked == asked


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_change_is_never_repeated(method: str) -> None:
    """Whether it was done before the connection broke off is not known."""
    line = Line([READ])
    async with client("http://other", line) as http:
        with pytest.raises(Away):
            await Caller(http, token, token).change(method, "/v1/me", Change("c1"), {})
    assert line.asked == 1
