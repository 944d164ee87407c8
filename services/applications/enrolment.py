"""Enrolment: every active executive of an edition's subsidiaries gets a participation, so that nobody is missing."""

from __future__ import annotations

from datetime import datetime

from services.applications import store
from services.applications.domain.edition import Edition
from services.applications.handlers import Handlers
from services.chassis.directory import Person
from services.chassis.errors import Refused
from services.chassis.logging import get_logger

log = get_logger(__name__)
LOOP = "enrolment"
SECONDS = 5.0  # between two looks that nothing asked for


class Enrolment:
    """Looks for executives without a participation.

    Several processes doing so at once do no harm: a participation's id is derived from edition and person.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    async def enrol(self) -> int:
        """Oblige every executive who is in scope of an edition and has no participation yet; how many these were.

        An edition whose last day has passed is left alone. Whoever leaves or stops being an executive
        stays obliged until somebody exempts them with a reason. Raises ``Unavailable``, ``BacklogFull``.
        """
        now = self._handlers.clock.now()
        editions = self._handlers.editions
        documents = await store.editions_not_over(editions.collection, now.date())
        return sum([await self._enrol_in(editions.loaded(document).state, now) for document in documents])

    async def _enrol_in(self, edition: Edition, now: datetime) -> int:
        executives = await self._handlers.directory.executives(edition.subsidiaries)
        known = await store.mentees_of(self._handlers.participations.collection, edition.edition_id)
        missing = [person for person in executives if person.person_id not in known]
        obliged = sum([await self._oblige(edition, person, now) for person in missing])
        if obliged:
            log.info("executives_obliged", edition_id=edition.edition_id, number=obliged)
        return obliged

    async def _oblige(self, edition: Edition, person: Person, now: datetime) -> bool:
        """Oblige one executive; one who cannot be obliged holds up nobody else and is tried again at the next look."""
        try:
            await self._handlers.oblige(edition.edition_id, person.person_id, person.subsidiary, at=now)
        except Refused as error:
            log.warning(
                "obligation_refused", edition_id=edition.edition_id, person_id=person.person_id, kind=error.kind
            )
            return False
        return True
