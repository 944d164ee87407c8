"""From sheets to a proposal: totals, medians, ranks, the cut line; all in whole numbers, so that ties are true ties.

Points run from 0 to 100. Here they are counted in grains: a point is ``POINT`` grains, so that the median of two
totals over criteria of 2 to 7 levels is still a whole number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from math import sqrt
from typing import Literal

POINT = 840  # twice the least common multiple of 2 to 7
_FEWEST = 3  # sheets of an assessor from which the spread of their totals means something
Status = Literal["draft", "applied", "selected", "reserved", "declined", "accepted", "withdrawn"]
Proposal = Literal["selected", "reserved"]
Noted = Literal["selected", "reserved", "declined"]
_TAKEN: frozenset[Status] = frozenset({"selected", "accepted"})
_FREE: frozenset[Status] = frozenset({"applied", "reserved"})
_STANDING = _TAKEN | _FREE


@dataclass(frozen=True, slots=True)
class Weighing:
    """How much a criterion weighs, of 100 in all, and how many levels it has (2 to 7)."""

    weight: int
    levels: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A sheet that counts: levels from 1, by criterion."""

    sheet_id: str
    application_id: str
    assessor_id: str
    scores: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """A sheet that counts, with its total in grains."""

    sheet_id: str
    application_id: str
    assessor_id: str
    total: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """An application's place: ``rank`` 1 is the best, equal medians share one; median and spread in grains."""

    application_id: str
    rank: int
    tied: bool
    median: int
    spread: int


@dataclass(frozen=True, slots=True)
class Contender:
    """What the cut depends on besides the rank: places offered (1 to 3), and what was released so far.

    Whoever is not there any more is ``withdrawn``, for whatever reason. Who was assessed too seldom keeps the rank,
    but is no ``proposable`` one: people decide without a proposal. ``noted`` is a decision that waits for its release.
    """

    places: int
    status: Status
    proposable: bool = True
    noted: Noted | None = None

    @property
    def standing(self) -> Status:
        """The status as it is once what is noted is released."""
        return self.noted or self.status

    @property
    def is_free(self) -> bool:
        """Whether something can be proposed still: people have decided nothing, or put on the reserve list long ago."""
        return self.noted is None and self.status in _FREE and self.proposable


@dataclass(frozen=True, slots=True)
class Placed:
    """What the cut line makes of an application: proposed to nobody's harm, decided by people.

    ``cumulated`` are the places of all down to here who are neither declined nor gone. ``proposal`` is None where it
    was decided or a decision is noted, for who was assessed too seldom, and where a tie lies across the cut
    (``tie_at_cut``). ``reserve_number`` counts those below the line and those on the reserve list, who stand on it also
    while they are proposed for a place that is free again; ties share one.
    """

    cumulated: int
    proposal: Proposal | None = None
    tie_at_cut: bool = False
    reserve_number: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The cut line: what it makes of each application, and places.

    ``taken`` are those of who was selected or is noted to be, ``tied`` those that are still missing where a tie lies
    across the cut.
    """

    placed: Mapping[str, Placed]
    taken: int
    proposed: int
    tied: int = 0


def total(weighing: Mapping[str, Weighing], scores: Mapping[str, int]) -> int:
    """The total of a sheet in grains: the sum of weight * level / levels; a criterion without a score adds nothing."""
    return sum(
        one.weight * scores.get(criterion, 0) * POINT // one.levels for criterion, one in weighing.items()
    )  # 840 can be divided by 2 to 7, so nothing is lost


def median(totals: Sequence[int]) -> int:
    """The middle of at least one total in grains; of an even number the mean of the two in the middle, exactly."""
    ordered, middle = sorted(totals), len(totals) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def rank(totals: Mapping[str, Sequence[int]], seed: str) -> tuple[Ranked, ...]:
    """Applications with at least one total each, the best median first; equal medians share a rank (1, 2, 2, 4).

    Those that share one stand in an order that depends on the seed and their ids only.
    """
    medians = {id: median(some) for id, some in totals.items()}
    ordered = sorted(medians, key=lambda id: (-medians[id], drawn(seed, id)))
    found: list[Ranked] = []
    for points, group in groupby(ordered, key=medians.__getitem__):
        ids = list(group)
        first = len(found) + 1
        found += [Ranked(id, first, len(ids) > 1, points, spread=max(totals[id]) - min(totals[id])) for id in ids]
    return tuple(found)


def drawn(seed: str, id: str) -> bytes:
    """A lot: what sorts by it is in an order of its own for each seed."""
    return blake2b(f"{seed} {id}".encode(), digest_size=16).digest()


def cut(ranked: Sequence[Ranked], contenders: Mapping[str, Contender], needed: int) -> Cut:
    """Propose whoever is next in rank until ``needed`` places are there; who is below is proposed as a reserve.

    What was released or noted stays as it is and takes its places first, also where it has no rank. Where a tie lies
    across the cut nobody of it is proposed for anything: people decide. Of those who share a rank they stand in
    ``placed`` first whom people select, so that the places of a decided tie are counted above its reserves.
    """
    taken = _taken(contenders.values())
    cumulated = proposed = reserves = tied = 0
    placed: dict[str, Placed] = {}
    for _, group in groupby(ranked, key=lambda one: one.rank):
        ids = sorted((one.application_id for one in group), key=lambda id: _precedence(contenders[id]))
        free = [id for id in ids if contenders[id].is_free]
        missing = 0 if tied else needed - taken - proposed
        wanted = _wanted([contenders[id].places for id in free], missing)
        for id in ids:
            one = contenders[id]
            cumulated += one.places if one.standing in _STANDING else 0
            placed[id] = _placed(one, cumulated, free=len(free), wanted=wanted, reserve_number=reserves + 1)
        on_the_list = {id for id in ids if placed[id].reserve_number is not None}
        reserves += len(on_the_list.difference(free)) + max(len(on_the_list.intersection(free)), len(free) - wanted)
        if wanted == len(free):
            proposed += sum(contenders[id].places for id in free)
        elif wanted:
            tied = missing
    return Cut(placed, taken, proposed, tied)


def _placed(one: Contender, cumulated: int, *, free: int, wanted: int, reserve_number: int) -> Placed:
    """One of those who share a rank, of whom ``wanted`` of the ``free`` are wanted."""
    listed = reserve_number if one.standing == "reserved" else None
    if not one.is_free:
        return Placed(cumulated, reserve_number=listed)
    if 0 < wanted < free:
        return Placed(cumulated, tie_at_cut=True, reserve_number=listed)
    if wanted:
        return Placed(cumulated, "selected", reserve_number=listed)
    return Placed(cumulated, "reserved", reserve_number=reserve_number)


def _precedence(one: Contender) -> int:
    """Where one of a rank stands: first the selected, then the undecided, then reserves, then whoever is out."""
    if one.standing in _TAKEN:
        return 0
    return {"applied": 1, "reserved": 2}.get(one.standing, 3)


def _wanted(places: Sequence[int], needed: int) -> int:
    """How many of those who share a rank are wanted for so many places: all where each is, whatever the order."""
    if needed > sum(places) - min(places, default=0):
        return len(places)
    count = 0
    for one in sorted(places):
        if needed <= 0:
            break
        needed -= one
        count += 1
    return max(0, min(count, len(places) - 1))


def _taken(contenders: Iterable[Contender]) -> int:
    return sum(one.places for one in contenders if one.standing in _TAKEN)


def normalised(counted: Sequence[Counted]) -> dict[str, float]:
    """Each sheet's total in points as if all assessors were equally strict and spread alike, by sheet.

    mean of all + (total - mean of this assessor) * deviation of all / deviation of this assessor; an assessor
    with fewer than three sheets, or with equal totals, is only shifted. Population deviations; to be shown, never
    to be ranked by; it may lie outside 0 to 100.
    """
    if not counted:
        return {}
    everybody = _Spread([one.total for one in counted])
    own: dict[str, list[int]] = {}
    for one in counted:
        own.setdefault(one.assessor_id, []).append(one.total)
    spreads = {assessor: _Spread(totals) for assessor, totals in own.items()}
    return {one.sheet_id: spreads[one.assessor_id].moved(one.total, everybody) / POINT for one in counted}


class _Spread:
    """Mean and population deviation of totals."""

    def __init__(self, totals: Sequence[int]) -> None:
        self.mean = sum(totals) / len(totals)
        self.deviation = sqrt(sum((one - self.mean) ** 2 for one in totals) / len(totals))
        self.wide = len(totals) >= _FEWEST and min(totals) < max(totals)

    def moved(self, total: int, to: _Spread) -> float:
        scale = to.deviation / self.deviation if self.wide else 1.0
        return to.mean + (total - self.mean) * scale


@dataclass(frozen=True, slots=True)
class Departure:
    """A mentor who was selected and is not there any more, with the places that are free since."""

    application_id: str
    places: int


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A departure whose places nobody has taken yet, and the reserve who is next; None where nobody or a tie is."""

    left: str
    next: str | None


def vacancies(departed: Sequence[Departure], reserves: Sequence[Ranked], short: int) -> tuple[Vacancy, ...]:
    """Which departures (the oldest first) still leave places open while ``short`` are missing, each with its reserve.

    ``reserves`` are those released as reserves, in rank order. Ties are left to people: whoever shares a rank with
    another reserve is not named.
    """
    still: list[Departure] = []
    for one in reversed(departed):
        if short <= 0:
            break
        still.append(one)
        short -= one.places
    alone: list[str | None] = [
        one.application_id if sum(other.rank == one.rank for other in reserves) == 1 else None for one in reserves
    ]
    alone += [None] * len(still)
    return tuple(Vacancy(one.application_id, following) for one, following in zip(reversed(still), alone, strict=False))
