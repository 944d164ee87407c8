"""The commands on subsidiaries: make one, change one, and name those that a roster names first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.chassis.aggregate import AlreadyTaken, Command, Contended, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.ids import derived_id
from services.people.domain import subsidiary as domain
from services.people.store import Companies

Subsidiaries = Repository[domain.Subsidiary, domain.Event]
_ACTOR = "people"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def id_of_name(name: str) -> str:
    """The id of a subsidiary that is named for the first time: a name always gives the same one."""
    return derived_id("people", "subsidiary", name.casefold())


@dataclass(frozen=True, slots=True)
class Naming:
    """The ids of subsidiaries by their names as they are now, whatever the case."""

    known: Mapping[str, str]

    def id_of(self, name: str) -> str:
        """The subsidiary's id: a name that is not known always gives the same one, an id stands for itself."""
        key = name.casefold()
        return self.known.get(key) or (key if _UUID.fullmatch(key) else id_of_name(name))


@dataclass(frozen=True, slots=True)
class SubsidiaryHandlers:
    """The commands on subsidiaries, over all of them."""

    subsidiaries: Subsidiaries
    companies: Companies
    clock: Clock

    async def establish(self, wanted: domain.Subsidiary, command: Command) -> Loaded[domain.Subsidiary]:
        """Make a subsidiary. Raises refusals of the domain, and what ``Repository.handle`` raises."""
        await self._must_be_free(wanted.subsidiary_id, wanted.name)
        parents, now = await self.companies.parents(), self.clock.now()

        def decide(state: domain.Subsidiary | None) -> list[domain.Event]:
            return domain.establish(state, wanted, now, parents)

        return await self.subsidiaries.handle(wanted.subsidiary_id, decide, command)

    async def change(self, id: str, said: Mapping[str, Any], command: Command) -> Loaded[domain.Subsidiary]:
        """Change the named fields. Raises refusals of the domain, and what ``Repository.change`` raises."""
        before = (await self.subsidiaries.get(id)).state
        if "name" in said:
            await self._must_be_free(id, said["name"])
        parents, now = await self.companies.parents(), self.clock.now()
        changed = await self.subsidiaries.change(id, lambda state: domain.change(state, said, now, parents), command)
        if "parent_id" in said and domain.in_circle(id, await self.companies.parents()):
            await self._withdraw(id, before, command)
        return changed

    async def naming(self) -> Naming:
        """How rosters name the subsidiaries. Raises ``Unavailable``."""
        return Naming({name.casefold(): id for id, name in (await self.companies.names()).items()})

    async def name(self, names: Mapping[str, str], command: Command) -> None:
        """Make the subsidiaries, by id, that nobody has named before."""
        now = self.clock.now()
        bare = Command(command.actor, traceparent=command.traceparent)
        for id in names.keys() - (await self.companies.names()).keys():

            def decide(state: domain.Subsidiary | None, id: str = id) -> list[domain.Event]:
                return domain.name_once(state, id, names[id], now)

            await self.subsidiaries.handle(id, decide, bare)

    async def adopt(self) -> None:
        """Make subsidiaries of the names that the first release kept. Raises a ``Transient``; may be repeated."""
        earlier = await self.companies.of_an_earlier_release()
        await self.name(earlier, Command(actor=_ACTOR))
        for id in earlier:
            await self.companies.forget_earlier(id)

    async def _must_be_free(self, id: str, name: str) -> None:
        key = name.casefold()
        others = (other for other, known in (await self.companies.names()).items() if known.casefold() == key)
        if any(other != id for other in others):
            raise AlreadyTaken(f"There is a subsidiary {name} already; change that one.")

    async def _withdraw(self, id: str, before: domain.Subsidiary, command: Command) -> None:
        """Two changes met that together close a circle, and neither saw the other: take this one back."""
        now = self.clock.now()
        back = {"parent_id": before.parent_id}
        again = replace(command, key=None, fingerprint=None, expected=None)
        await self.subsidiaries.change(id, lambda state: domain.change(state, back, now, {}), again)
        raise Contended("Somebody moves companies at the same moment; load them again.")
