"""Who must go along when a part of a re-match is published: a place that a kept-back pair holds is not free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.matching.domain.inputs import Facts
from services.matching.domain.proposal import ProposedPair


@dataclass(frozen=True, slots=True)
class Places:
    """Mentors' places at one moment.

    ``free`` counts by mentor those given less those taken, below 0 where fewer are given than taken; ``held`` has the
    mentor of each active pair by the pair's id.
    """

    free: Mapping[str, int]
    held: Mapping[str, str]

    @classmethod
    def at(cls, facts: Facts) -> Places:
        """Those of the mentors whose profile is known."""
        taken = Counter(one.mentor_id for one in facts.taken)
        given = {id: facts.places.get(id, one.capacity) for id, one in facts.profiles.items() if id in facts.mentors}
        held = {one.pair_id: one.mentor_id for one in facts.taken}
        return cls({id: places - taken[id] for id, places in given.items()}, held)


def going_along(open_ones: Sequence[ProposedPair], named: Iterable[str], places: Places) -> tuple[str, ...]:
    """The executives without whose pairs those of the named ones have no place, sorted; of several that would do, one.

    A place that no pair of these could free is not asked for: its pair is a conflict when it is published.
    """
    going, others = set(named), set[str]()
    while True:
        short = _short([one for one in open_ones if one.mentee_id in going], places)
        found = next((one for one in free_with(open_ones, short, places) if one.mentee_id not in going), None)
        if found is None:
            return tuple(sorted(others))
        going.add(found.mentee_id)
        others.add(found.mentee_id)


def free_with(open_ones: Iterable[ProposedPair], mentors: Collection[str], places: Places) -> list[ProposedPair]:
    """Those of the pairs that free a place of one of these mentors, since one of theirs gives way."""
    return [one for one in open_ones if one.ends is not None and places.held.get(one.ends) in mentors]


def _short(going: Iterable[ProposedPair], places: Places) -> set[str]:
    """The mentors who have fewer places than these pairs need, once all that give way to them have done so."""
    left = Counter(places.free)
    for one in going:
        left[one.mentor_id] -= 1
        if one.ends is not None and (old := places.held.get(one.ends)) is not None:
            left[old] += 1
    return {id for id, free in left.items() if free < 0}
