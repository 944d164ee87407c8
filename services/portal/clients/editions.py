"""The client of `applications` for editions, their set-up and who takes part, in the name of whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from services.portal.clients import edition_records as records
from services.portal.clients.answers import Answer, Change
from services.portal.clients.calling import Caller
from services.portal.clients.people import read
from services.portal.clients.records import Seen

_EDITION = TypeAdapter(records.Edition)
_EDITIONS = TypeAdapter(tuple[records.Edition, ...])
_COVERAGE = TypeAdapter(records.Coverage)
_PARTICIPATION = TypeAdapter(records.Participation)
_PARTICIPATIONS = TypeAdapter(tuple[records.Participation, ...])
_ADMITTED = TypeAdapter(records.Admitted)
_MOST = 200  # items of one page of a list
Edition = Seen[records.Edition]
Participation = Seen[records.Participation]


class Editions:
    """Calls about editions; every method raises ``Refusal``, ``Away``, ``SignedOut``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def all(self) -> list[records.Edition]:
        """All editions that one may know of, the latest start first."""
        found: list[records.Edition] = []
        cursor: str | None = None
        while True:
            answer = await self._caller.get("/v1/editions", limit=_MOST, cursor=cursor)
            found += [*read(_EDITIONS, answer)]
            cursor = answer.next
            if cursor is None:
                return sorted(found, key=lambda one: (one.starts_on, one.name), reverse=True)

    async def show(self, id: str) -> Edition:
        """One edition."""
        return _edition(await self._caller.get(_path(id)))

    async def draft(self, change: Change, said: Mapping[str, Any]) -> Edition:
        """Make an edition, which is a draft at first."""
        return _edition(await self._caller.change("POST", "/v1/editions", change, said))

    async def amend(self, id: str, change: Change, said: Mapping[str, Any]) -> Edition:
        """Change name, scope, dates or escalation; what is left out stays."""
        return _edition(await self._caller.change("PATCH", _path(id), change, said))

    async def put(self, id: str, part: str, change: Change, said: Mapping[str, Any]) -> Edition:
        """State the whole ``part``: call, form or rubric."""
        return _edition(await self._caller.change("PUT", f"{_path(id)}/{part}", change, said))

    async def move(self, id: str, change: Change, to: str, reason: str) -> Edition:
        """Move an edition to its next stage."""
        said = {"to": to, **({"reason": reason} if reason else {})}
        return _edition(await self._caller.change("POST", f"{_path(id)}/stage", change, said))

    async def admit(self, id: str, change: Change, said: Mapping[str, Any]) -> records.Admitted:
        """Let somebody apply after the deadline."""
        return read(_ADMITTED, await self._caller.change("POST", f"{_path(id)}/late-admissions", change, said))

    async def coverage(self, id: str) -> records.Coverage:
        """How many executives take part, by company."""
        return read(_COVERAGE, await self._caller.get(f"{_path(id)}/coverage"))

    async def participations(self, id: str, state: str = "") -> list[records.Participation]:
        """The executives of an edition, of one state where it is given, in no order."""
        found: list[records.Participation] = []
        cursor: str | None = None
        while True:
            answer = await self._caller.get(f"{_path(id)}/participations", state=state, limit=_MOST, cursor=cursor)
            found += [*read(_PARTICIPATIONS, answer)]
            cursor = answer.next
            if cursor is None:
                return found

    async def participation(self, id: str) -> Participation:
        """How one executive takes part."""
        return _participation(await self._caller.get(_in_participations(id)))

    async def decide(self, id: str, what: str, change: Change, said: Mapping[str, Any]) -> Participation:
        """Decide on an executive; ``what`` is exemption, escalation or obligation."""
        return _participation(await self._caller.change("POST", f"{_in_participations(id)}/{what}", change, said))


def _path(id: str) -> str:
    return f"/v1/editions/{quote(id, safe='')}"


def _in_participations(id: str) -> str:
    return f"/v1/participations/{quote(id, safe='')}"


def _edition(answer: Answer) -> Edition:
    return Edition(value=read(_EDITION, answer), version=answer.version)


def _participation(answer: Answer) -> Participation:
    return Participation(value=read(_PARTICIPATION, answer), version=answer.version)
