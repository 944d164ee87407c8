"""One function per command of `applications`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.applications import contracts
from services.applications.domain import application, edition, participation
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.errors import Denied
from services.chassis.ids import derived_id
from services.chassis.state_table import StateTable

Editions = Repository[edition.Edition, edition.Event]
Applications = Repository[application.Application, application.Event]
Participations = Repository[participation.Participation, participation.Event]


class NotYourself(Denied):
    """People apply for themselves only."""

    kind = "not-yourself"
    title = "Not for somebody else"


@dataclass(frozen=True, slots=True)
class Handlers:
    """The commands of `applications`; ``edition_opened`` is called after each edition that was opened."""

    editions: Editions
    applications: Applications
    participations: Participations
    directory: Directory
    profiles: StateTable
    clock: Clock
    edition_opened: Callable[[], None]

    async def open_edition(self, command: Command, wanted: edition.OpenEdition) -> Loaded[edition.Edition]:
        """Open an edition."""
        now = self.clock.now()

        def decide(state: edition.Edition | None) -> Sequence[edition.Event]:
            return edition.open_edition(state, wanted, at=now)

        loaded = await self.editions.handle(wanted.edition_id, decide, command)
        self.edition_opened()
        return loaded

    async def open_call(self, edition_id: str, command: Command, wanted: edition.OpenCall) -> Loaded[edition.Edition]:
        """Open the call of an edition."""
        now = self.clock.now()
        return await self.editions.change(edition_id, lambda state: edition.open_call(state, wanted, at=now), command)

    async def apply(self, edition_id: str, mentor_id: str, command: Command) -> Loaded[application.Application]:
        """Apply in an edition, for oneself. Raises ``NotYourself``."""
        id = application_id(edition_id, mentor_id)
        if command.actor != mentor_id:
            detail = "Everybody applies in person: mentor_id must be your own person id."
            raise NotYourself(detail, resource_kind="application", resource_id=id, rule=NotYourself.kind)
        chosen = (await self.editions.get(edition_id)).state
        applicant = await self._applicant(mentor_id)
        now = self.clock.now()

        def decide(state: application.Application | None) -> Sequence[application.Event]:
            return application.apply(state, application_id=id, edition=chosen, applicant=applicant, at=now)

        return await self.applications.handle(id, decide, command)

    async def _applicant(self, person_id: str) -> application.Applicant | None:
        person = await self.directory.find(person_id)
        if person is None:
            return None
        entry = await self.profiles.get(person_id)
        profile = contracts.Profile.model_validate(entry) if entry else None
        return application.Applicant(
            person_id,
            person.subsidiary,
            active=person.active,
            executive=person.executive,
            profile=application.Profile(profile.birth_date, profile.languages) if profile else None,
        )

    async def decide_waiver(
        self, id: str, command: Command, *, decision: Literal["granted", "refused"], reason: str
    ) -> Loaded[application.Application]:
        """Grant or refuse a waiver."""
        waiver = application.Waiver(decision, reason, decided_by=command.actor or "", decided_at=self.clock.now())
        return await self.applications.change(id, lambda state: application.decide_waiver(state, waiver), command)

    async def decide_application(
        self, id: str, command: Command, *, decision: Literal["selected", "declined"], reason: str | None
    ) -> Loaded[application.Application]:
        """Select or decline an applicant."""
        last = application.Decision(decision, reason, decided_by=command.actor or "", decided_at=self.clock.now())
        return await self.applications.change(id, lambda state: application.decide_application(state, last), command)

    async def exempt(
        self, id: str, command: Command, *, reason: participation.Reason, explanation: str
    ) -> Loaded[participation.Participation]:
        """Exempt an executive from an edition."""
        exemption = participation.Exemption(
            reason, explanation, exempted_by=command.actor or "", exempted_at=self.clock.now()
        )
        return await self.participations.change(id, lambda state: participation.exempt(state, exemption), command)

    async def oblige(
        self, edition_id: str, mentee_id: str, subsidiary: str, *, at: datetime
    ) -> Loaded[participation.Participation]:
        """Put an executive in scope of an edition; doing it again changes nothing."""
        id = participation_id(edition_id, mentee_id)

        def decide(state: participation.Participation | None) -> Sequence[participation.Event]:
            return participation.oblige(
                state, participation_id=id, edition_id=edition_id, mentee_id=mentee_id, subsidiary=subsidiary, at=at
            )

        return await self.participations.handle(id, decide, Command(actor="applications"))


def application_id(edition_id: str, mentor_id: str) -> str:
    """The id of a person's one application in an edition."""
    return derived_id("application", edition_id, mentor_id)


def participation_id(edition_id: str, mentee_id: str) -> str:
    """The id of an executive's one participation in an edition."""
    return derived_id("participation", edition_id, mentee_id)
