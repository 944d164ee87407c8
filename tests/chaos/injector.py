"""Carries faults out, and takes back each of them."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from deploy.local.server import Server
from tests.chaos.fleet import Fleet, Seat
from tests.chaos.schedule import Fault


class Injector:
    """Hits workers and servers; ``done`` counts the faults by kind and target's service."""

    def __init__(self, fleet: Fleet, servers: dict[str, Server], say: Callable[[str], None]) -> None:
        self._fleet = fleet
        self._servers = servers
        self._say = say
        self._restarting: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.done: Counter[str] = Counter()

    async def run(self, faults: Iterable[Fault]) -> None:
        """Carry out a schedule; returns when all is back. Raises what a restart raises."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                group.create_task(self._at_its_time(fault))

    async def _at_its_time(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        self._say(str(fault))
        self.done[fault.kind] += 1
        if fault.kind in ("kill", "kill_service"):
            await self.kill(self._seats(fault.target), fault.lasts)
        elif fault.kind == "pause":
            await self._pause(self._seats(fault.target)[0], fault.lasts)
        elif fault.kind == "third_worker":
            await self._third_worker(self._seats(fault.target)[0], fault.lasts)
        else:
            await self._kill_server(self._servers[fault.target], fault.lasts)

    def _seats(self, target: str) -> list[Seat]:
        service, dash, number = target.partition("-")
        return [Seat(service, int(number))] if dash else [seat for seat in self._fleet.seats if seat.service == service]

    async def kill(self, seats: Iterable[Seat], lasts: float) -> None:
        """Kill workers; start others in their seats after a while."""
        for seat in seats:
            self._fleet.kill(seat)
        await asyncio.sleep(lasts)
        for seat in seats:
            self._fleet.start(seat)

    async def _pause(self, seat: Seat, lasts: float) -> None:
        self._fleet.pause(seat)
        try:
            await asyncio.sleep(lasts)
        finally:
            self._fleet.resume(seat)

    async def _third_worker(self, seat: Seat, lasts: float) -> None:
        self._fleet.start(seat)
        await asyncio.sleep(lasts)
        await self._fleet.leave(seat)

    async def _kill_server(self, server: Server, lasts: float) -> None:
        async with self._restarting[server.name]:  # a slow restart is not cut short
            server.kill()
            await asyncio.sleep(lasts)
            server.spawn()
            await asyncio.to_thread(server.wait_ready)
