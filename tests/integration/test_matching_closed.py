"""Nothing more comes of an edition that is over: nothing is shown, chosen, approved or published in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from services.chassis import mongo
from services.chassis.aggregate import Command
from services.chassis.ids import derived_id, random_id
from services.matching.domain import pair, run
from services.matching.domain.candidates import Edition
from services.matching.domain.explanations import of_conflict
from services.matching.domain.inputs import inputs
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import EDITION_OVER, propose
from services.matching.handlers import Asked, EditionOver, Handlers
from services.matching.projections import CANDIDATES
from services.matching.worker import Publisher
from tests.support.clocks import HandClock
from tests.support.matching_rooms import NOW, handlers_over, write_edition

MANAGER = Command(actor="manager")
LATER = datetime(2026, 3, 20, 9, tzinfo=UTC)  # the days to object are over, the edition is not


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition with two mentors and two executives, and a proposal for both of these."""

    database: mongo.Database
    handlers: Handlers
    clock: HandClock
    edition_id: str
    run_id: str

    async def becomes(self, edition: Edition) -> None:
        """The edition changes."""
        state = CANDIDATES.state.dump_python(edition, mode="json")
        await self.database[CANDIDATES.collection].update_one({"_id": self.edition_id}, {"$set": {"state": state}})

    async def closes(self) -> None:
        """People close the edition."""
        await self.becomes(Edition(self.edition_id, NOW.date().replace(year=9999), closed=True))

    async def approve(self) -> None:
        """Somebody approves the proposal."""
        await self.handlers.runs.review(self.run_id, MANAGER, decision="approved", note=None)

    async def state(self) -> run.Run:
        """The run as it stands."""
        return (await self.handlers.runs.runs.get(self.run_id)).state

    async def active(self) -> int:
        """How many pairs the edition has."""
        return len((await self.handlers.candidates.facts(self.edition_id)).taken)


@pytest.fixture
async def draft(database: mongo.Database) -> Draft:
    clock = HandClock(NOW)
    handlers, run_id = handlers_over(database, clock), random_id()
    edition_id = await write_edition(database, mentors=2, executives=2)
    await handlers.runs.request(run_id, edition_id, MANAGER)
    known = inputs(await handlers.candidates.facts(edition_id))
    chosen = zip(sorted(known.mentors), sorted(known.mentees), strict=True)
    await handlers.runs.propose(run_id, run.Found(propose(chosen, known, STANDARD)))
    return Draft(database, handlers, clock, edition_id, run_id)


STEPS: dict[str, Callable[[Draft], Awaitable[object]]] = {
    "preview": lambda draft: draft.handlers.runs.preview(draft.run_id, MANAGER),
    "approval": lambda draft: draft.approve(),
    "publication": lambda draft: draft.handlers.runs.publish(draft.run_id, MANAGER),
}


@pytest.mark.parametrize("step", STEPS)
async def test_nothing_goes_on_in_a_closed_edition(draft: Draft, step: str) -> None:
    """Each step is refused with a word of its own, and rejecting is still possible before the publication."""
    if step == "publication":
        await draft.approve()
    before = await draft.state()
    await draft.closes()

    with pytest.raises(EditionOver, match="was closed"):
        await STEPS[step](draft)

    assert await draft.state() == before
    rejected = await draft.handlers.runs.review(draft.run_id, MANAGER, decision="rejected", note="Too late.")
    assert rejected.state.state is run.State.REJECTED


async def test_nothing_is_published_after_the_last_day(draft: Draft) -> None:
    """What was kept back neither."""
    await draft.approve()
    first = (await draft.state()).pending[0].mentee_id
    await draft.handlers.runs.publish(draft.run_id, MANAGER, [first])
    await Publisher(draft.handlers).work()
    await draft.becomes(Edition(draft.edition_id, NOW.date()))
    draft.clock.instant = LATER

    with pytest.raises(EditionOver, match="ended on 2026-03-02"):
        await draft.handlers.runs.publish(draft.run_id, MANAGER)

    assert await draft.active() == 1


async def test_no_way_of_a_rematch_is_chosen_in_a_closed_edition(draft: Draft) -> None:
    """A choice that stands is none anew."""
    run_id = random_id()
    await draft.handlers.runs.request(run_id, draft.edition_id, MANAGER, Asked(kind="rematch"))
    ways = tuple(run.Alternative(changes, covered=0, worst=None, total=0, pairs=()) for changes in (0, 1))
    known = inputs(await draft.handlers.candidates.facts(draft.edition_id))
    await draft.handlers.runs.propose(run_id, run.Found(propose([], known, STANDARD), alternatives=ways))
    await draft.handlers.runs.choose(run_id, 0, MANAGER)
    await draft.closes()

    with pytest.raises(EditionOver):
        await draft.handlers.runs.choose(run_id, 1, MANAGER)

    assert (await draft.handlers.runs.choose(run_id, 0, MANAGER)).state.chosen == 0


async def test_same_request_is_answered_the_same_after_the_close(draft: Draft) -> None:
    """A key that was used tells what was done, whatever has changed since."""
    await draft.approve()
    keyed = replace(MANAGER, key="k", fingerprint="f")
    done = await draft.handlers.runs.publish(draft.run_id, keyed)
    await draft.closes()

    again = await draft.handlers.runs.publish(draft.run_id, keyed)

    assert (again.replayed, again.state) == (True, done.state)


async def test_what_waits_when_the_edition_closes_is_a_conflict(draft: Draft) -> None:
    """The run comes to its end, nobody is paired, and whoever was made a pair before that is one."""
    await draft.approve()
    await draft.handlers.runs.publish(draft.run_id, MANAGER)
    made, left = (await draft.state()).pending
    pair_id = derived_id("pair", draft.run_id, made.mentee_id)
    ids = (pair_id, draft.edition_id, draft.run_id, made.mentor_id, made.mentee_id)
    await draft.handlers.pairs.match(pair.Pair(*ids, "north", "north", "standard.1", NOW, slot=1), MANAGER)
    await draft.closes()

    await Publisher(draft.handlers).work()

    state = await draft.state()
    assert (state.state, await draft.active()) == (run.State.PUBLISHED, 1)
    assert state.proposal is not None
    conflicts = {one.mentee_id: one.conflict for one in state.proposal.pairs}
    assert conflicts == {made.mentee_id: None, left.mentee_id: EDITION_OVER}
    assert of_conflict(EDITION_OVER) != EDITION_OVER


async def test_no_pair_gives_way_in_a_closed_edition(draft: Draft) -> None:
    """Whoever has a mentor keeps this one."""
    facts = await draft.handlers.candidates.facts(draft.edition_id)
    (old, new), mentee = sorted(facts.mentors), min(facts.mentees)
    pair_id, run_id = random_id(), random_id()
    ids = (pair_id, draft.edition_id, "an-earlier-run", old, mentee)
    await draft.handlers.pairs.match(pair.Pair(*ids, "north", "north", "standard.1", NOW, slot=1), MANAGER)
    await draft.handlers.runs.request(run_id, draft.edition_id, MANAGER)
    moved = propose([(new, mentee)], inputs(facts), STANDARD)
    moved = replace(moved, pairs=tuple(replace(one, ends=pair_id) for one in moved.pairs))
    await draft.handlers.runs.propose(run_id, run.Found(moved))
    await draft.handlers.runs.review(run_id, MANAGER, decision="approved", note=None)
    await draft.handlers.runs.publish(run_id, MANAGER)
    await draft.closes()

    await Publisher(draft.handlers).work()

    assert (await draft.handlers.pairs.pairs.get(pair_id)).state.active


async def test_members_are_heard_as_long_as_their_pair_can_be_published(draft: Draft) -> None:
    """Once it cannot be any more there is nothing to object to."""
    await draft.handlers.runs.preview(draft.run_id, MANAGER)
    one, other = (await draft.state()).pending
    await draft.handlers.runs.veto(draft.run_id, one.mentee_id, "We share a flat.", Command(actor=one.mentor_id))
    await draft.closes()
    draft.clock.instant = LATER

    with pytest.raises(EditionOver):
        await draft.approve()

    stated = await draft.handlers.overrides.of_edition(draft.edition_id)
    assert stated.conflicts == {(one.mentor_id, one.mentee_id)}
    assert other.mentee_id not in {veto.mentee_id for veto in (await draft.state()).vetoes}
