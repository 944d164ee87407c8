"""Fifty commands a second for two minutes over the whole of Tandem: how long until the board has each."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

import httpx2

from deploy.local.addresses import Addresses
from deploy.local.display import Display
from services.chassis import mongo
from services.chassis.projector import ReadModel
from services.chassis.settings import Settings
from services.chassis.wire import rfc3339
from services.reporting.projections.board import SESSIONS
from tests.bench.children import WrongEffects
from tests.bench.latency import now
from tests.bench.rows import Row
from tests.bench.signed_in import SignedIn

RATE = 50
SECONDS = int(os.environ.get("TANDEM_BENCH_SECONDS", "120"))
_WITHIN = 2_000  # milliseconds, for 99 of 100
_LOOK = 0.005  # seconds between two looks at the board's documents
_PATIENCE = 60.0  # seconds for the last commands to become visible


@dataclass(slots=True)
class Pair:
    """One pair's workspace, which gets one command after the other from its mentor.

    ``due`` are the instants at which those commands were to be sent that are not visible yet, oldest first;
    ``applied`` is how far the board's document has come. ``turn`` keeps the commands in order.
    """

    id: str
    mentor: str
    applied: int
    due: deque[float] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    planned: tuple[str, str] | None = None  # the session that the next command cancels, and the workspace's ETag
    number: int = 0


class Board:
    """Watches the documents of the sessions' board, and notes how long each command took to get there."""

    def __init__(self, documents: mongo.Collection, pairs: Mapping[str, Pair]) -> None:
        self._documents = documents
        self._pairs = pairs
        self.visible: list[float] = []

    async def watch(self) -> None:
        """Look at the pairs that are awaited, until cancelled."""
        while True:
            if awaited := [pair.id for pair in self._pairs.values() if pair.due]:
                await self._look(awaited)
            await asyncio.sleep(_LOOK)

    async def _look(self, awaited: Sequence[str]) -> None:
        """Each command makes one event, so each step of a document's sequence is one command."""
        found = await self._documents.find({"_id": {"$in": awaited}}, {"seq": 1}).to_list(None)
        seen = time.perf_counter()
        for document in found:
            pair = self._pairs[document["_id"]]
            for _ in range(document["seq"] - pair.applied):
                self.visible.append(seen - pair.due.popleft())
            pair.applied = document["seq"]

    async def all_there(self) -> None:
        """Wait for what is under way. Raises ``WrongEffects`` where it does not come."""
        deadline = time.monotonic() + _PATIENCE
        while left := sum(len(pair.due) for pair in self._pairs.values()):
            if time.monotonic() > deadline:
                raise WrongEffects(f"{left} commands were not on the board after {_PATIENCE:.0f} seconds")
            await asyncio.sleep(_LOOK)


@dataclass(slots=True)
class Client:
    """Sends the commands; ``answered`` are the seconds from each one's due instant to its answer."""

    http: Any
    who: SignedIn
    url: str
    start: datetime
    answered: list[float] = field(default_factory=list)

    async def command(self, pair: Pair, due: float) -> None:
        """Plan a session of the pair, or cancel the one planned before. Raises ``WrongEffects`` for a refusal."""
        async with pair.turn:
            answer = await (self._cancel(pair) if pair.planned else self._plan(pair))
        self.answered.append(time.perf_counter() - due)
        if answer.status_code >= 300:
            raise WrongEffects(f"a command was refused: {answer.status_code} {answer.text[:300]}")

    async def _plan(self, pair: Pair) -> Any:
        pair.number += 1
        body = {"planned_for": rfc3339(self.start + timedelta(hours=pair.number)), "minutes": 30}
        headers = {**self.who.person(pair.mentor), "Idempotency-Key": str(uuid.uuid4())}
        answer = await self.http.post(f"{self.url}/v1/workspaces/{pair.id}/sessions", json=body, headers=headers)
        if answer.status_code == 201:
            pair.planned = answer.json()["session_id"], answer.headers["etag"]
        return answer

    async def _cancel(self, pair: Pair) -> Any:
        assert pair.planned
        (session, seen), pair.planned = pair.planned, None
        url = f"{self.url}/v1/workspaces/{pair.id}/sessions/{session}/cancellation"
        return await self.http.post(url, json={}, headers={**self.who.person(pair.mentor), "If-Match": seen})


async def measure(addresses: Addresses, raw: Mapping[str, float], display: Display) -> list[Row]:
    """Percentiles from the instant at which a command was to be sent until the board has it.

    The instants are fixed beforehand, so a client that is late makes the figures worse, not fewer.
    Raises ``WrongEffects``.
    """
    client = mongo.connect(addresses.mongodb)
    try:
        database = client[f"{Settings().database_prefix}_reporting"]
        documents = await ReadModel(database, SESSIONS).collection()
        async with httpx2.AsyncClient(timeout=30) as http:
            who = await SignedIn.over(addresses, http)
            sender = Client(http, who, addresses.services["sessions"], now(addresses) + timedelta(days=400))
            pairs = await _pairs(sender, documents)
            board = Board(documents, pairs)
            watching = asyncio.create_task(board.watch())
            await _sent(sender, list(pairs.values()), display)
            await board.all_there()
            watching.cancel()
    finally:
        await mongo.close(client)
    return _rows(board.visible, sender.answered, raw)


async def _pairs(sender: Client, documents: mongo.Collection) -> dict[str, Pair]:
    """The workspaces of all pairs that go on, each with where the board stands."""
    going = await sender.who.workspaces(sender.http, sender.url)
    found = {row["_id"]: row["seq"] async for row in documents.find({}, {"seq": 1})}
    return {one["pair_id"]: Pair(one["pair_id"], one["mentor_id"], found.get(one["pair_id"], 0)) for one in going}


async def _sent(sender: Client, pairs: Sequence[Pair], display: Display) -> None:
    try:
        await _send(sender, pairs, display)
    except ExceptionGroup as failed:
        raise WrongEffects(str(failed.exceptions[0])) from failed


async def _send(sender: Client, pairs: Sequence[Pair], display: Display) -> None:
    """Begin each command at its instant, whether those before it were answered or not."""
    async with asyncio.TaskGroup() as under_way:
        began = time.perf_counter()
        for n in range(RATE * SECONDS):
            due = began + n / RATE
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            pair = pairs[n % len(pairs)]
            pair.due.append(due)
            under_way.create_task(sender.command(pair, due))
            if n % (RATE * 30) == 0:
                display.say([f"load: {n} of {RATE * SECONDS} commands sent, {len(sender.answered)} answered"])


def _rows(visible: Sequence[float], answered: Sequence[float], raw: Mapping[str, float]) -> list[Row]:
    p99 = quantiles(visible, n=100)[98] * 1000
    floor = sum(raw.values()) + raw["find pending event"] + raw["fenced write"]  # the command's own find and write
    name = f"{RATE} commands/s: sent → on the board"
    return [
        Row(f"{name}, p50, beside the raw round trips", median(visible) * 1000, "ms", floor * 1000),
        Row(f"{name}, p99", p99, "ms"),
        Row(f"{_WITHIN} ms allowed, beside that p99", _WITHIN, "ms", p99, 1),
        Row(f"{RATE} commands/s: sent → answered, p99", quantiles(answered, n=100)[98] * 1000, "ms"),
    ]
