"""The commands about rounds, sheets and many decisions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.applications import store
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.applications.domain import staging
from services.applications.domain.application import HasJudged
from services.applications.domain.edition import Edition
from services.applications.domain.rubric import Rubric
from services.applications.domain.rules import RuleBroken
from services.applications.handlers.assigning import Assigning, Candidates, rubric_of
from services.chassis import mongo
from services.chassis.aggregate import Command, Loaded
from services.chassis.errors import FieldError, Invalid, Refused
from services.chassis.ids import random_id
from services.chassis.rules import BrokenRule, refusing


class RoundRunning(Refused):
    """The edition has a round that is not closed."""

    kind = "round-running"


class NothingToAssess(Refused):
    """No application can be assessed."""

    kind = "nothing-to-assess"


class SecondOpinionMissing(Invalid):
    """An application that nobody has assessed yet needs two independent opinions."""

    kind = "second-opinion-missing"


class SheetIncomplete(Invalid):
    """A sheet can be handed in when each criterion has a score."""

    kind = "sheet-incomplete"


@dataclass(frozen=True, slots=True)
class WantedRound:
    """What a round shall be; None stands for what the rubric says, and for all there are."""

    round_id: str
    per_application: int | None
    due_at: datetime | None
    assessors: tuple[str, ...] | None
    applications: tuple[str, ...] | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """How many sheets were handed in, and the ids of those that are not complete."""

    locked: int
    incomplete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SelectionHandlers:
    """The commands about rounds and sheets; ``changed`` is called when the background has something to do."""

    assigning: Assigning
    judges: store.Judges
    changed: Callable[[], None]

    async def is_partial(self, edition_id: str, person_id: str) -> bool:
        """Whether somebody applied in an edition, may still, or has sheets to hand in; then others decide there."""
        made = self.assigning
        now = made.clock.now()
        if await store.applicants_among(made.applications.collection, edition_id, [person_id], at=now):
            return True
        running = await store.rounds_of(made.rounds.collection, edition_id, unfinished=True, assessors=person_id)
        own = {"round_id": {"$in": [one["_id"] for one in running]}, "assessor_id": person_id, "state": "open"}
        return bool(running and await store.sheet_ids(made.sheets.collection, own))

    async def must_not_have_judged(self, edition_id: str, person_id: str, *, had_rounds: bool = True) -> None:
        """Let pass who may compete: nobody who decided on applications of an edition, or assessed one.

        Where it ``had_rounds`` not there is no sheet to be looked for. Raises ``HasJudged`` as a refusal.
        """
        made = self.assigning
        if await self.judges.has_decided(edition_id, person_id) or (
            had_rounds and await store.took_part(made.rounds.collection, made.sheets.collection, edition_id, person_id)
        ):
            detail = "Whoever decided on applications of this edition, or assessed one, does not apply in it."
            with refusing(RuleBroken):
                raise HasJudged(detail)

    async def open_round(self, of: Edition, wanted: WantedRound, command: Command) -> Loaded[rounds.Round]:
        """Open a round; its sheets are made in the background.

        Raises ``NotInSelection``, ``RoundRunning``, ``RubricMissing``, ``UnknownAssessors``, ``NothingToAssess``,
        ``SecondOpinionMissing``, ``TooFewAssessors``.
        """
        made = self.assigning
        if await made.rounds.find(wanted.round_id):
            return await made.rounds.change(wanted.round_id, rounds.open_again, command)
        earlier = await self._earlier(of)
        due = _due(wanted.due_at, made.clock.now())
        per_application = wanted.per_application or rubric_of(of).sheets
        assessors = await made.assessors(of, wanted.assessors)
        candidates = await made.candidates(of, assessors, wanted.applications)
        _must_be_there(candidates, wanted.applications)
        if per_application < rounds.LEAST:
            await self._must_have_been_assessed(of, earlier, candidates)
        candidates.must_suffice(per_application)
        opened = rounds.RoundOpened(
            wanted.round_id,
            of.edition_id,
            number=len(earlier) + 1,
            per_application=per_application,
            due_at=due,
            assessors=tuple(one.person_id for one in assessors),
            applications=wanted.applications,
            seed=random_id(),
            opened_by=command.actor or "",
            opened_at=made.clock.now(),
            reason=wanted.reason,
        )
        loaded = await made.rounds.handle(wanted.round_id, lambda state: rounds.open_round(state, opened), command)
        await self.count_in(loaded.state)
        self.changed()
        return loaded

    async def count_in(self, round: rounds.Round) -> None:
        """Have the edition take note of a round, or take the round back where the edition has moved on.

        In this order: who moves an edition on looks for rounds first, and then writes only if nothing was noted since.
        Bears repetition. Raises ``NotInSelection`` as a refusal, once the round is taken back.
        """
        made, command = self.assigning, Command(actor=round.opened_by)
        try:
            await made.editions.change(round.edition_id, lambda of: staging.count_in(of, round.number), command)
        except BrokenRule as error:
            if error.kind == staging.NotInSelection.kind:
                now = made.clock.now()
                await made.rounds.change(round.round_id, lambda found: rounds.withdraw(found, at=now), command)
            raise

    async def _earlier(self, of: Edition) -> list[rounds.Round]:
        """The rounds that an edition had, all closed. Raises ``NotInSelection``, ``RoundRunning``."""
        with refusing(RuleBroken):
            staging.must_be_in_selection(of)
        found = await store.rounds_of(self.assigning.rounds.collection, of.edition_id)
        earlier = [self.assigning.rounds.loaded(document).state for document in found]
        if running := [one for one in earlier if one.unfinished]:
            raise RoundRunning(f"Round {running[0].number} is {running[0].state}; close it before you open another.")
        return earlier

    async def _must_have_been_assessed(
        self, of: Edition, earlier: Sequence[rounds.Round], candidates: Candidates
    ) -> None:
        closed = [one.round_id for one in earlier]
        made = self.assigning
        counted = await store.scored(made.sheets.collection, made.applications.collection, of.edition_id, closed)
        if candidates.applications.keys() - {one.application_id for one in counted}:
            detail = "Nobody has assessed some of these applications yet; ask for at least two sheets each."
            raise SecondOpinionMissing(detail, fields=[FieldError("/per_application", detail)])

    async def close_round(self, id: str, command: Command, reason: str) -> Loaded[rounds.Round]:
        """Close a round whatever is missing: nothing more is written, complete sheets count, then scores are seen.

        Raises ``RoundNotOpen``.
        """
        by = command.actor or ""
        await self.assigning.rounds.change(id, lambda state: rounds.close_early(state, by=by, reason=reason), command)
        self.changed()  # whoever comes after a crash of this process goes on
        return await self.settle(id)

    async def settle(self, id: str) -> Loaded[rounds.Round]:
        """Close a round that is closing, sheet by sheet, however often it was begun; its scores are seen afterwards."""
        made = self.assigning
        state = (await made.rounds.get(id)).state
        command, now = Command(actor=state.closed_by or "applications"), made.clock.now()
        criteria = _criteria((await made.editions.get(state.edition_id)).state)

        def decide(sheet: sheets.Sheet | None) -> Sequence[sheets.Event]:
            return sheets.settle(sheet, criteria, at=now) if sheet else []

        while ids := await store.sheet_ids(made.sheets.collection, {"round_id": id, "state": "open"}):
            for chunk in mongo.in_chunks(ids):
                await made.sheets.handle_many(dict.fromkeys(chunk, decide), command)
        return await made.rounds.change(id, lambda found: rounds.close(found, at=now), command)

    async def save(
        self, sheet: sheets.Sheet, command: Command, scores: Mapping[str, int], comment: str | None
    ) -> Loaded[sheets.Sheet]:
        """Write on a sheet while its round is open. Raises ``RoundNotOpen``, ``SheetNotOpen``, ``Invalid``."""
        rubric = await self._open_rubric(sheet)
        _must_fit(scores, rubric)
        now = self.assigning.clock.now()
        return await self.assigning.sheets.change(
            sheet.sheet_id, lambda state: sheets.save(state, scores, comment, at=now), command
        )

    async def lock(self, sheet: sheets.Sheet, command: Command) -> Loaded[sheets.Sheet]:
        """Hand in a complete sheet. Raises ``RoundNotOpen``, ``SheetNotOpen``, ``SheetIncomplete``."""
        criteria = [one.criterion_id for one in (await self._open_rubric(sheet)).criteria]
        now = self.assigning.clock.now()

        def decide(state: sheets.Sheet) -> Sequence[sheets.Event]:
            if state.state == "open" and (missing := sheets.missing(state, criteria)):
                fields = [FieldError(f"/scores/{one}", "has no score yet") for one in missing]
                raise SheetIncomplete("Give each criterion a score before you hand the sheet in.", fields=fields)
            return sheets.lock(state, at=now)

        loaded = await self.assigning.sheets.change(sheet.sheet_id, decide, command)
        self.changed()
        return loaded

    async def declare_conflict(self, sheet: sheets.Sheet, command: Command, reason: str) -> Loaded[sheets.Sheet]:
        """Give a sheet back; somebody else gets one. Raises ``RoundNotOpen``, ``SheetNotOpen``."""
        await self._open_rubric(sheet)
        now = self.assigning.clock.now()
        loaded = await self.assigning.sheets.change(
            sheet.sheet_id, lambda state: sheets.declare_conflict(state, reason, at=now), command
        )
        self.changed()
        return loaded

    async def _open_rubric(self, sheet: sheets.Sheet) -> Rubric:
        """The rubric of a sheet that was read before, whose round is open. Raises ``RoundNotOpen``, ``RubricMissing``.

        In this order: a sheet that was there while its round was open is among those that its closing settles.
        """
        made = self.assigning
        round, of = await asyncio.gather(made.rounds.get(sheet.round_id), made.editions.get(sheet.edition_id))
        with refusing(RuleBroken):
            rounds.must_be_open(round.state)
        return rubric_of(of.state)

    async def hand_in(self, round: rounds.Round, command: Command) -> HandedIn:
        """Hand in all complete sheets that the command's actor has in a round.

        Who has none left is done, also where the round closes for it: the same again changes nothing. Raises
        ``RoundNotOpen``.
        """
        made, now = self.assigning, self.assigning.clock.now()
        own = {"round_id": round.round_id, "assessor_id": command.actor, "state": "open"}
        if not (found := await store.sheets_where(made.sheets.collection, own)):
            return HandedIn(0, ())
        with refusing(RuleBroken):
            rounds.must_be_open(round)
        criteria = _criteria((await made.editions.get(round.edition_id)).state)
        complete = [one.sheet_id for one in found if not sheets.missing(one, criteria)]

        def decide(state: sheets.Sheet | None) -> Sequence[sheets.Event]:
            if state is None or state.state != "open" or sheets.missing(state, criteria):
                return []
            return sheets.lock(state, at=now)

        locked = 0
        for chunk in mongo.in_chunks(sorted(complete)):
            locked += len((await made.sheets.handle_many(dict.fromkeys(chunk, decide), command)).changed)
        self.changed()
        return HandedIn(locked, tuple(sorted(one.sheet_id for one in found if one.sheet_id not in set(complete))))


def _due(due_at: datetime | None, now: datetime) -> datetime | None:
    if due_at is not None and due_at <= now:
        detail = "Assessors would be late at once; due_at must lie ahead."
        raise Invalid(detail, fields=[FieldError("/due_at", detail)])
    return due_at


def _must_be_there(candidates: Candidates, wanted: Sequence[str] | None) -> None:
    if absent := [index for index, id in enumerate(wanted or ()) if id not in candidates.applications]:
        fields = [
            FieldError(f"/applications/{index}", "cannot be assessed: see its status and rules") for index in absent
        ]
        raise Invalid("Name applications that were handed in, meet the rules and are undecided.", fields=fields)
    if not candidates.applications:
        raise NothingToAssess("No application was handed in that meets the rules; decide on waivers first.")


def _must_fit(scores: Mapping[str, int], rubric: Rubric) -> None:
    faults = []
    for criterion_id, level in scores.items():
        criterion = rubric.criterion(criterion_id)
        if criterion is None:
            faults.append(FieldError(f"/scores/{criterion_id}", "is no criterion of this rubric"))
        elif not 1 <= level <= len(criterion.levels):
            faults.append(FieldError(f"/scores/{criterion_id}", f"must be a level from 1 to {len(criterion.levels)}"))
    if faults:
        raise Invalid("Score the criteria of the rubric with levels that it has.", fields=faults)


def _criteria(of: Edition) -> list[str]:
    return [one.criterion_id for one in of.rubric.criteria] if of.rubric else []
