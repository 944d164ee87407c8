"""The end of a pair in `sessions`, on a real Kafka and a real database: from the topic to the workspace and back."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis import directory, envelope, kafka, mongo, provision
from services.chassis.history import records_of
from services.chassis.ids import random_id
from services.chassis.service import Service, Topic
from services.chassis.wire import rfc3339
from services.sessions import contracts
from services.sessions.main import SERVICE
from tests.support.applications import never
from tests.support.asking import client_of
from tests.support.databases import drop
from tests.support.matching_service import kind_of
from tests.support.servers import Running
from tests.support.waiting import until_async

MATCHED = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENDED = datetime(2026, 5, 4, 12, tzinfo=UTC)
OTHERS = (
    Service("people", never, owns=(Topic(directory.TOPIC, "state"),)),
    Service("matching", never, owns=(Topic(contracts.PAIRS, "event"),)),
)


@dataclass(slots=True)
class World:
    """The running service, its clock, and the topic of pairs."""

    http: httpx2.AsyncClient
    publisher: kafka.Publisher
    database: mongo.Database
    clock: Path
    servers: Running
    ids: dict[tuple[str, int], str] = field(default_factory=dict)

    def at(self, instant: datetime) -> None:
        """Move the clock."""
        self.clock.write_text(rfc3339(instant))

    async def matched(self, pair_id: str) -> None:
        """Matching tells of a pair."""
        await self._tell(pair_id, 1, "matched", {"matched_at": rfc3339(MATCHED)})

    async def ended(self, pair_id: str, *, by: str = "matching") -> None:
        """Matching tells of its end."""
        await self._tell(pair_id, 2, "ended", {"reason": "mentor_left", "ended_at": rfc3339(ENDED)}, by=by)

    async def _tell(self, pair_id: str, sequence: int, what: str, said: dict[str, str], *, by: str = "manager") -> None:
        people = {"mentor_id": "the-mentor", "mentee_id": "the-mentee", "edition_id": "an-edition"}
        houses = {"mentor_subsidiary": "north", "mentee_subsidiary": "south"}
        event = envelope.Event(
            id=self.ids.setdefault((pair_id, sequence), random_id()), source="/tandem/matching",
            type=f"org.tandem.pair.{what}.v1", subject=pair_id, sequence=sequence, time=rfc3339(MATCHED), actor=by,
            data=json.dumps({"pair_id": pair_id, **people, **houses, **said}).encode(),
        )  # fmt: skip
        assert await self.publisher.publish([(contracts.PAIRS, event)]) == [True]

    async def workspace(self, pair_id: str) -> Any:
        """The workspace, or None while there is none."""
        answer = await self.http.get(f"/v1/workspaces/{pair_id}")
        return answer.json() if answer.status_code == 200 else None

    async def opened(self) -> str:
        """A pair with its workspace; the id."""
        await self.matched(pair_id := random_id())

        async def there() -> bool:
            return await self.workspace(pair_id) is not None

        await until_async(there, "the pair has its workspace")
        return pair_id

    async def is_over(self, pair_id: str) -> Any:
        """Wait until the workspace has ended and nothing to come is left in it; the workspace."""
        found: list[Any] = []

        async def so() -> bool:
            found[:] = [await self.workspace(pair_id)]
            return bool(found[0] and found[0]["ended_at"]) and not any(map(_is_to_come, found[0]["sessions"]))

        await until_async(so, "the workspace has ended")
        return found[0]

    async def plan(self, pair_id: str, planned_for: datetime, *, minutes: int = 60) -> httpx2.Response:
        """Plan a session."""
        body = {"planned_for": rfc3339(planned_for), "minutes": minutes}
        headers = {"Idempotency-Key": random_id(), "Tandem-Actor": "the-mentor"}
        return await self.http.post(f"/v1/workspaces/{pair_id}/sessions", json=body, headers=headers)

    async def hold(self, pair_id: str, session_id: str, held_at: datetime) -> httpx2.Response:
        """Record that a session took place."""
        etag = (await self.http.get(path := f"/v1/workspaces/{pair_id}")).headers["ETag"]
        body, headers = {"held_at": rfc3339(held_at)}, {"If-Match": etag, "Tandem-Actor": "the-mentor"}
        return await self.http.post(f"{path}/sessions/{session_id}/holding", json=body, headers=headers)

    async def told(self, pair_id: str) -> list[tuple[envelope.Event, Any]]:
        """The pair's events on the topic of sessions, each sequence once."""
        read = [envelope.read_event(record) async for record in records_of(self.servers.kafka, contracts.TOPIC)]
        mine = {event.sequence: (event, json.loads(event.data)) for event in read if event.subject == pair_id}
        return [mine[sequence] for sequence in sorted(mine)]


def _is_to_come(session: Any) -> bool:
    return bool(session["state"] == "planned" and datetime.fromisoformat(session["planned_for"]) > ENDED)


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    prefix, clock = f"s{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("clock") / "now"
    clock.write_text(rfc3339(MATCHED))
    environment = {
        "KAFKA": servers.kafka, "MONGODB": servers.mongodb, "DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix,
        "CLOCK": str(clock), "LOG_LEVEL": "error",
    }  # fmt: skip
    client = mongo.connect(servers.mongodb)
    await provision.provision([SERVICE, *OTHERS], kafka=servers.kafka, client=client, prefix=prefix)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(f"TANDEM_{name}", value)
        app = SERVICE.app()
    publisher = kafka.Publisher(servers.kafka)
    async with client_of(app) as http:
        yield World(http, publisher, client[f"{prefix}_sessions"], clock, servers)
    await publisher.stop()
    await drop(client[f"{prefix}_sessions"])
    await mongo.close(client)


@pytest.fixture(autouse=True)
def _in_march(world: World) -> None:
    """Each test begins on the day on which the pair is matched."""
    world.at(MATCHED)


async def test_end_of_the_pair_cancels_what_was_to_come_and_nothing_else(world: World) -> None:
    """In the name of whoever ended the pair; what was held or may have been held stays."""
    pair_id = await world.opened()
    days = (-20, -1, 1, 30)
    ids = [(await world.plan(pair_id, ENDED + timedelta(days=day))).json()["session_id"] for day in days]
    world.at(ENDED)
    assert (await world.hold(pair_id, ids[0], ENDED - timedelta(days=20))).status_code == 200

    await world.ended(pair_id, by="the-manager")

    over = await world.is_over(pair_id)
    assert [one["state"] for one in over["sessions"]] == ["held", "planned", "cancelled", "cancelled"]
    assert {one["cancelled_by"] for one in over["sessions"][2:]} == {"programme"}

    async def all_told() -> bool:
        return len(await world.told(pair_id)) == 7

    await until_async(all_told, "both cancellations are on the topic")
    for event, data in (await world.told(pair_id))[5:]:
        assert (event.type, event.actor, data["cancelled_by"]) == (contracts.CANCELLED, "the-manager", "programme")


async def test_pair_that_has_ended_plans_nothing_and_may_still_record(world: World) -> None:
    """A session before the end, for two weeks; the answers say so."""
    pair_id = await world.opened()
    first, second = [(await world.plan(pair_id, ENDED - timedelta(days=day))).json()["session_id"] for day in (2, 1)]
    world.at(ENDED + timedelta(days=13))
    await world.ended(pair_id)
    await world.is_over(pair_id)

    refused = await world.plan(pair_id, ENDED + timedelta(days=20))
    assert kind_of(refused) == (409, "pair-ended")
    assert kind_of(await world.hold(pair_id, first, ENDED + timedelta(days=1))) == (409, "pair-ended")
    assert (await world.hold(pair_id, first, ENDED - timedelta(days=2))).status_code == 200
    world.at(ENDED + timedelta(days=15))
    late = await world.hold(pair_id, second, ENDED - timedelta(days=1))
    assert kind_of(late) == (409, "pair-ended")
    assert "two weeks" in late.json()["detail"]


async def test_end_that_arrives_before_the_beginning_waits_for_it(world: World) -> None:
    """However the topic brings them, and however often: one workspace, which has ended."""
    pair_id = random_id()
    await world.ended(pair_id)

    async def waiting() -> bool:
        return await world.database["parked"].count_documents({"subject": pair_id, "reason": "gap"}) == 1

    await until_async(waiting, "the end waits")
    await world.matched(pair_id)
    over = await world.is_over(pair_id)
    await world.ended(pair_id)
    await world.matched(pair_id)
    other = await world.opened()

    assert over["ended_at"] == rfc3339(ENDED)
    assert await world.workspace(pair_id) == over
    assert (await world.workspace(other))["ended_at"] is None
    assert await world.database["parked"].count_documents({"subject": pair_id}) == 0


async def test_end_of_a_pair_cancels_more_sessions_than_one_document_may_hold_events(world: World) -> None:
    """Little by little, as the topic takes them; each once."""
    pair_id = await world.opened()
    for n in range(70):
        answer = await world.plan(pair_id, ENDED + timedelta(days=n + 1))
        while answer.status_code == 503:  # as many events wait as may
            answer = await world.plan(pair_id, ENDED + timedelta(days=n + 1))
        assert answer.status_code == 201, answer.text

    await world.ended(pair_id)

    over = await world.is_over(pair_id)
    assert {one["state"] for one in over["sessions"]} == {"cancelled"}

    async def all_told() -> bool:
        return len(await world.told(pair_id)) == 140

    await until_async(all_told, "all cancellations are on the topic")
    cancelled = [data["session_id"] for event, data in await world.told(pair_id) if event.type == contracts.CANCELLED]
    assert sorted(cancelled) == sorted(one["session_id"] for one in over["sessions"])
