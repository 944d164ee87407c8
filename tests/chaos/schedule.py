"""Which faults come when: drawn from the seed alone, so that a run can be had again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

Kind = Literal[
    "kill", "kill_service", "pause", "third_worker", "kill_broker", "kill_database", "kill_mail", "kill_issuer"
]
SESSION = 10.0  # seconds of Kafka's session time-out, as aiokafka has it
_LASTS: dict[Kind, tuple[float, float]] = {  # seconds, from and to
    "kill": (0.0, 6.0),
    "kill_service": (0.0, 3.0),
    "pause": (SESSION + 2, SESSION + 8),
    "third_worker": (8.0, 16.0),
    "kill_broker": (0.0, 8.0),
    "kill_database": (0.0, 5.0),
    "kill_mail": (1.0, 8.0),
    "kill_issuer": (1.0, 8.0),
}
_GAP = (2.0, 9.0)  # seconds between two faults; shorter than what most of them last, so that several meet
_SETTLES = 6.0  # seconds for which the target of a fault is spared after it
_BROKER_SETTLES = 25.0  # its restart takes long, and a consumer group needs a session's time after it


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``at`` seconds after the beginning ``target`` is hit and comes back after ``lasts`` seconds.

    The target is a service's worker (``people-1``), a service, or a server.
    """

    at: float
    kind: Kind
    target: str
    lasts: float

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind:13} {self.target:16} for {self.lasts:.1f} s"


def schedule(rng: Random, *, services: Sequence[str], kinds: Sequence[Kind], seconds: float) -> list[Fault]:
    """Faults for so many seconds: every kind once before any comes twice, none on a target that is hit already."""
    faults: list[Fault] = []
    busy: dict[str, float] = {}
    at = rng.uniform(*_GAP)
    for kind in _endless(rng, kinds):
        if at >= seconds:
            return faults
        lasts = rng.uniform(*_LASTS[kind])
        target = _target(rng, kind, services)
        if all(busy.get(one, 0.0) < at for one in _touched(target)):
            faults.append(Fault(at, kind, target, lasts))
            busy[target] = at + lasts + (_BROKER_SETTLES if kind == "kill_broker" else _SETTLES)
            at += rng.uniform(*_GAP)
        else:
            at += 1.0
    raise AssertionError("kinds are drawn without end")


def _endless(rng: Random, kinds: Sequence[Kind]) -> Iterator[Kind]:
    yield from rng.sample(kinds, len(kinds))
    while True:
        yield rng.choice(kinds)


def _target(rng: Random, kind: Kind, services: Sequence[str]) -> str:
    if kind in ("kill", "pause"):
        return f"{rng.choice(services)}-{rng.randint(1, 2)}"
    if kind == "third_worker":
        return f"{rng.choice(services)}-3"
    return rng.choice(services) if kind == "kill_service" else kind.removeprefix("kill_")


def _touched(target: str) -> list[str]:
    """The names under which a target may be busy: a service is its workers, and a worker is part of its service."""
    service, dash, _ = target.partition("-")
    return [target, service] if dash else [target, f"{target}-1", f"{target}-2"]
