"""What a process knows of its own health: whether its loops turn and what they wait for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

from services.chassis import metrics

_BRIEF = 300  # characters of a reason: an error may quote a whole document
_STALE = 60.0  # seconds after which a loop that did not turn counts as stuck
_LONG = 600.0  # seconds after which a consumer that has not come back from one batch counts as stuck


class State(StrEnum):
    """Of one loop: it has not begun, turns, waits for a server, or was stopped by a bug."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(slots=True)
class Loop:
    """One background loop; ``turns`` says that it does so by itself, not only when there are records.

    ``every`` are the seconds for which it rests between two turns; ``busy`` is since when it has been at one piece
    of work, None between two.
    """

    turns: bool = False
    every: float = 0.0
    state: State = State.STARTING
    reason: str = ""
    turned: float = field(default_factory=time.monotonic)
    busy: float | None = None


class Health:
    """The loops of one process, each under its name."""

    def __init__(self) -> None:
        self.loops: dict[str, Loop] = {}

    def expect(self, name: str, *, turns: bool = False, every: float = 0.0) -> None:
        """A loop will report under this name; ``every`` so many seconds where it turns seldom."""
        loop = self.loops.setdefault(name, Loop())
        loop.turns, loop.every = turns, every

    def busy(self, name: str) -> None:
        """The loop began a piece of work; whatever it reports next ends it."""
        self.loops.setdefault(name, Loop()).busy = time.monotonic()

    def turned(self, name: str) -> None:
        """The loop did its work."""
        self._set(name, State.RUNNING, "")

    def waiting(self, name: str, reason: str) -> None:
        """The loop turns, but a server it needs is away."""
        self._set(name, State.WAITING, reason)

    def stopped(self, name: str, reason: str) -> None:
        """The loop gave up on a bug; somebody must look."""
        self._set(name, State.STOPPED, reason)

    def _set(self, name: str, state: State, reason: str) -> None:
        loop = self.loops.setdefault(name, Loop())
        loop.state, loop.reason, loop.turned, loop.busy = state, reason[:_BRIEF], time.monotonic(), None

    @property
    def alive(self) -> bool:
        """Liveness: no loop that should turn by itself is stuck, and no consumer over a batch.

        A consumer that waits for a server, or was stopped, is not: to start it again would not help.
        """
        now = time.monotonic()
        turning = all(now - loop.turned < _STALE + loop.every for loop in self.loops.values() if loop.turns)
        return turning and all(loop.busy is None or now - loop.busy < _LONG for loop in self.loops.values())

    @property
    def consuming(self) -> bool:
        """Whether every loop runs: the consumers' readiness."""
        return all(loop.state is State.RUNNING for loop in self.loops.values())

    def report(self) -> dict[str, dict[str, str]]:
        """Per loop its state and, where it does not run, why."""
        for name, loop in self.loops.items():
            metrics.LOOP_AGE.labels(name).set(time.monotonic() - loop.turned)
            for state in State:
                metrics.LOOP_STATE.labels(name, state).set(loop.state is state)
        return {
            name: {"state": loop.state, **({"reason": loop.reason} if loop.reason else {})}
            for name, loop in self.loops.items()
        }
