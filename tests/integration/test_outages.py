"""Broker or database away: what callers are told, and that everything catches up by itself."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest

from deploy.local.ports import Ports
from deploy.local.servers import Servers
from services.chassis import envelope, mongo
from services.chassis.history import records_of
from services.chassis.ids import random_id
from services.chassis.kafka import Publisher
from services.chassis.manifests import manifest
from services.chassis.outbox import BOUND
from services.chassis.provision import provision
from tests.support.let_in import introduce, trusted_issuer
from tests.support.waiting import until_async

PAIR = """{"pair_id": "%s", "edition_id": "e", "run_id": "r", "mentor_id": "m", "mentee_id": "x",
"mentor_subsidiary": "s1", "mentee_subsidiary": "s2", "policy_version": "1", "matched_at": "2026-04-01T09:00:00Z"}"""
START = 2030  # the year of the first planned session; each is planned a day after the one before


@pytest.mark.timeout(180)
async def test_commands_go_on_without_the_broker_until_the_backlog_is_full(own_servers: Servers) -> None:
    """Kafka away: 64 pending events are accepted, then 503 with Retry-After; on return all of them are published."""
    async with _sessions(own_servers) as (client, pair_id):
        own_servers.broker.kill()
        try:
            answers = [await _plan(client, pair_id, n) for n in range(BOUND)]
            refused = await _plan(client, pair_id, BOUND)
            read = await client.get(f"/v1/workspaces/{pair_id}")
        finally:
            own_servers.broker.start()
        assert [answer.status_code for answer in answers] == [201] * BOUND
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:tandem:problem:backlog-full")
        assert int(refused.headers["retry-after"]) > 0
        assert len(read.json()["sessions"]) == BOUND

        async def all_published() -> bool:
            return await _published(own_servers, pair_id) == list(range(1, BOUND + 1))

        await until_async(all_published, "all accepted events are on the topic", 60)
        assert (await _plan(client, pair_id, BOUND)).status_code == 201


@pytest.mark.timeout(180)
async def test_consumers_say_that_the_broker_is_away(own_servers: Servers) -> None:
    """A fetch from a broker that is away finds nothing, which must not look like a quiet topic; HTTP stays ready."""
    async with _sessions(own_servers) as (client, _):

        async def consuming() -> bool:
            return (await client.get("/health/consumers")).status_code == 200

        async def red() -> bool:
            answer = await client.get("/health/consumers")
            return answer.status_code == 503 and "Kafka does not answer" in answer.text

        await until_async(consuming, "all consumers run", 60)
        own_servers.broker.kill()
        try:
            await until_async(red, "the consumers say so", 30)
            assert (await client.get("/health/ready")).status_code == 200
        finally:
            own_servers.broker.start()
        await until_async(consuming, "all consumers run again", 60)


@pytest.mark.timeout(180)
async def test_without_the_database_nothing_is_half_written(own_servers: Servers) -> None:
    """Database away: 503 with Retry-After and red readiness; on return the same request succeeds, once."""
    async with _sessions(own_servers) as (client, pair_id):
        assert (await _plan(client, pair_id, 0)).status_code == 201
        own_servers.database.kill()
        try:
            refused = await _plan(client, pair_id, 1)
            ready = await client.get("/health/ready")
        finally:
            own_servers.database.start()
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:tandem:problem:database-unavailable")
        assert int(refused.headers["retry-after"]) > 0
        assert ready.status_code == 503

        async def accepted() -> bool:
            return bool((await _plan(client, pair_id, 1)).status_code == 201)

        await until_async(accepted, "the same request succeeds", 30)
        assert (await _plan(client, pair_id, 1)).status_code == 201
        assert len((await client.get(f"/v1/workspaces/{pair_id}")).json()["sessions"]) == 2

        async def both_published() -> bool:
            return await _published(own_servers, pair_id) == [1, 2]

        await until_async(both_published, "both events are on the topic, each once", 30)


async def _plan(client: httpx2.AsyncClient, pair_id: str, n: int) -> httpx2.Response:
    body = {"planned_for": f"{START + n // 28}-01-{n % 28 + 1:02}T10:00:00Z"}
    return await client.post(f"/v1/workspaces/{pair_id}/sessions", json=body, headers={"Idempotency-Key": f"plan-{n}"})


async def _published(servers: Servers, pair_id: str) -> list[int]:
    """The distinct sequences of the pair's events, in the order of their first appearance."""
    events = [envelope.read_event(record) async for record in records_of(servers.kafka, "tandem.sessions.v1")]
    return list(dict.fromkeys(event.sequence for event in events if event.subject == pair_id))


@asynccontextmanager
async def _sessions(servers: Servers) -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
    """The service `sessions` as a process of its own, with the workspace of one pair."""
    prefix, pair_id = f"outage{random_id()[:8]}", random_id()
    client = mongo.connect(servers.mongodb)
    told = [manifest("sessions"), manifest("matching"), manifest("people")]
    await provision(told, kafka=servers.kafka, client=client, prefix=prefix)
    await introduce(servers.kafka, client[f"{prefix}_people"], "m")
    await mongo.close(client)
    settings = {"KAFKA": servers.kafka, "MONGODB": servers.mongodb, "DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix}
    with TemporaryDirectory() as folder, trusted_issuer(Path(folder)) as (issuer, trusting):
        port = Ports(Path(folder) / "ports.json").of("sessions")
        command = [sys.executable, "-m", "services.chassis.cli", "serve", "sessions", "--port", str(port)]
        environment = {**trusting, **{f"TANDEM_{name}": value for name, value in settings.items()}}
        process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
        headers = {"Authorization": f"Bearer {issuer.minter.token('m', seconds=3600)}"}
        try:
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
                await _match(servers, pair_id)
                await until_async(lambda: _open(http, pair_id), "the workspace is open", 60)
                yield http, pair_id
        finally:
            process.terminate()
            await process.wait()


async def _match(servers: Servers, pair_id: str) -> None:
    publisher = Publisher(servers.kafka)
    matched = envelope.Event(
        id=random_id(),
        source="/tandem/matching",
        type="org.tandem.pair.matched.v1",
        subject=pair_id,
        sequence=1,
        time="2026-04-01T09:00:00Z",
        data=(PAIR % pair_id).encode(),
        actor=None,
        subsidiary=None,
        edition=None,
        traceparent=None,
    )
    assert await publisher.publish([("tandem.pairs.v1", matched)]) == [True]
    await publisher.stop()


async def _open(client: httpx2.AsyncClient, pair_id: str) -> Any:
    try:
        return (await client.get(f"/v1/workspaces/{pair_id}")).status_code == 200
    except httpx2.TransportError:
        return False
