"""A re-match changes few of the pairs that stand: they give way together, and nobody is left without for a conflict."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from services.chassis import directory, mongo
from services.chassis.aggregate import Command
from services.chassis.ids import random_id
from services.matching.domain import pair, run
from services.matching.domain.inputs import Facts, inputs
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import propose, proposed
from services.matching.handlers import Asked, Handlers
from services.matching.worker import Children, NotReady, Publisher, Solver
from tests.support.matching_rooms import NOW, handlers_over, own_database, write_edition
from tests.support.servers import Running

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
        [ended] = [one for one in (await self._facts()).taken if one.mentor_id == mentor_id]
        await self.handlers.pairs.end(ended.pair_id, MANAGER, reason="mentor_left")

    async def chosen(self, moves: dict[str, str]) -> str:
        """A re-match in which these executives get these mentors, approved and about to be published; its id."""
        facts, run_id = await self._facts(), random_id()
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
        await self.handlers.runs.publish(run_id, MANAGER)
        return run_id

    async def _facts(self) -> Facts:
        return await self.handlers.candidates.facts(self.edition_id)


@pytest.fixture(scope="module")
async def database(servers: Running) -> AsyncIterator[mongo.Database]:
    async with own_database(servers) as database:
        yield database


@pytest.fixture
async def year(database: mongo.Database) -> Year:
    """Four mentors with a place each, three executives with the first three of them."""
    handlers = handlers_over(database)
    edition_id = await write_edition(database, mentors=4, executives=3, places=1)
    facts = await handlers.candidates.facts(edition_id)
    mentors, executives = sorted(facts.mentors), sorted(facts.mentees)
    for mentor, mentee in zip(mentors, executives, strict=False):
        ids = (random_id(), edition_id, "an-earlier-run", mentor, mentee)
        await handlers.pairs.match(pair.Pair(*ids, "north", "north", "standard.1", NOW, slot=1), MANAGER)
    return Year(database, handlers, edition_id, mentors, executives)


async def test_two_who_swap_their_mentors_are_never_in_each_others_way(year: Year) -> None:
    """Both old pairs end before the first new one is made; the ends say why."""
    first, second, third = year.executives
    before = await year.active()
    run_id = await year.chosen({first: before[second], second: before[first]})

    await Publisher(year.handlers).work()

    assert await year.active() == {first: before[second], second: before[first], third: before[third]}
    done = (await year.handlers.runs.runs.get(run_id)).state
    assert done.state is run.State.PUBLISHED
    assert done.proposal is not None
    for one in done.proposal.pairs:
        assert one.ends is not None
        ended = (await year.handlers.pairs.pairs.get(one.ends)).state
        assert (ended.active, ended.end and ended.end.reason) == (False, "rematched")


async def test_pair_does_not_give_way_to_one_that_cannot_be(year: Year) -> None:
    """A mentor who left meanwhile: the old pair stands, and so does whatever needed its place."""
    first, second, third = year.executives
    before = await year.active()
    free = year.mentors[3]
    run_id = await year.chosen({first: free, second: before[first]})
    await year.database[directory.COLLECTION].update_one({"_id": free}, {"$set": {"entry.active": False}})

    await Publisher(year.handlers).work()

    assert await year.active() == before
    done = (await year.handlers.runs.runs.get(run_id)).state
    assert done.proposal is not None
    conflicts = {one.mentee_id: one.conflict for one in done.proposal.pairs}
    assert conflicts == {first: "mentor_left", second: "mentor_full"}
    assert third in before


async def test_publication_of_a_rematch_goes_on_after_a_crash(year: Year) -> None:
    """Where the old pairs have ended and nothing else is written yet, the new ones are made all the same."""
    first, second, _ = year.executives
    before = await year.active()
    run_id = await year.chosen({first: before[second], second: before[first]})
    due = (await year.handlers.runs.runs.get(run_id)).state
    for one in due.pending:
        assert one.ends is not None
        await year.handlers.pairs.end(one.ends, MANAGER, reason="rematched")

    await Publisher(year.handlers).work()

    after = await year.active()
    assert (after[first], after[second]) == (before[second], before[first])


async def test_leaver_is_replaced_with_no_other_change(year: Year) -> None:
    """Whoever lost the mentor gets the free one; whoever has a mentor is in no new pair."""
    before = await year.active()
    first = year.executives[0]
    await year.leaves(before[first])
    run_id = (await year.handlers.runs.request(random_id(), year.edition_id, MANAGER, Asked(kind="rematch"))).id
    solver = Solver(year.handlers, database=year.database, children=Children())
    while (state := (await year.handlers.runs.runs.get(run_id)).state).state in run.WAITING:
        with contextlib.suppress(NotReady):  # on a busy machine a process takes its time
            await solver.turn()
    await solver.close()

    assert state.state is run.State.PROPOSED
    least = state.alternatives[0]
    assert (least.changes, least.covered, least.uncovered) == (0, 3, ())
    assert [(one.mentee_id, one.mentor_id, one.ends) for one in least.pairs] == [(first, year.mentors[3], None)]
    assert state.certificate is None
    await year.handlers.runs.choose(run_id, 0, MANAGER)
    await year.handlers.runs.review(run_id, MANAGER, decision="approved", note=None)
    await year.handlers.runs.publish(run_id, MANAGER)
    await Publisher(year.handlers).work()
    assert await year.active() == {**before, first: year.mentors[3]}
