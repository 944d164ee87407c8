"""The commands of applicants, and what is learnt of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.applications import contracts, store
from services.applications.domain import application
from services.applications.domain.edition import Edition
from services.applications.domain.eligibility import PersonFacts, RuleChecked
from services.applications.domain.rules import RuleBroken
from services.applications.handlers.editions import Editions
from services.applications.handlers.recent import RecentEditions
from services.chassis.aggregate import Command, Loaded, LostUpdate, Repository
from services.chassis.clock import Clock
from services.chassis.directory import Directory, Person
from services.chassis.errors import Denied
from services.chassis.ids import derived_id
from services.chassis.rules import refusing
from services.chassis.state_table import StateTable

Applications = Repository[application.Application, application.Event]
Loading = Loaded[application.Application]
_SERVICE = Command(actor="applications")


class NotYourself(Denied):
    """People apply for themselves only."""

    kind = "not-yourself"
    title = "Not for somebody else"


@dataclass(frozen=True, slots=True)
class Chances:
    """What would be found if somebody applied: each rule, and whether they can be a mentor at all."""

    rules: tuple[RuleChecked, ...]
    standing: application.Standing

    @property
    def eligible(self) -> bool:
        """Whether they could be selected without a waiver."""
        return self.standing == "in" and all(rule.met for rule in self.rules)


@dataclass(frozen=True, slots=True)
class ApplicationHandlers:
    """The commands of applicants.

    What an applicant saw is compared with ``Application.shown``, which moves with nothing that they cannot see.
    """

    applications: Applications
    editions: Editions
    recent: RecentEditions
    directory: Directory
    profiles: StateTable
    clock: Clock

    async def apply(
        self,
        edition: Edition,
        mentor_id: str,
        said: application.Said,
        command: Command,
        *,
        submit: bool,
        person: Person | None = None,
    ) -> Loading:
        """Begin or hand in an application, for oneself; ``person`` is what the directory just said of the caller."""
        id = application_id(edition.edition_id, mentor_id)
        where = application.At(id, edition, await self.applicant(mentor_id, person), self.clock.now())

        def decide(state: application.Application | None) -> Sequence[application.Event]:
            return application.apply(state, said, where, submit=submit)

        return await self.applications.create(id, decide, command)

    @staticmethod
    def must_be_oneself(edition_id: str, mentor_id: str, command: Command) -> None:
        """Let pass who applies for themselves. Raises ``NotYourself``."""
        if command.actor != mentor_id:
            detail = "Everybody applies in person: mentor_id must be your own person id."
            id = application_id(edition_id, mentor_id)
            raise NotYourself(detail, resource_kind="application", resource_id=id, rule=NotYourself.kind)

    async def change(self, known: Loading, edition: Edition, said: application.Said, command: Command) -> Loading:
        """Save parts of an application; a withdrawn one begins again."""
        where = await self._where(known, edition)
        return await self._own(known.id, command, lambda state: application.change(state, said, where))

    async def submit(self, known: Loading, edition: Edition, command: Command) -> Loading:
        """Hand a draft in, counted by what is known of the person now."""
        where = await self._where(known, edition)
        return await self._own(known.id, command, lambda state: application.submit(state, where))

    async def request_waiver(self, known: Loading, edition: Edition, reason: str, command: Command) -> Loading:
        """Ask that the missed rules be waived."""
        where = application.At(known.id, edition, None, self.clock.now())
        return await self._own(known.id, command, lambda state: application.request_waiver(state, reason, where))

    async def withdraw(self, id: str, reason: str | None, command: Command) -> Loading:
        """Withdraw an application."""
        withdrawal = application.Withdrawal(reason, self.clock.now())
        return await self._own(id, command, lambda state: application.withdraw(state, withdrawal))

    async def accept(self, id: str, edition: Edition, command: Command) -> Loading:
        """Accept a place."""
        now = self.clock.now()
        return await self._own(id, command, lambda state: application.accept(state, edition, at=now))

    async def competes(self, edition_id: str, person_id: str) -> bool:
        """Whether this person handed in an application in an edition, withdrawn or not, or was admitted to do so yet.

        Such a person reads nobody else's.
        """
        now = self.clock.now()
        return bool(await store.applicants_among(self.applications.collection, edition_id, [person_id], at=now))

    async def own(self, person_id: str, *, closed: bool) -> list[tuple[application.Application, Edition]]:
        """A person's applications, each with its edition; those in editions that are over only where ``closed``."""
        documents = await store.applied_by(self.applications.collection, person_id)
        states = [self.applications.loaded(document).state for document in documents]
        editions = await asyncio.gather(*(self.editions.get(one.edition_id) for one in states))
        found = [(one, edition.state) for one, edition in zip(states, editions, strict=True)]
        return [(one, edition) for one, edition in found if closed or edition.stage != "closed"]

    async def chances(self, edition: Edition, person_id: str) -> Chances:
        """What would be found if this person applied. Raises ``BrokenRule`` where nothing is known of them."""
        applicant = await self.applicant(person_id)
        with refusing(RuleBroken):
            application.must_be_known(applicant)
        return Chances(application.rules_of(edition, applicant), application.standing_of(edition, applicant))

    async def applicant(self, person_id: str, person: Person | None = None) -> application.Applicant | None:
        """What directory and profile say of a person, None where the directory does not know them."""
        profile_of = self.profiles.get(person_id)
        if person is None:
            person, entry = await asyncio.gather(self.directory.find(person_id), profile_of)
        else:
            entry = await profile_of
        if person is None:
            return None
        profile = contracts.Profile.model_validate(entry) if entry else None
        said = profile and (profile.birth_date, profile.entry_date, profile.contract, profile.languages)
        facts = PersonFacts(person.subsidiary, *said) if said else None
        return application.Applicant(
            person_id, person.subsidiary, active=person.active, executive=person.executive, facts=facts
        )

    async def recount(self, watched: Sequence[store.Watched]) -> int:
        """Count these applications anew by what is known of their applicants now; how many changed.

        Raises ``Unavailable``, ``BacklogFull``.
        """
        if not watched:
            return 0
        people, editions = sorted({one.mentor_id for one in watched}), sorted({one.edition_id for one in watched})
        applicants = dict(zip(people, await asyncio.gather(*map(self.applicant, people)), strict=True))
        found = {id: (await self.editions.get(id)).state for id in editions}
        decisions = {
            one.application_id: self._recounting(found[one.edition_id], applicants[one.mentor_id]) for one in watched
        }
        return len((await self.applications.handle_many(decisions, _SERVICE)).changed)

    def _recounting(
        self, edition: Edition, applicant: application.Applicant | None
    ) -> Callable[[application.Application | None], Sequence[application.Event]]:
        now = self.clock.now()
        return lambda state: application.recount(state, edition, applicant, at=now) if state else []

    async def _where(self, known: Loading, edition: Edition) -> application.At:
        applicant = await self.applicant(known.state.mentor_id)
        return application.At(known.id, edition, applicant, self.clock.now())

    async def _own(
        self, id: str, command: Command, decide: Callable[[application.Application], Sequence[application.Event]]
    ) -> Loading:
        """A command of the applicant, who saw ``shown``. Raises ``LostUpdate``."""
        return await change_as_seen(self.applications, id, command, decide, lambda state: state.shown)


async def change_as_seen(
    applications: Applications,
    id: str,
    command: Command,
    decide: Callable[[application.Application], Sequence[application.Event]],
    changes: Callable[[application.Application], int],
) -> Loading:
    """A command of somebody who saw a number of ``changes``, not the aggregate's version. Raises ``LostUpdate``."""
    seen = command.expected

    def decided(state: application.Application) -> Sequence[application.Event]:
        if seen is not None and changes(state) != seen:
            raise LostUpdate("Load it again, look at what changed, and repeat the command with the new ETag.")
        return decide(state)

    return await applications.change(id, decided, replace(command, expected=None))


def application_id(edition_id: str, mentor_id: str) -> str:
    """The id of a person's one application in an edition."""
    return derived_id("application", edition_id, mentor_id)
