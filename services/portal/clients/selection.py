"""The client of `applications` for assessing and selecting, in the name of whoever looks at the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from services.portal.clients import answers, records
from services.portal.clients import selection_records as told
from services.portal.clients.calling import Caller
from services.portal.clients.people import read

_MOST = 200  # items of one page of a list
_SHEET = TypeAdapter(told.Sheet)
_SHEETS = TypeAdapter(tuple[told.Sheet, ...])
_ROUND = TypeAdapter(told.Round)
_ROUNDS = TypeAdapter(tuple[told.Round, ...])
_BOARD = TypeAdapter(told.Board)
_APPLICATION = TypeAdapter(told.Application)
_APPLICATIONS = TypeAdapter(tuple[told.Application, ...])
_SCORED = TypeAdapter(tuple[told.Scored, ...])
_DECIDED = TypeAdapter(told.DecidedMany)
_RELEASED = TypeAdapter(told.Released)
_HANDED_IN = TypeAdapter(told.HandedIn)


class Selection:
    """Calls about the selection of mentors; every method raises ``Refusal``, ``Away``, ``SignedOut``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def sheets(self, edition: str) -> list[told.Sheet]:
        """One's own sheets of an edition, in the order in which they are to be read."""
        return [
            one async for part in self._parts(f"/v1/editions/{_in_path(edition)}/sheets") for one in read(_SHEETS, part)
        ]

    async def sheet(self, id: str) -> records.Seen[told.Sheet]:
        """One of one's own sheets, with its application and its rubric."""
        return _seen(_SHEET, await self._caller.get(f"/v1/sheets/{_in_path(id)}"))

    async def score(
        self, id: str, change: answers.Change, scores: Mapping[str, int], comment: str
    ) -> records.Seen[told.Sheet]:
        """Save a sheet, complete or not; levels by criterion."""
        body = {"scores": dict(scores), "comment": comment or None}
        return _seen(_SHEET, await self._caller.change("PUT", f"/v1/sheets/{_in_path(id)}", change, body))

    async def declare_conflict(self, id: str, change: answers.Change, reason: str) -> None:
        """Leave a sheet to somebody else."""
        await self._caller.change("POST", f"/v1/sheets/{_in_path(id)}/conflict", change, {"reason": reason})

    async def hand_in(self, round: str, change: answers.Change) -> told.HandedIn:
        """Lock all of one's own complete sheets of a round, for good."""
        return read(_HANDED_IN, await self._caller.change("POST", f"{_round(round)}/hand-in", change, {}))

    async def rounds(self, edition: str) -> list[told.Round]:
        """The rounds of an edition, the first one first."""
        parts = self._parts(f"/v1/editions/{_in_path(edition)}/rounds")
        found = [one async for part in parts for one in read(_ROUNDS, part)]
        return sorted(found, key=lambda one: one.number)

    async def round(self, id: str) -> records.Seen[told.Round]:
        """One round."""
        return _seen(_ROUND, await self._caller.get(_round(id)))

    async def open_round(self, edition: str, change: answers.Change, said: Mapping[str, Any]) -> told.Round:
        """Open a round; what is left out takes its default."""
        path = f"/v1/editions/{_in_path(edition)}/rounds"
        return read(_ROUND, await self._caller.change("POST", path, change, dict(said)))

    async def close_round(self, id: str, change: answers.Change, reason: str) -> None:
        """Close a round before all sheets are in."""
        await self._caller.change("POST", f"{_round(id)}/closure", change, {"reason": reason})

    async def board(self, edition: str) -> told.Board:
        """Ranks, proposals and vacancies of an edition."""
        return read(_BOARD, await self._caller.get(f"/v1/editions/{_in_path(edition)}/board"))

    async def decide(self, edition: str, change: answers.Change, said: Mapping[str, Any]) -> told.DecidedMany:
        """Decide on many applications at once; nothing is told to anybody yet."""
        path = f"/v1/editions/{_in_path(edition)}/decisions"
        return read(_DECIDED, await self._caller.change("POST", path, change, dict(said)))

    async def release(self, edition: str, change: answers.Change) -> told.Released:
        """Carry out the pending decisions, for good."""
        path = f"/v1/editions/{_in_path(edition)}/release"
        return read(_RELEASED, await self._caller.change("POST", path, change, {}))

    async def applications(self, edition: str, state: str = "") -> list[told.Application]:
        """The applications of an edition that were sent, of one state where it is given, in no order."""
        parts = self._parts(f"/v1/editions/{_in_path(edition)}/applications", state=state)
        return [one async for part in parts for one in read(_APPLICATIONS, part)]

    async def application(self, id: str) -> records.Seen[told.Application]:
        """One application."""
        return _seen(_APPLICATION, await self._caller.get(f"/v1/applications/{_in_path(id)}"))

    async def decide_on(self, id: str, change: answers.Change, decision: str, reason: str) -> None:
        """Decide on one application; nothing is told to anybody yet."""
        body = {"decision": decision, "reason": reason}
        await self._caller.change("POST", f"/v1/applications/{_in_path(id)}/decision", change, body)

    async def extend_acceptance(self, id: str, change: answers.Change, until: str, reason: str) -> None:
        """Let somebody accept a place until the end of a later day."""
        path = f"/v1/applications/{_in_path(id)}/acceptance-extension"
        await self._caller.change("POST", path, change, {"until": until, "reason": reason})

    async def sheets_of(self, application: str) -> Sequence[told.Scored]:
        """All counted sheets of an application in closed rounds."""
        return read(_SCORED, await self._caller.get(f"/v1/applications/{_in_path(application)}/sheets"))

    async def _parts(self, path: str, **asked: str) -> AsyncIterator[answers.Answer]:
        """A list, page by page."""
        cursor: str | None = None
        while True:
            answer = await self._caller.get(path, limit=_MOST, cursor=cursor, **asked)
            yield answer
            cursor = answer.next
            if cursor is None:
                return


def _round(id: str) -> str:
    return f"/v1/rounds/{_in_path(id)}"


def _in_path(part: str) -> str:
    return quote(part, safe="")


def _seen(model: TypeAdapter[Any], answer: answers.Answer) -> records.Seen[Any]:
    return records.Seen[Any](value=read(model, answer), version=answer.version)
