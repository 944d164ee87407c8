"""The client of `applications` for those who apply and those who decide on waivers, in the name of who looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from services.portal.clients import application_records as records
from services.portal.clients.answers import Answer, Change, Refusal
from services.portal.clients.calling import Caller
from services.portal.clients.people import read
from services.portal.clients.records import Seen

_MOST = 200  # items of one page of a list
_ELIGIBILITY = TypeAdapter(records.Eligibility)
_APPLICATION = TypeAdapter(records.Application)
_APPLICATIONS = TypeAdapter(tuple[records.Application, ...])
_WAIVERS = TypeAdapter(tuple[records.WaiverCase, ...])
_FEEDBACK = TypeAdapter(records.Feedback)


class Applying:
    """Calls to `applications`; every method raises ``Refusal``, ``Away``, ``SignedOut``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def eligibility(self, edition: str) -> records.Eligibility:
        """How the rules of an edition's call are counted for oneself."""
        return read(_ELIGIBILITY, await self._caller.get(f"{_edition(edition)}/eligibility"))

    async def mine(self, edition: str) -> Seen[records.Application] | None:
        """One's own application in an edition; None where there is none."""
        try:
            return _seen(await self._caller.get(f"{_edition(edition)}/my-application"))
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise

    async def all_mine(self, *, closed: bool = False) -> list[records.Application]:
        """One's own applications in short; those in editions that are over only where ``closed``."""
        return [*read(_APPLICATIONS, await self._caller.get("/v1/my-applications", closed="true" if closed else None))]

    async def start(self, edition: str, person: str, change: Change) -> Seen[records.Application]:
        """Begin a draft; the one there is where it was begun before."""
        path = f"{_edition(edition)}/applications"
        return _seen(await self._caller.change("POST", path, change, {"mentor_id": person}))

    async def application(self, id: str) -> Seen[records.Application]:
        """One application."""
        return _seen(await self._caller.get(_application(id)))

    async def save(self, id: str, change: Change, parts: Mapping[str, Any]) -> Seen[records.Application]:
        """Change parts of one's application; what is left out stays, and one that was withdrawn begins again."""
        return _seen(await self._caller.change("PATCH", _application(id), change, parts))

    async def act(
        self, id: str, what: str, change: Change, said: Mapping[str, Any] | None = None
    ) -> Seen[records.Application]:
        """Do something with an application: ``submission``, ``withdrawal``, ``waiver-request``, ``acceptance`` …"""
        return _seen(await self._caller.change("POST", f"{_application(id)}/{what}", change, said or {}))

    async def feedback(self, id: str) -> records.Feedback:
        """How one's application was assessed, once the outcome is out."""
        return read(_FEEDBACK, await self._caller.get(f"{_application(id)}/feedback"))

    async def waivers(self, edition: str) -> list[records.WaiverCase]:
        """All requests for waivers of an edition and what was decided, the oldest first."""
        found: list[records.WaiverCase] = []
        cursor: str | None = None
        while True:
            answer = await self._caller.get(f"{_edition(edition)}/waivers", limit=_MOST, cursor=cursor)
            found += [*read(_WAIVERS, answer)]
            cursor = answer.next
            if cursor is None:
                return sorted(found, key=lambda one: str(one.requested_at or (one.waiver and one.waiver.decided_at)))


def _edition(id: str) -> str:
    return f"/v1/editions/{quote(id, safe='')}"


def _application(id: str) -> str:
    return f"/v1/applications/{quote(id, safe='')}"


def _seen(answer: Answer) -> Seen[records.Application]:
    return Seen[Any](value=read(_APPLICATION, answer), version=answer.version)
