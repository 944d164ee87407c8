"""The commands on service accounts and their API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.chassis.aggregate import AlreadyTaken, Command, Loaded, Repository
from services.chassis.auth import api_keys
from services.chassis.clock import Clock
from services.chassis.errors import Refused
from services.people.domain import service_account as domain
from services.people.handlers.persons import must_exist
from services.people.store import Accounts, Companies, KeyUses, People

AccountRepository = Repository[domain.Account, domain.Event]


class NoPepper(Refused):
    """Without a pepper in the settings no digest can be kept."""

    kind = "no-pepper"
    title = "This installation makes no API keys"


@dataclass(frozen=True, slots=True)
class NewKey:
    """The account with its new key; ``text`` is the key itself, None where an earlier answer showed it."""

    account: Loaded[domain.Account]
    key: domain.Key
    text: str | None


@dataclass(frozen=True, slots=True)
class AccountHandlers:
    """The commands on service accounts. All raise refusals of the domain and what a repository raises."""

    accounts: AccountRepository
    known: Accounts
    people: People
    companies: Companies
    uses: KeyUses
    peppers: api_keys.Peppers
    clock: Clock

    async def create(self, account: domain.Account, command: Command) -> Loaded[domain.Account]:
        """Make an account. Raises ``AlreadyTaken`` for a login that somebody has, ``Invalid`` for no subsidiary."""
        for role in account.roles:
            await must_exist(self.companies, role.subsidiaries)
        if account.login and await self._somebody_else_has(account):
            raise AlreadyTaken("This login belongs to somebody; a login is linked once.")
        now = self.clock.now()
        return await self.accounts.handle(account.account_id, lambda state: domain.create(state, account, now), command)

    async def add_key(self, account_id: str, expires_at: datetime | None, request_id: str, command: Command) -> NewKey:
        """Make a key, good for 90 days where no date is named. The same request again gives no second secret."""
        made, now = api_keys.new_key(), self.clock.now()
        if self.peppers.newest is None:
            raise NoPepper("Set TANDEM_KEY_PEPPERS in every service, then ask again.")
        kept = api_keys.digested(self.peppers, made)
        key = domain.Key(made.id, kept.value, kept.pepper, now, expires_at or now + domain.USUAL, request_id)
        actor = command.actor or ""
        loaded = await self.accounts.change(account_id, lambda state: domain.add_key(state, key, actor), command)
        added = next((one for one in loaded.state.keys if one.request_id == request_id), key)
        return NewKey(loaded, added, made.text if added.key_id == made.id else None)

    async def revoke_key(self, account_id: str, key_id: str, command: Command) -> Loaded[domain.Account]:
        """End a key at once."""
        now, actor = self.clock.now(), command.actor or ""
        return await self.accounts.change(
            account_id, lambda state: domain.revoke_key(state, key_id, actor, now), command
        )

    async def deactivate(self, account_id: str, command: Command) -> Loaded[domain.Account]:
        """End the account and all its keys."""
        now, actor = self.clock.now(), command.actor or ""
        return await self.accounts.change(account_id, lambda state: domain.deactivate(state, actor, now), command)

    async def _somebody_else_has(self, account: domain.Account) -> bool:
        login = account.login or ""
        other = await self.known.id_of_login(login)
        return await self.people.id_of_login(login) is not None or other not in (None, account.account_id)
