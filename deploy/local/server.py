"""What Kafka and the database have in common: one process on one loopback port, with data that outlive it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

from deploy.local.ports import HOST, answers
from deploy.local.process import Child, ChildFailed, Family, Program

_TICK = 0.05  # seconds between two looks


class Server(ABC):
    """A server process that may be stopped, killed and started again on the same port with the same data."""

    name: str
    patience = 60.0  # seconds that a start may take

    def __init__(self, family: Family, port: int) -> None:
        self.family = family
        self.port = port
        self.child: Child | None = None

    @property
    def address(self) -> str:
        """host:port on loopback."""
        return f"{HOST}:{self.port}"

    @abstractmethod
    def program(self) -> Program:
        """What to run; called at each start, prepares the data folder."""

    @abstractmethod
    def healthy(self) -> bool:
        """Whether the server, which accepts connections, answers a real request."""

    def spawn(self) -> None:
        """Begin to start, without waiting."""
        self.child = self.family.spawn(self.program())

    def wait_ready(self) -> None:
        """Return when the server answers. Raises ``ChildFailed`` when it ends or stays silent past its patience."""
        assert self.child is not None
        deadline = time.monotonic() + self.patience
        while not (answers(self.port) and self.healthy()):
            self.child.must_run()
            if time.monotonic() > deadline:
                raise ChildFailed(self.child, f"does not answer on {self.address}")
            time.sleep(_TICK)
        self.child.must_run()

    def start(self) -> None:
        """Start and wait until the server answers."""
        self.spawn()
        self.wait_ready()

    def kill(self) -> None:
        """End the server at once, as a crash would (SIGKILL); return when it is gone."""
        if self.child is not None:
            self.family.kill(self.child)
            self.child = None

    def stop(self, seconds: float = 15) -> None:
        """End the server in order; past ``seconds`` it is killed."""
        if self.child is not None:
            self.family.stop([self.child], seconds)
            self.child = None

    def run_once(self, program: Program, seconds: float) -> None:
        """Run a preparing step to its end. Raises ``ChildFailed`` when it fails or takes too long."""
        step = self.family.spawn(program)
        if not step.wait(seconds) or step.code != 0:
            self.family.kill(step)
            raise ChildFailed(step, f"failed with exit code {step.code}")
        self.family.kill(step)
