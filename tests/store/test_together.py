"""Promises to callers who share a round trip to the database: each has their own outcome, on both drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from services.chassis import mongo
from services.chassis.aggregate import Command, Repository
from services.chassis.clock import SystemClock
from services.chassis.directory import PERSON, Directory
from services.chassis.errors import Refused
from services.chassis.together import MOST, Together
from tests.support.databases import connected
from tests.support.tallies import COLLECTION, Raised, Tally, TallyEvent, kind, raised

Tallies = Repository[Tally, TallyEvent]


@pytest.fixture
def tallies(database: mongo.Database) -> Tallies:
    return Repository(database, kind("tandem.tallies.v1"), clock=SystemClock())


async def test_creations_of_one_moment_are_each_stored(tallies: Tallies, database: mongo.Database) -> None:
    """More than one round holds, each with its own state and events."""
    number = MOST + 20
    made = await asyncio.gather(*(tallies.create(f"t{n}", raised(n)) for n in range(number)))

    assert [one.state.total for one in made] == list(range(number))
    stored = {one["_id"]: one for one in await database[COLLECTION].find().to_list(None)}
    assert {id: one["state"]["total"] for id, one in stored.items()} == {f"t{n}": n for n in range(number)}
    assert all(len(one["outbox"]) == 1 for one in stored.values())


async def test_what_exists_already_fails_nobody_elses_creation(tallies: Tallies) -> None:
    """Who was there before is decided on as it stands, in the same round in which others are made."""

    def only_new(state: Tally | None) -> Sequence[TallyEvent]:
        if state:
            raise Refused("There is one already.")
        return [Raised(5)]

    await asyncio.gather(*(tallies.create(f"t{n}", raised(1)) for n in range(0, 20, 2)))
    done = await asyncio.gather(*(tallies.create(f"t{n}", only_new) for n in range(20)), return_exceptions=True)

    assert [isinstance(one, Refused) for one in done] == [n % 2 == 0 for n in range(20)]
    found = [(await tallies.get(f"t{n}")).state.total for n in range(20)]
    assert found == [5 if n % 2 else 1 for n in range(20)]


async def test_repeated_requests_of_one_moment_make_one(tallies: Tallies) -> None:
    """The same key twice in one round: one is made, the other is answered with it."""
    command = Command(actor="ann", key="k", fingerprint="f")
    done = await asyncio.gather(*(tallies.create("t", raised(3), command) for _ in range(10)))

    assert sorted(one.replayed for one in done) == [False, *[True] * 9]
    assert (await tallies.get("t")).state == Tally(3, 1)


async def test_processes_that_create_the_same_at_once_lose_nothing(tallies: Tallies, database: mongo.Database) -> None:
    """Rounds of several processes race for the same documents; each creation counts once."""
    others = [Repository(database, kind("tandem.tallies.v1"), clock=SystemClock()) for _ in range(3)]
    await asyncio.gather(*(one.create(f"t{n}", raised(1)) for one in [tallies, *others] for n in range(40)))

    assert {(await tallies.get(f"t{n}")).state for n in range(40)} == {Tally(4, 4)}


async def test_a_document_without_a_form_fails_alone(tallies: Tallies) -> None:
    """Those who share its round are made."""
    huge = tallies.create("huge", raised(2**70))
    done = await asyncio.gather(huge, *(tallies.create(f"t{n}", raised(1)) for n in range(5)), return_exceptions=True)

    assert isinstance(done[0], OverflowError)
    assert [(await tallies.get(f"t{n}")).state.total for n in range(5)] == [1] * 5


async def test_a_caller_who_gives_up_takes_nobody_along(tallies: Tallies) -> None:
    """Neither while waiting for the round nor while it is under way."""
    tasks = [asyncio.create_task(tallies.create(f"t{n}", raised(1))) for n in range(6)]
    await asyncio.sleep(0)  # all have asked
    tasks[0].cancel()
    await asyncio.sleep(0)  # the round is under way
    tasks[1].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)

    assert [isinstance(one, asyncio.CancelledError) for one in done] == [True, True, *[False] * 4]
    assert [(await tallies.get(f"t{n}")).state.total for n in range(2, 6)] == [1] * 4
    assert (await tallies.create("later", raised(2))).state.total == 2


async def test_an_absent_database_is_told_to_all(driver: mongo.Driver) -> None:
    """Everybody of a round learns that it was for nothing, and the next round is tried anew."""
    async with connected("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", driver=driver) as client:
        tallies: Tallies = Repository(client["none"], kind("tandem.tallies.v1"), clock=SystemClock())
        for _ in range(2):
            done = await asyncio.gather(*(tallies.create(f"t{n}", raised(1)) for n in range(5)), return_exceptions=True)
            assert [type(one) for one in done] == [mongo.Unavailable] * 5


async def test_people_looked_up_at_one_moment_are_each_found(database: mongo.Database) -> None:
    """Also those of whom there is none, or more than one; an entry that cannot be read is its own caller's trouble."""
    logins = {"a": "idp:ann", "b": "idp:two", "c": "idp:two", "d": "idp:dan", "e": "idp:odd"}
    for id, login in logins.items():
        person: mongo.Document = {"person_id": id, "subsidiary": "s", "login": login, "roles": 7 if id == "e" else []}
        await database["directory"].insert_one({"_id": id, "seq": 1, "gone": False, "type": PERSON, "entry": person})
    directory = Directory(database, SystemClock())
    wanted = ["idp:ann", "idp:two", "idp:dan", "idp:nobody", "idp:ann", "idp:odd"]
    found = await asyncio.gather(*map(directory.of_login, wanted), return_exceptions=True)

    assert [getattr(one, "person_id", None) for one in found] == ["a", None, "d", None, "a", None]
    assert isinstance(found[-1], ValueError)
    people = await asyncio.gather(*map(directory.find, ["d", "x", "a"]))
    assert [one and one.person_id for one in people] == ["d", None, "a"]


@pytest.fixture
def rounds() -> list[list[int]]:
    return []


def doubling(rounds: list[list[int]], hold: Callable[[], Awaitable[object]]) -> Together[int, int]:
    """Doubles numbers, and notes which came together; each round lasts as long as ``hold``."""

    async def work(numbers: Sequence[int]) -> list[int]:
        rounds.append(list(numbers))
        await hold()
        return [number * 2 for number in numbers]

    return Together(work)


async def test_who_asks_during_a_round_is_in_the_next(rounds: list[list[int]]) -> None:
    """Nobody joins a round that has begun, since what it read may be older than the question."""
    begun, released = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        begun.set()
        await released.wait()

    doubled = doubling(rounds, hold)
    first = [asyncio.create_task(doubled.ask(number)) for number in (1, 2)]
    await begun.wait()
    later = [asyncio.create_task(doubled.ask(number)) for number in (3, 4)]
    await asyncio.sleep(0)
    released.set()

    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8]
    assert rounds == [[1, 2], [3, 4]]
