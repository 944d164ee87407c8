"""What the services have acknowledged, to be looked for when all is over; and what each board must show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.chaos.caller import Caller

Holds = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Promise:
    """An acknowledged command: what must be found at ``path`` of the service that acknowledged it."""

    service: str
    path: str
    what: str
    holds: Holds


@dataclass(slots=True)
class Expected:
    """What the board of one edition must show in all, by what was acknowledged."""

    obliged: int = 0
    paired: int = 0
    exempt: int = 0
    applications: int = 0
    selected: int = 0
    sessions_held: int = 0


@dataclass(slots=True)
class Ledger:
    """All acknowledged commands of a run, the boards they must lead to, and what went wrong on the client's side."""

    promises: list[Promise] = field(default_factory=list)
    boards: dict[str, Expected] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def acknowledged(self, service: str, path: str, what: str, holds: Holds) -> None:
        """A command was answered with success."""
        self.promises.append(Promise(service, path, what, holds))

    async def lost(self, caller: Caller) -> list[str]:
        """The acknowledged commands of which the owning service knows nothing."""
        by_place: dict[tuple[str, str], list[Promise]] = defaultdict(list)
        for promise in self.promises:
            by_place[promise.service, promise.path].append(promise)
        missing: list[str] = []
        for (service, path), promises in by_place.items():
            body = await caller.find(service, path)
            missing += [f"{service}{path}: {one.what}" for one in promises if body is None or not one.holds(body)]
        return missing

    async def wrong_boards(self, caller: Caller) -> list[str]:
        """The boards that show anything else than what was acknowledged."""
        wrong: list[str] = []
        for edition, expected in self.boards.items():
            board = await caller.find("reporting", f"/v1/boards/{edition}")
            shown = {name: board["totals"][name] for name in asdict(expected)} if board else None
            if shown != asdict(expected):
                wrong.append(f"board {edition}: {shown}, acknowledged {asdict(expected)}")
        return wrong
