"""Every proposal of a re-match can be carried out as it is, and nobody is left without a mentor for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from hypothesis import assume, given, settings

from services.matching.domain.contradictions import ContradictoryOverrides
from services.matching.domain.inputs import Facts, Taken, inputs, obstacle
from services.matching.domain.obstacles import Moment, obstacles
from services.matching.domain.proposal import Proposal
from services.matching.domain.run import Alternative, Found, Run, State
from services.matching.solving import proposing
from services.matching.solving.tasks import SolveTask
from tests.support.matching_rooms import NOW
from tests.support.rematching import Year, years


def found(year: Year) -> Found:
    """What a re-match of the year proposes; nothing is asked of what contradicts itself."""
    task = SolveTask("rematch", year.policy, year.stated, 0, year.people, year.facts.taken)
    proposed = None
    try:
        proposed, _ = proposing.solved(task, lambda told: None)
    except ContradictoryOverrides:
        assume(False)
    assert proposed is not None
    return proposed


def published(year: Year, way: Alternative) -> tuple[Taken, ...]:
    """The pairs that run after a way was published, as the publisher does it: all ends first, then pair by pair."""
    active = {pair.pair_id: pair for pair in year.facts.taken}
    for one in way.pairs:
        if one.ends is not None:
            assert active.pop(one.ends).mentee_id == one.mentee_id
    taken = tuple(active.values())
    for one in way.pairs:
        now, ids = inputs(_with(year.facts, taken)), {"mentor_id": one.mentor_id, "mentee_id": one.mentee_id}
        assert obstacle(now, **ids, policy=year.policy, barred=year.stated.barred) is None
        taken = (*taken, Taken(**ids, slot=now.slots[one.mentor_id][0], pair_id=f"new pair of {one.mentee_id}"))
    return taken


def _with(facts: Facts, taken: tuple[Taken, ...]) -> Facts:
    return replace(facts, taken=taken)


@settings(max_examples=500)
@given(years())
def test_every_proposal_is_published_without_a_conflict(year: Year) -> None:
    """Whatever people forbade, forced and gave; whoever is exempt, has left, or has fewer places than pairs."""
    before = set(year.facts.taken)
    for way in found(year).alternatives:
        after = set(published(year, way))
        proposal = Proposal("test", 1, executives=0, worst=None, total=0, pairs=way.pairs)
        state = Run("run", "edition", "manager", NOW, State.PROPOSED, policy=year.policy, proposal=proposal)

        assert obstacles(state, Moment(year.facts, year.stated, over=False)) == {}
        assert {one.mentee_id for one in before} <= {one.mentee_id for one in after}
        assert sum(map(year.could_go_on, before - after)) <= way.changes
        assert way.covered == sum(year.could_go_on(pair) or year.stays(pair) for pair in after)


def ways_of(year: Year, changes: int) -> Iterator[dict[str, str]]:
    """All mentors by executive that a re-match may propose, but for pairs that go on though people ruled them out.

    Whoever is without one was so before, changes are few, and whoever has fewer places than pairs gets nobody new.
    """
    free = {pair.mentee_id: pair.mentor_id for pair in year.facts.taken if year.could_go_on(pair)}
    staying = {pair.mentee_id for pair in year.facts.taken if year.stays(pair)}
    others = [pair for pair in year.facts.taken if pair.mentee_id not in free]
    standing = Counter(free.values())
    rows = sorted(year.people.mentees.keys() - staying)
    allowed = {id: [one for one in year.people.mentors if year.points(one, id) is not None] for id in rows}
    for choice in product(*([*allowed[id], *([] if id in free else [""])] for id in rows)):
        made = {id: mentor for id, mentor in zip(rows, choice, strict=True) if mentor}
        bound = Counter(one.mentor_id for one in others if one.mentee_id not in made)
        places = {id: year.facts.places_of(id) - bound[id] for id in year.people.mentors}
        load, new = Counter(made.values()), {mentor for id, mentor in made.items() if free.get(id) != mentor}
        few = sum(made[id] != mentor for id, mentor in free.items()) <= changes
        if few and all(max(load[id], standing[id]) <= places[id] for id in new):
            yield made


@settings(max_examples=200)
@given(years(kinds=("block", "conflict", "place")))
def test_proposals_equal_the_best_of_all_that_can_be_carried_out(year: Year) -> None:
    """Coverage by class, few ruled-out pairs that go on, worst pair, total: nothing with as few changes is better."""
    free = {pair.mentee_id: pair.mentor_id for pair in year.facts.taken if year.could_go_on(pair)}
    ruled_out = {
        one.mentee_id
        for one in year.facts.taken
        if year.is_ruled_out(one) and one.mentor_id in year.people.mentors and one.mentee_id in year.people.mentees
    }

    def rank(made: Mapping[str, str]) -> tuple[tuple[int, ...], int, int, int]:
        covered, worst, total = year.rank(made)
        return covered, -len(ruled_out - made.keys()), worst, total

    for way in found(year).alternatives:
        made = {**free, **{one.mentee_id: one.mentor_id for one in way.pairs}}
        best = max(map(rank, ways_of(year, way.changes)))

        assert rank(made) == best
        assert (way.worst or 0, way.total) == best[2:]
