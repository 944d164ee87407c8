"""The pairs that run when an edition is re-matched: which may change, which stay, and which places they leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.matching.domain.hard_rules import broken
from services.matching.domain.inputs import Inputs, Taken
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.people import Mentor
from services.matching.domain.policy import Rules

_STAYING = frozenset({"no_profile", "full"})  # of mentors who cannot be matched, though their pairs go on
Pairs = tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """The active pairs of an edition, by what a re-match may do to them.

    ``free`` pairs may change, and each one counts. ``parted`` are those that people forbade since: they give way to
    another mentor wherever there is one, and count as no change. Those of ``lost`` mentors, who are none any more,
    likewise; they end without a re-match too. ``held`` pairs stay, since a rule forbids them by now or the mentor's
    profile is gone: nobody parts them unasked. ``resting`` are those of executives who are not to be matched at the
    moment. Both keep their places.
    """

    free: Pairs = ()
    parted: Pairs = ()
    lost: Pairs = ()
    held: Pairs = ()
    resting: Pairs = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a re-match goes over: the people, what people laid down for them, and the pairs that run.

    ``places`` are by mentor what is left for the executives of ``inputs``, those whose pairs run included: below the
    number of these, or below 0, where a mentor has more pairs than places.
    """

    inputs: Inputs
    overrides: Overrides
    running: Running
    places: Mapping[str, int]


def ground(everybody: Inputs, pairs: Pairs, rules: Rules, stated: Overrides) -> Ground:
    """The ground of a re-match; ``everybody`` is seen as if nobody were paired.

    An executive who has a mentor is forced to no other one, and nobody to a mentor from whom people parted them since:
    nothing comes of such a word, as in any other run.
    """
    found = _running(everybody, pairs, rules, stated)
    places = _places(everybody, stated, Counter(pair.mentor_id for pair in (*found.held, *found.resting)))
    wanted = Counter(pair.mentor_id for pair in found.free)
    held = {pair.mentee_id for pair in found.held}
    people = replace(
        everybody,
        mentors={id: _offering(one, max(places[id], wanted[id])) for id, one in everybody.mentors.items()},
        mentees={id: one for id, one in everybody.mentees.items() if id not in held},
        taken={pair.mentee_id: pair.mentor_id for pair in pairs},
    )
    return Ground(people, _counting(stated, found), found, places)


def _running(everybody: Inputs, pairs: Pairs, rules: Rules, stated: Overrides) -> Running:
    sorts: dict[str, list[Taken]] = {}
    forbidden = stated.blocked | stated.conflicts
    for pair in pairs:
        mentor, mentee = everybody.mentors.get(pair.mentor_id), everybody.mentees.get(pair.mentee_id)
        if mentee is None:
            sort = "resting"
        elif mentor is None:
            sort = "held" if everybody.mentors_out.get(pair.mentor_id) in _STAYING else "lost"
        elif (pair.mentor_id, pair.mentee_id) in forbidden:
            sort = "parted"
        else:
            sort = "held" if broken(mentor, mentee, rules) else "free"
        sorts.setdefault(sort, []).append(pair)
    return Running(**{sort: tuple(found) for sort, found in sorts.items()})


def _places(everybody: Inputs, stated: Overrides, gone: Mapping[str, int]) -> dict[str, int]:
    """The places that mentors offer, by themselves or as people laid down, less those that are ``gone``."""
    given = {**{id: one.capacity for id, one in everybody.mentors.items()}, **everybody.own_places, **stated.places}
    return {id: given[id] - gone.get(id, 0) for id in everybody.mentors}


def _offering(mentor: Mentor, places: int) -> Mentor:
    return mentor if mentor.capacity == places else replace(mentor, capacity=places)


def _counting(stated: Overrides, running: Running) -> Overrides:
    """What was laid down, without forced pairs that nothing comes of."""
    has = {pair.mentee_id: pair.mentor_id for pair in running.free}
    was = {(pair.mentor_id, pair.mentee_id) for pair in running.parted}

    def moot(one: Override) -> bool:
        return has.get(one.mentee_id or "", one.mentor_id) != one.mentor_id or one.pair in was

    return replace(stated, items=tuple(one for one in stated.items if one.kind != "force" or not moot(one)))
