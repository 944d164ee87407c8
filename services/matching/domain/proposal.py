"""What a run proposes: pairs with their points, executives without a mentor with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.matching.domain.crowds import Crowd
from services.matching.domain.hard_rules import NOBODY_BARRED, Barred
from services.matching.domain.inputs import ALREADY_PAIRED, Inputs
from services.matching.domain.people import Mentee, PairKey
from services.matching.domain.policy import Policy
from services.matching.domain.scoring import Criterion, Scored, score

Outcome = Literal["pending", "kept_back", "published", "conflict"]
REFUSED = "pair_refused"  # the conflict of a pair that cannot be made as it is
EDITION_OVER = "edition_over"  # the conflict of a pair whose edition was over before it was made
PAIR_GOES_ON = "pair_goes_on"  # why an executive is without another mentor: the pair that people forbade stays
MENTOR_FULL = "mentor_full"  # the conflict of a pair for which the mentor has no place left
FORCED_ELSEWHERE = "forced_elsewhere"  # the conflict of a pair whose executive people laid down another mentor for


class PairForbidden(ValueError):
    """A pair was chosen that the rules forbid: a bug of whoever chose it."""


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """One pair of a proposal; ``conflict`` is the reason of one that could not be published.

    A ``forced`` pair was laid down by somebody. ``ends`` is the executive's active pair that gives way to this one.
    """

    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    points: int
    criteria: tuple[Criterion, ...]
    outcome: Outcome = "pending"
    pair_id: str | None = None
    conflict: str | None = None
    forced: bool = False
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An executive for whom there is no mentor.

    ``reason`` is ``unknown_person``, ``left``, ``no_mentor_allowed`` (``barred`` counts the mentors by the first
    rule that forbids them), ``no_mentor_free`` (others need the mentors that are allowed), or in a re-match
    ``pair_goes_on`` (people forbade the pair that runs, and there is nobody else).
    """

    mentee_id: str
    reason: str
    barred: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A selected mentor who was not considered, with the reason that ``Inputs`` gives."""

    mentor_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The outcome of a run: pairs from the worst to the best, points in 1 / ``units_per_point`` of a point.

    ``executives`` counts all obliged ones who had no mentor yet. ``worst`` is None without a pair. ``size`` counts the
    executives who would have a mentor, also where a list of runs leaves out the pairs; None in runs from before it was
    kept. ``standing`` are the pairs (mentor, executive) that ran when it was made and that none of ``pairs`` took the
    place of; empty in runs from before they were kept.
    """

    policy_version: str
    units_per_point: int
    executives: int
    worst: int | None
    total: int
    pairs: tuple[ProposedPair, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    mentors_left_out: tuple[LeftOut, ...] = ()
    size: int | None = None
    standing: tuple[PairKey, ...] = ()

    @property
    def covered(self) -> int:
        """How many executives get a mentor."""
        return self.executives - len(self.uncovered) if self.size is None else self.size


def propose(
    chosen: Iterable[PairKey],
    considered: Inputs,
    policy: Policy,
    barred: Barred = NOBODY_BARRED,
    forced: frozenset[PairKey] = frozenset(),
) -> Proposal:
    """The proposal that follows from the chosen pairs (mentor, executive), those laid down by people among them.

    Raises ``PairForbidden``.
    """
    pairs = sorted(
        (proposed(considered, key, policy, barred, forced=key in forced) for key in chosen),
        key=lambda pair: (pair.points, pair.mentee_id),
    )
    covered = {pair.mentee_id for pair in pairs}
    absent = [Uncovered(id, why) for id, why in considered.mentees_out.items() if why != ALREADY_PAIRED]
    lacking = [one for id, one in considered.mentees.items() if id not in covered]
    without = _without(considered, lacking, policy, barred) if lacking else []
    return Proposal(
        policy_version=policy.label,
        units_per_point=policy.units_per_point,
        executives=len(considered.mentees) + len(absent),
        worst=pairs[0].points if pairs else None,
        total=sum(pair.points for pair in pairs),
        pairs=tuple(pairs),
        uncovered=tuple(sorted([*absent, *without], key=lambda one: one.mentee_id)),
        mentors_left_out=tuple(LeftOut(id, why) for id, why in sorted(considered.mentors_out.items())),
        size=len(pairs),
        standing=tuple(sorted((mentor, mentee) for mentee, mentor in considered.taken.items())),
    )


def proposed(
    considered: Inputs, key: PairKey, policy: Policy, barred: Barred = NOBODY_BARRED, *, forced: bool = False
) -> ProposedPair:
    """One pair (mentor, executive) with its points and where they come from. Raises ``PairForbidden``."""
    mentor, mentee = considered.mentors[key[0]], considered.mentees[key[1]]
    verdict = score(mentor, mentee, policy, barred)
    if not isinstance(verdict, Scored):
        raise PairForbidden(f"pair {key} was chosen against {', '.join(verdict.rules)}")
    return ProposedPair(
        mentor_id=mentor.person_id,
        mentee_id=mentee.person_id,
        mentor_subsidiary=mentor.subsidiary,
        mentee_subsidiary=mentee.subsidiary,
        points=verdict.points,
        criteria=verdict.criteria,
        forced=forced,
    )


def _without(considered: Inputs, mentees: list[Mentee], policy: Policy, barred: Barred) -> list[Uncovered]:
    """Why there is no mentor for these executives."""
    crowd, mentors, found = Crowd(considered.mentors.values(), policy.rules, barred), len(considered.mentors), []
    for mentee in mentees:
        counted = crowd.barring(mentee)
        reason = "no_mentor_allowed" if counted.total() == mentors else "no_mentor_free"
        found.append(Uncovered(mentee.person_id, reason, tuple(sorted(counted.items()))))
    return found
