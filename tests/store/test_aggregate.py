"""Promises of the aggregates' store: one write per command, nothing twice, nothing lost, on both drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from services.chassis import mongo
from services.chassis.aggregate import (
    AlreadyTaken,
    BacklogFull,
    Command,
    Fence,
    KeyReused,
    LostUpdate,
    Repository,
)
from services.chassis.clock import SystemClock
from services.chassis.errors import NotFound, Refused
from services.chassis.outbox import BOUND, Unpublishable
from tests.support.tallies import COLLECTION, TYPE, Tally, TallyEvent, kind, placed, raised

TOPIC = "tandem.tallies.v1"
KEYS_KEPT = 50


@pytest.fixture
def tallies(database: mongo.Database) -> Repository[Tally, TallyEvent]:
    return Repository(database, kind(TOPIC), clock=SystemClock())


@pytest.fixture
async def one_per_place(database: mongo.Database) -> None:
    """The unique index that lets a place be held once."""
    held = {"state.place": {"$type": "string"}}
    await database[COLLECTION].create_index([("state.place", 1)], unique=True, partialFilterExpression=held)


async def stored(database: mongo.Database, id: str) -> mongo.Document:
    document = await database[COLLECTION].find_one({"_id": id})
    assert document is not None
    return dict(document)


async def test_a_command_creates_the_aggregate_with_its_events_pending(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """State, version and pending events stand in one document, and what comes back is what was stored."""
    made = await tallies.handle("t", raised(3, 4), Command(actor="ann", traceparent=None))

    assert (made.state, made.version, made.sequence, made.replayed) == (Tally(7, 2), 1, 2, False)
    assert await tallies.get("t") == made
    pending = (await stored(database, "t"))["outbox"]
    assert [(one["topic"], one["type"], one["sequence"], one["actor"]) for one in pending] == [
        (TOPIC, TYPE, 1, "ann"),
        (TOPIC, TYPE, 2, "ann"),
    ]
    assert [one["data"] for one in pending] == ['{"amount":3,"note":""}', '{"amount":4,"note":""}']
    assert len({one["id"] for one in pending}) == 2


async def test_a_change_adds_its_events_behind_those_that_wait(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """Sequences go on without a hole, and an event that stays at home takes none of them."""
    await tallies.handle("t", raised(1))
    await tallies.handle("t", placed("here"))
    changed = await tallies.handle("t", raised(2))

    assert (changed.state, changed.version, changed.sequence) == (Tally(3, 2, "here"), 3, 2)
    assert [one["sequence"] for one in (await stored(database, "t"))["outbox"]] == [1, 2]


async def test_a_command_without_an_event_writes_nothing(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """The version stays, and what does not exist does not come into being."""
    before = await tallies.handle("t", raised(1))

    assert await tallies.handle("t", raised()) == before
    with pytest.raises(NotFound):
        await tallies.handle("nowhere", raised())
    assert await database[COLLECTION].count_documents({}) == 1


async def test_only_events_that_go_out_wake_the_relay(database: mongo.Database) -> None:
    """The relay is told of pending events, not of changes that stay at home."""
    told: list[str] = []
    tallies = Repository(database, kind(TOPIC), clock=SystemClock(), accepted=lambda: told.append("woken"))

    await tallies.handle("t", placed("here"))
    assert told == []
    await tallies.handle("t", raised(1))
    assert told == ["woken"]


async def test_a_command_repeated_under_its_key_is_carried_out_once(tallies: Repository[Tally, TallyEvent]) -> None:
    """The second time answers with the aggregate as it stands, whatever happened meanwhile."""
    command = Command(key="k", fingerprint="f")
    await tallies.handle("t", raised(5), command)
    now = await tallies.handle("t", raised(1))

    again = await tallies.handle("t", raised(5), command)

    assert again.replayed
    assert (again.state, again.version, again.sequence) == (now.state, now.version, now.sequence)


async def test_a_key_counts_before_the_version_the_caller_saw(tallies: Repository[Tally, TallyEvent]) -> None:
    """Whoever repeats a change because its answer was lost gets the answer, not a lost update."""
    await tallies.handle("t", raised(1))
    command = Command(key="k", fingerprint="f", expected=1)
    await tallies.handle("t", raised(2), command)

    assert (await tallies.handle("t", raised(2), command)).replayed


async def test_commands_racing_under_one_key_are_carried_out_once(tallies: Repository[Tally, TallyEvent]) -> None:
    """Ten requests that are one: one of them acts, the others are told what came of it."""
    command = Command(key="k", fingerprint="f")

    answers = await asyncio.gather(*(tallies.handle("t", raised(5), command) for _ in range(10)))

    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 9
    assert (await tallies.get("t")).state == Tally(5, 1)


async def test_a_key_does_not_serve_another_request(tallies: Repository[Tally, TallyEvent]) -> None:
    """A key that comes with another request is refused, and nothing is changed."""
    before = await tallies.handle("t", raised(5), Command(key="k", fingerprint="f"))

    with pytest.raises(KeyReused):
        await tallies.handle("t", raised(6), Command(key="k", fingerprint="another"))
    assert await tallies.get("t") == before


async def test_keys_are_remembered_for_fifty_commands(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """The newest fifty keys are kept, older ones are forgotten, so that the document stays small."""
    for n in range(KEYS_KEPT + 3):
        await tallies.handle("t", placed(str(n)), Command(key=f"k{n}", fingerprint="f"))

    recent = (await stored(database, "t"))["recent"]
    assert [entry["key"] for entry in recent] == [f"k{n}" for n in range(3, KEYS_KEPT + 3)]


async def test_a_change_of_what_somebody_else_changed_is_refused(tallies: Repository[Tally, TallyEvent]) -> None:
    """The version the caller saw must be the one that stands."""
    seen = await tallies.handle("t", raised(1))
    now = await tallies.handle("t", raised(2), Command(expected=seen.version))

    with pytest.raises(LostUpdate):
        await tallies.handle("t", raised(3), Command(expected=seen.version))
    assert await tallies.get("t") == now


async def test_of_changes_that_saw_the_same_version_one_is_made(tallies: Repository[Tally, TallyEvent]) -> None:
    """However many race with the same version, the others lose and are told so."""
    seen = await tallies.handle("t", raised(1))

    outcomes = await asyncio.gather(
        *(tallies.handle("t", raised(1), Command(expected=seen.version)) for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(outcome, LostUpdate) for outcome in outcomes) == 5
    assert (await tallies.get("t")).state == Tally(2, 2)


async def test_racing_commands_on_one_aggregate_are_all_applied_once(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """Twenty at once, on an aggregate that none of them found there: contiguous sequences, each event once."""
    amounts = list(range(1, 21))

    await asyncio.gather(*(tallies.handle("t", raised(amount)) for amount in amounts))

    document = await stored(database, "t")
    assert [one["sequence"] for one in document["outbox"]] == amounts
    assert sorted(int(one["data"].split(":")[1].split(",")[0]) for one in document["outbox"]) == amounts
    assert (document["version"], document["sequence"]) == (20, 20)
    assert document["state"] == {"total": sum(amounts), "entries": 20, "place": None}


@pytest.mark.usefixtures("one_per_place")
async def test_a_place_that_is_held_cannot_be_created_into(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """A unique index refuses a new aggregate, and no trace of it is left."""
    await tallies.handle("first", placed("here"))

    with pytest.raises(AlreadyTaken):
        await tallies.handle("second", placed("here"))
    assert await database[COLLECTION].count_documents({}) == 1


@pytest.mark.usefixtures("one_per_place")
async def test_a_place_that_is_held_cannot_be_changed_into(tallies: Repository[Tally, TallyEvent]) -> None:
    """A unique index refuses a change, and the aggregate stays as it was."""
    await tallies.handle("first", placed("here"))
    before = await tallies.handle("second", placed("there"))

    with pytest.raises(AlreadyTaken):
        await tallies.handle("second", placed("here"))
    assert await tallies.get("second") == before


@pytest.mark.usefixtures("one_per_place")
async def test_of_many_who_want_one_place_one_gets_it(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """Eight race for a place, by creating and by changing: one holds it, seven are refused."""
    for n in range(4):
        await tallies.handle(f"t{n}", raised(1))

    outcomes = await asyncio.gather(
        *(tallies.handle(f"t{n}", placed("here")) for n in range(8)), return_exceptions=True
    )

    assert sum(isinstance(outcome, AlreadyTaken) for outcome in outcomes) == 7
    assert await database[COLLECTION].count_documents({"state.place": "here"}) == 1


async def test_an_aggregate_holds_64_pending_events_and_no_more(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """The 65th waits until the broker is back; a command that publishes nothing still goes through."""
    await tallies.handle("t", raised(*range(1, BOUND - 1)))
    before = await tallies.handle("t", raised(1, 1))
    assert before.sequence == BOUND

    with pytest.raises(BacklogFull):
        await tallies.handle("t", raised(1))
    assert await tallies.get("t") == before
    await tallies.handle("t", placed("here"))
    assert len((await stored(database, "t"))["outbox"]) == BOUND


async def test_a_command_that_would_pass_the_bound_is_refused_whole(tallies: Repository[Tally, TallyEvent]) -> None:
    """Of a command's events either all become pending or none, on a new aggregate too."""
    before = await tallies.handle("t", raised(*[1] * (BOUND - 1)))

    with pytest.raises(BacklogFull):
        await tallies.handle("t", raised(1, 1))
    with pytest.raises(BacklogFull):
        await tallies.handle("new", raised(*[1] * (BOUND + 1)))
    assert await tallies.get("t") == before
    assert await tallies.find("new") is None


async def test_racing_commands_never_pass_the_bound(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """With room for four, four of twelve racing commands are accepted and eight refused."""
    await tallies.handle("t", raised(*[1] * (BOUND - 4)))

    outcomes = await asyncio.gather(*(tallies.handle("t", raised(1)) for _ in range(12)), return_exceptions=True)

    assert sum(isinstance(outcome, BacklogFull) for outcome in outcomes) == 8
    document = await stored(database, "t")
    assert [one["sequence"] for one in document["outbox"]] == list(range(1, BOUND + 1))


async def test_the_bound_stands_in_the_write_itself(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """An outbox that fills up between reading and writing is found out by the database, not by memory."""
    await tallies.handle("t", raised(*[1] * (BOUND - 1)))
    filling = {"$push": {"outbox": (await stored(database, "t"))["outbox"][0]}}
    collection = tallies.collection

    class Filling:
        """The collection, whose outbox somebody fills up right before the write."""

        find_one = collection.find_one

        async def update_one(self, *arguments: object) -> object:
            await collection.update_one({"_id": "t"}, filling)
            return await collection.update_one(*arguments)

    tallies.collection = Filling()
    with pytest.raises(BacklogFull):
        await tallies.handle("t", raised(1))
    assert len((await stored(database, "t"))["outbox"]) == BOUND


async def test_an_event_of_another_service_is_reacted_to_once(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """The fence of what was seen stands in the same write: redeliveries and older ones change nothing."""
    fence = Fence("tandem.others.v1", "other-1", 2)

    await tallies.handle("t", raised(5), Command(seen=fence))
    again = await tallies.handle("t", raised(5), Command(seen=fence))
    older = await tallies.handle("t", raised(5), Command(seen=Fence(fence.topic, fence.subject, 1)))
    newer = await tallies.handle("t", raised(6), Command(seen=Fence(fence.topic, fence.subject, 3)))
    other = await tallies.handle("t", raised(7), Command(seen=Fence(fence.topic, "other-2", 1)))

    assert (again.replayed, older.replayed, newer.replayed, other.replayed) == (True, True, False, False)
    assert other.state == Tally(18, 3)
    assert (await stored(database, "t"))["seen"] == {
        "tandem/others/v1|other-1": 3,
        "tandem/others/v1|other-2": 1,
    }


async def test_an_event_that_needs_no_reaction_is_seen_all_the_same(tallies: Repository[Tally, TallyEvent]) -> None:
    """Where the aggregate decides that nothing follows, the fence moves nevertheless."""
    await tallies.handle("t", raised(1))
    fence = Fence("tandem.others.v1", "other", 1)

    await tallies.handle("t", raised(), Command(seen=fence))

    assert (await tallies.handle("t", raised(5), Command(seen=fence))).state == Tally(1, 1)


async def test_racing_deliveries_of_one_event_cause_one_reaction(tallies: Repository[Tally, TallyEvent]) -> None:
    """Two consumers of one partition, after a rebalance, may react at the same time."""
    fence = Fence("tandem.others.v1", "other", 1)

    await asyncio.gather(*(tallies.handle("t", raised(5), Command(seen=fence)) for _ in range(8)))

    assert (await tallies.get("t")).state == Tally(5, 1)


@pytest.mark.parametrize("note", ["x" * 66_000, "\ud800"], ids=["too large", "half a surrogate pair"])
async def test_what_cannot_be_published_is_not_accepted(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database, note: str
) -> None:
    """An event that no reader would take is refused with its command; nothing of it is written."""
    before = await tallies.handle("t", raised(1))

    for id in ("t", "new"):
        with pytest.raises(Unpublishable):
            await tallies.handle(id, raised(1, note=note), Command(key="k", fingerprint="f"))
    assert await tallies.get("t") == before
    assert await database[COLLECTION].count_documents({}) == 1


async def test_a_refused_command_writes_nothing(tallies: Repository[Tally, TallyEvent]) -> None:
    """What the domain refuses leaves the aggregate as it was, and its key free."""
    before = await tallies.handle("t", raised(1))
    command = Command(key="k", fingerprint="f")

    def refuse(state: Tally | None) -> Sequence[TallyEvent]:
        raise Refused("not today")

    with pytest.raises(Refused, match="not today"):
        await tallies.handle("t", refuse, command)
    assert await tallies.get("t") == before
    assert not (await tallies.handle("t", raised(1), command)).replayed


async def test_pending_events_bear_the_time_of_their_command(
    tallies: Repository[Tally, TallyEvent], database: mongo.Database
) -> None:
    """Times are UTC with a Z, in milliseconds, between the command's beginning and its end."""
    before = datetime.now(UTC)
    await tallies.handle("t", raised(1))
    after = datetime.now(UTC)

    time = (await stored(database, "t"))["outbox"][0]["time"]
    assert time.endswith("Z")
    assert before.timestamp() - 0.001 <= datetime.fromisoformat(time).timestamp() <= after.timestamp()
