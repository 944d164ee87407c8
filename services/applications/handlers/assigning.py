"""Who gets which sheets of a round: at its opening, and again where an assessor drops out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from services.applications import store
from services.applications.domain import application, assignment, edition
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.applications.domain.assignment import Assessor, Candidacy, Lines
from services.applications.domain.round import Round
from services.applications.domain.rubric import Rubric
from services.chassis import mongo
from services.chassis.aggregate import Command, Repository
from services.chassis.auth.principal import of_person
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.errors import FieldError, Invalid, Refused
from services.chassis.ids import derived_id

Rounds = Repository[Round, rounds.Event]
Sheets = Repository[sheets.Sheet, sheets.Event]
Offers = dict[str, frozenset[str]]
_ROLE = "assessor"
_NAMED = 100  # applications that a refusal names
HOLDING = ("open", "locked")  # states of sheets that are opinions, or may become some


class UnknownAssessors(Invalid):
    """Somebody named is no active assessor of these companies, or applied in the edition."""

    kind = "unknown-assessors"


class RubricMissing(Refused):
    """There is no rubric, as in editions that an earlier release opened; nothing can be assessed without one."""

    kind = "rubric-missing"


class TooFewAssessors(Invalid):
    """For some applications there are too few assessors who are independent of the applicant."""

    kind = "too-few-assessors"


@dataclass(frozen=True, slots=True)
class Candidates:
    """The applications of a round, and who may assess each of them."""

    applications: Mapping[str, application.Application]
    offers: Offers

    def must_suffice(self, per_application: int) -> None:
        """Let pass where each application has so many independent assessors. Raises ``TooFewAssessors``."""
        few = {id: len(some) for id, some in sorted(self.offers.items()) if len(some) < per_application}
        if not few:
            return
        fields = [
            FieldError(f"/applications/{id}", f"{number} independent of the applicant, {per_application} wanted")
            for id, number in list(few.items())[:_NAMED]
        ]
        detail = (
            f"{len(few)} applications have too few assessors outside the applicant's reporting line who have not "
            "assessed them yet; name more assessors, or ask for fewer sheets each."
        )
        raise TooFewAssessors(detail, fields=fields)


@dataclass(frozen=True, slots=True)
class Assigning:
    """Looks for independent assessors and makes sheets."""

    rounds: Rounds
    sheets: Sheets
    applications: Repository[application.Application, application.Event]
    editions: Repository[edition.Edition, edition.Event]
    directory: Directory
    clock: Clock

    async def assessors(self, of: edition.Edition, named: Sequence[str] | None = None) -> list[Assessor]:
        """The active assessors of an edition's companies who did not apply in it; those named where they are.

        Raises ``UnknownAssessors``.
        """
        tree = await self.directory.subsidiaries()
        holders = await self.directory.holders(_ROLE)
        scopes = {person.person_id: of_person(person, tree).scope_of([_ROLE]) for person in holders}
        able = {id: scope for id, scope in scopes.items() if scope.meets(of.subsidiaries)}
        now = self.clock.now()
        applied = await store.applicants_among(self.applications.collection, of.edition_id, able, at=now)
        for id in applied:
            del able[id]
        if unknown := [index for index, id in enumerate(named or ()) if id not in able]:
            fields = [
                FieldError(f"/assessors/{index}", "is no active assessor here who did not apply") for index in unknown
            ]
            raise UnknownAssessors("Name active assessors of the edition's companies who did not apply.", fields=fields)
        chosen = able if named is None else named
        return [Assessor(id, able[id].subsidiaries, able[id].everything) for id in sorted(chosen)]

    async def candidates(
        self, of: edition.Edition, assessors: Collection[Assessor], ids: Collection[str] | None
    ) -> Candidates:
        """The applications that can be assessed, all or these, each with the independent assessors that are left."""
        found = await store.candidates_in(self.applications.collection, of.edition_id, ids)
        candidacies = [Candidacy(one.application_id, one.mentor_id, one.subsidiary) for one in found]
        lines = await self._lines({*(one.mentor_id for one in found), *(one.person_id for one in assessors)})
        barred = await self._barred(of.edition_id, found)
        offers = await asyncio.to_thread(assignment.independent, candidacies, assessors, lines, barred)
        return Candidates({one.application_id: one for one in found}, offers)

    async def dependent(self, round: Round) -> frozenset[str]:
        """The open sheets of a round whose assessors have come into the applicant's reporting line since."""
        assigned = await store.assigned_in(self.sheets.collection, round.round_id)
        lines = await self._lines({person for pair in assigned.values() for person in pair})
        return await asyncio.to_thread(assignment.dependent, assigned, lines)

    async def _lines(self, persons: Iterable[str]) -> Lines:
        """The reporting lines of these persons up to the top."""
        managers: dict[str, str | None] = {}
        wave = set(persons)
        while wave:
            known = await store.persons(self.directory.table, wave)
            managers |= {id: person.manager_id if (person := known.get(id)) else None for id in wave}
            wave = {manager for id in wave if (manager := managers[id]) is not None} - managers.keys()
        return Lines(managers)

    async def _barred(self, edition_id: str, found: Sequence[application.Application]) -> Offers:
        """Who has or had a sheet for an application, or declared a conflict for the applicant at any time."""
        barred: dict[str, set[str]] = {}
        for sheet in await store.assessed_by(self.sheets.collection, edition_id):
            barred.setdefault(sheet.application_id, set()).add(sheet.assessor_id)
        conflicts: dict[str, set[str]] = {}
        mentors = {one.mentor_id for one in found}
        for mentor_id, assessor_id in await store.conflicts_with(self.sheets.collection, mentors):
            conflicts.setdefault(mentor_id, set()).add(assessor_id)
        return {
            one.application_id: frozenset(barred.get(one.application_id, set()) | conflicts.get(one.mentor_id, set()))
            for one in found
        }

    async def fill(self, round: Round) -> None:
        """Make all sheets of a new round that are not there yet, then open it."""
        of = (await self.editions.get(round.edition_id)).state
        able = {one.person_id: one for one in await self.assessors(of)}
        chosen = [able[id] for id in round.assessors if id in able]
        candidates = await self.candidates(of, chosen, round.applications)
        held = _held(await store.sheets_where(self.sheets.collection, {"round_id": round.round_id}))
        made, short = await self._make(round, candidates, held)
        everybody = {assessor for some in (*made.values(), *held.values()) for assessor in some}
        now = self.clock.now()

        def decide(state: Round) -> Sequence[rounds.Event]:
            return rounds.assigned(
                state,
                applications=len({id for id, some in (*made.items(), *held.items()) if some}),
                sheets=sum(map(len, (*made.values(), *held.values()))),
                assessors=sorted(everybody),
                short=short,
                at=now,
            )

        await self.rounds.change(round.round_id, decide, Command(actor=round.opened_by))

    async def refill(self, round: Round) -> int:
        """Give the applications of an open round others for those assessors who dropped out; how many got one.

        What was made while the round was being closed is taken back.
        """
        of = (await self.editions.get(round.edition_id)).state
        able = {one.person_id: one for one in await self.assessors(of)}
        chosen = [able[id] for id in round.assessors if id in able]
        all_sheets = await store.sheets_where(self.sheets.collection, {"round_id": round.round_id})
        candidates = await self.candidates(of, chosen, {one.application_id for one in all_sheets})
        held = {id: some for id, some in _held(all_sheets).items() if id in candidates.offers}
        made, short = await self._make(round, candidates, held)
        now = await self.rounds.change(round.round_id, lambda state: rounds.shortage(state, short), _SERVICE)
        if now.state.state != "open":
            await self.void(_ids(round, made))
        return sum(map(len, made.values()))

    async def _make(self, round: Round, candidates: Candidates, held: Offers) -> tuple[Offers, list[str]]:
        """Make the sheets that are lacking; who got which, and the applications that still lack some."""
        choose = partial(assignment.assign, per_application=round.per_application, seed=round.seed, held=held)
        made = await asyncio.to_thread(choose, candidates.offers)
        lacking = {
            sheet_id(round, id, assessor): partial(
                sheets.make,
                made=sheets.SheetMade(
                    sheet_id(round, id, assessor),
                    round.round_id,
                    round.edition_id,
                    application_id=id,
                    mentor_id=candidates.applications[id].mentor_id,
                    assessor_id=assessor,
                ),
            )
            for id, some in made.items()
            for assessor in some
        }
        for chunk in mongo.in_chunks(list(lacking)):
            await self.sheets.handle_many({id: lacking[id] for id in chunk}, _SERVICE)
        short = [id for id, some in made.items() if len(some) + len(held.get(id, ())) < round.per_application]
        return made, sorted(short)

    async def void(self, ids: Collection[str]) -> int:
        """Take back those of these sheets that are open; how many were."""
        taken = 0
        for chunk in mongo.in_chunks(sorted(ids)):
            done = await self.sheets.handle_many(dict.fromkeys(chunk, _void), _SERVICE)
            taken += len(done.changed)
        return taken


def _void(state: sheets.Sheet | None) -> Sequence[sheets.Event]:
    return sheets.void(state) if state else []


def _held(found: Iterable[sheets.Sheet]) -> Offers:
    held: dict[str, set[str]] = {}
    for one in found:
        if one.state in HOLDING:
            held.setdefault(one.application_id, set()).add(one.assessor_id)
    return {id: frozenset(some) for id, some in held.items()}


def _ids(round: Round, made: Offers) -> list[str]:
    return [sheet_id(round, id, assessor) for id, some in made.items() for assessor in some]


def sheet_id(round: Round, application_id: str, assessor_id: str) -> str:
    """The id of a sheet: the same for the same assignment, but nobody can tell from it what it is about."""
    return derived_id("sheet", round.seed, application_id, assessor_id)


def rubric_of(of: edition.Edition) -> Rubric:
    """The rubric by which an edition is assessed. Raises ``RubricMissing``."""
    if of.rubric is None:
        raise RubricMissing(f"The edition {of.name} has no rubric; write one first.")
    return of.rubric


_SERVICE = Command(actor="applications")
