"""What a run proposes: pairs with their points, executives without a mentor with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.matching.domain.inputs import ALREADY_PAIRED, Inputs
from services.matching.domain.scoring import Criterion, Forbidden, Policy, Scored, Table

Outcome = Literal["pending", "published", "conflict"]
REFUSED = "pair_refused"  # the conflict of a pair that cannot be made as it is


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """One pair of a proposal; ``conflict`` is the reason of one that could not be published."""

    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    points: int
    criteria: tuple[Criterion, ...]
    outcome: Outcome = "pending"
    pair_id: str | None = None
    conflict: str | None = None


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An executive for whom there is no mentor.

    ``reason`` is ``unknown_person``, ``left``, ``no_mentor_allowed`` (``barred`` counts the mentors by the
    rule that forbids them) or ``no_mentor_free`` (others need the mentors that are allowed).
    """

    mentee_id: str
    reason: str
    barred: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A selected mentor who was not considered, as ``unknown_person``, ``left``, ``no_profile`` or ``full``."""

    mentor_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The outcome of a run: pairs from the worst to the best, points in 1 / ``units_per_point`` of a point.

    ``executives`` counts all obliged ones who had no mentor yet. ``worst`` is None without a pair.
    """

    policy_version: str
    units_per_point: int
    executives: int
    worst: int | None
    total: int
    pairs: tuple[ProposedPair, ...]
    uncovered: tuple[Uncovered, ...]
    mentors_left_out: tuple[LeftOut, ...]


def propose(table: Table, chosen: Sequence[tuple[int, int]], considered: Inputs, policy: Policy) -> Proposal:
    """The proposal that follows from the chosen pairs (row, column) of a table over these inputs."""
    pairs = [_pair(table, row, column) for row, column in chosen]
    points = [pair.points for pair in pairs]
    covered = {row for row, _ in chosen}
    absent = [Uncovered(id, why) for id, why in considered.mentees_out.items() if why != ALREADY_PAIRED]
    without = [_without(table, row) for row in range(len(table.mentees)) if row not in covered]
    return Proposal(
        policy_version=policy.version,
        units_per_point=policy.units_per_point,
        executives=len(table.mentees) + len(absent),
        worst=min(points, default=None),
        total=sum(points),
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.points, pair.mentee_id))),
        uncovered=tuple(sorted([*absent, *without], key=lambda one: one.mentee_id)),
        mentors_left_out=tuple(LeftOut(id, why) for id, why in considered.mentors_out.items()),
    )


def _pair(table: Table, row: int, column: int) -> ProposedPair:
    mentee, mentor, verdict = table.mentees[row], table.mentors[column], table.verdicts[row][column]
    assert isinstance(verdict, Scored)
    return ProposedPair(
        mentor_id=mentor.person_id,
        mentee_id=mentee.person_id,
        mentor_subsidiary=mentor.subsidiary,
        mentee_subsidiary=mentee.subsidiary,
        points=verdict.points,
        criteria=verdict.criteria,
    )


def _without(table: Table, row: int) -> Uncovered:
    barred = Counter(verdict.rule for verdict in table.verdicts[row] if isinstance(verdict, Forbidden))
    reason = "no_mentor_allowed" if barred.total() == len(table.mentors) else "no_mentor_free"
    return Uncovered(table.mentees[row].person_id, reason, tuple(sorted(barred.items())))
