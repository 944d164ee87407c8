"""The audit trail as it is read, over HTTP and at the terminal: filters, pages, plain words, itself on record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from services.chassis import access, envelope, mongo
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.chassis.parking import ParkedRecord
from services.reporting import main
from services.reporting.audit.staging import Stage
from services.reporting.audit.trail import INDEXES
from tests.support.asking import client_of
from tests.support.program import tandem
from tests.support.records import EVENT
from tests.support.servers import Running

NOBODY = "127.0.0.1:1"  # no broker: the trail holds what the test staged, and nothing else
READER = {"Tandem-Actor": "an-auditor"}
# minute, actor, subject, type, edition
TOLD = (
    (0, "ann", "pair-1", "org.tandem.pair.matched.v1", "e-1"),
    (1, "ann", "pair-2", "org.tandem.pair.matched.v1", "e-1"),
    (1, "ben", "pair-1", "org.tandem.session.planned.v1", "e-1"),
    (2, "ben", "pair-1", "org.tandem.session.held.v1", "e-1"),
    (3, "cem", "part-1", "org.tandem.mentee.exempted.v1", "e-2"),
    (4, "dan", "log-1", "org.tandem.access.denied.v1", None),
    (5, "eve", "x-1", "org.tandem.something.added.v1", None),
)
TOPICS = {"pair": "tandem.pairs.v1", "session": "tandem.sessions.v1", "access": "tandem.access.sessions.v1"}
DATA: dict[str, dict[str, Any]] = {
    "mentee": {"reason": "leaving"},
    "access": {"resource_kind": "workspace", "resource_id": "pair-2", "rule": "own-pair"},
}


def records() -> list[ParkedRecord]:
    made = []
    for n, (minute, actor, subject, type_, edition) in enumerate(TOLD):
        word = type_.split(".")[2]
        data = json.dumps(DATA.get(word, {})).encode()
        named = {"id": f"event-{n}", "type": type_, "subject": subject, "sequence": n + 1, "actor": actor}
        event = replace(EVENT, **named, edition=edition, data=data, time=f"2026-04-01T09:0{minute}:00Z")
        value, headers = envelope.write(event)
        topic = TOPICS.get(word, "tandem.applications.v1")
        made.append(ParkedRecord(topic, n % 3, 100 + n, subject.encode(), value, list(headers)))
    return made


@dataclass(frozen=True, slots=True)
class Trail:
    """The running service over a trail that the test knows."""

    http: httpx2.AsyncClient
    database: mongo.Database
    environment: dict[str, str]

    async def list(self, **query: str | int) -> list[int]:
        """The numbers of the events that are listed."""
        answer = await self.http.get("/v1/audit", params=query, headers=READER)
        assert answer.status_code == 200, answer.text
        return numbers(answer.json())


def numbers(entries: list[dict[str, Any]]) -> list[int]:
    return [int(one["id"].rpartition("-")[2]) for one in entries]


@pytest.fixture(scope="module")
async def trail(servers: Running) -> AsyncIterator[Trail]:
    prefix = f"audit_{random_id()[:8]}"
    environment = {"TANDEM_KAFKA": NOBODY, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": prefix}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        app = main.app()
    client = mongo.connect(servers.mongodb)
    database = client[f"{prefix}_reporting"]
    for index in INDEXES["audit"]:
        await database["audit"].create_index(list(index.keys))
    await Stage(database, "audit_tests", SystemClock()).apply(records())
    async with client_of(app, caller=None) as http:
        yield Trail(http, database, environment)
    await mongo.close(client)


async def test_the_newest_entries_come_first_or_the_oldest(trail: Trail) -> None:
    """Of one instant in the order of their ids, the same way round."""
    assert await trail.list() == [6, 5, 4, 3, 2, 1, 0]
    assert await trail.list(order="oldest") == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"actor": "ann"}, [1, 0]),
        ({"subject": "pair-1"}, [3, 2, 0]),
        ({"subject": "pair-2"}, [5, 1]),  # one access was about it
        ({"pair": "pair-1"}, [3, 2, 0]),
        ({"pair": "part-1"}, []),
        ({"kind": "PairMatched"}, [1, 0]),
        ({"kind": "org.tandem.pair.matched.v1"}, [1, 0]),
        ({"kind": "org.tandem.pair.matched.v2"}, []),
        ({"edition": "e-2"}, [4]),
        ({"from": "2026-04-01T09:02:00Z"}, [6, 5, 4, 3]),
        ({"from": "2026-04-01T11:02:00+02:00", "to": "2026-04-01T09:04:00Z"}, [4, 3]),
        ({"actor": "ben", "pair": "pair-1", "kind": "SessionHeld", "edition": "e-1"}, [3]),
        ({"subject": "pair-1", "pair": "pair-2"}, []),
        ({"actor": "nobody"}, []),
    ],
)
async def test_entries_are_narrowed_by_all_that_is_named(
    trail: Trail, query: dict[str, str], expected: list[int]
) -> None:
    """By whom, about what, of which pair, kind and edition, and when."""
    assert await trail.list(**query) == expected


async def test_an_entry_tells_who_what_to_what_when_why_and_where(trail: Trail) -> None:
    """In plain words where the kind is known, by its type where it is not."""
    answer = await trail.http.get("/v1/audit", params={"actor": "cem"}, headers=READER)
    [entry] = answer.json()
    expected = {
        "id": "/tandem/sessions|event-4",
        "time": "2026-04-01T09:03:00.000Z",
        "who": "cem",
        "what": "exempted an executive",
        "kind": "MenteeExempted",
        "subject": "part-1",
        "target": None,
        "reason": "leaving",
        "edition": "e-2",
        "topic": "tandem.applications.v1",
        "partition": 1,
        "offset": 104,
        "sequence": 5,
    }
    assert expected.items() <= entry.items()
    told = (await trail.http.get("/v1/audit", params={"from": "2026-04-01T09:04:00Z"}, headers=READER)).json()
    assert [(one["what"], one["target"], one["reason"]) for one in told] == [
        ("org.tandem.something.added.v1", None, None),
        ("was denied access: workspace", "pair-2", "own-pair"),
    ]


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_entries_come_in_pages_without_gap_or_repetition(trail: Trail, order: str) -> None:
    """Also where a page ends between two entries of one instant; the filters go along."""
    found: list[list[int]] = []
    address: str | None = f"/v1/audit?limit=2&order={order}&to=2026-04-01T09:05:00Z"
    while address:
        answer = await trail.http.get(address, headers=READER)
        found.append(numbers(answer.json()))
        address = answer.links.get("next", {}).get("url")
    assert found == ([[5, 4], [3, 2], [1, 0]] if order == "newest" else [[0, 1], [2, 3], [4, 5]])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-04-01"}, "query from"),
        ({"to": "1893456000"}, "query to"),
        ({"order": "random"}, "query order"),
        ({"cursor": "cGFpci0x"}, "query cursor"),  # one of a list in the order of ids
        ({"cursor": "MjAyNi0wNC0wMQ=="}, "query cursor"),
    ],
)
async def test_what_cannot_be_asked_for_is_named(trail: Trail, query: dict[str, str], field: str) -> None:
    """A filter is never silently ignored."""
    answer = await trail.http.get("/v1/audit", params=query, headers=READER)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_nobody_reads_the_trail_without_a_name(trail: Trail) -> None:
    """Who reads it goes on record, so somebody must."""
    assert (await trail.http.get("/v1/audit")).status_code == 401


async def reads(trail: Trail, actor: str) -> int:
    logs = await trail.database[access.COLLECTION].find({"outbox.actor": actor}).to_list(None)
    return sum(log["state"]["read"] for log in logs)


async def test_each_request_and_each_command_is_on_record_once(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is a request; the terminal is no way round it."""
    for _ in range(2):
        await trail.http.get("/v1/audit", headers={"Tandem-Actor": "a-reader"})
    assert await reads(trail, "a-reader") == 2

    said = await asked(trail, monkeypatch, "--actor", "at-a-terminal", "--json")
    assert numbers(json.loads(said)) == [6, 5, 4, 3, 2, 1, 0]
    assert await reads(trail, "at-a-terminal") == 1


async def asked(trail: Trail, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    for name, value in {**trail.environment, "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    result = await asyncio.to_thread(tandem, ["audit", "list", *options], {})
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_the_terminal_shows_the_same_entries(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each, with the same filters."""
    options = ("--pair", "pair-1", "--oldest", "--limit", "2", "--kind", "PairMatched", "--by", "ann")
    said = await asked(trail, monkeypatch, *options, "--from", "2026-04-01T09:00:00Z", "--to", "2026-04-02T00:00:00Z")
    assert "2026-04-01T09:00:00Z" in said
    assert "paired a mentor with an executive" in said
    assert "tandem.pairs.v1/0@100" in said
    assert len(said.strip().splitlines()) == 2

    assert "no entry matches" in await asked(trail, monkeypatch, "--by", "nobody")


async def test_the_terminal_says_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence and an exit code, not with a traceback."""
    monkeypatch.setenv("TANDEM_MONGODB", "mongodb://127.0.0.1:1/?directConnection=true")
    result = await asyncio.to_thread(tandem, ["audit", "list"], {})
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert "database does not answer" in result.output


@pytest.mark.parametrize("option", [["--from", "2026-04-01T09:00:00"], ["--to", "soon"]])
async def test_the_terminal_refuses_an_instant_it_cannot_read(option: list[str]) -> None:
    """Without an offset nobody knows which instant is meant."""
    result = await asyncio.to_thread(tandem, ["audit", "list", *option], {})
    assert result.exit_code == 1
    assert "write e.g." in result.output or "say the offset" in result.output
