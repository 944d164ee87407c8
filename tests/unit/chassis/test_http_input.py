"""Input that no well-meaning caller sends: it is refused, and never a 500."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.chassis.ids import random_id
from services.chassis.settings import Settings
from tests.support.asking import ask_raw
from tests.support.servers import Running
from tests.support.small_service import BODY_LIMIT, Small, running_small

JSON = "application/json"


@pytest_asyncio.fixture(scope="module")
async def small(servers: Running) -> AsyncIterator[Small]:
    """The small service on a real database, its broker away."""
    settings = Settings(kafka="127.0.0.1:1", mongodb=servers.mongodb, database_prefix="test_http_input")
    async with running_small(settings) as running:
        yield running


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"text":"\\ud800"}', 422),  # lone surrogates
        (b'{"text":"a","\\udfff":1}', 422),
        (b'{"text":"a","labels":{"\\ud800":"x"}}', 422),
        (b'{"text":"a\\u0000b"}', 201),  # NUL is a character like others
        (b'{"text":"a","labels":{"\\u0000":1}}', 201),
        (b"[" * 30_000, 400),  # nested deeper than a reader can follow
        (b'{"text":' * 8_000, 400),
        (b"[" * 900 + b"]" * 900, 422),
        (b'{"text":"a","labels":' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}", 422),
        (b'{"text":"a","weight":1e999}', 422),  # numbers that are none, or beyond all bounds
        (b'{"text":"a","weight":-Infinity}', 422),
        (b'{"text":"a","weight":NaN}', 422),
        (b'{"text":"a","weight":' + b"9" * 5_000 + b"}", 400),
        (b'{"text":"a","due":1e300}', 422),
        (b'{"text":"a","due":"+275760-09-13T00:00:00Z"}', 422),
        (b'{"text":"\xff"}', 400),  # not UTF-8
        (b"\xef\xbb\xbf", 422),
        (b"", 422),
        (b"\x00", 422),
    ],
)
async def test_a_weird_body_is_refused_or_taken_but_never_a_bug(small: Small, body: bytes, status: int) -> None:
    """Each is answered for what it is, as a problem where it is refused."""
    headers = {"Idempotency-Key": random_id(), "content-type": JSON}
    answer = await small.http.post("/v1/notes", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == (JSON if status == 201 else "application/problem+json")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "nonsense;;=", ""])
async def test_a_body_of_another_type_is_a_415(small: Small, kind: str) -> None:
    """The caller learns which type to send, although the bytes may be JSON."""
    headers = {"Idempotency-Key": random_id(), "content-type": kind}
    answer = await small.http.post("/v1/notes", content=b'{"text":"a"}', headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:tandem:problem:unsupported-media-type")


@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", "Application/JSON", "application/x+json"])
async def test_json_is_known_by_any_of_its_names(small: Small, kind: str) -> None:
    """Parameters and case do not matter; a fault inside is a fault of the body."""
    headers = {"content-type": kind}
    good = await small.http.post(
        "/v1/notes", content=b'{"text":"a"}', headers={**headers, "Idempotency-Key": random_id()}
    )
    assert good.status_code == 201, good.text
    bad = await small.http.post("/v1/notes", content=b"[]", headers={**headers, "Idempotency-Key": random_id()})
    assert bad.status_code == 422


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/notes", b"text=\xff\xfe"),
        ("/v1/notes", b"cursor=%ff%00&limit=1"),
        ("/v1/notes", b"limit=" + b"9" * 5_000),
        ("/v1/notes", b"&&&=&=%"),
        ("/v1/notes/\x00", b""),
        ("/v1/notes/\ufffd\U0001f980", b"\xff"),
        ("/v1/notes/" + "x" * 20_000, b""),
        ("/v1/notes/$where", b""),
        ("/", b"\xff"),
        ("/v1/notes/", b"\xff"),
    ],
)
async def test_a_weird_address_is_never_a_bug(small: Small, path: str, query: bytes) -> None:
    """Bytes that no browser sends, in path and query."""
    answer = await ask_raw(small.app, "GET", path, query=query, headers=[(b"tandem-actor", b"a-caller")])
    assert answer is not None
    assert answer.status in {200, 404, 422}


async def test_a_query_that_is_no_text_does_not_stop_a_command(small: Small) -> None:
    """What nobody asks for is not read."""
    answer = await ask_raw(
        small.app, "POST", "/v1/notes", query=b"\xff", headers=_headers(), messages=[_whole(b'{"text":"a"}')]
    )
    assert answer is not None
    assert answer.status == 201


@pytest.mark.parametrize("length", ["²".encode("latin-1"), b"-1", b"9" * 5_000, b"1e3", b""])
async def test_a_length_that_is_no_number_is_never_a_bug(small: Small, length: bytes) -> None:
    """What is announced counts for nothing; what arrives is measured."""
    headers = [*_headers(), (b"content-length", length)]
    answer = await ask_raw(small.app, "POST", "/v1/notes", headers=headers, messages=[_whole(b'{"text":"a"}')])
    assert answer is not None
    assert answer.status == 201


async def test_a_body_that_is_announced_as_too_large_is_refused_unread(small: Small) -> None:
    """413 before a byte of it was read."""
    headers = [*_headers(), (b"content-length", str(BODY_LIMIT + 1).encode())]
    answer = await ask_raw(small.app, "POST", "/v1/notes", headers=headers, messages=[])
    assert answer is not None
    assert (answer.status, answer.json()["type"]) == (413, "urn:tandem:problem:too-large")


async def test_a_body_that_grows_too_large_is_refused_as_soon_as_it_is(small: Small) -> None:
    """413 for what comes in pieces without an announcement; the pieces after that are not waited for."""
    piece = {"type": "http.request", "body": b" " * (BODY_LIMIT // 2), "more_body": True}
    answer = await ask_raw(
        small.app, "POST", "/v1/notes", headers=_headers(), messages=[piece, piece, {**piece, "body": b"x"}]
    )
    assert answer is not None
    assert answer.status == 413


async def test_a_body_of_just_the_limit_is_read(small: Small) -> None:
    """The limit itself is within the limit."""
    body = b'{"text":"a"}'.ljust(BODY_LIMIT)
    pieces = [{"type": "http.request", "body": body[:100], "more_body": True}, _whole(body[100:])]
    answer = await ask_raw(small.app, "POST", "/v1/notes", headers=_headers(), messages=pieces)
    assert answer is not None
    assert answer.status == 201


async def test_a_body_that_breaks_off_is_never_carried_out(small: Small) -> None:
    """The first half of a request may look like a whole one; nothing is written."""
    text = f"half {random_id()}"
    half = {"type": "http.request", "body": b'{"text":"%s"}' % text.encode(), "more_body": True}
    assert await ask_raw(small.app, "POST", "/v1/notes", headers=_headers(), messages=[half]) is None
    assert (await small.http.get("/v1/notes", params={"text": text})).json() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LocalHost", "[::1]", "[::1]:8000"])
async def test_this_machine_is_served_under_its_own_names(small: Small, host: str) -> None:
    """By name or number, with or without a port."""
    answer = await ask_raw(small.app, "GET", "/health/live", headers=[(b"host", host.encode())])
    assert answer is not None
    assert answer.status == 200


@pytest.mark.parametrize(
    "host",
    ["tandem.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "localhost:80:80", "", "\xff", "[::1"],
)
async def test_another_name_is_turned_away(small: Small, host: str) -> None:
    """A web page cannot reach the service by a name of its own that resolves to this machine."""
    answer = await ask_raw(small.app, "GET", "/health/live", headers=[(b"host", host.encode("latin-1"))])
    assert answer is not None
    assert (answer.status, answer.json()["type"]) == (403, "urn:tandem:problem:loopback-only")


@pytest.mark.parametrize("client", [None, ("192.168.0.7", 1), ("8.8.8.8", 1), ("::2", 1), ("nobody", 1), ("", 1)])
async def test_another_machine_is_turned_away(small: Small, client: tuple[str, int] | None) -> None:
    """Health and metrics need no login, so they are for this machine, whatever the Host header says."""
    answer = await ask_raw(small.app, "GET", "/health/live", client=client)
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("127.8.8.8", 1), ("::1", 1)])
async def test_every_loopback_address_is_this_machine(small: Small, client: tuple[str, int]) -> None:
    """IPv4 and IPv6."""
    answer = await ask_raw(small.app, "GET", "/health/live", client=client)
    assert answer is not None
    assert answer.status == 200


def _headers() -> list[tuple[bytes, bytes]]:
    given = {"tandem-actor": "a-caller", "idempotency-key": random_id(), "content-type": JSON}
    return [(name.encode(), value.encode()) for name, value in given.items()]


def _whole(body: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": False}
