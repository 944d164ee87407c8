"""The commands about editions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.applications.domain import edition, preparing, staging
from services.applications.domain.call import Call, Question
from services.applications.domain.rubric import Rubric
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.errors import FieldError, Invalid, Refused

Editions = Repository[edition.Edition, edition.Event]
FactsOf = Callable[[edition.Edition], Awaitable[staging.Facts]]


class Blocked(Refused):
    """Something stands in the way of an edition's next stage; the problem lists it as ``blockers``."""

    kind = "edition-blocked"
    title = "Something stands in the way"

    def __init__(self, error: staging.EditionBlocked) -> None:
        super().__init__(error.detail)
        told = [{"code": one.code, "detail": one.detail, "number": one.number} for one in error.blockers]
        self.members = {"blockers": told}


class NobodyToEscalateTo(Invalid):
    """The person to whom executives would be escalated does not work in the group."""

    kind = "unknown-person"


@dataclass(frozen=True, slots=True)
class EditionHandlers:
    """The commands about editions; ``edition_opened`` is called after each call that was opened."""

    editions: Editions
    directory: Directory
    facts_of: FactsOf
    clock: Clock
    edition_opened: Callable[[], None]

    async def draft(
        self, edition_id: str, command: Command, terms: edition.Terms, template: edition.Edition | None
    ) -> Loaded[edition.Edition]:
        """Begin to prepare an edition, with the wording of a template if one is given."""
        now, by = self.clock.now(), command.actor or ""

        def decide(state: edition.Edition | None) -> Sequence[edition.Event]:
            return preparing.draft(state, edition_id, terms, template=template, by=by, at=now)

        return await self.editions.handle(edition_id, decide, command)

    async def amend(self, edition_id: str, command: Command, said: Mapping[str, Any]) -> Loaded[edition.Edition]:
        """Change what is named in ``said``, by the names of ``Terms``. Raises ``NobodyToEscalateTo``."""
        now = self.clock.now()
        if isinstance(escalation := said.get("escalation"), edition.Escalation):
            await self._must_work_here(escalation.to)

        def decide(state: edition.Edition) -> Sequence[edition.Event]:
            return preparing.amend(state, replace(state.terms, **said), at=now)

        return await self.editions.change(edition_id, decide, command)

    async def _must_work_here(self, person_id: str) -> None:
        person = await self.directory.find(person_id)
        if person is None or not person.active:
            detail = "Name somebody who works in the group."
            raise NobodyToEscalateTo(detail, fields=[FieldError("/escalation/to", detail)])

    async def draft_call(self, edition_id: str, command: Command, wanted: Call) -> Loaded[edition.Edition]:
        """Write the call of an edition."""
        now = self.clock.now()
        return await self.editions.change(
            edition_id, lambda state: preparing.draft_call(state, wanted, at=now), command
        )

    async def change_form(
        self, edition_id: str, command: Command, questions: tuple[Question, ...]
    ) -> Loaded[edition.Edition]:
        """Write the questions of a call."""
        now = self.clock.now()
        return await self.editions.change(
            edition_id, lambda state: preparing.change_form(state, questions, at=now), command
        )

    async def change_rubric(self, edition_id: str, command: Command, rubric: Rubric) -> Loaded[edition.Edition]:
        """Write the rubric of an edition."""
        now = self.clock.now()
        return await self.editions.change(
            edition_id, lambda state: preparing.change_rubric(state, rubric, at=now), command
        )

    async def reach(
        self, edition_id: str, command: Command, to: edition.Stage, reason: str | None
    ) -> Loaded[edition.Edition]:
        """Move an edition on to its next stage, if it is as it was when the facts were looked for.

        Raises ``Blocked``, ``LostUpdate``.
        """
        now, by = self.clock.now(), command.actor or ""
        seen = await self.editions.get(edition_id)
        facts = await self.facts_of(seen.state)
        command = command if command.expected is not None else replace(command, expected=seen.version)

        def decide(state: edition.Edition) -> Sequence[edition.Event]:
            try:
                return staging.reach(state, to, facts, by=by, reason=reason, at=now)
            except staging.EditionBlocked as error:
                raise Blocked(error) from error

        loaded = await self.editions.change(edition_id, decide, command)
        if to == "call_open":
            self.edition_opened()
        return loaded

    async def extend_scope(self, edition_id: str, companies: Iterable[str]) -> Loaded[edition.Edition]:
        """Take companies (ids) that are new in the group into a group-wide edition that runs; others stay as is."""
        now, new = self.clock.now(), tuple(companies)
        return await self.editions.change(
            edition_id,
            lambda state: staging.extend_scope(state, new, at=now),
            Command(actor="applications"),
        )

    async def next_of(self, state: edition.Edition) -> tuple[staging.Next | None, staging.Facts]:
        """What comes next for an edition, what blocks it, and the numbers behind that."""
        facts = await self.facts_of(state)
        return staging.next_of(state, facts, at=self.clock.now()), facts
