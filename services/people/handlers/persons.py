"""The commands on persons: roles are granted and revoked; a person says of themselves what nobody else can."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.errors import FieldError, Invalid, Refused
from services.chassis.ids import random_id
from services.people.domain import deciding
from services.people.domain import person as domain
from services.people.domain.roles import Decided, Role, RoleName
from services.people.handlers.subsidiaries import SubsidiaryHandlers
from services.people.store import Companies, People, catalogues

Persons = Repository[domain.Person, domain.Event]


class OfficerExists(Refused):
    """The group has an officer, who grants roles; a second way in would be a back door."""

    kind = "officer-exists"


@dataclass(frozen=True, slots=True)
class FirstOfficer:
    """Who is to be the group's first officer, and why; of somebody known the login alone is taken over."""

    employee_number: str
    name: str
    email: str | None
    subsidiary: str
    login: str
    reason: str


@dataclass(frozen=True, slots=True)
class PersonHandlers:
    """The commands on persons, over all of them. All raise refusals of the domain and what a repository raises."""

    persons: Persons
    people: People
    subsidiaries: SubsidiaryHandlers
    clock: Clock

    @property
    def companies(self) -> Companies:
        """All subsidiaries."""
        return self.subsidiaries.companies

    async def grant_role(self, person_id: str, role: Role, reason: str, command: Command) -> Loaded[domain.Person]:
        """Give somebody a role. Raises ``Invalid`` for a subsidiary that there is not."""
        await must_exist(self.companies, role.subsidiaries)
        decided = self._decided(reason, command)
        return await self.persons.change(person_id, lambda state: deciding.grant(state, role, decided), command)

    async def revoke_role(self, person_id: str, role: Role, reason: str, command: Command) -> Loaded[domain.Person]:
        """Take a role away, in its subsidiaries or altogether."""
        decided = self._decided(reason, command)
        return await self.persons.change(person_id, lambda state: deciding.revoke(state, role, decided), command)

    async def appoint_officer(self, officer: FirstOfficer, command: Command, *, forced: bool) -> Loaded[domain.Person]:
        """Make the first officer of the group, somebody known or new; where there is one, only if ``forced``.

        Raises ``OfficerExists`` and what a repository raises.
        """
        if (holder := await self.people.holder_of(RoleName.GROUP_OFFICE)) and not forced:
            raise OfficerExists(
                f"{holder} holds the role group_office; they grant roles. Else use --force and say why."
            )
        subsidiary = (await self.subsidiaries.naming()).id_of(officer.subsidiary)
        await self.subsidiaries.name({subsidiary: officer.subsidiary}, command)
        known = await self.people.id_of(officer.employee_number)
        entry = _entry(officer, subsidiary, known=known is not None)
        person_id, decided = known or random_id(), self._decided(officer.reason, command)
        return await self.persons.handle(
            person_id, lambda state: deciding.appoint(state, person_id, entry, decided), command
        )

    async def declare_profile(self, said: Mapping[str, Any], command: Command) -> Loaded[domain.Person]:
        """Take over what the command's actor says of themselves."""
        platforms = catalogues()["platforms"].chosen
        return await self._of_oneself(lambda state: deciding.declare(state, said, platforms), command)

    async def prefer(self, said: Mapping[str, Any], command: Command) -> Loaded[domain.Person]:
        """Take over how the command's actor wants to be written to."""
        return await self._of_oneself(lambda state: deciding.prefer(state, said), command)

    async def _of_oneself(
        self, decide: Callable[[domain.Person], Sequence[domain.PartEvent]], command: Command
    ) -> Loaded[domain.Person]:
        now = self.clock.now()
        return await self.persons.change(command.actor or "", lambda state: domain.noted(decide(state), now), command)

    def _decided(self, reason: str, command: Command) -> Decided:
        return Decided(command.actor or "", self.clock.now(), reason)


def _entry(officer: FirstOfficer, subsidiary: str, *, known: bool) -> domain.Entry:
    said = {"login"} if known else {"login", "employee_number", "subsidiary", "name", "email"}
    return domain.Entry(
        officer.employee_number,
        domain.Directory(subsidiary, login=officer.login),
        domain.Contact(officer.name, officer.email),
        domain.Profile(),
        frozenset(said),
    )


async def must_exist(companies: Companies, subsidiaries: Sequence[str]) -> None:
    """Refuse ids that no subsidiary has. Raises ``Invalid``, ``Unavailable``."""
    known = await companies.names()
    unknown = [place for place, id in enumerate(subsidiaries) if id not in known]
    if unknown:
        todo = "Take the ids of subsidiaries out of GET /v1/subsidiaries."
        raise Invalid(todo, fields=[FieldError(f"/subsidiaries/{place}", todo) for place in unknown])
