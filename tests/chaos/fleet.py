"""Workers: every service several times, each a process of its own that can be killed, paused and started again."""

from __future__ import annotations

import asyncio
import http.client
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.ports import HOST, Ports
from deploy.local.process import Child, Family, Program

_READY_WITHIN = 90.0  # seconds from a worker's start to its first readiness, on a busy machine
_ENDS_WITHIN = 25.0  # seconds; a worker itself gives its requests 15
_TICK = 0.05  # seconds between two looks


class NotReady(Exception):
    """A worker did not become ready, or did not end when asked; the message names its log."""


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """The place of a worker: its service and its number, which together are its fixed name in consumer groups."""

    service: str
    number: int

    def __str__(self) -> str:
        return f"{self.service}-{self.number}"


@dataclass(frozen=True, slots=True)
class Base:
    """Where workers work: a folder for logs, and the environment that tells them their servers."""

    family: Family
    folder: Path
    env: Mapping[str, str]


@dataclass(slots=True)
class Fleet:
    """The workers of some services; ``ended`` tells which ended although nobody had asked for it."""

    base: Base
    services: Sequence[str]
    workers: int = 2
    ended: list[str] = field(default_factory=list)
    _running: dict[Seat, Child] = field(default_factory=dict)
    _runs: dict[Seat, int] = field(default_factory=dict)
    _ports: dict[Seat, int] = field(default_factory=dict)

    @property
    def seats(self) -> list[Seat]:
        """The seats that are filled in quiet times."""
        return [Seat(service, number) for service in self.services for number in range(1, self.workers + 1)]

    def addresses(self, service: str) -> list[str]:
        """The base addresses of a service's workers, whether they run or not."""
        return [f"http://{HOST}:{self.port(seat)}" for seat in self.seats if seat.service == service]

    def port(self, seat: Seat) -> int:
        """The port of a seat, the same over all its workers' lives."""
        if seat not in self._ports:
            self._ports[seat] = Ports(self.base.folder / "worker-ports.json").of(str(seat))
        return self._ports[seat]

    def start(self, seat: Seat) -> None:
        """Start a worker without waiting; each run has a log of its own."""
        self._runs[seat] = run = self._runs.get(seat, 0) + 1
        env = {**self.base.env, "TANDEM_HOST": HOST, "TANDEM_PORT": str(self.port(seat)), "TANDEM_INSTANCE": str(seat)}
        argv = [sys.executable, "-m", "services.chassis.cli", "serve", seat.service]
        log = self.base.folder / "logs" / f"{seat}.{run}.log"
        self._running[seat] = self.base.family.spawn(Program(str(seat), argv, log, self.base.folder, env))

    def pid(self, seat: Seat) -> int | None:
        """The process id of the worker in a seat."""
        child = self._running.get(seat)
        return child.pid if child else None

    def kill(self, seat: Seat) -> None:
        """End a worker at once (SIGKILL)."""
        if child := self._running.pop(seat, None):
            self._note(seat, child)
            self.base.family.kill(child)

    def pause(self, seat: Seat) -> None:
        """Stop a worker in the middle of whatever it does (SIGSTOP)."""
        if child := self._running.get(seat):
            child.send(signal.SIGSTOP)

    def resume(self, seat: Seat) -> None:
        """Let a paused worker go on (SIGCONT)."""
        if child := self._running.get(seat):
            child.send(signal.SIGCONT)

    async def leave(self, seat: Seat) -> float:
        """Ask a worker to end (SIGTERM) and wait for it; the seconds it took. Raises ``NotReady``."""
        child = self._running.pop(seat)
        self._note(seat, child)
        began = time.monotonic()
        child.send(signal.SIGTERM)
        while child.code is None:
            if time.monotonic() - began > _ENDS_WITHIN:
                self.base.family.kill(child)
                raise NotReady(f"{seat} did not end within {_ENDS_WITHIN:.0f} seconds; its log is {child.program.log}")
            await asyncio.sleep(_TICK)
        self.base.family.kill(child)
        return time.monotonic() - began

    async def ready(self, seats: Iterable[Seat]) -> None:
        """Wait until all these workers take requests. Raises ``NotReady``."""
        deadline = time.monotonic() + _READY_WITHIN
        for seat in seats:
            while (answer := await self.asked(seat, "/health/ready")) != 200:
                child = self._running.get(seat)
                if child is None or child.code is not None or time.monotonic() > deadline:
                    log = child.program.log if child else "gone"
                    raise NotReady(f"{seat} does not become ready (last answer: {answer}); its log is {log}")
                await asyncio.sleep(_TICK)

    async def asked(self, seat: Seat, path: str) -> int:
        """The status that a worker answers with; 0 where it does not answer."""
        return await asyncio.to_thread(_status, self.port(seat), path)

    def look(self) -> None:
        """Note who has ended unasked."""
        for seat, child in list(self._running.items()):
            if child.code is not None:
                self._note(seat, child)
                del self._running[seat]

    def stop(self) -> None:
        """End all workers, in order where they do so in time."""
        self.base.family.stop(self._running.values(), _ENDS_WITHIN)
        self._running.clear()

    def logs(self) -> Iterator[Path]:
        """The logs of all runs of all workers."""
        yield from sorted((self.base.folder / "logs").glob("*-*.*.log"))

    def _note(self, seat: Seat, child: Child) -> None:
        if child.code is not None:
            self.ended.append(f"{seat} ended by itself with code {child.code}; its log is {child.program.log}")


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
