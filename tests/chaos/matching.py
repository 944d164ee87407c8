"""The matching of one small programme: runs from their request to the published pairs, pairs that end, re-matches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.caller import eventually
from tests.chaos.desk import Desk

SERVICE = "matching"
_GIVEN_UP = "solver_failed"  # after several workers were killed at it; whoever wants pairs asks again
_OFTEN = 5


@dataclass(frozen=True, slots=True)
class Matching:
    """The runs and pairs of one edition."""

    desk: Desk
    edition: str

    async def knows(self, *, mentors: int, executives: int) -> None:
        """Wait until everybody has arrived in matching."""
        wanted = {"mentors": mentors, "executives": executives, "without_profile": 0, "unknown": 0}

        async def arrived() -> bool | None:
            found = await self.desk.caller.find(SERVICE, f"/v1/candidates?edition_id={self.edition}")
            return True if found and wanted.items() <= found.items() else None

        await eventually(arrived, f"matching knows the candidates of {self.desk.name}")

    async def proposed(self, kind: str = "full") -> str:
        """A run with its proposal; its path. One that was given up is asked for again."""
        for number in range(_OFTEN):
            body, word = {"edition_id": self.edition, "kind": kind}, f"{kind}.{number}"
            run = (await self.desk.create(SERVICE, "/v1/runs", body, word=word)).body["run_id"]
            path = f"/v1/runs/{run}"
            self._acknowledged(path, "run", lambda b: b["edition_id"] == self.edition)
            found = await self.reaches(path, "proposed", "failed")
            if found["state"] == "proposed":
                return path
            assert found["failure"]["reason"] == _GIVEN_UP, found["failure"]
        raise AssertionError(f"{self.desk.name}: {_OFTEN} runs were given up")

    async def choose(self, path: str, changes: int) -> None:
        """Choose the alternative of a re-match in which so many other pairs may change."""
        await self.desk.change(SERVICE, path, "choice", {"changes": changes})
        self._acknowledged(path, "choice", lambda b: b["chosen"] == changes)

    async def approve(self, path: str) -> None:
        """Approve a proposal."""
        await self.desk.change(SERVICE, path, "review", {"decision": "approved"})
        self._acknowledged(path, "review", lambda b: b["review"]["decision"] == "approved")

    async def publish(self, path: str, mentee_ids: Sequence[str] | None = None) -> dict[str, Any]:
        """Have an approved run published, or only the pairs of these executives; the run when that is done."""
        word = "some" if mentee_ids else "all"
        body = {"mentee_ids": list(mentee_ids)} if mentee_ids else {}
        await self.desk.change(SERVICE, path, "publication", body, word=word)
        self._acknowledged(path, f"publication of {word}", lambda b: b["state"] == "published")
        return await self.reaches(path, "published")

    async def end(self, pair_id: str) -> None:
        """End a pair by hand."""
        path = f"/v1/pairs/{pair_id}"
        await self.desk.change(SERVICE, path, "end", {"reason": "by_agreement"})
        self._acknowledged(path, "end", lambda b: not b["active"])

    async def pairs(self) -> list[dict[str, Any]]:
        """All pairs, those that have ended included."""
        return await self.desk.caller.every(SERVICE, f"/v1/pairs?edition_id={self.edition}")

    async def reaches(self, path: str, *states: str) -> dict[str, Any]:
        """Wait until a run is in one of these states; the run."""

        async def reached() -> dict[str, Any] | None:
            run = (await self.desk.caller.get(SERVICE, path)).body
            return dict(run) if run["state"] in states else None

        return await eventually(reached, f"the run of {self.desk.name} is {' or '.join(states)}")

    def _acknowledged(self, path: str, what: str, holds: Callable[[Any], bool]) -> None:
        self.desk.acknowledged(SERVICE, path, what, holds)
