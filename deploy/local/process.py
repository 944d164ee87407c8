"""Children that never outlive their parent, however it ends.

Three nets, each for what the one before cannot catch: an orderly stop; on Linux the kernel's parent-death
signal; everywhere the guardian, to which a child reports its group before it becomes another program.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.interrupt import deferred

_GUARDIAN = Path(__file__).with_name("guardian.py")
_PR_SET_PDEATHSIG = 1
_TICK = 0.02  # seconds between two looks at a child


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: ``env`` is added to the parent's environment, all output goes to ``log``."""

    name: str
    argv: Sequence[str]
    log: Path
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)


class ChildFailed(Exception):
    """A child ended although it should run, or failed at its one task; carries the last lines of its log."""

    def __init__(self, child: Child, what: str) -> None:
        self.name, self.log, self.lines = child.program.name, child.program.log, child.last_lines()
        super().__init__(f"{self.name} {what}; its log is {self.log}")


class Child:
    """One running program, the leader of its own process group."""

    def __init__(self, program: Program, popen: subprocess.Popen[bytes]) -> None:
        self.program = program
        self._popen = popen

    @property
    def pid(self) -> int:
        """The process id, which is the group's id too."""
        return self._popen.pid

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; ``None`` while the program runs."""
        return self._popen.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; nothing happens where it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether the program ended within ``seconds``."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def must_run(self) -> None:
        """Raise ``ChildFailed`` when the program has ended."""
        if self.code is not None:
            raise ChildFailed(self, f"ended unexpectedly with exit code {self.code}")

    def last_lines(self, count: int = 20) -> list[str]:
        """The last lines of the log."""
        try:
            return self.program.log.read_text(errors="replace").splitlines()[-count:]
        except OSError:
            return []


class Family:
    """Spawns children and answers for their end; leaving the context stops whatever still runs.

    ``held`` are open file descriptors (locks) that stay held until the last child is gone; ``remove`` are
    files that vanish with the family even when the parent is killed.
    """

    def __init__(self, *, held: Sequence[int] = (), remove: Sequence[Path] = ()) -> None:
        with deferred():
            self._guardian = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARDIAN), *map(str, remove)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=held,
                start_new_session=True,
                cwd="/",
            )
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def spawn(self, program: Program) -> Child:
        """Start a program in a process group of its own; the log of the run before is kept as ``<log>.1``."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists():
            program.log.replace(program.log.with_name(program.log.name + ".1"))
        with program.log.open("ab") as log, deferred():
            popen = subprocess.Popen(  # children are stopped by close() and by the guardian, not by a with block
                list(program.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=program.cwd,
                env={**os.environ, **program.env},
                start_new_session=True,
                preexec_fn=_reporter(self._pipe()),
            )
            child = Child(program, popen)
            self._children.append(child)
        return child

    def stop(self, children: Iterable[Child], seconds: float) -> None:
        """Ask all to end at once, give them ``seconds`` together, kill what is left, forget them."""
        children = list(children)
        for child in children:
            if child.code is None:
                child.send(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while any(child.code is None for child in children) and time.monotonic() < deadline:
            time.sleep(_TICK)
        for child in children:
            self.kill(child)

    def kill(self, child: Child) -> None:
        """Kill a child and what it started (SIGKILL), and wait until it is gone."""
        child.send(signal.SIGKILL)
        child.wait(10)
        if child in self._children:
            self._children.remove(child)
            os.write(self._pipe(), f"-{child.pid}\n".encode())

    def must_be_guarded(self) -> None:
        """Raise ``RuntimeError`` when somebody has ended the guardian."""
        if self._guardian.poll() is not None:
            raise RuntimeError("the guardian process has ended, so nobody would clean up after a crash")

    def close(self) -> None:
        """End every child and then the guardian."""
        try:
            self.stop(self._children, 10)
        finally:
            if self._guardian.stdin:
                self._guardian.stdin.close()
            self._guardian.wait(10)

    def _pipe(self) -> int:
        assert self._guardian.stdin is not None
        return self._guardian.stdin.fileno()


def _reporter(pipe: int) -> Callable[[], None]:
    """What a child does between fork and exec: report to the guardian, and die with its parent on Linux.

    The kernel's signal comes when the *thread* that forked ends, so it is asked for in the main thread only.
    """
    parent = os.getpid()
    mortal = sys.platform == "linux" and threading.current_thread() is threading.main_thread()
    libc = ctypes.CDLL(None, use_errno=True) if mortal else None

    def report() -> None:
        os.write(pipe, f"+{os.getpid()}\n".encode())
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return report
