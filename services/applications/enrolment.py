"""Enrolment: all active executives of a running edition's companies are in scope of it, nobody else, and none is lost.

Several processes doing so at once do no harm: each first looks at the participations, then at the directory,
and changes only those to which nothing has happened since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.applications import store
from services.applications.domain import attendance, participation
from services.applications.domain.edition import Edition
from services.applications.domain.participation import Participation
from services.applications.handlers import EditionHandlers, ParticipationHandlers, participation_id
from services.applications.handlers.participations import ESCALATION, EXEMPTION_END, Decide, as_seen
from services.chassis import mongo, timers
from services.chassis.directory import Person
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger

log = get_logger(__name__)
LOOP = "enrolment"
SECONDS = 5.0  # between two looks that nothing asked for
_AT_ONCE = 20  # timers set at the same moment
Roll = Mapping[str, Participation]


@dataclass(frozen=True, slots=True)
class _Timer:
    kind: str
    participation_id: str
    turn: int
    due: datetime


class Enrolment:
    """Looks after the participations of all running editions."""

    def __init__(
        self, editions: EditionHandlers, participations: ParticipationHandlers, database: mongo.Database
    ) -> None:
        self._editions = editions
        self._participations = participations
        self._directory = participations.directory
        self._timers: mongo.Collection = database[timers.COLLECTION]

    async def enrol(self) -> int:
        """Settle who is in scope of each running edition, and what time does to them; how many participations changed.

        An edition whose last day has passed is left alone, closed or not. Raises ``Unavailable``, ``BacklogFull``.
        """
        editions = self._editions.editions
        documents = await store.running_editions(editions.collection)
        running = [editions.loaded(document).state for document in documents]
        now = self._participations.clock.now()
        return sum([await self._look_after(edition) for edition in running if edition.obliges(now)])

    async def _look_after(self, edition: Edition) -> int:
        edition = await self._with_new_companies(edition)
        roll = await store.roll(self._participations.participations.collection, edition.edition_id)
        settled = await self._settle_scope(edition, roll)
        await self._redirect(edition, roll)
        await self._set_timers(edition, roll)
        return settled

    async def _with_new_companies(self, edition: Edition) -> Edition:
        """A group-wide edition takes in the companies that the directory tells of since."""
        if not edition.group_wide:
            return edition
        new = sorted((await self._directory.subsidiaries()).keys() - set(edition.subsidiaries))
        if not new:
            return edition
        return (await self._editions.extend_scope(edition.edition_id, tuple(new))).state

    # Who is in scope

    async def _settle_scope(self, edition: Edition, roll: Roll) -> int:
        """Joiners, movers and returners come into scope, leavers out of it; one that is refused holds nobody up."""
        executives = {one.person_id: one for one in await self._directory.executives(edition.subsidiaries)}
        gone = [state for id, state in roll.items() if not state.left and id not in executives]
        persons = await store.persons(self._directory.table, [state.mentee_id for state in gone])
        now = self._participations.clock.now()
        arrivals = dict(_arrivals(edition, roll, list(executives.values()), now))
        departures = dict(_departures(edition, gone, persons, now))
        if not (arrivals or departures):
            return 0
        done = await self._participations.carry_out({**arrivals, **departures})
        for id, error in done.refused.items():
            log.warning("enrolment_refused", participation_id=id, kind=error.kind)
        arrived, left = len(done.changed & arrivals.keys()), len(done.changed & departures.keys())
        if done.changed:
            log.info("scope_settled", edition_id=edition.edition_id, obliged=arrived, left=left)
        return arrived + left

    # Who sees to a case

    async def _redirect(self, edition: Edition, roll: Roll) -> None:
        """Cases go to somebody else where the one who has them left the group."""
        cases = {state.participation_id: (state, state.escalation) for state in roll.values() if state.escalation}
        if not cases:
            return
        people = {edition.created_by, *(case.to for _, case in cases.values())}
        active = await store.active(self._directory.table, people)
        now = self._participations.clock.now()
        decisions: dict[str, Decide] = {}
        for id, (state, case) in cases.items():
            to, reachable = attendance.addressee(edition, case.to, mentee_id=state.mentee_id, active=active)
            if (to, reachable) != (case.to, case.reachable):
                decisions[id] = as_seen(state, _redirected(to, reachable=reachable, at=now))
        if decisions:
            await self._participations.carry_out(decisions)
            log.info("cases_redirected", edition_id=edition.edition_id, number=len(decisions))

    # What time does

    async def _set_timers(self, edition: Edition, roll: Roll) -> None:
        """Each participation to which time does something has a timer of its present turn; those of past ones go.

        A timer of a turn that is not known here yet is another process's, and stays.
        """
        wanted = {derived_id("participation", one.participation_id, str(one.turn)): one for one in _due(edition, roll)}
        waiting = await store.waiting_timers(self._timers, edition.edition_id)
        turns = {state.participation_id: state.turn for state in roll.values()}
        missing = [id for id, one in wanted.items() if id not in waiting or waiting[id].due != one.due]
        past = [id for id, one in waiting.items() if one.turn < turns.get(one.participation_id, 0)]
        data = {"edition_id": edition.edition_id}
        for chunk in mongo.in_chunks(missing, _AT_ONCE):
            await asyncio.gather(*(self._schedule(id, wanted[id], data) for id in chunk))
        for chunk in mongo.in_chunks(past, _AT_ONCE):
            await asyncio.gather(*map(self._participations.timers.cancel, chunk))

    async def _schedule(self, id: str, one: _Timer, data: Mapping[str, str]) -> None:
        told = {**data, "turn": one.turn}
        schedule = self._participations.timers.schedule
        await schedule(id, kind=one.kind, subject=one.participation_id, due=one.due, data=told)


def _arrivals(
    edition: Edition, roll: Roll, executives: Sequence[Person], now: datetime
) -> Iterator[tuple[str, Decide]]:
    """The decisions on those who are in scope and are not known to be so, or elsewhere."""
    for person in executives:
        seen = roll.get(person.person_id)
        if seen is None or seen.left or seen.subsidiary != person.subsidiary:
            id = participation_id(edition.edition_id, person.person_id)
            yield id, as_seen(seen, _obliged(edition.edition_id, person, id, now))


def _departures(
    edition: Edition, gone: Sequence[Participation], persons: Mapping[str, Person | None], now: datetime
) -> Iterator[tuple[str, Decide]]:
    """The decisions on those who are not in scope any more; of whom the directory says nothing, nothing is done."""
    for state in gone:
        if state.mentee_id in persons and (cause := _cause(edition, persons[state.mentee_id])):
            yield state.participation_id, as_seen(state, _left(cause, now))


def _cause(edition: Edition, person: Person | None) -> participation.Cause | None:
    if person is None or not person.active:
        return "left_group"
    if not person.executive:
        return "no_executive"
    return "moved_out" if person.subsidiary not in edition.subsidiaries else None


def _due(edition: Edition, roll: Roll) -> Iterator[_Timer]:
    for state in roll.values():
        if due := attendance.due(state, edition):
            kind = EXEMPTION_END if state.exemption else ESCALATION
            yield _Timer(kind, state.participation_id, state.turn, due)


def _obliged(edition_id: str, person: Person, id: str, now: datetime) -> Decide:
    def decide(state: Participation | None) -> Sequence[participation.Event]:
        return participation.oblige(
            state,
            participation_id=id,
            edition_id=edition_id,
            mentee_id=person.person_id,
            subsidiary=person.subsidiary,
            at=now,
        )

    return decide


def _left(cause: participation.Cause, now: datetime) -> Decide:
    return lambda state: participation.leave(state, cause, at=now) if state else []


def _redirected(to: str, *, reachable: bool, at: datetime) -> Decide:
    return lambda state: participation.redirect(state, to, reachable=reachable, at=at) if state else []
