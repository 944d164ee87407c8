"""Publishing goes on after a crash at any moment, survives rivals, and never breaks the unique indexes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.chassis import directory, mongo
from services.chassis.aggregate import Command, Repository
from services.chassis.clock import SystemClock
from services.chassis.directory import Directory
from services.chassis.envelope import LIMIT
from services.chassis.ids import random_id
from services.matching import store
from services.matching.domain import pair, run
from services.matching.domain.explanations import of_conflict
from services.matching.domain.inputs import Facts, inputs
from services.matching.domain.overrides import Override, OverrideKind
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import REFUSED, propose
from services.matching.handlers import Handlers, PairHandlers
from services.matching.worker import Publisher
from tests.support.crashing_publishers import Countdown, Crash, crashing
from tests.support.matching_rooms import NOW, handlers_over, write_edition
from tests.support.tracing import TRACE

EXECUTIVES = 23  # more than are settled in one step


class Interrupted(Repository[Any, Any]):
    """A repository of a process beside which something happens after its first write."""

    meanwhile: Callable[[], Awaitable[object]] | None

    async def _write(self, before: mongo.Document | None, after: mongo.Document) -> bool:
        done = await super()._write(before, after)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        return done


class Outdated(store.Candidates):
    """Knows what was true a moment ago."""

    known: Facts

    async def facts(self, edition_id: str) -> Facts:
        """What was true then."""
        return self.known


@dataclass(slots=True)
class Approved:
    """An edition in the database whose run is to be published."""

    database: mongo.Database
    edition_id: str
    run_id: str
    handlers: Handlers

    def worker(self, handlers: Handlers | None = None) -> Publisher:
        """A worker of its own, as another process would have one."""
        return Publisher(handlers or self.handlers)

    def interrupted(self, meanwhile: Callable[[], Awaitable[object]]) -> Publisher:
        """A worker beside which something happens once its first pair is made."""
        pairs = Interrupted(self.database, store.PAIRS, clock=SystemClock())
        pairs.meanwhile = meanwhile
        return self.worker(replace(self.handlers, pairs=PairHandlers(pairs, SystemClock())))

    async def lays_down(self, kind: OverrideKind, mentor_id: str, mentee_id: str | None, places: int | None) -> None:
        """Somebody lays an override down, and is told that it holds."""
        wanted = Override(random_id(), kind, mentor_id, mentee_id, places, "They know why.", "manager", NOW)
        await self.handlers.overrides.lay_down(self.edition_id, wanted, Command(actor="manager"))

    async def done(self) -> run.Run:
        """The run as it stands."""
        return (await self.handlers.runs.runs.get(self.run_id)).state

    async def pairs(self) -> list[mongo.Document]:
        """The documents of the edition's pairs."""
        found: list[mongo.Document] = (
            await self.database["pairs"].find({"state.edition_id": self.edition_id}).to_list(None)
        )
        return found

    async def holds(self) -> None:
        """Each executive has exactly one pair, which the run names and which has exactly one event."""
        state, pairs = await self.done(), await self.pairs()
        assert state.state is run.State.PUBLISHED
        assert state.proposal is not None
        assert {one.outcome for one in state.proposal.pairs} == {"published"}
        assert {one.mentee_id: one.pair_id for one in state.proposal.pairs} == {
            one["state"]["mentee_id"]: one["_id"] for one in pairs
        }
        assert len(pairs) == EXECUTIVES
        assert all((one["sequence"], one["version"], len(one["outbox"])) == (1, 1, 1) for one in pairs)
        slots = Counter((one["state"]["mentor_id"], one["state"]["slot"]) for one in pairs)
        assert set(slots.values()) == {1}
        assert {slot for _, slot in slots} == {1, 2}


@pytest.fixture
async def edition(database: mongo.Database) -> Approved:
    """An edition of 23 executives and 12 mentors for two each, with a run about to be published."""
    handlers, run_id = handlers_over(database), random_id()
    edition_id = await write_edition(database, mentors=12, executives=EXECUTIVES)
    await handlers.runs.request(run_id, edition_id, Command(actor="manager"))
    known = inputs(await handlers.candidates.facts(edition_id))
    places = [mentor for mentor in known.mentors for _ in range(2)]
    chosen = zip(places, known.mentees, strict=False)
    await handlers.runs.propose(run_id, run.Found(propose(chosen, known, STANDARD)))
    await handlers.runs.review(run_id, Command(actor="manager"), decision="approved", note=None)
    await handlers.runs.publish(run_id, Command(actor="publisher", traceparent=TRACE))
    return Approved(database, edition_id, run_id, handlers)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("writes", [0, 1, 19, 20, 21, 24])
async def test_publishing_goes_on_after_a_crash(edition: Approved, writes: int, after: bool) -> None:
    """Before or after any write, of a pair or of the progress: another worker finishes, nothing is made twice."""
    with pytest.raises(Crash):
        await crashing(edition.database, edition.handlers, Countdown(writes, after=after)).work()

    await edition.worker().work()

    await edition.holds()


async def test_publishing_survives_a_crash_at_each_write(edition: Approved) -> None:
    """A process that crashes again and again gets there, one write at a time."""
    crashes = 0
    while (await edition.done()).busy:
        try:
            await crashing(edition.database, edition.handlers, Countdown(0, after=True)).work()
        except Crash:
            crashes += 1

    assert crashes == EXECUTIVES + 2
    await edition.holds()


async def test_workers_that_publish_the_same_run_do_no_harm(edition: Approved) -> None:
    """Three processes at once: each executive has one pair and nobody sees a conflict."""
    await asyncio.gather(*(edition.worker().work() for _ in range(3)))

    await edition.holds()


async def test_pair_that_the_indexes_refuse_is_a_conflict_and_the_rest_goes_on(edition: Approved) -> None:
    """What the worker could not know is caught by the database: a second mentor, and a place too many."""
    proposal = (await edition.done()).proposal
    assert proposal is not None
    paired, squeezed = (
        proposal.pairs[0],
        next(one for one in proposal.pairs if one.mentor_id != proposal.pairs[0].mentor_id),
    )
    outdated = Outdated(edition.database, *_tables(edition))
    outdated.known = await edition.handlers.candidates.facts(edition.edition_id)
    elsewhere = _pair(edition, mentor_id="a-mentor", mentee_id=paired.mentee_id, slot=1)
    rivals = [_pair(edition, mentor_id=squeezed.mentor_id, mentee_id=f"rival-{n}", slot=n) for n in (1, 2)]
    for rival in (elsewhere, *rivals):
        await edition.handlers.pairs.match(rival, Command())

    questions = replace(edition.handlers.questions, candidates=outdated)
    await edition.worker(replace(edition.handlers, questions=questions)).work()

    state = await edition.done()
    assert state.proposal is not None
    outcomes = {one.mentee_id: one.conflict for one in state.proposal.pairs}
    others = {one.mentee_id for one in proposal.pairs if one.mentor_id == squeezed.mentor_id}
    assert outcomes[paired.mentee_id] == "mentee_already_paired"
    assert {outcomes[id] for id in others} == {"mentor_full"}
    assert {outcomes[id] for id in outcomes.keys() - others - {paired.mentee_id}} == {None}
    assert len(await edition.pairs()) == EXECUTIVES - len(others) - 1 + 3


async def test_pair_that_no_event_can_tell_is_a_conflict_and_the_rest_goes_on(edition: Approved) -> None:
    """One executive with data that cannot be published costs that pair alone, and the run comes to its end."""
    proposal = (await edition.done()).proposal
    assert proposal is not None
    spoiled = proposal.pairs[0].mentee_id
    said = {"$set": {"entry.subsidiary": "x" * LIMIT}}
    await edition.database[directory.COLLECTION].update_one({"_id": spoiled}, said)

    await edition.worker().work()

    state = await edition.done()
    assert (state.state, state.busy) == (run.State.PUBLISHED, False)
    assert state.proposal is not None
    assert {one.mentee_id: one.conflict for one in state.proposal.pairs if one.conflict} == {spoiled: REFUSED}
    assert of_conflict(REFUSED) != REFUSED
    assert len(await edition.pairs()) == EXECUTIVES - 1


async def test_pair_that_is_blocked_while_others_are_published_is_none(edition: Approved) -> None:
    """Whoever was told that a block holds finds no such pair a moment later."""
    proposal = (await edition.done()).proposal
    assert proposal is not None
    last = proposal.pairs[19]  # of those that are settled in one step

    await edition.interrupted(lambda: edition.lays_down("block", last.mentor_id, last.mentee_id, None)).work()

    state = await edition.done()
    assert state.proposal is not None
    assert {one.mentee_id: one.conflict for one in state.proposal.pairs if one.conflict} == {last.mentee_id: "blocked"}
    assert len(await edition.pairs()) == EXECUTIVES - 1


async def test_places_that_are_lowered_while_others_are_published_hold(edition: Approved) -> None:
    """A mentor gets no more pairs than the places given, however late these are given."""
    proposal = (await edition.done()).proposal
    assert proposal is not None
    mentors = [one.mentor_id for one in proposal.pairs[1:20]]
    mentor_id = next(id for id in mentors if mentors.count(id) == 2)

    await edition.interrupted(lambda: edition.lays_down("place", mentor_id, None, 1)).work()

    state = await edition.done()
    assert state.proposal is not None
    theirs = [one for one in state.proposal.pairs if one.mentor_id == mentor_id]
    assert [(one.outcome, one.conflict) for one in theirs] == [("published", None), ("conflict", "mentor_full")]
    assert sum(one["state"]["mentor_id"] == mentor_id for one in await edition.pairs()) == 1


async def test_what_is_told_beforehand_is_what_the_publication_does(edition: Approved) -> None:
    """Ruled out, in conflict, forced together with somebody else, out of the edition, and without a place by now."""
    before = await edition.done()
    assert before.proposal is not None
    mentors = list(dict.fromkeys(one.mentor_id for one in before.proposal.pairs))
    of = {id: [one.mentee_id for one in before.proposal.pairs if one.mentor_id == id] for id in mentors}
    await edition.lays_down("block", mentors[0], of[mentors[0]][0], None)
    await edition.lays_down("conflict", mentors[1], of[mentors[1]][0], None)
    await edition.lays_down("force", mentors[2], of[mentors[3]][0], None)
    await edition.lays_down("place", mentors[4], None, 1)
    await edition.lays_down("conflict", mentors[6], of[mentors[6]][0], None)
    await edition.lays_down("block", mentors[7], of[mentors[7]][0], None)
    for full in mentors[6:8]:  # what people said of a pair is told, whatever else is against it
        await edition.lays_down("place", full, None, 0)
    gone = {of[mentors[5]][0], of[mentors[1]][0]}  # one of them after an objection
    await edition.database[directory.COLLECTION].update_many(
        {"_id": {"$in": [*gone]}}, {"$set": {"entry.active": False}}
    )

    told = await edition.handlers.questions.obstacles(before)
    await edition.worker().work()

    state = await edition.done()
    assert state.proposal is not None
    reasons = {id: one.reason for id, one in told.items()}
    assert {one.mentee_id: one.conflict for one in state.proposal.pairs if one.conflict} == reasons
    assert {id for id, one in told.items() if not one.goes_without} == gone
    expected = {"blocked": 2, "conflict": 2, "forced_elsewhere": 1, "mentee_left": 1, "mentor_full": 3}
    assert Counter(reasons.values()) == expected
    assert all(of_conflict(reason) != reason for reason in reasons.values())
    assert await edition.handlers.questions.obstacles(state) == {}


async def test_all_that_comes_of_a_publication_is_of_its_trace_and_its_actor(edition: Approved) -> None:
    """From the request to the last pair, the drafts put aside included: one search finds all."""
    draft = random_id()
    await edition.database["runs"].update_one({"_id": edition.run_id}, {"$set": {"state.busy": False}})
    await edition.handlers.runs.request(draft, edition.edition_id, Command(actor="somebody"))
    known = inputs(await edition.handlers.candidates.facts(edition.edition_id))
    await edition.handlers.runs.propose(draft, run.Found(propose([], known, STANDARD)))
    await edition.database["runs"].update_one({"_id": edition.run_id}, {"$set": {"state.busy": True}})

    await edition.worker().work()

    runs = await edition.database["runs"].find({"_id": {"$in": [edition.run_id, draft]}}).to_list(None)
    [aside] = [one["outbox"][-1] for one in runs if one["_id"] == draft]
    begun, published = next(one["outbox"][-2:] for one in runs if one["_id"] == edition.run_id)
    told = [aside, begun, published, *(one["outbox"][0] for one in await edition.pairs())]
    assert {(one["actor"], one["traceparent"][3:35]) for one in told} == {("publisher", TRACE[3:35])}
    assert len(told) == EXECUTIVES + 3


def _tables(edition: Approved) -> tuple[Directory, Any]:
    clock = SystemClock()
    return Directory(edition.database, clock), store.profiles(edition.database, clock)


def _pair(edition: Approved, *, mentor_id: str, mentee_id: str, slot: int) -> pair.Pair:
    ids = (random_id(), edition.edition_id, "another-run", mentor_id, mentee_id)
    return pair.Pair(*ids, "north", "south", "2026.1", NOW, slot)
