"""The board of an edition: every application with its rank, what the cut line proposes, and which places are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.applications.domain.application import Application, Verdict, accept_by, has_lapsed
from services.applications.domain.edition import Edition
from services.applications.domain.ranking import (
    POINT,
    Contender,
    Counted,
    Departure,
    Placed,
    Proposal,
    Ranked,
    Scored,
    Weighing,
    cut,
    drawn,
    normalised,
    rank,
    total,
    vacancies,
)
from services.applications.domain.rubric import Rubric

Flag = Literal[
    "waiver",
    "unmet",
    "conflict",
    "disagreement",
    "few-sheets",
    "tie-at-cut",
    "left",
    "moved_out",
    "executive",
    "withdrawn",
    "not-accepted",
    "late",
]
Cause = Literal["withdrawn", "not-accepted", "left"]
FEWEST = 2  # sheets of one application that count, below which nothing is proposed for it


@dataclass(frozen=True, slots=True)
class Total:
    """The total of one sheet, in grains; ``normalised`` is in points, as if all assessors were equally strict."""

    sheet_id: str
    assessor_id: str
    total: int
    normalised: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One application; whoever is not ranked has neither rank nor median nor spread, and a flag that says why.

    Median and spread are in grains. ``cumulated`` are the places down to here, None without a rank.
    """

    application: Application
    places: int
    totals: tuple[Total, ...]
    ranked: Ranked | None
    placed: Placed | None
    flags: tuple[Flag, ...]

    @property
    def proposal(self) -> Proposal | None:
        """What the system proposes, if anything."""
        return self.placed.proposal if self.placed else None


@dataclass(frozen=True, slots=True)
class Vacant:
    """A mentor who was selected and is gone, why, and the reserve who is next."""

    left: str
    cause: Cause
    next: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """Places of mentors: needed for all who are obliged, selected and still there, noted to be selected, proposed.

    ``pending`` wait for their release. ``tied`` are those of the short ones that are there once people decide the tie
    across the cut.
    """

    needed: int
    selected: int
    pending: int = 0
    proposed: int = 0
    tied: int = 0

    @property
    def short(self) -> int:
        """How many are missing even if what is noted is released and all proposals are followed."""
        return max(0, self.needed - self.selected - self.pending - self.proposed)


@dataclass(frozen=True, slots=True)
class Board:
    """All applications that were handed in, ranked ones first."""

    entries: tuple[Entry, ...]
    places: Places
    vacancies: tuple[Vacant, ...]


def weighing_of(rubric: Rubric) -> dict[str, Weighing]:
    """How the criteria of a rubric count, by their ids."""
    return {one.criterion_id: Weighing(one.weight, len(one.levels)) for one in rubric.criteria}


def points(grains: int) -> float:
    """Grains as points from 0 to 100, with two decimals."""
    return round(grains / POINT, 2)


def count(rubric: Rubric, scored: Iterable[Scored]) -> list[Counted]:
    """Sheets with their totals."""
    weighing = weighing_of(rubric)
    return [Counted(one.sheet_id, one.application_id, one.assessor_id, total(weighing, one.scores)) for one in scored]


def places_of(edition: Edition, applications: Iterable[Application], *, needed: int, at: datetime) -> Places:
    """The places of those who were selected and are still there, and of who is noted to be selected."""
    contenders = [_contender(edition, one, at) for one in applications]
    selected = sum(one.places for one in contenders if one.status in {"selected", "accepted"})
    pending = sum(one.places for one in contenders if one.noted == "selected")
    return Places(needed, selected, pending)


def board(
    edition: Edition,
    applications: Sequence[Application],
    scored: Sequence[Scored],
    conflicts: Collection[str],
    *,
    needed: int,
    unpaired: int,
    at: datetime,
) -> Board:
    """Rank what was counted and propose; ``conflicts`` are applications for which an assessor declared one.

    ``needed`` is the number of executives who are obliged, ``unpaired`` of those without a mentor: a place that
    became free is open as long as one of them waits. Nobody is ever proposed to be declined.
    """
    rubric = edition.rubric
    assert rubric is not None  # a call does not open without
    by_application = _totals(count(rubric, scored))
    ranked = _ranked(edition, applications, by_application)
    assessed = {id for id, totals in by_application.items() if len(totals) >= FEWEST}
    contenders = {
        one.application_id: replace(_contender(edition, one, at), proposable=one.application_id in assessed)
        for one in applications
    }
    line = cut(ranked, contenders, needed)
    ranks = {one.application_id: one for one in ranked}
    entries = [
        Entry(
            one,
            places=_places(one),
            totals=by_application.get(one.application_id, ()),
            ranked=ranks.get(one.application_id),
            placed=line.placed.get(one.application_id),
            flags=_flags(
                one,
                ranks.get(one.application_id),
                line.placed,
                conflicts,
                spread=rubric.spread,
                few=one.application_id not in assessed,
                lapsed=has_lapsed(one, edition, at),
            ),
        )
        for one in applications
    ]
    places = replace(places_of(edition, applications, needed=needed, at=at), proposed=line.proposed, tied=line.tied)
    shown = [one for one in ranked if one.application_id in assessed]
    open_ones = _vacancies(edition, applications, shown, min(places.needed - places.selected, unpaired), at)
    return Board(_ordered(entries, line.placed, edition.edition_id), places, open_ones)


def _totals(counted: Sequence[Counted]) -> dict[str, tuple[Total, ...]]:
    beside = normalised(counted)
    found: dict[str, list[Total]] = {}
    for one in sorted(counted, key=lambda one: one.sheet_id):
        found.setdefault(one.application_id, []).append(
            Total(one.sheet_id, one.assessor_id, one.total, round(beside[one.sheet_id], 1))
        )
    return {id: tuple(totals) for id, totals in found.items()}


def _ranked(
    edition: Edition, applications: Iterable[Application], by_application: Mapping[str, Sequence[Total]]
) -> tuple[Ranked, ...]:
    """Those who can be ranked and were assessed, by their totals."""
    able = {one.application_id for one in applications if _can_be_ranked(one)}
    totals = {id: [one.total for one in some] for id, some in by_application.items() if id in able}
    return rank(totals, edition.edition_id)


def _can_be_ranked(one: Application) -> bool:
    return one.eligibility != "unmet" and one.status not in {"draft", "withdrawn"}


def _places(one: Application) -> int:
    return (one.offer.places if one.offer else None) or 1


def _contender(edition: Edition, one: Application, at: datetime) -> Contender:
    if _gone(edition, one, at) is not None or one.standing != "in":
        return Contender(_places(one), "withdrawn")
    return Contender(_places(one), one.status, noted=_noted(one))


def _noted(one: Application) -> Verdict | None:
    """The decision that waits for its release, None where the release would refuse it."""
    if one.pending is None or one.status not in {"applied", "reserved"}:
        return None
    verdict = one.pending.decision
    return None if verdict != "declined" and one.eligibility == "unmet" else verdict


def _gone(edition: Edition, one: Application, at: datetime) -> tuple[datetime, Cause] | None:
    """Since when and why somebody who was selected is not there any more; None where that is not so."""
    if one.decision is None or one.decision.decision != "selected":
        return None
    if one.status == "withdrawn" and one.withdrawn:
        return one.withdrawn.at, "withdrawn"
    if one.standing != "in":
        return one.changed_at, "left"
    if has_lapsed(one, edition, at) and (last := accept_by(one, edition)):
        return edition.day_ends_at(last), "not-accepted"
    return None


def _flags(
    one: Application,
    ranked: Ranked | None,
    placed: Mapping[str, Placed],
    conflicts: Collection[str],
    *,
    spread: int,
    few: bool,
    lapsed: bool,
) -> tuple[Flag, ...]:
    line = placed.get(one.application_id)
    raised: dict[Flag, bool] = {
        "waiver": one.eligibility == "waived",
        "unmet": one.eligibility == "unmet",
        "conflict": one.application_id in conflicts,
        "disagreement": ranked is not None and ranked.spread > spread * POINT,
        "few-sheets": few and _can_be_ranked(one),
        "tie-at-cut": line is not None and line.tie_at_cut,
        "left": one.standing == "left",
        "moved_out": one.standing == "moved_out",
        "executive": one.standing == "executive",
        "withdrawn": one.status == "withdrawn",
        "not-accepted": lapsed,
        "late": one.admission is not None,
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised)


def _ordered(entries: Iterable[Entry], placed: Iterable[str], seed: str) -> tuple[Entry, ...]:
    """The ranked ones as they are placed, then all others by lot."""
    places = {id: place for place, id in enumerate(placed)}

    def place(entry: Entry) -> tuple[int, bytes]:
        id = entry.application.application_id
        return places.get(id, len(places)), drawn(seed, id)

    return tuple(sorted(entries, key=place))


def _vacancies(
    edition: Edition, applications: Iterable[Application], ranked: Iterable[Ranked], short: int, at: datetime
) -> tuple[Vacant, ...]:
    gone = {one.application_id: (one, since) for one in applications if (since := _gone(edition, one, at))}
    departed = sorted(gone.values(), key=lambda some: (some[1][0], some[0].application_id))
    free = {one.application_id for one in applications if one.status == "reserved" and one.standing == "in"}
    reserves = [one for one in ranked if one.application_id in free]
    open_ones = vacancies([Departure(one.application_id, _places(one)) for one, _ in departed], reserves, short)
    return tuple(Vacant(one.left, gone[one.left][1][1], one.next) for one in open_ones)
