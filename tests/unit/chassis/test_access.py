"""The access log: what is denied or protected is on record, or does not happen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis import access, mongo
from services.chassis.access import AccessLog, Resource
from services.chassis.aggregate import BacklogFull, Command
from services.chassis.errors import Invalid
from services.chassis.ids import random_id
from services.chassis.outbox import BOUND
from services.chassis.settings import Settings
from tests.support.clocks import HandClock
from tests.support.databases import drop
from tests.support.servers import Running
from tests.support.small_service import Small, running_small

NOBODY = "127.0.0.1:1"  # no broker: what is recorded stays where a test can see it
READER = {"Tandem-Actor": "a-reader"}


@pytest.fixture(autouse=True)
def one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """All accesses of an actor and day in one aggregate, so that it can be looked at and filled."""
    monkeypatch.setattr(access, "_PARTS", 1)


@pytest.fixture
async def small(servers: Running) -> AsyncIterator[Small]:
    """The small service on a database of the test's own, without a broker."""
    own = Settings(kafka=NOBODY, mongodb=servers.mongodb, database_prefix=f"t{random_id()[:8]}")
    async with running_small(own) as running:
        yield running
        await drop(running.database)


async def recorded(database: mongo.Database) -> list[tuple[str, str, dict[str, Any]]]:
    """Actor, type and data of all that is on record and waits for the broker; without its log's id."""
    entries = [one for log in await database[access.COLLECTION].find().to_list(None) for one in log["outbox"]]
    assert {entry["topic"] for entry in entries} <= {"tandem.access.small.v1"}
    return [(one["actor"], one["type"], _without(json.loads(one["data"]), "access_id", "at")) for one in entries]


def _without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    assert set(names) <= data.keys()
    return {name: value for name, value in data.items() if name not in names}


async def written(small: Small) -> str:
    answer = await small.http.post("/v1/notes", json={"text": "hello"}, headers={"Idempotency-Key": random_id()})
    return str(answer.json()["note_id"])


async def test_a_protected_read_is_on_record_before_it_is_served(small: Small) -> None:
    """Who read what, every time; also where there is nothing of that id."""
    note = await written(small)

    assert (await small.http.get(f"/v1/guarded/{note}", headers=READER)).status_code == 200
    assert (await small.http.get("/v1/guarded/no-note", headers=READER)).status_code == 404
    assert (await small.http.get(f"/v1/notes/{note}", headers=READER)).status_code == 200

    assert await recorded(small.database) == [
        ("a-reader", access.READ, {"resource_kind": "note", "resource_id": note}),
        ("a-reader", access.READ, {"resource_kind": "note", "resource_id": "no-note"}),
    ]


async def test_a_protected_read_that_cannot_be_recorded_is_not_served(small: Small) -> None:
    """With as many accesses waiting for the broker as may, there are no more of them."""
    note = await written(small)
    for _ in range(BOUND):
        assert (await small.http.get(f"/v1/guarded/{note}", headers=READER)).status_code == 200

    refused = await small.http.get(f"/v1/guarded/{note}", headers=READER)

    assert (refused.status_code, refused.json()["type"]) == (503, "urn:tandem:problem:backlog-full")
    assert "hello" not in refused.text
    assert (await small.http.get(f"/v1/guarded/{note}", headers={"Tandem-Actor": "other"})).status_code == 200


async def change(small: Small, note: str, *, text: str = "mine", key: str | None = None) -> Any:
    headers = {**READER, "If-Match": '"1"', **({"Idempotency-Key": key} if key else {})}
    return await small.http.post(f"/v1/guarded/{note}/text", json={"text": text}, headers=headers)


async def test_a_denial_is_answered_and_on_record(small: Small) -> None:
    """The caller gets a problem, the log gets the rule; a request repeated under its key is recorded once."""
    note = await written(small)

    answers = [await change(small, note), await change(small, note, key="k"), await change(small, note, key="k")]
    answers.append(await change(small, note, text="another request", key="k"))

    assert {(one.status_code, one.json()["type"]) for one in answers} == {(403, "urn:tandem:problem:denied")}
    said = {"resource_kind": "note", "resource_id": note, "rule": "own-note"}
    assert await recorded(small.database) == [("a-reader", access.DENIED, said)] * 3


async def test_a_denial_that_cannot_be_recorded_is_a_denial(small: Small) -> None:
    """What is refused stays refused, whatever becomes of its record."""
    note = await written(small)
    for _ in range(BOUND):
        await change(small, note)

    assert (await change(small, note)).status_code == 403
    assert len(await recorded(small.database)) == BOUND


@pytest.fixture
async def log(servers: Running) -> AsyncIterator[tuple[AccessLog, mongo.Database, HandClock]]:
    """An access log alone, on a database and a clock of the test's own."""
    client, clock = mongo.connect(servers.mongodb), HandClock(datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC))
    database = client[f"t{random_id()[:8]}_small"]
    yield AccessLog(database, "small", clock), database, clock
    await drop(database)
    await mongo.close(client)


async def test_what_operators_do_is_on_record_with_their_reason(
    log: tuple[AccessLog, mongo.Database, HandClock],
) -> None:
    """Whatever a target is called, it can be recorded; of an odd name what can be shown."""
    access_log, database, _ = log
    operator = Command(actor="ops")

    await access_log.operated(operator, "parked.drop", "board|topic|3", "  sent by mistake ")
    await access_log.operated(operator, "parked.drop", "x y@z\n" + "ü" * 500, "again")

    assert await recorded(database) == [
        ("ops", access.OPERATED, {"action": "parked.drop", "target": "board|topic|3", "reason": "sent by mistake"}),
        ("ops", access.OPERATED, {"action": "parked.drop", "target": ("x?y?z?" + "?" * 194), "reason": "again"}),
    ]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "a\x00b"])
async def test_an_operators_reason_is_demanded(log: tuple[AccessLog, mongo.Database, HandClock], reason: str) -> None:
    """Without a usable reason nothing is recorded, so nothing is done."""
    access_log, database, _ = log
    with pytest.raises(Invalid):
        await access_log.operated(Command(actor="ops"), "parked.drop", "row", reason)
    assert await recorded(database) == []


async def test_each_actor_has_a_log_per_day(log: tuple[AccessLog, mongo.Database, HandClock]) -> None:
    """Logs stay small and nobody waits for others; each counts what lies in it."""
    access_log, database, clock = log
    ann, ben = Command(actor="ann", expected=7), Command(actor="ben", expected=7)

    await access_log.read(ann, Resource("note", "1"))
    await access_log.denied(ann, Resource("note"), "own-note")
    await access_log.read(ben, Resource("note", "1"))
    clock.passes(seconds=1)
    await access_log.read(ann, Resource("note", "1"))

    states = [one["state"] for one in await database[access.COLLECTION].find().to_list(None)]
    assert sorted((one["denied"], one["read"], one["operated"]) for one in states) == [(0, 1, 0), (0, 1, 0), (1, 1, 0)]


async def test_a_log_that_is_full_says_so(log: tuple[AccessLog, mongo.Database, HandClock]) -> None:
    """What cannot be recorded raises, so that it does not happen."""
    access_log, _, _ = log
    for n in range(BOUND):
        await access_log.read(Command(actor="ann"), Resource("note", str(n)))
    with pytest.raises(BacklogFull):
        await access_log.operated(Command(actor="ann"), "parked.drop", "row", "why")


async def test_many_accesses_at_once_get_by_one_another(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who reads over many connections is not refused for want of a place on record."""
    monkeypatch.setattr(access, "_PARTS", 16)
    note = await written(small)
    answers = await asyncio.gather(*(small.http.get(f"/v1/guarded/{note}", headers=READER) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await recorded(small.database)) == 40
