"""What stands against the pairs of a proposal at one moment: told to who asks beforehand, and what a publication does.

Reasons are rules' codes, those of ``inputs.obstacle``, and the conflicts of ``proposal``; what people laid down since
counts like everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.matching.domain.hard_rules import Barred
from services.matching.domain.inputs import Facts, Inputs, inputs, obstacle
from services.matching.domain.overrides import Overrides
from services.matching.domain.proposal import EDITION_OVER, FORCED_ELSEWHERE, MENTOR_FULL, ProposedPair
from services.matching.domain.run import DRAFTS, Run, State

_OPEN = frozenset({*DRAFTS, State.PUBLISHING, State.PUBLISHED})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a pair could not be, and whether its executive ``goes_without`` a mentor for it: takes part, and has none."""

    reason: str
    goes_without: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """What pairs go by at one moment; ``over``: their edition is closed, or its last day has passed.

    ``forced`` names the mentors whom people laid down for an executive.
    """

    facts: Facts
    stated: Overrides
    over: bool
    inputs: Inputs = field(init=False)
    barred: Barred = field(init=False)
    forced: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        forced: dict[str, frozenset[str]] = {}
        for mentor, mentee in self.stated.forced:
            forced[mentee] = forced.get(mentee, frozenset()) | {mentor}
        object.__setattr__(self, "inputs", inputs(self.facts))
        object.__setattr__(self, "barred", self.stated.barred)
        object.__setattr__(self, "forced", forced)

    def without(self, ended: Collection[str | None]) -> Moment:
        """The same as if the pairs of these ids had ended."""
        if not ended:
            return self
        taken = tuple(pair for pair in self.facts.taken if pair.pair_id not in ended)
        return replace(self, facts=replace(self.facts, taken=taken))


def against(run: Run, one: ProposedPair, moment: Moment) -> str | None:
    """Why a pair can no longer be, what people said of it first; None if it can, as long as its mentor has a place."""
    if moment.over:
        return EDITION_OVER
    if said := moment.barred.codes((one.mentor_id, one.mentee_id)):
        return said[0]
    if reason := obstacle(moment.inputs, mentor_id=one.mentor_id, mentee_id=one.mentee_id, policy=run.policy_used):
        return reason
    return FORCED_ELSEWHERE if moment.forced.get(one.mentee_id, frozenset()) - {one.mentor_id} else None


def hindered(run: Run, moving: Sequence[ProposedPair], moment: Moment) -> dict[str, str]:
    """Why pairs cannot be that others give way to, by executive; what stands for one may be in the way of another.

    Only the pair that the run names gives way: an executive who has become another one keeps it.
    """
    found: dict[str, str] = {}
    while True:
        left = [one for one in moving if one.mentee_id not in found]
        news = _against_each(run, left, moment.without({one.ends for one in left}))
        if not news:
            return found
        found |= news


def obstacles(run: Run, moment: Moment) -> dict[str, Obstacle]:
    """Why pairs that are to be published still could not be now, by executive, as a publication would find them."""
    if run.trial or run.state not in _OPEN:
        return {}
    waiting = in_order([*run.pending, *run.kept_back])
    found = hindered(run, [one for one in waiting if one.ends is not None], moment)
    left = [one for one in waiting if one.mentee_id not in found]
    found |= _against_each(run, left, moment.without({one.ends for one in left} - {None}))
    return {id: Obstacle(reason, goes_without=id in moment.inputs.mentees) for id, reason in found.items()}


def in_order(pairs: Iterable[ProposedPair]) -> list[ProposedPair]:
    """First those that others give way to: their executives have a mentor to lose, the others have none."""
    return sorted(pairs, key=lambda one: one.ends is None)


def _against_each(run: Run, pairs: Iterable[ProposedPair], moment: Moment) -> dict[str, str]:
    """What stands against these pairs where each takes a place of its mentor."""
    places, found = {id: len(slots) for id, slots in moment.inputs.slots.items()}, dict[str, str]()
    for one in pairs:
        reason = against(run, one, moment)
        places[one.mentor_id] = places.get(one.mentor_id, 0) - (reason is None)
        if reason or places[one.mentor_id] < 0:
            found[one.mentee_id] = reason or MENTOR_FULL
    return found
