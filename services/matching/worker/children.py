"""Solving processes as the service sees them: started before they are needed, given one task each, ended any time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

from services.chassis.errors import Transient
from services.chassis.logging import get_logger
from services.matching.solving.frames import READY, Frame, Garbled, opened, packed

log = get_logger(__name__)
_PROGRAM = ("-m", "services.matching.solving")
_GETS_READY = 300.0  # seconds that a process gets to load its kernels
_PATIENCE = 10.0  # seconds that anybody waits for it at a time, so that loops show that they turn
_ENDS = 5.0  # seconds that the operating system gets to end one
_TAKES = 30.0  # seconds that a process gets to take its task; less than a loop may stand still
_EXITS = 1.0  # seconds for its exit status to be known, after its answers ended


class NotReady(Transient):
    """No solving process gets ready; runs wait."""

    kind = "solver-not-ready"


class ChildDied(Exception):
    """A solving process ended without an answer."""


class Child:
    """One solving process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self._header: tuple[str, int] | None = None

    @classmethod
    async def start(cls) -> Child:
        """Start one; it gets no setting of the service, so no address of any server."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, *_PROGRAM, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
            )
        )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    async def give(self, *frames: Frame) -> None:
        """Hand it its task. Raises ``ChildDied``, also where it takes none."""
        try:
            async with asyncio.timeout(_TAKES):
                for frame in frames:
                    self._stdin.write(packed(frame))
                    await self._stdin.drain()
        except TimeoutError as error:
            raise ChildDied(f"it did not take its task within {_TAKES:.0f} seconds") from error
        except ConnectionError as error:
            raise ChildDied(f"it ended before it had its task: {await self._how()}") from error

    async def next(self, within: float) -> Frame | None:
        """Its next message; None where none came within so many seconds. Raises ``ChildDied``."""
        try:
            async with asyncio.timeout(within):
                if self._header is None:
                    self._header = opened(await self._stdout.readuntil(b"\n"))
                kind, length = self._header
                body = await self._stdout.readexactly(length)
        except TimeoutError:
            return None
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, Garbled) as error:
            raise ChildDied(f"it ended without an answer: {await self._how()}") from error
        self._header = None
        return Frame(kind, body)

    async def _how(self) -> str:
        """How it ended, for the log."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_EXITS):
                await self._process.wait()
        status = self._process.returncode
        if status is None:
            return "it runs on"
        if status == -signal.SIGKILL:
            return "SIGKILL, perhaps for want of memory"
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    async def end(self) -> None:
        """End it, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(_ENDS):
                await self._process.wait()


class Children:
    """Keeps one solving process ready, since loading the kernels takes longer than solving a small run."""

    def __init__(self) -> None:
        self._spare: Child | None = None
        self._is_ready = False
        self._began = 0.0
        self._working: set[Child] = set()
        self._one = asyncio.Lock()

    async def warm(self) -> None:
        """Return when a process is ready for a task. Raises ``NotReady``."""
        async with self._one:
            await self._ready()

    async def take(self) -> Child:
        """A process that is ready; whoever takes it gives it back to ``end``. Raises ``NotReady``."""
        async with self._one:
            child = await self._ready()
            self._spare = None
            self._working.add(child)
        return child

    async def _ready(self) -> Child:
        """The spare process, once it says that it is ready."""
        if self._spare is None:
            self._spare, self._is_ready, self._began = await _started(), False, time.monotonic()
        if not self._is_ready:
            await self._hear(self._spare)
            self._is_ready = True
        return self._spare

    async def _hear(self, child: Child) -> None:
        """Wait a while for its word; whoever asks again waits on for the same process: it may compile its kernels."""
        try:
            frame = await child.next(_PATIENCE)
        except ChildDied:
            frame = Frame("", b"")
        seconds = time.monotonic() - self._began
        if frame is None and seconds < _GETS_READY:
            raise NotReady("A solving process loads its kernels; where they were not compiled yet that takes a minute.")
        if frame is None or frame.kind != READY:
            self._spare = None
            await child.end()
            raise NotReady("No solving process gets ready; look at the machine's memory and at the kernels' cache.")
        log.info("solver_ready", seconds=round(seconds, 3))

    async def end(self, child: Child) -> None:
        """End a process that was taken."""
        self._working.discard(child)
        await child.end()

    async def close(self) -> None:
        """End all processes."""
        every = [*self._working, *([self._spare] if self._spare else [])]
        self._spare, self._working = None, set()
        await asyncio.gather(*(child.end() for child in every))


async def _started() -> Child:
    """A new process. Raises ``NotReady`` where the machine has no room for one."""
    try:
        return await Child.start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise NotReady(f"No solving process can be started: {reason}; runs wait.") from error
