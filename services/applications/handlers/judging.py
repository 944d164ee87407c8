"""What may be seen of sheets once their round is closed: the board, the sheets of one application, feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.applications import store
from services.applications.domain import board, participation
from services.applications.domain import sheet as sheets
from services.applications.domain.application import Application
from services.applications.domain.edition import Edition
from services.applications.domain.ranking import Scored, normalised
from services.applications.domain.round import Round
from services.applications.domain.rubric import Criterion, Rubric
from services.applications.handlers.assigning import Assigning, rubric_of
from services.chassis.aggregate import Loaded, Repository
from services.chassis.errors import NotFound, Refused

Phase = Literal["no-round", "round-open", "ranked"]
_OBLIGED = ("obliged", "paired", "escalated")
_FEWEST = 2  # sheets in one mean, or it would be one assessor's opinion


class TooFewSheets(Refused):
    """A mean over fewer than two sheets would tell what one assessor thinks."""

    kind = "too-few-sheets"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round has come; ``open`` are the numbers of sheets still to be handed in, by assessor."""

    sheets: int
    locked: int
    open: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """The board of an edition as it may be seen now: ``entries`` and vacancies only while no round is open.

    ``conflicts`` are the sheets that were given back for a conflict, by application.
    """

    phase: Phase
    rounds: tuple[Loaded[Round], ...]
    missing: Mapping[str, int]
    board: board.Board
    as_of: datetime
    conflicts: Mapping[str, Sequence[sheets.Sheet]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A sheet of a closed round, its total in grains, and the total as if all assessors were equally strict."""

    sheet: sheets.Sheet
    round: int
    total: int
    normalised: float


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean level of one criterion over all sheets that count."""

    criterion: Criterion
    mean: float


@dataclass(frozen=True, slots=True)
class Judging:
    """Reads rounds and sheets; nothing of a round that is not closed but how many sheets are still open."""

    assigning: Assigning
    participations: Repository[participation.Participation, participation.Event]

    async def rounds(self, edition_id: str) -> list[Loaded[Round]]:
        """The rounds of an edition, the first one first."""
        repository = self.assigning.rounds
        return [repository.loaded(document) for document in await store.rounds_of(repository.collection, edition_id)]

    async def progress(self, round_id: str) -> Progress:
        """How far a round has come, counted over all applications."""
        counted = await store.count_by_assessor(self.assigning.sheets.collection, round_id)
        open_ones = {assessor: number for (assessor, state), number in counted.items() if state == "open"}
        locked = sum(number for (_, state), number in counted.items() if state == "locked")
        return Progress(locked + sum(open_ones.values()), locked, dict(sorted(open_ones.items())))

    async def own(self, round_id: str, assessor_id: str) -> Mapping[sheets.State, int]:
        """How many sheets of a round an assessor has in each state."""
        own = {"round_id": round_id, "assessor_id": assessor_id}
        return Counter(one.state for one in await store.sheets_where(self.assigning.sheets.collection, own))

    async def own_query(self, edition_id: str, assessor_id: str) -> dict[str, Any]:
        """The query for an assessor's own sheets of an edition: those of a round once all of them are assigned."""
        had = await store.rounds_of(self.assigning.rounds.collection, edition_id, assessors=assessor_id)
        states = {one["_id"]: one["state"]["state"] for one in had}
        shown = [id for id, state in states.items() if state != "assigning"]
        closed = [id for id, state in states.items() if state == "closed"]
        return {
            "state.edition_id": edition_id,
            "state.assessor_id": assessor_id,
            "state.round_id": {"$in": shown},
            "$nor": [{"state.round_id": {"$in": closed}, "state.state": "open"}],  # came while its round was closed
        }

    async def read(self, found: Sequence[sheets.Sheet]) -> list[tuple[sheets.Sheet, Application | None]]:
        """Each of these sheets with its application."""
        ids = {one.application_id for one in found}
        applications = await store.named(self.assigning.applications.collection, ids)
        return [(one, applications.get(one.application_id)) for one in found]

    async def overview(self, edition: Edition) -> Overview:
        """The board: ranked when all rounds are closed, else who has sheets still to hand in.

        Raises ``RubricMissing``.
        """
        had = await self.rounds(edition.edition_id)
        now = self.assigning.clock.now()
        applications = await store.sent_in(self.assigning.applications.collection, edition.edition_id)
        needed, unpaired = await self._executives(edition.edition_id)
        running = [one.state for one in had if one.state.unfinished]
        if running or not had:
            places = board.places_of(edition, applications, needed=needed, at=now)
            missing = (await self.progress(running[0].round_id)).open if running else {}
            phase: Phase = "round-open" if running else "no-round"
            return Overview(phase, tuple(had), missing, board.Board((), places, ()), now)
        rubric_of(edition)
        collection = self.assigning.sheets.collection
        scored = await self._scored(edition.edition_id, [one.id for one in had])
        conflicts = await store.conflicted_in(collection, edition.edition_id)
        made = board.board(edition, applications, scored, conflicts, needed=needed, unpaired=unpaired, at=now)
        return Overview("ranked", tuple(had), {}, made, now, conflicts)

    async def _executives(self, edition_id: str) -> tuple[int, int]:
        """How many executives are obliged, so that each needs a place, and how many of them have no mentor."""
        counted = await store.count_by_status(self.participations.collection, edition_id, {})
        obliged = sum(counted.get(status, 0) for status in _OBLIGED)
        return obliged, obliged - counted.get("paired", 0)

    async def of_application(self, state: Application, edition: Edition) -> list[Judged]:
        """The sheets of an application that count, of closed rounds, in the order of their ids.

        Raises ``RubricMissing``.
        """
        found, closed = await self._counting(state)
        scored = await self._scored(state.edition_id, list(closed))
        counted = board.count(rubric_of(edition), scored)
        totals = {one.sheet_id: one for one in counted}
        beside = normalised(counted)
        return [
            Judged(one, closed[one.round_id], totals[one.sheet_id].total, round(beside[one.sheet_id], 1))
            for one in sorted(found, key=lambda one: one.sheet_id)
            if one.sheet_id in totals
        ]

    async def _counting(self, state: Application) -> tuple[list[sheets.Sheet], Mapping[str, int]]:
        """The sheets of an application that count, and the numbers of the edition's closed rounds by their ids."""
        rounds = await self.rounds(state.edition_id)
        closed = {one.id: one.state.number for one in rounds if not one.state.unfinished}
        query = {"application_id": state.application_id, "round_id": {"$in": list(closed)}}
        sheets_, applications = self.assigning.sheets.collection, self.assigning.applications.collection
        return await store.counting(sheets_, applications, state.edition_id, query), closed

    async def _scored(self, edition_id: str, closed: Sequence[str]) -> list[Scored]:
        """The sheets of these closed rounds that count: the same on the board and for one application."""
        made = self.assigning
        return await store.scored(made.sheets.collection, made.applications.collection, edition_id, closed)

    async def has_judged(self, assessor_id: str, application_id: str, edition_id: str) -> bool:
        """Whether an assessor handed in a sheet of an application, in an edition where no round waits for them."""
        made = self.assigning
        running = await store.rounds_of(made.rounds.collection, edition_id, unfinished=True, assessors=assessor_id)
        own = {"application_id": application_id, "assessor_id": assessor_id, "state": "locked"}
        handed_in = await store.sheet_ids(made.sheets.collection, own)
        return bool(handed_in) and not running

    async def feedback(self, state: Application, edition: Edition) -> tuple[list[Mean], int]:
        """The mean level of each criterion, and over how many sheets; after a released decision.

        Raises ``NotFound``, ``TooFewSheets``, ``RubricMissing``.
        """
        if state.decision is None or state.decision.released_at is None:
            raise NotFound(f"There is no feedback on application {state.application_id} yet.")
        judged, _ = await self._counting(state)
        if len(judged) < _FEWEST:
            raise TooFewSheets("Fewer than two sheets were handed in, so there is no mean; ask your programme manager.")
        return _means(rubric_of(edition), judged), len(judged)


def _means(rubric: Rubric, judged: Iterable[sheets.Sheet]) -> list[Mean]:
    levels = [dict(one.scores) for one in judged]
    return [
        Mean(criterion, round(sum(one[criterion.criterion_id] for one in levels) / len(levels), 1))
        for criterion in rubric.criteria
    ]
