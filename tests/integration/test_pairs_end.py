"""Promises of the end of pairs in `matching`: by hand and by what became of people, and what comes after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from services.chassis import directory
from services.matching import contracts
from services.matching.projections import CANDIDATES
from tests.support.matching import AT, MANAGER, World
from tests.support.matching_service import kind_of, running
from tests.support.servers import Running
from tests.support.tracing import TRACE
from tests.support.waiting import until_async


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run, at one instant."""
    async with running(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@dataclass(frozen=True, slots=True)
class Two:
    """A pair of an edition that has nobody else."""

    edition_id: str
    mentor_id: str
    mentee_id: str
    pair_id: str

    @property
    def path(self) -> str:
        """Where it is found."""
        return f"/v1/pairs/{self.pair_id}"


async def tandems(world: World, number: int, *, ends_on: str = "2027-02-28", **scope: Any) -> list[Two]:
    """So many pairs of an edition of its own."""
    edition_id = await world.edition(ends_on, **scope)
    for _ in range(number):
        await world.mentor(edition_id)
        await world.executive(edition_id)
    await world.counts(edition_id, mentors=number, executives=number)
    pairs = (await world.published(await world.approved(edition_id)))["pairs"]
    return [Two(edition_id, one["mentor_id"], one["mentee_id"], one["pair_id"]) for one in pairs]


async def two(world: World, *, ends_on: str = "2027-02-28") -> Two:
    """A pair of an edition of its own."""
    [pair] = await tandems(world, 1, ends_on=ends_on)
    return pair


async def ended(world: World, pair: Two) -> Any:
    """The pair as soon as it has ended."""
    found: list[Any] = []

    async def so() -> bool:
        found[:] = [await world.get(pair.path)]
        return found[0]["ended"] is not None

    await until_async(so, f"{pair.pair_id} has ended")
    return found[0]


async def test_pair_that_people_end_is_told_once_and_frees_both(world: World) -> None:
    """In the name of whoever ended it, without the note; the two can become a pair again, which is another one."""
    pair = await two(world)
    said = {"reason": "mentee_moved_out", "note": "She has an exam."}

    answer = await world.change(pair.path, "end", said)

    assert answer.status_code == 200, answer.text
    end = {"ended_at": AT, **said, "by": MANAGER}
    assert (answer.json()["active"], answer.json()["ended"]) == (False, end)
    await world.counts(pair.edition_id, mentors=1, places=1, executives=1)
    [again] = (await world.published(await world.approved(pair.edition_id)))["pairs"]
    assert (again["mentee_id"], again["mentor_id"]) == (pair.mentee_id, pair.mentor_id)
    assert again["pair_id"] != pair.pair_id
    told = await world.told([pair.pair_id, again["pair_id"]])
    assert [event.type for event, _ in told[again["pair_id"]]] == [contracts.MATCHED]
    (_, matched), (event, data) = await both(world, pair)
    assert (event.type, event.actor, event.edition, event.subsidiary) == (
        contracts.ENDED,
        MANAGER,
        pair.edition_id,
        "south",
    )
    same = ("pair_id", "edition_id", "mentor_id", "mentee_id", "mentor_subsidiary", "mentee_subsidiary")
    assert data == {**{name: matched[name] for name in same}, "reason": "mentee_moved_out", "ended_at": AT}


async def both(world: World, pair: Two) -> list[tuple[Any, Any]]:
    """The two events of a pair that has ended."""

    async def so() -> bool:
        return len((await world.told([pair.pair_id]))[pair.pair_id]) == 2

    await until_async(so, "the end is on the topic")
    return world.events[pair.pair_id]


async def test_pair_that_has_ended_is_not_ended_again(world: World) -> None:
    """Whoever comes second is told; the list tells those that go on from those that have ended."""
    pair = await two(world)
    await world.change(pair.path, "end", {"reason": "by_agreement"})

    again = await world.change(pair.path, "end", {"reason": "mentee_left"})

    assert kind_of(again) == (409, "pair-ended")
    for active, listed in (("true", []), ("false", [pair.pair_id])):
        found = await world.get("/v1/pairs", edition_id=pair.edition_id, active=active)
        assert [one["pair_id"] for one in found] == listed


async def test_end_that_says_too_little_or_too_much_is_refused(world: World) -> None:
    """The pair goes on."""
    pair = await two(world)
    for said, kind in (
        ({"reason": "other"}, "note-missing"),
        ({"reason": "rematched"}, "invalid"),
        ({"reason": "by_agreement", "note": "x" * 1001}, "invalid"),
        ({}, "invalid"),
    ):
        assert kind_of(await world.change(pair.path, "end", said)) == (422, kind)
    assert (await world.get(pair.path))["active"]


async def test_list_of_an_edition_that_is_not_named_is_refused(world: World) -> None:
    """A filter without a value, or with a mistake in its name, lists no pairs; without a filter all are listed."""
    for asked in ({"edition_id": ""}, {"editon_id": "e-1"}):
        answers = [await world.http.get(path, params=asked) for path in ("/v1/pairs", "/v1/runs")]
        assert [kind_of(answer) for answer in answers] == [(422, "invalid")] * 2
    assert isinstance(await world.get("/v1/pairs"), list)


async def leaves_the_group(world: World, pair: Two) -> None:
    await world.person(pair.mentor_id, active=False)


async def becomes_an_executive(world: World, pair: Two) -> None:
    await world.person(pair.mentor_id, executive=True)


async def withdraws(world: World, pair: Two) -> None:
    await world.decided(pair.edition_id, pair.mentor_id, contracts.WITHDRAWN, "withdrawn_at")


async def loses_the_place(world: World, pair: Two) -> None:
    await world.decided(pair.edition_id, pair.mentor_id, contracts.DECLINED, "declined_at")


async def executive_leaves_the_group(world: World, pair: Two) -> None:
    await world.person(pair.mentee_id, executive=True, subsidiary="south", active=False)


async def executive_is_out_of_scope(world: World, pair: Two) -> None:
    await world.leaves(pair.edition_id, pair.mentee_id)


async def executive_is_exempt(world: World, pair: Two) -> None:
    await world.exempt(pair.edition_id, pair.mentee_id)


ENDS: Mapping[Callable[[World, Two], Awaitable[None]], str] = {
    leaves_the_group: "mentor_left",
    becomes_an_executive: "mentor_moved_out",
    withdraws: "mentor_withdrawn",
    loses_the_place: "mentor_withdrawn",
    executive_leaves_the_group: "mentee_left",
    executive_is_out_of_scope: "mentee_moved_out",
    executive_is_exempt: "mentee_exempted",
}


async def test_pair_ends_by_itself_where_one_of_the_two_is_there_no_more(world: World) -> None:
    """Nobody has to ask for it; the service tells of it in its own name, once. All others go on."""
    *pairs, other = await tandems(world, len(ENDS) + 1)

    for happens, pair in zip(ENDS, pairs, strict=True):
        await happens(world, pair)

    for reason, pair in zip(ENDS.values(), pairs, strict=True):
        end = {"ended_at": AT, "reason": reason, "note": None, "by": "matching"}
        assert (await ended(world, pair))["ended"] == end
        _, (event, data) = await both(world, pair)
        assert (event.type, event.actor, data["reason"]) == (contracts.ENDED, "matching", reason)
    assert (await world.get(other.path))["ended"] is None


async def test_exemption_with_a_last_day_ends_no_pair(world: World) -> None:
    """An executive who is away for a while comes back to the mentor; one who is exempt for good does not."""
    away, gone = await tandems(world, 2)

    await world.exempt(away.edition_id, away.mentee_id, until="2026-05-31")
    await world.exempt(gone.edition_id, gone.mentee_id)

    await ended(world, gone)
    assert (await world.get(away.path))["ended"] is None


HOUSES = ["north", "south"]


@pytest.mark.parametrize("whole_group", [True, False])
async def test_mover_stays_a_mentor_where_the_company_takes_part(world: World, whole_group: bool) -> None:
    """In an edition of the whole group that is every company, also one of which only the directory has told yet."""
    mover, far, leaver = await tandems(world, 3, subsidiaries=HOUSES, group_wide=whole_group)

    await world.person(mover.mentor_id, subsidiary="south")
    await world.person(far.mentor_id, subsidiary="new")
    await until_moved(world, far)
    await leaves_the_group(world, leaver)  # one look at the edition judges all its pairs

    await ended(world, leaver)
    assert (await world.get(mover.path))["active"]
    found = await world.get(far.path)
    assert found["active"] is whole_group, found
    assert whole_group or found["ended"]["reason"] == "mentor_moved_out"


async def until_moved(world: World, pair: Two) -> None:
    """The directory's copy has the mentor in the new company."""

    async def so() -> bool:
        known = {"_id": pair.mentor_id, "entry.subsidiary": "new"}
        return await world.database[directory.COLLECTION].find_one(known) is not None

    await until_async(so, "the mentor has moved")


async def test_edition_that_took_a_company_in_is_of_the_whole_group(world: World) -> None:
    """Its opening, which an earlier release told, did not say so."""
    mover, leaver = await tandems(world, 2, subsidiaries=HOUSES)
    said = {"edition_id": mover.edition_id, "changed": ["scope"], "at": AT, "subsidiaries": [*HOUSES, "east"]}
    await world.say(contracts.APPLICATIONS, contracts.EDITION_CHANGED, mover.edition_id, said)

    async def known() -> bool:
        found = {"_id": mover.edition_id, "state.group_wide": True}
        return await world.database[CANDIDATES.collection].find_one(found) is not None

    await until_async(known, "the edition has taken the company in")

    await world.person(mover.mentor_id, subsidiary="new")
    await until_moved(world, mover)
    await leaves_the_group(world, leaver)

    await ended(world, leaver)
    assert (await world.get(mover.path))["active"]


async def test_edition_that_is_over_keeps_its_pairs(world: World) -> None:
    """Who leaves afterwards was a pair; what was is not undone."""
    over, running = await two(world, ends_on="2026-03-02"), await two(world)
    await world.say(contracts.APPLICATIONS, contracts.EDITION_CLOSED, over.edition_id, {"edition_id": over.edition_id})

    async def closed() -> bool:
        known = {"_id": over.edition_id, "state.closed": True}
        return await world.database[CANDIDATES.collection].find_one(known) is not None

    await until_async(closed, "the edition is over")
    for pair in (over, running):
        await leaves_the_group(world, pair)

    await ended(world, running)
    assert (await world.get(over.path))["ended"] is None


async def test_executive_who_lost_a_mentor_gets_another_one(world: World) -> None:
    """The leaver is not proposed again; the new pair is told like any other."""
    pair = await two(world)
    other = await world.mentor(pair.edition_id)
    await world.counts(pair.edition_id, mentors=1, places=1, executives=0)
    await leaves_the_group(world, pair)
    await world.counts(pair.edition_id, mentors=1, places=1, executives=1)

    [again] = (await world.published(await world.approved(pair.edition_id)))["pairs"]

    assert (again["mentor_id"], again["mentee_id"]) == (other, pair.mentee_id)
    listed = await world.get("/v1/pairs", edition_id=pair.edition_id)
    assert sorted((one["mentor_id"], one["active"]) for one in listed) == sorted(
        [(pair.mentor_id, False), (other, True)]
    )


@pytest.mark.parametrize("what", [leaves_the_group, withdraws])
async def test_end_is_of_the_trace_in_which_its_cause_was_told(
    world: World, what: Callable[[World, Two], Awaitable[None]]
) -> None:
    """One search leads from what people did with a person to the pair that ended for it."""
    pair = await two(world)
    world.trace = TRACE
    await what(world, pair)
    world.trace = None

    _, (event, _) = await both(world, pair)

    assert event.traceparent is not None
    assert event.traceparent[3:35] == TRACE[3:35]
