"""A re-match changes few of the pairs that stand: they give way together, and nobody is left without for a conflict."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from services.chassis import directory, mongo
from services.chassis.aggregate import Command
from services.chassis.errors import Refused
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import pair, run
from services.matching.domain.inputs import Facts, inputs
from services.matching.domain.overrides import Override
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import propose, proposed
from services.matching.handlers import Asked, Handlers
from services.matching.worker import Children, NotReady, Publisher, Solver
from tests.support.crashing_publishers import Countdown, Crash, crashing
from tests.support.matching_rooms import NOW, handlers_over, write_edition

MANAGER = Command(actor="manager")


@dataclass(frozen=True, slots=True)
class Year:
    """An edition whose executives are paired, each with a mentor."""

    database: mongo.Database
    handlers: Handlers
    edition_id: str
    mentors: list[str]
    executives: list[str]

    async def active(self) -> dict[str, str]:
        """The mentor of each executive."""
        facts = await self.handlers.candidates.facts(self.edition_id)
        return {one.mentee_id: one.mentor_id for one in facts.taken}

    async def leaves(self, mentor_id: str) -> None:
        """A mentor leaves, and the pair has ended."""
        left = {"$set": {"entry.active": False}}
        await self.database[directory.COLLECTION].update_one({"_id": mentor_id}, left)
        [ended] = [one for one in (await self.facts()).taken if one.mentor_id == mentor_id]
        await self.handlers.pairs.end(ended.pair_id, MANAGER, reason="mentor_left")

    async def chosen(self, moves: dict[str, str]) -> str:
        """A re-match in which these executives get these mentors, approved; its id."""
        facts, run_id = await self.facts(), random_id()
        await self.handlers.runs.request(run_id, self.edition_id, MANAGER, Asked(kind="rematch"))
        everybody = inputs(facts.as_if_nobody_were_paired())
        now = {one.mentee_id: one.pair_id for one in facts.taken}
        pairs = tuple(
            replace(proposed(everybody, (mentor, mentee), STANDARD), ends=now.get(mentee))
            for mentee, mentor in moves.items()
        )
        way = run.Alternative(1, covered=len(self.executives), worst=0, total=0, pairs=pairs)
        await self.handlers.runs.propose(run_id, run.Found(propose([], everybody, STANDARD), alternatives=(way,)))
        await self.handlers.runs.choose(run_id, 1, MANAGER)
        await self.handlers.runs.review(run_id, MANAGER, decision="approved", note=None)
        return run_id

    async def proposed(self) -> run.Run:
        """A re-match as the solver finds it."""
        run_id = (await self.handlers.runs.request(random_id(), self.edition_id, MANAGER, Asked(kind="rematch"))).id
        solver = Solver(self.handlers, database=self.database, children=Children())
        while (state := (await self.handlers.runs.runs.get(run_id)).state).state in run.WAITING:
            with contextlib.suppress(NotReady):  # on a busy machine a process takes its time
                await solver.turn()
        await solver.close()
        return state

    async def published(
        self, run_id: str, mentee_ids: Sequence[str] | None = None
    ) -> dict[str, tuple[str, str | None]]:
        """Have the run published, all of it or these executives' pairs: what became of each, by executive."""
        await self.handlers.runs.publish(run_id, MANAGER, mentee_ids)
        await Publisher(self.handlers).work()
        done = (await self.handlers.runs.runs.get(run_id)).state
        assert done.state is run.State.PUBLISHED
        assert done.proposal is not None
        return {one.mentee_id: (one.outcome, one.conflict) for one in done.proposal.pairs}

    async def paired(self, mentor_id: str, mentee_id: str) -> str:
        """Make the two a pair in the mentor's only place; the pair's id."""
        ids = (random_id(), self.edition_id, "an-earlier-run", mentor_id, mentee_id)
        await self.handlers.pairs.match(pair.Pair(*ids, "north", "north", "standard.1", NOW, slot=1), MANAGER)
        return ids[0]

    async def places(self, mentor_id: str, places: int) -> str:
        """Give a mentor so many places in the edition; the override's id."""
        id = random_id()
        given = Override(id, "place", mentor_id, None, places, "They asked for it.", "manager", NOW)
        await self.handlers.overrides.lay_down(self.edition_id, given, MANAGER)
        return id

    async def facts(self) -> Facts:
        """What is known of the edition at this moment."""
        return await self.handlers.candidates.facts(self.edition_id)


@pytest.fixture
async def year(database: mongo.Database) -> Year:
    """Four mentors with a place each, three executives with the first three of them."""
    handlers = handlers_over(database)
    edition_id = await write_edition(database, mentors=4, executives=3, places=1)
    facts = await handlers.candidates.facts(edition_id)
    mentors, executives = sorted(facts.mentors), sorted(facts.mentees)
    year = Year(database, handlers, edition_id, mentors, executives)
    for mentor, mentee in zip(mentors, executives, strict=False):
        await year.paired(mentor, mentee)
    return year


async def test_two_who_swap_their_mentors_are_never_in_each_others_way(year: Year) -> None:
    """Both old pairs end before the first new one is made; the ends say why."""
    first, second, third = year.executives
    before = await year.active()
    run_id = await year.chosen({first: before[second], second: before[first]})

    await year.published(run_id)

    assert await year.active() == {first: before[second], second: before[first], third: before[third]}
    done = (await year.handlers.runs.runs.get(run_id)).state
    assert done.state is run.State.PUBLISHED
    assert done.proposal is not None
    for one in done.proposal.pairs:
        assert one.ends is not None
        ended = (await year.handlers.pairs.pairs.get(one.ends)).state
        assert (ended.active, ended.end and ended.end.reason) == (False, "rematched")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("writes", range(6))
async def test_new_order_goes_on_after_a_crash(year: Year, writes: int, after: bool) -> None:
    """Before or after any write: what was made before it is no conflict with itself, and the run names its pairs."""
    first, second, third = year.executives
    before = await year.active()
    run_id = await year.chosen({first: before[second], second: before[first]})
    await year.handlers.runs.publish(run_id, MANAGER, None)
    with contextlib.suppress(Crash):  # the last of these writes may not come
        await crashing(year.database, year.handlers, Countdown(writes, after=after)).work()

    await Publisher(year.handlers).work()

    assert await year.active() == {first: before[second], second: before[first], third: before[third]}
    done = (await year.handlers.runs.runs.get(run_id)).state
    assert done.state is run.State.PUBLISHED
    assert done.proposal is not None
    assert [(one.outcome, one.conflict) for one in done.proposal.pairs] == [("published", None)] * 2
    made = {one.mentee_id: one.pair_id for one in (await year.facts()).taken}
    assert all(one.pair_id == made[one.mentee_id] for one in done.proposal.pairs)


async def test_pair_does_not_give_way_to_one_that_cannot_be(year: Year) -> None:
    """A mentor who left meanwhile: the old pair stands, and so does whatever needed its place."""
    first, second, third = year.executives
    before = await year.active()
    free = year.mentors[3]
    run_id = await year.chosen({first: free, second: before[first]})
    await year.database[directory.COLLECTION].update_one({"_id": free}, {"$set": {"entry.active": False}})

    outcomes = await year.published(run_id)

    assert await year.active() == before
    assert outcomes == {first: ("conflict", "mentor_left"), second: ("conflict", "mentor_full")}
    assert third in before


async def test_only_the_pair_that_the_run_names_gives_way(year: Year) -> None:
    """An executive who became another pair meanwhile keeps it, and so does whoever would have got its place."""
    first, second, _ = year.executives
    before, free = await year.active(), year.mentors[3]
    run_id = await year.chosen({first: free, second: before[first]})
    [old] = [one for one in (await year.facts()).taken if one.mentee_id == first]
    await year.handlers.pairs.end(old.pair_id, MANAGER, reason="mentor_left")
    await year.paired(before[first], first)

    outcomes = await year.published(run_id)

    assert await year.active() == before
    assert outcomes == {first: ("conflict", "mentee_already_paired"), second: ("conflict", "mentor_full")}


async def test_who_loses_a_mentor_for_another_one_comes_before_who_has_none(year: Year) -> None:
    """Where a place is gone meanwhile, nobody's pair has ended for nothing."""
    first, second, third = year.executives
    before, free = await year.active(), year.mentors[3]
    given = await year.places(free, 2)
    await year.leaves(before[first])
    run_id = await year.chosen({first: free, second: free})
    await year.handlers.overrides.withdraw(year.edition_id, given, MANAGER, reason=None)

    outcomes = await year.published(run_id)

    assert await year.active() == {second: free, third: before[third]}
    assert outcomes == {first: ("conflict", "mentor_full"), second: ("published", None)}


async def test_part_of_a_rematch_that_needs_a_kept_back_pair_is_refused_with_its_name(year: Year) -> None:
    """Whoever holds the place that a named pair needs goes along, or the pair waits; nothing has happened."""
    first, second, third = year.executives
    before, free = await year.active(), year.mentors[3]
    await year.leaves(before[third])
    run_id = await year.chosen({first: free, second: before[first], third: before[second]})

    with pytest.raises(Refused) as refused:
        await year.handlers.runs.publish(run_id, MANAGER, [third])

    assert (refused.value.kind, refused.value.status) == ("run-needs-others", 422)
    assert refused.value.members == {"mentee_ids": sorted([first, second])}
    assert [one.field for one in refused.value.fields] == ["/mentee_ids"]
    assert (await year.handlers.runs.runs.get(run_id)).state.state is run.State.APPROVED
    outcomes = await year.published(run_id, [first])
    assert outcomes == {first: ("published", None), second: ("kept_back", None), third: ("kept_back", None)}
    await year.published(run_id, [third, second])
    assert await year.active() == {first: free, second: before[first], third: before[second]}


async def test_part_of_a_rematch_whose_places_are_free_goes_alone(year: Year) -> None:
    """Whether others must go along is asked of the places at that moment."""
    first, second, third = year.executives
    before, free = await year.active(), year.mentors[3]
    await year.leaves(before[third])
    run_id = await year.chosen({first: free, third: before[first]})
    await year.places(before[first], 2)

    assert await year.published(run_id, [third]) == {first: ("kept_back", None), third: ("published", None)}
    assert await year.active() == {**before, third: before[first]}
    assert second in before


async def test_pair_stays_kept_back_whose_place_another_kept_back_one_holds(year: Year) -> None:
    """A place that was there when somebody published, and is gone a moment later, is no last word either."""
    first, _, third = year.executives
    before, free = await year.active(), year.mentors[3]
    await year.leaves(before[third])
    run_id = await year.chosen({first: free, third: before[first]})
    given = await year.places(before[first], 2)
    await year.handlers.runs.publish(run_id, MANAGER, [third])
    await year.handlers.overrides.withdraw(year.edition_id, given, MANAGER, reason=None)
    await Publisher(year.handlers).work()

    done = (await year.handlers.runs.runs.get(run_id)).state
    assert (done.state, {one.mentee_id for one in done.kept_back}) == (run.State.PUBLISHED, {first, third})
    await year.published(run_id)
    assert await year.active() == {**before, first: free, third: before[first]}


async def test_leaver_is_replaced_with_no_other_change(year: Year) -> None:
    """Whoever lost the mentor gets the free one; whoever has a mentor is in no new pair."""
    before = await year.active()
    first = year.executives[0]
    await year.leaves(before[first])
    state = await year.proposed()

    assert state.state is run.State.PROPOSED
    least = state.alternatives[0]
    assert (least.changes, least.covered, least.uncovered) == (0, 3, ())
    assert [(one.mentee_id, one.mentor_id, one.ends) for one in least.pairs] == [(first, year.mentors[3], None)]
    assert state.certificate is None
    await year.handlers.runs.choose(state.run_id, 0, MANAGER)
    await year.handlers.runs.review(state.run_id, MANAGER, decision="approved", note=None)
    await year.published(state.run_id)
    assert await year.active() == {**before, first: year.mentors[3]}


async def test_way_that_was_found_is_published_as_it_is(year: Year) -> None:
    """One pair is ruled out, one mentor left, and one lowered the places to none: nobody's pair ends for nothing."""
    first, second, third = year.executives
    before, free = await year.active(), year.mentors[3]
    await year.leaves(before[first])
    ruled_out = Override(random_id(), "block", before[second], second, None, "They quarrel.", "manager", NOW)
    await year.handlers.overrides.lay_down(year.edition_id, ruled_out, MANAGER)
    await year.database[store.PROFILES].update_one({"_id": before[third]}, {"$set": {"entry.capacity": 0}})
    state = await year.proposed()

    assert [(one.covered, len(one.pairs)) for one in state.alternatives] == [(3, 2)] * 3
    await year.handlers.runs.choose(state.run_id, 0, MANAGER)
    await year.handlers.runs.review(state.run_id, MANAGER, decision="approved", note=None)
    assert await year.published(state.run_id) == {first: ("published", None), second: ("published", None)}
    assert await year.active() == {first: before[second], second: free, third: before[third]}
