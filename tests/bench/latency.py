"""From an accepted command to the board, and what the processes weigh, over the whole of Tandem."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.addresses import Addresses
from services.chassis import mongo
from services.chassis.clock import FileClock
from services.chassis.wire import rfc3339
from tests.bench.children import resident
from tests.bench.rows import Row
from tests.bench.signed_in import SignedIn

SAMPLES = 150


async def measure(addresses: Addresses, raw: Mapping[str, float]) -> list[Row]:
    """Latency rows: percentiles, and the median beside the raw round trips it is made of, of the same run."""
    visible = sorted(await _visible(addresses))
    p99 = quantiles(visible, n=100)[98]
    floor = sum(raw.values())
    return [
        *(Row(f"raw {name}, p50", value * 1000, "ms") for name, value in raw.items()),
        Row(
            "command accepted → on the board, p50, beside the raw round trips",
            median(visible) * 1000,
            "ms",
            floor * 1000,
        ),
        Row("command accepted → on the board, p99", p99 * 1000, "ms"),
    ]


def memory(pids: dict[str, int]) -> list[Row]:
    """Resident memory of each process, MiB."""
    return [Row(f"memory of {name}", resident(pid), "MiB") for name, pid in pids.items()]


async def _visible(addresses: Addresses) -> list[float]:
    """Seconds from the answer to a planned session until the board shows it, one pair after the other.

    The board is asked again and again, so each figure contains one to two of its answers.
    """
    async with httpx2.AsyncClient(timeout=20) as client:
        who = await SignedIn.over(addresses, client)
        sessions, reporting = addresses.services["sessions"], addresses.services["reporting"]
        workspaces = await who.workspaces(client, sessions)
        board = f"{reporting}/v1/boards/{workspaces[0]['edition_id']}/pairs?limit=200"
        start = now(addresses) + timedelta(days=1)
        spent = []
        for number in range(SAMPLES):
            pair = workspaces[number % len(workspaces)]
            mentor, url = who.person(pair["mentor_id"]), f"{sessions}/v1/workspaces/{pair['pair_id']}"
            planned = await _plan(client, url, start - timedelta(minutes=number), mentor)
            accepted = time.perf_counter()
            while not await _shows(client, board, pair["pair_id"], planned, who.manager):
                pass
            spent.append(time.perf_counter() - accepted)
            await _cancel(client, url, planned, mentor)
        return spent


def now(addresses: Addresses) -> datetime:
    """The present as the services see it."""
    return FileClock(Path(addresses.clock or "")).now()


async def _plan(client: Any, workspace: str, at: datetime, who: Mapping[str, str]) -> dict[str, Any]:
    body = {"planned_for": rfc3339(at), "minutes": 30}
    headers = {**who, "Idempotency-Key": str(uuid.uuid4())}
    answer = await client.post(f"{workspace}/sessions", json=body, headers=headers)
    answer.raise_for_status()
    return dict(answer.json())


async def _cancel(client: Any, workspace: str, planned: dict[str, Any], who: Mapping[str, str]) -> None:
    seen = (await client.get(workspace, headers=who)).headers["etag"]
    url = f"{workspace}/sessions/{planned['session_id']}/cancellation"
    (await client.post(url, json={}, headers={**who, "If-Match": seen})).raise_for_status()


async def _shows(client: Any, board: str, pair: str, planned: dict[str, Any], who: Mapping[str, str]) -> bool:
    rows = (await client.get(board, headers=who)).json()
    following = next((row["next_session"] for row in rows if row["pair_id"] == pair), None)
    return bool(following and following["number"] == planned["number"])


async def round_trips(addresses: Addresses) -> dict[str, float]:
    """The raw round trips that a change cannot do without, in seconds: find it, send it, write it, look at it."""
    client = mongo.connect(addresses.mongodb)
    try:
        probe = client["bench"]["probe"]
        await probe.insert_many([{"_id": n, "seq": 0} for n in range(SAMPLES)])

        async def update(n: int) -> None:
            await probe.update_one({"_id": n, "seq": 0}, {"$set": {"seq": 1}})

        async def find(n: int) -> None:
            await probe.find_one({"_id": n})

        spent = {
            "find pending event": await _timed(find),
            "send to receipt": await _send_to_receipt(addresses.kafka),
            "fenced write": await _timed(update),
            "read the board": await _timed(find),
        }
        await client.drop_database("bench")
        return spent
    finally:
        await mongo.close(client)


async def _timed(step: Callable[[int], Awaitable[None]]) -> float:
    spent = []
    for n in range(SAMPLES):
        began = time.perf_counter()
        await step(n)
        spent.append(time.perf_counter() - began)
    return median(spent)


async def _send_to_receipt(kafka: str) -> float:
    topic = f"bench-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.start()
    try:
        async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True) as producer:
            await producer.send_and_wait(topic, b"warm")
            await consumer.getone()

            async def send(n: int) -> None:
                await producer.send_and_wait(topic, str(n).encode() * 50)
                await consumer.getone()

            return await _timed(send)
    finally:
        await consumer.stop()
