"""The client of `people`, in the name of whoever looks at the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from services.portal.clients import records
from services.portal.clients.answers import Answer, Away, Change
from services.portal.clients.calling import Caller

M = TypeVar("M")
_MOST = 200  # items of one page of a list
_NAMES = 100  # ids of one question for names
_ME = TypeAdapter(records.Me)
_PERSON = TypeAdapter(records.Person)
_PEOPLE = TypeAdapter(tuple[records.Listed, ...])
_NAMED = TypeAdapter(tuple[records.Named, ...])
_COMPANY = TypeAdapter(records.Company)
_COMPANIES = TypeAdapter(tuple[records.Company, ...])
_ACCOUNT = TypeAdapter(records.Account)
_ACCOUNTS = TypeAdapter(tuple[records.Account, ...])
_NEW_KEY = TypeAdapter(records.NewKey)
_CATALOGUE = TypeAdapter(records.Catalogue)


class People:
    """Calls to `people`; every method raises ``Refusal``, ``Away``, ``SignedOut``."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def me(self) -> records.Seen[records.Me]:
        """Who is signed in; ``Refusal`` 403 where the directory knows nobody of this login."""
        return _seen(_ME, await self.caller.get("/v1/me"))

    async def declare(self, change: Change, said: Mapping[str, Any]) -> records.Seen[records.Me]:
        """Say something of oneself; fields that are left out stay."""
        return _seen(_ME, await self.caller.change("PATCH", "/v1/me/profile", change, said))

    async def prefer(self, change: Change, said: Mapping[str, Any]) -> records.Seen[records.Me]:
        """Choose the language and the hours of messages."""
        return _seen(_ME, await self.caller.change("PATCH", "/v1/me/preferences", change, said))

    async def search(self, cursor: str | None, **sought: str | None) -> records.Part[records.Listed]:
        """A page of the people whom one may see, narrowed by what is sought."""
        answer = await self.caller.get("/v1/people", cursor=cursor, **sought)
        return records.Part[records.Listed](items=read(_PEOPLE, answer), next=answer.next)

    async def person(self, id: str) -> records.Seen[records.Person]:
        """One person."""
        return _seen(_PERSON, await self.caller.get(f"/v1/people/{_in_path(id)}"))

    async def names(self, ids: Sequence[str]) -> dict[str, str]:
        """What people are called, by id, as far as one may know; 100 at most."""
        asked = sorted(set(ids))[:_NAMES]
        if not asked:
            return {}
        answer = await self.caller.get("/v1/names", ids=",".join(asked))
        return {one.id: one.name for one in read(_NAMED, answer)}

    async def grant(self, id: str, change: Change, role: records.Role, reason: str) -> records.Seen[records.Person]:
        """Give somebody a role."""
        body = {"role": role.role, "subsidiaries": list(role.subsidiaries), "reason": reason}
        return _seen(_PERSON, await self.caller.change("POST", f"/v1/people/{_in_path(id)}/roles", change, body))

    async def revoke(self, id: str, change: Change, role: records.Role, reason: str) -> records.Seen[records.Person]:
        """Take a role away, in these subsidiaries or altogether."""
        path, body = (
            f"/v1/people/{_in_path(id)}/roles/{_in_path(role.role)}/revocation",
            {"subsidiaries": list(role.subsidiaries)},
        )
        return _seen(_PERSON, await self.caller.change("POST", path, change, {**body, "reason": reason}))

    async def companies(self) -> list[records.Company]:
        """All companies that one may know of, by name."""
        found: list[records.Company] = []
        cursor: str | None = None
        while True:
            answer = await self.caller.get("/v1/subsidiaries", limit=_MOST, cursor=cursor)
            found += [*read(_COMPANIES, answer)]
            cursor = answer.next
            if cursor is None:
                return sorted(found, key=lambda company: company.name.casefold())

    async def company(self, id: str) -> records.Seen[records.Company]:
        """One company."""
        return _seen(_COMPANY, await self.caller.get(f"/v1/subsidiaries/{_in_path(id)}"))

    async def change_company(self, id: str, change: Change, said: Mapping[str, Any]) -> records.Seen[records.Company]:
        """Change a company's switches, periods or contacts; what is left out stays."""
        return _seen(_COMPANY, await self.caller.change("PATCH", f"/v1/subsidiaries/{_in_path(id)}", change, said))

    async def accounts(self, cursor: str | None = None) -> records.Part[records.Account]:
        """A page of the service accounts."""
        answer = await self.caller.get("/v1/service-accounts", cursor=cursor)
        return records.Part[records.Account](items=read(_ACCOUNTS, answer), next=answer.next)

    async def account(self, id: str) -> records.Seen[records.Account]:
        """One service account."""
        return _seen(_ACCOUNT, await self.caller.get(f"/v1/service-accounts/{_in_path(id)}"))

    async def create_account(self, change: Change, said: Mapping[str, Any]) -> records.Seen[records.Account]:
        """Make a service account."""
        return _seen(_ACCOUNT, await self.caller.change("POST", "/v1/service-accounts", change, said))

    async def add_key(self, id: str, change: Change, expires_at: str) -> records.NewKey:
        """Make a key; its secret is in the first answer only."""
        path, body = f"/v1/service-accounts/{_in_path(id)}/keys", {"expires_at": expires_at}
        return read(_NEW_KEY, await self.caller.change("POST", path, change, body))

    async def revoke_key(self, id: str, key: str, change: Change) -> records.Seen[records.Account]:
        """End a key."""
        path = f"/v1/service-accounts/{_in_path(id)}/keys/{_in_path(key)}/revocation"
        return _seen(_ACCOUNT, await self.caller.change("POST", path, change, {}))

    async def end_account(self, id: str, change: Change) -> records.Seen[records.Account]:
        """End a service account, for good."""
        path = f"/v1/service-accounts/{_in_path(id)}/deactivation"
        return _seen(_ACCOUNT, await self.caller.change("POST", path, change, {}))

    async def catalogue(self, name: str, language: str) -> tuple[records.Term, ...]:
        """The terms of a catalogue, in a language."""
        return read(_CATALOGUE, await self.caller.get(f"/v1/catalogues/{_in_path(name)}", language=language)).items


def read(model: TypeAdapter[M], answer: Answer) -> M:
    """What an answer says. Raises ``Away`` where it is not what was asked for."""
    try:
        return model.validate_python(answer.body)
    except ValidationError as error:
        raise Away(f"an unexpected answer: {error.error_count()} fields") from error


def _in_path(part: str) -> str:
    return quote(part, safe="")


def _seen(model: TypeAdapter[M], answer: Answer) -> records.Seen[M]:
    return records.Seen[Any](value=read(model, answer), version=answer.version)
