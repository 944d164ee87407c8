"""Carries out roster imports in the background: reads and compares, then writes in batches, over and over if need be.

Any process may go on with what another one left. What was begun is compared anew, so that only what is missing is
written; joiners keep the ids that the dry run promised them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from services.chassis import mongo
from services.chassis.aggregate import Command, LostUpdate, Repository
from services.chassis.clock import Clock
from services.chassis.errors import Refused, Transient
from services.chassis.ids import random_id
from services.chassis.logging import get_logger
from services.people.domain import person as domain
from services.people.domain.applying import top_down
from services.people.domain.entries import GONE, Translation
from services.people.domain.listing import Line, digest, document, lines_of
from services.people.domain.plan import Known, Leaver, Mover, Plan, Scope, company_key
from services.people.domain.planning import before, plan
from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.reading import Reading, Wanted, read
from services.people.domain.roster_import import (
    ImportMoved,
    Job,
    Outcome,
    Problem,
    State,
    Step,
    numbers_of,
    summary_of,
)
from services.people.handlers.imports import RosterImports, layouts_of
from services.people.handlers.subsidiaries import Naming, SubsidiaryHandlers
from services.people.store import Imports, account_logins, known_people
from services.people.store.imports import Claim, ClaimLost

log = get_logger(__name__)
Persons = Repository[domain.Person, domain.Event]
Decide = Callable[[domain.Person | None], Sequence[domain.Event]]
T = TypeVar("T")
BATCH = 250  # people in one write
_LISTED = 1000  # lines of a plan in one write
_TURN = 10.0  # seconds after which a turn begins nothing more, so that the loop shows that it turns
_ATTEMPTS = 3  # at an import that comes to nothing, after which it is refused
_UNREADABLE = "This file could not be read; tell the operators its id."
_HALFWAY = "This import broke off halfway; send the file again to finish it, and tell the operators its id."
_CHANGED = "People changed since this dry run; look at it again."
_OVERTAKEN = "People changed while this was being applied, which is done in part; look at what is left of it."


@dataclass(frozen=True, slots=True)
class Compared:
    """A file compared with everybody."""

    reading: Reading
    plan: Plan
    known: Sequence[Known]
    companies: Mapping[str, str]

    def translation(self, joiners: Mapping[str, str], defaults: Mapping[str, tuple[str, str]]) -> Translation:
        """What the words of rows stand for, once joiners have their ids."""
        by_number = self.reading.layout.key == "employee_number"
        ids = {one.employee_number if by_number else one.external_id: one.person_id for one in self.known}
        people = {key: id for key, id in ids.items() if key} | dict(joiners)
        return Translation(self.reading, people, self.companies, defaults)


class Importing:
    """The background work; ``turn`` does some of it."""

    def __init__(
        self,
        imports: Imports,
        *,
        jobs: RosterImports,
        persons: Persons,
        subsidiaries: SubsidiaryHandlers,
        database: mongo.Database,
        clock: Clock,
        issuers: tuple[str, ...],
    ) -> None:
        self._imports = imports
        self._jobs = jobs
        self._persons = persons
        self._subsidiaries = subsidiaries
        self._database = database
        self._clock = clock
        self._issuers = issuers
        self._me = random_id()
        self._work: AsyncIterator[None] | None = None
        self.woken = asyncio.Event()

    async def turn(self) -> None:
        """Go on with imports for a while. Raises ``Transient`` while a server is away; may be repeated."""
        until = time.monotonic() + _TURN
        while time.monotonic() < until:
            if self._work is None:
                claim = await self._claimed()
                if claim is None:
                    await self._imports.forget_old(self._clock.now())
                    return
                self._work = self._steps(claim)
            if not await self._step(self._work):
                self._work = None
        self.woken.set()

    async def _claimed(self) -> Claim | None:
        found = await self._imports.claim(self._me)
        return Claim(await self._jobs.get(found[0]), self._me, found[1]) if found else None

    async def _step(self, work: AsyncIterator[None]) -> bool:
        """Whether there is more of this import to do."""
        more = False
        try:
            await anext(work)
            more = True
        except (StopAsyncIteration, ClaimLost, LostUpdate):
            pass
        finally:
            if not more:
                self._work = None
        return more

    async def _steps(self, claim: Claim) -> AsyncIterator[None]:
        """One import, a bounded piece of work at a time."""
        attempts = claim.attempt
        try:
            if attempts > _ATTEMPTS:
                await self._refuse(claim, Problem(None, _HALFWAY if claim.job.started else _UNREADABLE))
            else:
                async for _ in self._work_on(claim):
                    attempts = 0
                    yield
            attempts = 0
        except Transient:
            attempts -= 1
            raise
        finally:
            await self._imports.release(claim.id, self._me, attempts=attempts)

    async def _work_on(self, claim: Claim) -> AsyncIterator[None]:
        try:
            compared = await self._compared(claim)
        except RosterUnusable as error:
            await self._refuse(claim, Problem(error.field, error.detail))
            return
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as bug:
            log.error("roster_not_compared", id=claim.id, exc_info=bug)
            problem = Problem(None, _HALFWAY if claim.job.started else _UNREADABLE)
            await self._refuse(claim, problem)  # whoever sends a file must not end all imports
            return
        if claim.job.state is State.READING:
            steps = self._show(claim, compared, None)
        elif claim.job.started and not await self._was_shown(claim, compared.plan):
            steps = self._show(claim, compared, Problem(None, _OVERTAKEN))
        elif claim.job.started or digest(compared.plan) == claim.job.digest:
            steps = self._apply(claim, compared)
        else:
            steps = self._show(claim, compared, Problem(None, _CHANGED))
        async for _ in steps:
            yield

    async def _was_shown(self, claim: Claim, left: Plan) -> bool:
        """Whether all that is left was in the dry run: whom a later file brought must not leave by an earlier one."""
        joiners = await self._imports.ids_of_joiners(claim.id)
        movers, leavers = [await self._imports.people_listed(claim.id, kind) for kind in ("movers", "leavers")]
        return (
            all(one.record.key in joiners for one in left.joiners)
            and all(one.known.person_id in movers for one in left.movers)
            and all(one.known.person_id in leavers for one in left.leavers)
        )

    async def _refuse(self, claim: Claim, problem: Problem) -> None:
        await self._move(claim, replace(claim.job, state=State.REFUSED, problem=problem), "refused")
        await self._imports.discard(claim.id)
        log.info("roster_import_refused", id=claim.id)

    async def _move(self, claim: Claim, job: Job, step: Step | None = None) -> Claim:
        """Change the import as it was claimed. Raises ``LostUpdate``."""
        moved = ImportMoved(job, self._clock.now(), step)
        command = Command(actor=job.applier or job.by, expected=claim.loaded.version)
        return replace(claim, loaded=await self._jobs.handle(claim.id, lambda state: [moved], command))

    async def _show(self, claim: Claim, compared: Compared, problem: Problem | None) -> AsyncIterator[None]:
        """List what would change, and wait for somebody's word."""
        await self._imports.forget_changes(claim.id)
        listed = [document(line) for line in lines_of(compared.plan, compared.reading, random_id)]
        for start, some in _batches(listed, _LISTED):
            await self._imports.write_changes(claim.id, some)
            await self._imports.hold(claim, done=start + len(some), total=len(listed))
            yield
        planned = replace(
            claim.job,
            state=State.PLANNED,
            reading=summary_of(compared.reading),
            plan=numbers_of(compared.plan),
            digest=digest(compared.plan),
            problem=problem,
            started=False,
        )
        await self._move(claim, planned)
        log.info("roster_import_planned", id=claim.id, leavers=len(compared.plan.leavers))

    async def _compared(self, claim: Claim) -> Compared:
        """The file compared with everybody as they are now. Raises ``RosterUnusable``."""
        body = await self._imports.body(claim.id)
        known = await known_people(self._database)
        naming, taken = await self._subsidiaries.naming(), await account_logins(self._database)
        await self._imports.hold(claim)
        return await asyncio.to_thread(_compare, body, claim.job, known, naming, issuers=self._issuers, taken=taken)

    async def _apply(self, claim: Claim, compared: Compared) -> AsyncIterator[None]:
        if not claim.job.started:
            claim = await self._move(claim, replace(claim.job, started=True))
        failed, done, total = 0, 0, _size(compared.plan)
        async for batch in self._batches(claim, compared):
            refused = (await self._persons.handle_many(batch, self._command(claim))).refused
            await self._imports.write_changes(claim.id, [document(line) for line in _failed(refused, done)])
            failed += len(refused)
            done += len(batch)
            await self._imports.hold(claim, done=done, total=total)
            yield
        await self._end(claim, failed)

    async def _batches(self, claim: Claim, compared: Compared) -> AsyncIterator[dict[str, Decide]]:
        """What is to be decided of whom: logins are let go of first, managers join before their reports."""
        found, command = compared.plan, self._command(claim)
        await self._subsidiaries.name(_names(compared), command)
        joiners = await self._imports.ids_of_joiners(claim.id)
        for one in found.joiners:
            joiners.setdefault(one.record.key, random_id())  # known by nobody's list: joined since the dry run
        new_ids = {one.record.key: joiners[one.record.key] for one in found.joiners}
        words = compared.translation(new_ids, await self._subsidiaries.companies.defaults())
        for _, some in _batches(list(found.released.items()), BATCH):
            yield {id: self._letting_go(login) for id, login in some}
        for level in top_down(found.joiners, compared.reading.hierarchy.managers):
            for _, new in _batches(level, BATCH):
                ids = [(joiners[one.record.key], words.joins(one.record)) for one in new]
                yield {id: self._taking_over(id, entry) for id, entry in ids}
        changing: tuple[Mover | Leaver, ...] = (*found.movers, *found.leavers)
        for _, moving in _batches(changing, BATCH):
            entries = [(one.known.person_id, words.entry(one.record) if one.record else GONE) for one in moving]
            yield {id: self._taking_over(id, entry) for id, entry in entries}

    def _taking_over(self, id: str, entry: domain.Entry) -> Decide:
        return lambda state: domain.noted(domain.take_over(state, id, entry), self._clock.now())

    def _letting_go(self, login: str) -> Decide:
        return lambda state: domain.noted(domain.let_go(state, login), self._clock.now()) if state else []

    def _command(self, claim: Claim) -> Command:
        return Command(actor=claim.job.applier)

    async def _end(self, claim: Claim, failed: int) -> None:
        shown = claim.job.plan
        assert shown is not None
        outcome = Outcome(shown.joiners, shown.movers, shown.leavers, failed)
        await self._move(claim, replace(claim.job, state=State.APPLIED, outcome=outcome), "applied")
        await self._imports.discard(claim.id)
        log.info("roster_import_applied", id=claim.id, joined=outcome.joined, left=outcome.left, failed=failed)


def _compare(
    body: bytes, job: Job, known: Sequence[Known], naming: Naming, *, issuers: tuple[str, ...], taken: frozenset[str]
) -> Compared:
    asked, powers = job.asked, job.powers
    wanted = Wanted(
        as_of=asked.as_of or job.at.date(),
        encoding=asked.encoding,
        subsidiary=asked.subsidiary,
        whole=not asked.partial,
        source=asked.source,
        issuers=issuers,
    )
    within, granting, linking = (
        None if bound is None else frozenset(bound) for bound in (powers.within, powers.granting, powers.linking)
    )
    reading = read(body, layouts_of(asked), wanted, lambda layout: before(known, layout, within))
    companies = _companies(reading, naming)
    scope = Scope(companies, within, granting, linking, caller=job.applier or job.by, taken=taken)
    return Compared(reading, plan(reading, known, scope), known, companies)


def _companies(reading: Reading, naming: Naming) -> dict[str, str]:
    """The ids of companies by the keys of their names and by themselves; those of new ones follow from their names."""
    names = {record.subsidiary for record in reading.records if record.subsidiary}
    known = {company_key(name): id for name, id in naming.known.items()}
    ids = {id: id for id in naming.known.values()}
    new = {company_key(name): naming.id_of(name) for name in names}
    return {**new, **ids, **known}


def _names(compared: Compared) -> dict[str, str]:
    """The names of the companies of those who join or move, by id."""
    records = [one.record for one in compared.plan.joiners] + [one.record for one in compared.plan.movers]
    names = {record.subsidiary for record in records if record.subsidiary}
    return {compared.companies[company_key(name)]: name for name in sorted(names)}


def _size(found: Plan) -> int:
    return len(found.released) + len(found.joiners) + len(found.movers) + len(found.leavers)


def _failed(refused: Mapping[str, Refused], start: int) -> Iterable[Line]:
    for number, (id, error) in enumerate(refused.items(), start):
        yield Line("failed", number, person_id=id, reason=error.detail)


def _batches(items: Sequence[T], size: int) -> Iterable[tuple[int, list[T]]]:
    """Cut a sequence, each piece with the place where it begins."""
    for start in range(0, len(items), size):
        yield start, list(islice(items, start, start + size))
