"""A service without its servers: it starts, answers, says what it waits for, and stops within bounds."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import httpx2
import pytest

from services.chassis.ids import random_id
from services.chassis.service import Topic
from services.chassis.settings import Settings
from tests.support.asking import client_of
from tests.support.servers import Running
from tests.support.small_service import small_app
from tests.support.waiting import until_async

START, ANSWER, STOP = 10, 20, 20  # seconds, on a machine that is busy with other things; for ever is what must not be


@pytest.fixture(params=["refuses", "is silent"])
def nobody(request: pytest.FixtureRequest) -> Iterator[str]:
    """An address where connections are refused, or accepted and never answered."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            listening.listen(100)
        yield f"127.0.0.1:{listening.getsockname()[1]}"


async def test_a_service_starts_and_stops_without_any_server(nobody: str) -> None:
    """Neither takes longer because a server does not answer; meanwhile it is alive, and not ready."""
    app, _ = small_app(Settings(kafka=nobody, mongodb=f"mongodb://{nobody}/?directConnection=true"))
    began = time.monotonic()
    async with client_of(app) as client:
        assert time.monotonic() - began < START
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        stopping = time.monotonic()
    assert time.monotonic() - stopping < STOP


async def test_a_service_stops_although_a_library_swallows_a_cancellation() -> None:
    """Clients of servers that are away do so now and then; the process must end nevertheless."""
    app, runtime = small_app(Settings(kafka="127.0.0.1:1", mongodb="mongodb://127.0.0.1:1/?directConnection=true"))
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        cancelled.set()
        await asyncio.Event().wait()

    runtime.sweep("stubborn", work, woken=asyncio.Event(), seconds=60)
    async with asyncio.timeout(STOP), client_of(app):
        await began.wait()
    assert cancelled.is_set()


async def test_requests_are_answered_with_503_while_the_database_is_away(nobody: str) -> None:
    """Reading, creating and changing say so within seconds, and when to try again."""
    app, _ = small_app(Settings(kafka="127.0.0.1:1", mongodb=f"mongodb://{nobody}/?directConnection=true"))
    async with client_of(app) as client:
        async with asyncio.timeout(ANSWER):
            answers = await asyncio.gather(
                client.get("/v1/notes"),
                client.get("/v1/notes/any"),
                client.post("/v1/notes", json={"text": "a"}, headers={"Idempotency-Key": random_id()}),
                client.post("/v1/notes/any/text", json={"text": "a"}, headers={"If-Match": '"1"'}),
            )
        for answer in answers:
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:tandem:problem:database-unavailable")
            assert answer.headers["retry-after"] == "2"


async def test_consumers_say_that_they_wait_for_the_broker_and_http_stays_ready(servers: Running, nobody: str) -> None:
    """The broker's absence makes the consumers red, and only them."""
    app, _ = small_app(Settings(kafka=nobody, mongodb=servers.mongodb, database_prefix="test_away"))
    async with client_of(app) as client:

        async def told() -> bool:
            loops = (await client.get("/health/consumers")).json()["loops"]
            return loops["listening"]["state"] == "waiting" and nobody in loops["listening"]["reason"]

        await until_async(told, "the consumer names the broker it waits for", 15)
        assert (await client.get("/health/consumers")).status_code == 503
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.get("/health/live")).status_code == 200


async def test_consumers_say_which_topics_are_missing(servers: Running) -> None:
    """Starting without its topics would hang silently; instead the operator is told what to run."""
    app, runtime = small_app(Settings(kafka=servers.kafka, mongodb=servers.mongodb, database_prefix="test_away"))
    missing = f"test.{random_id()}.v1"
    runtime.manifest = replace(runtime.manifest, owns=(Topic(missing, "event"),))
    async with client_of(app) as client:

        async def told() -> bool:
            return f"no topic {missing}: run tandem provision" in (await client.get("/health/consumers")).text

        await until_async(told, "the missing topic is named", 15)


async def test_each_service_process_reads_nothing_from_the_network_when_it_is_made() -> None:
    """Making the application opens no connection: addresses that cannot exist do no harm."""
    app, _ = small_app(Settings(kafka="no.such.host.invalid:1", mongodb="mongodb://127.0.0.1:1/"))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/openapi.json")).status_code == 200
