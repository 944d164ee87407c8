"""The story's people, each with a token, so that requests are sent in their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from deploy.local.addresses import Addresses
from deploy.local.issuer.minting import Minter
from deploy.local.issuer.wallet import Wallet
from deploy.local.story import roster


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Headers that show a request to be somebody's; persons go by their ids."""

    wallet: Wallet
    logins: Mapping[str, str]

    @classmethod
    async def over(cls, addresses: Addresses, http: Any) -> Self:
        """Everybody of the story that was played there."""
        wallet, logins = Wallet(Minter.of(addresses)), roster.logins()
        url = f"{addresses.services['people']}/v1/people?limit=200"
        answer = await http.get(url, headers=wallet.bearer(logins[roster.MANAGER]))
        answer.raise_for_status()
        return cls(wallet, {one["id"]: logins[one["employee_number"]] for one in answer.json()})

    @property
    def manager(self) -> Mapping[str, str]:
        """The programme manager's header."""
        return self.wallet.bearer(roster.logins()[roster.MANAGER])

    def person(self, id: str) -> Mapping[str, str]:
        """A person's header."""
        return self.wallet.bearer(self.logins[id])

    async def workspaces(self, http: Any, sessions: str) -> list[dict[str, Any]]:
        """The workspaces of the pairs that go on; ``sessions`` is that service's address."""
        answer = await http.get(f"{sessions}/v1/workspaces?limit=200", headers=self.manager)
        answer.raise_for_status()
        return [one for one in answer.json() if one["ended_at"] is None]
