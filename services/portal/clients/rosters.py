"""The client of `people` for roster imports, in the name of whoever looks at the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from services.portal.clients import answers, records, roster_records
from services.portal.clients.calling import Caller
from services.portal.clients.people import read

_MAPPINGS = TypeAdapter(tuple[roster_records.Mapping, ...])
_IMPORT = TypeAdapter(roster_records.Import)
_IMPORTS = TypeAdapter(tuple[roster_records.Import, ...])
_CHANGES = TypeAdapter(tuple[roster_records.Change, ...])
_PATH = "/v1/roster-imports"
Seen = records.Seen[roster_records.Import]


class Rosters:
    """Calls about roster imports; every method raises ``Refusal``, ``Away``, ``SignedOut``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def mappings(self) -> tuple[roster_records.Mapping, ...]:
        """The mappings that are shipped."""
        return read(_MAPPINGS, await self._caller.get("/v1/roster-mappings"))

    async def submit(self, change: answers.Change, body: bytes, said: Mapping[str, Any]) -> Seen:
        """Send a file, and what the sender says of it; what is empty is left to `people`."""
        given = {name: value for name, value in said.items() if value not in (None, "")}
        headers = {**change.as_headers(), "Content-Type": "text/csv"}
        return _seen(await self._caller.send("POST", _PATH, content=body, params=given, headers=headers))

    async def imports(self, cursor: str | None = None) -> records.Part[roster_records.Import]:
        """A page of the imports of the last 30 days, newest first."""
        answer = await self._caller.get(_PATH, cursor=cursor)
        return records.Part[roster_records.Import](items=read(_IMPORTS, answer), next=answer.next)

    async def show(self, id: str) -> Seen:
        """One import."""
        return _seen(await self._caller.get(_path(id)))

    async def changes(
        self, id: str, kind: str, cursor: str | None = None, *, most: int
    ) -> records.Part[roster_records.Change]:
        """A page of what the import would change, or of what is wrong with it."""
        answer = await self._caller.get(f"{_path(id)}/changes", kind=kind, limit=most, cursor=cursor)
        return records.Part[roster_records.Change](items=read(_CHANGES, answer), next=answer.next)

    async def faults(self, id: str) -> bytes:
        """The refused rows as a CSV file."""
        answer = await self._caller.get(f"{_path(id)}/faults.csv")
        if not isinstance(answer.body, bytes):
            raise answers.Away("an unexpected answer: no file")
        return answer.body

    async def apply(self, id: str, change: answers.Change, leavers: int | None) -> Seen:
        """Have a dry run applied; ``leavers`` states how many people leave."""
        body = {} if leavers is None else {"leavers": leavers}
        return _seen(await self._caller.change("POST", f"{_path(id)}/application", change, body))

    async def cancel(self, id: str, change: answers.Change) -> Seen:
        """Give an import up of which nothing was applied."""
        return _seen(await self._caller.change("POST", f"{_path(id)}/cancellation", change, {}))


def _path(id: str) -> str:
    return f"{_PATH}/{quote(id, safe='')}"


def _seen(answer: answers.Answer) -> Seen:
    return Seen(value=read(_IMPORT, answer), version=answer.version)
