"""The end of pairs over a database alone: several processes, copies that are behind, and the unique indexes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.chassis import directory, mongo
from services.chassis.aggregate import AlreadyTaken, Command
from services.chassis.clock import SystemClock
from services.chassis.directory import Directory
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import pair
from services.matching.domain.candidates import Selected
from services.matching.handlers import Handlers
from services.matching.projections import CANDIDATES
from services.matching.worker import Ender
from tests.support.matching_rooms import NOW, handlers_over, write_edition

MANAGER = Command(actor="manager")


@dataclass(slots=True)
class Asked:
    """Says whether all that the topics hold was applied; counts how often it was asked."""

    answer: bool = True
    times: int = 0

    async def __call__(self) -> bool:
        """What it was told to say."""
        self.times += 1
        return self.answer


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of three pairs, and a process that looks after them."""

    database: mongo.Database
    handlers: Handlers
    edition_id: str
    pairs: tuple[pair.Pair, ...]

    def ender(self, asked: Asked | None = None) -> Ender:
        """The loop of a process of its own."""
        handlers = handlers_over(self.database)
        standings = store.Standings(self.database, Directory(self.database, SystemClock()))
        return Ender(handlers, standings, asked or Asked())

    async def left(self, person_id: str) -> None:
        """The directory tells that somebody left."""
        away = {"$set": {"entry.active": False}}
        await self.database[directory.COLLECTION].update_one({"_id": person_id}, away)

    async def said(self, person_id: str, *, stands: bool) -> None:
        """The copy of applications shows a mentor as selected or not."""
        state = CANDIDATES.state.dump_python(Selected(self.edition_id, person_id, stands), mode="json")
        await self.database[CANDIDATES.collection].update_one({"_id": person_id}, {"$set": {"state": state}})

    async def states(self) -> list[pair.Pair]:
        """The pairs as they stand."""
        return [(await self.handlers.pairs.pairs.get(one.pair_id)).state for one in self.pairs]

    async def events(self, pair_id: str) -> int:
        """How many events a pair has."""
        return (await self.handlers.pairs.pairs.get(pair_id)).sequence


def made(edition_id: str, mentor_id: str, mentee_id: str, *, slot: int = 1) -> pair.Pair:
    """A pair of these two."""
    return pair.Pair(
        random_id(), edition_id, random_id(), mentor_id, mentee_id, "north", "south", "standard.1", NOW, slot
    )


@pytest.fixture
async def edition(database: mongo.Database) -> Edition:
    """Three mentors and three executives, all of them paired."""
    handlers = handlers_over(database)
    edition_id = await write_edition(database, mentors=3, executives=3)
    facts = await handlers.candidates.facts(edition_id)
    pairs = tuple(made(edition_id, *both) for both in zip(sorted(facts.mentors), sorted(facts.mentees), strict=True))
    for one in pairs:
        await handlers.pairs.match(one, MANAGER)
    return Edition(database, handlers, edition_id, pairs)


async def test_several_processes_end_a_pair_once(edition: Edition) -> None:
    """Whoever comes first; the others find nothing to do, and no other pair is touched."""
    gone, *others = edition.pairs
    await edition.left(gone.mentor_id)

    await asyncio.gather(*(edition.ender().work() for _ in range(4)))
    await edition.ender().work()

    states = await edition.states()
    assert [one.active for one in states] == [False, True, True]
    assert states[0].end is not None
    assert (states[0].end.reason, states[0].end.by) == ("mentor_left", "matching")
    assert await edition.events(gone.pair_id) == 2
    assert [await edition.events(one.pair_id) for one in others] == [1, 1]


async def test_nothing_ends_by_a_copy_that_is_behind(edition: Edition) -> None:
    """A copy that is built anew shows a mentor on the reserve list who was selected since: that ends no pair."""
    replayed = edition.pairs[0].mentor_id
    await edition.said(replayed, stands=False)

    await edition.ender(behind := Asked(answer=False)).work()
    assert behind.times == 1
    assert all(one.active for one in await edition.states())

    async def caught_up() -> bool:
        await edition.said(replayed, stands=True)
        return True

    await replace(edition.ender(), abreast=caught_up).work()
    assert all(one.active for one in await edition.states())


async def test_topics_are_not_asked_where_nothing_is_to_end(edition: Edition) -> None:
    """The broker is only needed for what cannot be undone."""
    await edition.ender(asked := Asked()).work()

    assert asked.times == 0


async def test_ended_pair_ends_no_more_whoever_comes_later(edition: Edition) -> None:
    """A run's publication and the loop may meet: the first end counts."""
    gone = edition.pairs[0]
    await edition.handlers.pairs.end(gone.pair_id, MANAGER, reason="rematched")
    before = await edition.handlers.pairs.pairs.get(gone.pair_id)

    again = await edition.handlers.pairs.end(gone.pair_id, MANAGER, reason="mentor_left")
    await edition.left(gone.mentor_id)
    await edition.ender().work()

    assert again.state == before.state
    assert await edition.handlers.pairs.pairs.get(gone.pair_id) == before


async def test_two_whom_nobody_parted_may_be_a_pair_again(edition: Edition) -> None:
    """Whose place was taken back, and given again later, withdrew from nobody."""
    for one in edition.pairs:
        await edition.handlers.pairs.end(one.pair_id, Command(actor=pair.SERVICE), reason="mentor_withdrawn")

    assert (await edition.handlers.candidates.facts(edition.edition_id)).earlier == frozenset()


@pytest.mark.parametrize("reason", ["mentor_withdrawn", "by_agreement"])
async def test_two_whom_people_parted_count_as_a_pair_that_was(edition: Edition, reason: pair.Reason) -> None:
    """Nobody proposes them to one another again; whoever parted for another reason may be a pair once more."""
    parted, unexplained, left = edition.pairs
    end = edition.handlers.pairs.end
    await end(parted.pair_id, MANAGER, reason=reason)
    await end(unexplained.pair_id, MANAGER, reason="other", note="They know why.")
    await end(left.pair_id, MANAGER, reason="mentor_left")

    facts = await edition.handlers.candidates.facts(edition.edition_id)

    assert facts.earlier == {(one.mentor_id, one.mentee_id) for one in (parted, unexplained)}


_steps = st.one_of(
    st.tuples(st.just("match"), st.integers(0, 2), st.integers(0, 3), st.integers(1, 2)),
    st.tuples(st.just("end"), st.integers(0, 9), st.just(0), st.just(0)),
)


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(steps=st.lists(_steps, min_size=5, max_size=20))
async def test_executive_and_place_have_one_active_pair_whatever_is_matched_and_ended(
    database: mongo.Database, steps: list[tuple[str, int, int, int]]
) -> None:
    """A pair is made exactly where executive and place are free, and its end frees both."""
    handlers, edition_id = handlers_over(database), random_id()
    going_on: dict[str, pair.Pair] = {}
    everybody: list[pair.Pair] = []
    for kind, one, mentee, slot in steps:
        if kind == "end":
            if everybody:
                over = everybody[one % len(everybody)]
                await handlers.pairs.end(over.pair_id, MANAGER, reason="by_agreement")
                going_on.pop(over.pair_id, None)
            continue
        wanted = made(edition_id, f"mentor-{one}", f"mentee-{mentee}", slot=slot)
        free = all(
            wanted.mentee_id != other.mentee_id and (wanted.mentor_id, slot) != (other.mentor_id, other.slot)
            for other in going_on.values()
        )
        if free:
            await handlers.pairs.match(wanted, MANAGER)
            going_on[wanted.pair_id] = wanted
            everybody.append(wanted)
        else:
            with pytest.raises(AlreadyTaken):
                await handlers.pairs.match(wanted, MANAGER)
    found = await database["pairs"].find({"state.edition_id": edition_id}).to_list(None)
    assert {one["_id"] for one in found if one["state"]["active"]} == going_on.keys()
    assert len(found) == len(everybody)
