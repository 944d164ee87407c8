"""The routes of service accounts and their API keys."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response

from services.chassis.aggregate import Loaded
from services.chassis.http import Changing, Creating, Paged, page_of, tagged
from services.people.domain import service_account as domain
from services.people.handlers import AccountHandlers
from services.people.http.bodies import AddKey, CreateAccount
from services.people.http.views import AccountView, KeyView, NewKeyView, roles_of


def routes(handlers: AccountHandlers) -> APIRouter:
    """The router over the service accounts."""
    router = APIRouter(prefix="/service-accounts", tags=["service accounts"])
    accounts = handlers.accounts

    async def viewed(loaded: Loaded[domain.Account]) -> AccountView:
        return _view(loaded.state, await handlers.uses.last([key.key_id for key in loaded.state.keys]))

    @router.get("")
    async def list_accounts(request: Request, response: Response, page: Paged) -> list[AccountView]:
        """The service accounts, with their keys and when each was last used."""
        documents = await page_of(accounts.collection, {}, page, request, response)
        found = [accounts.loaded(document).state for document in documents]
        used = await handlers.uses.last([key.key_id for account in found for key in account.keys])
        return [_view(account, used) for account in found]

    @router.post("", status_code=201)
    async def create(body: CreateAccount, creating: Creating, response: Response) -> AccountView:
        """Make a service account; it can do nothing before it has a key or its login is used."""
        roles = tuple(role.as_role() for role in body.roles)
        account = domain.Account(creating.id, body.name, body.owner, roles, body.login)
        loaded = await handlers.create(account, creating.command)
        response.headers["Location"] = f"/v1/service-accounts/{loaded.id}"
        return await viewed(tagged(response, loaded))

    @router.get("/{account_id}")
    async def show_account(account_id: str, response: Response) -> AccountView:
        """One service account."""
        return await viewed(tagged(response, await accounts.get(account_id)))

    router.include_router(_keys(handlers))

    @router.post("/{account_id}/deactivation")
    async def deactivate(account_id: str, command: Changing, response: Response) -> AccountView:
        """End the account and all its keys, for good."""
        return await viewed(tagged(response, await handlers.deactivate(account_id, command)))

    return router


def _keys(handlers: AccountHandlers) -> APIRouter:
    router = APIRouter(prefix="/{account_id}/keys")

    @router.post("", status_code=201)
    async def add_key(account_id: str, body: AddKey, creating: Creating, response: Response) -> NewKeyView:
        """Make an API key. This answer alone shows it; the same request again gets the key's id and no secret."""
        made = await handlers.add_key(account_id, body.expires_at, creating.id, creating.command)
        tagged(response, made.account)
        return NewKeyView(key=_key(made.key, None), secret=made.text)

    @router.post("/{key_id}/revocation")
    async def revoke_key(account_id: str, key_id: str, command: Changing, response: Response) -> AccountView:
        """End a key at once."""
        loaded = tagged(response, await handlers.revoke_key(account_id, key_id, command))
        return _view(loaded.state, await handlers.uses.last([key.key_id for key in loaded.state.keys]))

    return router


def _view(account: domain.Account, used: dict[str, datetime]) -> AccountView:
    return AccountView(
        id=account.account_id,
        name=account.name,
        owner=account.owner,
        login=account.login,
        roles=roles_of(account.roles),
        active=account.active,
        keys=tuple(_key(key, used.get(key.key_id)) for key in account.keys),
    )


def _key(key: domain.Key, used: datetime | None) -> KeyView:
    return KeyView(
        key_id=key.key_id,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used=used,
    )
