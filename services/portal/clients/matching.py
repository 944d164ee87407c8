"""The client of `matching`, in the name of whoever looks at the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from services.portal.clients import matching_questions as asked
from services.portal.clients import matching_records as told
from services.portal.clients.answers import Answer, Change
from services.portal.clients.calling import Caller
from services.portal.clients.people import read
from services.portal.clients.records import Seen

M = TypeVar("M")
_MOST = 200  # items of one page of a list
_SECONDS_TO_COMPUTE = 30.0
_RUNS = TypeAdapter(tuple[told.Run, ...])
_REPORT = TypeAdapter(told.Report)
_CANDIDATES = TypeAdapter(told.Candidates)
_POSSIBLE = TypeAdapter(tuple[asked.Possible, ...])
_WHY_NOT = TypeAdapter(asked.WhyNot)
_COMPARISON = TypeAdapter(asked.Comparison)
_CHANGES = TypeAdapter(tuple[asked.Changed, ...])
_OBSTACLES = TypeAdapter(tuple[asked.Obstacle, ...])
_POLICY = TypeAdapter(told.Policy)
_POLICIES = TypeAdapter(tuple[told.Policy, ...])
_OVERRIDES = TypeAdapter(tuple[told.Override, ...])
_SHOWN = TypeAdapter(tuple[told.Shown, ...])
_PAIR = TypeAdapter(told.Pair)
_PAIRS = TypeAdapter(tuple[told.Pair, ...])
Report = Seen[told.Report]
Policy = Seen[told.Policy]
Pair = Seen[told.Pair]
Overrides = Seen[tuple[told.Override, ...]]


class Matching:
    """Calls about matching; every method raises ``Refusal``, ``Away``, ``SignedOut``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def candidates(self, edition: str) -> told.Candidates:
        """How many people a run would go over now."""
        return read(_CANDIDATES, await self._caller.get("/v1/candidates", edition_id=edition))

    async def runs(self, edition: str = "") -> list[told.Run]:
        """The runs that one may see, of one edition where it is given, the oldest first."""
        return sorted(await self._all(_RUNS, "/v1/runs", edition_id=edition), key=_age)

    async def run(self, id: str) -> Report:
        """One run with its proposal."""
        return _seen(_REPORT, await self._caller.get(_run(id)))

    async def request(self, change: Change, said: Mapping[str, Any]) -> Report:
        """Have an edition matched."""
        return _seen(_REPORT, await self._caller.change("POST", "/v1/runs", change, said))

    async def do(self, id: str, what: str, change: Change, said: Mapping[str, Any] | None = None) -> Report:
        """Decide on a run; ``what`` is cancellation, choice, preview, review or publication."""
        return _seen(_REPORT, await self._caller.change("POST", f"{_run(id)}/{what}", change, said or {}))

    async def certificate(self, id: str) -> AsyncIterator[bytes]:
        """The proof of a proposal, as a file."""
        return await self._caller.stream(f"{_run(id)}/certificate")

    async def why_not(self, id: str, mentee: str, mentor: str) -> asked.WhyNot:
        """Why a pair did not come about; it is computed anew, which may take longer than other answers."""
        pair = {"mentee_id": mentee, "mentor_id": mentor}
        answer = await self._caller.send("GET", f"{_run(id)}/why-not", params=pair, timeout=_SECONDS_TO_COMPUTE)
        return read(_WHY_NOT, answer)

    async def mentors(self, id: str, mentee: str) -> Sequence[asked.Possible]:
        """All mentors of a run's edition for one executive, the best first."""
        return read(_POSSIBLE, await self._caller.get(f"{_run(id)}/mentors", mentee_id=mentee))

    async def comparison(self, id: str, other: str) -> asked.Comparison:
        """Two drafts side by side."""
        return read(_COMPARISON, await self._caller.get(f"{_run(id)}/comparison", **{"with": other}))

    async def changes(self, id: str) -> Sequence[asked.Changed]:
        """Of whom something else is known since the run was solved."""
        return read(_CHANGES, await self._caller.get(f"{_run(id)}/changes"))

    async def obstacles(self, id: str) -> Sequence[asked.Obstacle]:
        """Which pairs that are to be published still could not be now, and why."""
        return read(_OBSTACLES, await self._caller.get(f"{_run(id)}/obstacles"))

    async def overrides(self, edition: str) -> Overrides:
        """All that people laid down for an edition, the oldest first."""
        return _seen(_OVERRIDES, await self._caller.get(_overrides(edition)))

    async def lay_down(self, edition: str, change: Change, said: Mapping[str, Any]) -> None:
        """Block or force a pair, or say how many places a mentor has."""
        await self._caller.change("POST", _overrides(edition), change, said)

    async def undo(self, edition: str, change: Change) -> None:
        """Take the last change of an edition's overrides back."""
        await self._caller.change("POST", f"{_overrides(edition)}/undo", change, {})

    async def withdraw(self, edition: str, override: str, change: Change, reason: str) -> None:
        """Let an override hold no longer."""
        path = f"{_overrides(edition)}/{quote(override, safe='')}/withdrawal"
        await self._caller.change("POST", path, change, {"reason": reason or None})

    async def policies(self) -> list[told.Policy]:
        """The policies that one may use, the standard one first."""
        return await self._all(_POLICIES, "/v1/policies")

    async def policy(self, id: str) -> Policy:
        """One version of a policy."""
        return _seen(_POLICY, await self._caller.get(_policy(id)))

    async def make_policy(self, change: Change, said: Mapping[str, Any]) -> Policy:
        """Make a policy."""
        return _seen(_POLICY, await self._caller.change("POST", "/v1/policies", change, said))

    async def change_policy(self, id: str, change: Change, said: Mapping[str, Any]) -> Policy:
        """Word a policy anew that no run has used."""
        return _seen(_POLICY, await self._caller.change("PUT", _policy(id), change, said))

    async def add_version(self, id: str, change: Change, said: Mapping[str, Any]) -> Policy:
        """Make a new version of a policy; what is left out stays."""
        return _seen(_POLICY, await self._caller.change("POST", f"{_policy(id)}/versions", change, said))

    async def proposals(self) -> Sequence[told.Shown]:
        """One's own pairs that are shown before they are published."""
        return read(_SHOWN, await self._caller.get("/v1/proposals"))

    async def veto(self, run: str, change: Change, mentee: str, reason: str) -> None:
        """Object to one's own pair."""
        await self._caller.change("POST", f"{_run(run)}/vetoes", change, {"mentee_id": mentee, "reason": reason})

    async def pairs(self, edition: str = "", active: str = "") -> list[told.Pair]:
        """The published pairs that one may see; ``active`` is "true" or "false" where only such are wanted."""
        return await self._all(_PAIRS, "/v1/pairs", edition_id=edition, active=active)

    async def pair(self, id: str) -> Pair:
        """One published pair."""
        return _seen(_PAIR, await self._caller.get(f"/v1/pairs/{quote(id, safe='')}"))

    async def end_pair(self, id: str, change: Change, said: Mapping[str, Any]) -> Pair:
        """End a pair."""
        return _seen(_PAIR, await self._caller.change("POST", f"/v1/pairs/{quote(id, safe='')}/end", change, said))

    async def _all(self, model: TypeAdapter[tuple[M, ...]], path: str, **asked: str) -> list[M]:
        """A list, page by page."""
        found: list[M] = []
        cursor: str | None = None
        while True:
            answer = await self._caller.get(path, limit=_MOST, cursor=cursor, **asked)
            items: tuple[M, ...] = read(model, answer)
            found += items
            cursor = answer.next
            if cursor is None:
                return found


def _age(run: told.Run) -> tuple[int, str, str]:
    """What runs are sorted by: their numbers, since a clock may stand; those that have none came before."""
    return run.number or 0, run.requested_at.isoformat() if run.requested_at else "", run.run_id


def _run(id: str) -> str:
    return f"/v1/runs/{quote(id, safe='')}"


def _policy(id: str) -> str:
    return f"/v1/policies/{quote(id, safe='')}"


def _overrides(edition: str) -> str:
    return f"/v1/editions/{quote(edition, safe='')}/overrides"


def _seen(model: TypeAdapter[Any], answer: Answer) -> Seen[Any]:
    return Seen[Any](value=read(model, answer), version=answer.version)
