"""Promises to operators, on the running service and by the commands as written in docs/operations.md."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from deploy.local.servers import Servers
from deploy.local.servers import servers as running_servers
from services.chassis import envelope, kafka, mongo, parking
from services.chassis.aggregate import Command
from services.chassis.operations.rebuilding import ReadModels
from services.chassis.projector import Projection
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reporting import contracts
from services.reporting.main import SERVICE
from services.reporting.projections import board
from tests.support import topics
from tests.support.applications import never
from tests.support.databases import drop
from tests.support.program import tandem
from tests.support.trusting import trusting
from tests.support.waiting import until_async

ACTOR = {"Tandem-Actor": "olga"}
OTHERS = (Service("owner", never, owns=topics.of_others(SERVICE)),)
MATCHED = "org.tandem.pair.matched.v1"
LIVE, NEWER = (f"board_pairs_v{board.PAIRS.version + later}" for later in (0, 1))


@dataclass(slots=True)
class Desk:
    """An operator's desk: the running service over HTTP, its database, the topic, and the program."""

    http: httpx2.AsyncClient
    database: mongo.Database
    publisher: kafka.Publisher
    environment: dict[str, str]

    async def say(self, pair: str, sequence: int = 1, **changed: Any) -> None:
        """Publish a pair."""
        told: dict[str, Any] = {
            "pair_id": pair,
            "edition_id": "2026",
            "run_id": "r",
            "mentor_id": "m",
            "mentee_id": "e",
        }
        told |= {"mentor_subsidiary": "north", "mentee_subsidiary": "south", "policy_version": "1"}
        data = {**told, "matched_at": "2026-04-01T09:00:00.000Z", **changed}
        event = envelope.Event(
            id=str(uuid.uuid4()),
            source="/tandem/matching",
            type=MATCHED,
            subject=pair,
            sequence=sequence,
            time="2026-04-01T09:00:00.000Z",
            data=json.dumps(data).encode(),
        )
        assert await self.publisher.publish([(contracts.PAIRS, event)]) == [True]

    async def tandem(self, *arguments: str, code: int = 0) -> str:
        """Run the program in a thread of its own, as a person would beside the running service."""
        return await asyncio.to_thread(self._tandem, *arguments, code=code)

    def _tandem(self, *arguments: str, code: int) -> str:
        done = tandem(arguments, self.environment)
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    async def listens(self) -> bool:
        """Whether all consumers run."""
        return (await self.http.get("/health/consumers")).status_code == 200

    async def reaches(self, pair: str, sequence: int, build: str = LIVE) -> dict[str, Any]:
        """Wait until a build has applied the pair's events up to this one; its document."""
        found: list[dict[str, Any]] = []

        async def so() -> bool:
            found[:] = await self.database[build].find({"_id": pair, "seq": {"$gte": sequence}}).to_list(None)
            return bool(found)

        await until_async(so, f"{build} has {pair} up to {sequence}", 20)
        return found[0]

    async def parked(self, pair: str, count: int) -> list[dict[str, Any]]:
        """Wait until so many records of the pair are parked; what the program lists of them."""

        async def so() -> bool:
            return bool(await self.database[parking.COLLECTION].count_documents({"subject": pair}) == count)

        await until_async(so, f"{count} records of {pair} are parked", 20)
        told = await self.tandem("parked", "list", "--service", "reporting", "--subject", pair, "--json")
        rows: list[dict[str, Any]] = json.loads(told)
        return rows


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of this module's own: the records that are spoiled here must lie on nobody else's topics."""
    with running_servers(tmp_path_factory.mktemp("operations")) as own:
        yield own


@pytest.fixture
async def desk(servers: Servers) -> AsyncIterator[Desk]:
    """The service over a database of its own; groups of its own read the topic from its first record."""
    prefix = f"o{uuid.uuid4().hex[:12]}"
    client = mongo.connect(servers.mongodb)
    await provision([SERVICE, *OTHERS], kafka=servers.kafka, client=client, prefix=prefix)
    given = {"KAFKA": servers.kafka, "MONGODB": servers.mongodb, "LOG_LEVEL": "error"}
    environment = {f"TANDEM_{name}": value for name, value in {**given, **_prefixed(prefix)}.items()}
    publisher = kafka.Publisher(servers.kafka)
    with _environment(environment):
        app = trusting(SERVICE.app())
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost", headers=ACTOR) as http,
    ):
        desk = Desk(http, client[f"{prefix}_reporting"], publisher, environment)
        await until_async(desk.listens, "the service listens", 30)
        yield desk
    await publisher.stop()
    await drop(client[f"{prefix}_reporting"])
    await mongo.close(client)


def _prefixed(prefix: str) -> dict[str, str]:
    return {"DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix}


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def pair_id() -> str:
    """A new pair."""
    return str(uuid.uuid4())


async def test_a_parked_record_is_found_shown_and_dropped_by_the_program(desk: Desk) -> None:
    """The queue behind it drains, and reading as well as dropping it are on record."""
    pair = pair_id()
    await desk.say(pair)
    await desk.say(pair, 2, mentor_id=17)
    await desk.say(pair, 3)
    rows = await desk.parked(pair, 2)
    spoiled = next(row for row in rows if row["reason"] == "invalid_data")
    record = json.loads(await desk.tandem("parked", "show", "reporting", spoiled["ref"], "--actor", "olga"))
    assert json.loads(record["value"])["mentor_id"] == 17

    said = await desk.tandem("parked", "drop", "reporting", spoiled["ref"], "--reason", "Entered by mistake.")

    assert "1 settled, 0 still parked" in said
    assert (await desk.reaches(pair, 3))["skipped"] == [2]
    logs = await desk.database["access"].find().to_list(None)
    assert {one["state"]["read"] for one in logs} == {0, 1}


async def test_what_is_still_wrong_stays_parked_and_is_said_to(desk: Desk) -> None:
    """Exit code 1 and the reason; without the right reference the program says so."""
    pair = pair_id()
    await desk.say(pair, 1, mentor_id=17)
    [row] = await desk.parked(pair, 1)
    said = await desk.tandem("parked", "retry", "reporting", row["ref"], code=1)
    assert "0 settled, 1 still parked" in said
    assert "invalid_data: mentor_id" in said
    assert "No record nosuch lies in parking" in await desk.tandem("parked", "show", "reporting", "nosuch", code=1)
    assert "is not stopped" in await desk.tandem(
        "parked", "resume", "reporting", "board_pairs", "--reason", "Looked at it.", code=1
    )


async def test_parked_records_over_http(desk: Desk) -> None:
    """List, show, retry and drop; a drop needs its reason."""
    pair = pair_id()
    await desk.say(pair, 1, mentor_id=17)
    await desk.parked(pair, 1)
    [row] = (await desk.http.get("/v1/operations/parked", params={"subject": pair})).json()
    path = f"/v1/operations/parked/{row['ref']}"
    assert json.loads((await desk.http.get(path)).json()["value"])["mentor_id"] == 17
    assert (await desk.http.post(f"{path}/drop", json={})).status_code == 422
    assert (await desk.http.get(f"{path}0")).status_code == 404
    retried = await desk.http.post(f"{path}/retry")
    assert (retried.status_code, retried.json()["flag"]["action"]) == (202, "retry")
    dropped = await desk.http.post(f"{path}/drop", json={"reason": "Entered by mistake."})
    assert (dropped.status_code, dropped.json()["flag"]["by"]) == (202, "olga")
    assert (await desk.reaches(pair, 1))["skipped"] == [1]
    assert await desk.parked(pair, 0) == []


async def test_a_projection_is_rebuilt_compared_and_switched_while_it_is_used(desk: Desk) -> None:
    """Every step by the program; what comes in meanwhile and afterwards is in the new build, and the way back works."""
    before, meanwhile, after, last = (pair_id() for _ in range(4))
    await desk.say(before)
    await desk.reaches(before, 1)

    assert f"{LIVE}_2: " in await desk.tandem("projections", "rebuild", "reporting", "board_pairs")
    await desk.say(meanwhile)
    assert "0 different" in await desk.tandem("projections", "compare", "reporting", "board_pairs")
    said = await desk.tandem("projections", "switch", "reporting", "board_pairs", "--reason", "Rehearsal.")
    assert f"{LIVE}_2 is live" in said
    await desk.say(after)
    await desk.reaches(after, 1, f"{LIVE}_2")
    assert await desk.database[f"{LIVE}_2"].count_documents({"_id": {"$in": [before, meanwhile]}}) == 2

    listed = json.loads(await desk.tandem("projections", "list", "--service", "reporting", "--json"))
    [line] = [one for one in listed if one["consumer"] == "board_pairs"]
    assert (line["live"], len(line["builds"])) == (f"{LIVE}_2", 2)

    await desk.tandem("projections", "switch", "reporting", "board_pairs", "--back", "--reason", "Rehearsal.")
    await desk.say(last)
    await desk.reaches(last, 1)
    await desk.reaches(after, 1)


async def test_a_build_that_differs_is_told_from_the_live_one(desk: Desk) -> None:
    """The comparison names the subject and ends with code 1."""
    pair = pair_id()
    await desk.say(pair)
    await desk.reaches(pair, 1)
    await desk.tandem("projections", "rebuild", "reporting", "board_pairs")
    tampered = {"$set": {"state.mentor_id": "somebody else"}}
    await desk.database[LIVE].update_one({"_id": pair}, tampered)

    said = await desk.tandem("projections", "compare", "reporting", "board_pairs", code=1)

    assert "1 different" in said
    assert f"different: {pair}" in said


async def test_a_restored_backup_is_refilled(desk: Desk) -> None:
    """Offsets ahead of the documents make gaps; delivering the topic once more fills them, and the waiting drain."""
    pair, other = pair_id(), pair_id()
    await desk.say(pair)
    await desk.say(pair, 2)
    await desk.say(other)
    await desk.reaches(pair, 2)
    await desk.reaches(other, 1)
    models = ReadModels(_runtime(desk))
    applier: Any = models.feed("board_pairs").consumer.applier
    async with models.feed("board_pairs").consumer.alone:
        await desk.database[LIVE].delete_many({"_id": {"$in": [pair, other]}})
        applier.heads.forget([pair, other])
    await desk.say(pair, 3)
    assert [row["reason"] for row in await desk.parked(pair, 1)] == ["gap"]

    said = await desk.tandem("projections", "refill", "reporting", "board_pairs", "--reason", "Restored a backup.")

    assert "records were delivered once more" in said
    await desk.reaches(pair, 3)
    await desk.reaches(other, 1)
    assert await desk.parked(pair, 0) == []


async def test_what_cannot_be_done_is_refused_in_words(desk: Desk) -> None:
    """A wrong name, a missing way back, a build that is not there."""
    assert "it has: " in await desk.tandem("projections", "rebuild", "reporting", "nosuch", code=1)
    told = await desk.tandem("projections", "switch", "reporting", "board_pairs", "--back", "--reason", "Try.", code=1)
    assert "there is no way back" in told
    told = await desk.tandem("projections", "compare", "reporting", "board_pairs", code=1)
    assert "There is no other build" in told
    assert "there is no service 'nosuch'" in await desk.tandem(
        "projections", "refill", "nosuch", "x", "--reason", "y", code=1
    )


def _runtime(desk: Desk) -> Runtime:
    transport: Any = desk.http._transport
    found: Runtime = transport.app.state.runtime
    return found


async def test_new_code_is_not_ready_before_its_version_is_live(desk: Desk, servers: Servers) -> None:
    """The processes of the old version go on serving; the new ones build, and are ready with the switch."""
    pair = pair_id()
    await desk.say(pair)
    await desk.reaches(pair, 1)
    newer = replace(board.PAIRS, version=board.PAIRS.version + 1)
    new = _listening(desk, newer)
    assert f"{LIVE} is live" in (await new.feeds.building())[NEWER]  # also before it has begun
    await new.start()
    try:

        async def built() -> bool:
            return await desk.database[NEWER].count_documents({"_id": pair}) == 1

        await until_async(built, "the new version is built", 20)
        assert f"{LIVE} is live" in (await new.feeds.building())[NEWER]
        models = ReadModels(new)
        await models.rebuild("board_pairs", Command(actor="olga"))
        assert (await models.compare("board_pairs"))[0].agrees
        await models.switch("board_pairs", Command(actor="olga"), reason="A new fold.")

        async def turned() -> bool:
            ready = await desk.http.get("/health/ready")
            return not await new.feeds.building() and ready.status_code == 503

        await until_async(turned, "the new version is ready and the old one is not", 10)
        await models.switch("board_pairs", Command(actor="olga"), reason="Back again.", back=True)

        async def back() -> bool:
            return (await desk.http.get("/health/ready")).status_code == 200

        await until_async(back, "the old version is ready again", 10)
    finally:
        await new.stop()


def _listening(desk: Desk, newer: Projection[Any]) -> Runtime:
    """A process of the same service with another version of the projection."""
    given = {name.removeprefix("TANDEM_").lower(): value for name, value in desk.environment.items()}
    runtime = Runtime(Service("reporting", never, consumes=(newer.topic,)), Settings(**given))  # type: ignore[arg-type]
    consumer = runtime.projected(newer)

    @runtime.subscriber(newer.topic, consumer)
    async def follow_on_pair_matched(records: list[object]) -> None:
        await consumer.handle(records)

    return runtime
