"""Promises of participations and coverage on real servers, through the HTTP interface of `applications`."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.applications import contracts
from services.chassis import directory, envelope, kafka, mongo
from services.chassis.auth.authentication import Unauthenticated
from services.chassis.auth.principal import Principal, Scope
from services.chassis.service import Service, Topic
from tests.support.applications import never
from tests.support.editions import asking, calling, drafting, scoring
from tests.support.served_applications import served
from tests.support.servers import Running
from tests.support.waiting import until_async

READ = (Topic(directory.TOPIC, "state"), Topic(contracts.PROFILES, "state"), Topic(contracts.PAIRS, "event"))
OTHERS = Service("people", never, owns=READ)
OPENED = "2026-01-12T09:00:00Z"
WHY = "Nobody has been found for months."


def new_id() -> str:
    """An id of nobody else."""
    return str(uuid.uuid4())


OFFICE, NORTHERN, EXECUTIVE, COLLEAGUE = (new_id() for _ in range(4))


@dataclass(slots=True)
class ByName:
    """Takes everybody's word for who of the callers they are; the company of the northern one is a test's."""

    north: str = ""

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The caller of this name. Raises ``Unauthenticated``."""
        everywhere = {"group_office": Scope(everything=True), "programme_manager": Scope(everything=True)}
        match headers.get("tandem-actor", ""):
            case str(name) if name == NORTHERN:
                return Principal(name, "person", scopes={"programme_manager": Scope(frozenset({self.north}))})
            case str(name) if name == OFFICE:
                return Principal(name, "person", scopes=everywhere)
            case str(name) if name == COLLEAGUE:
                return Principal(name, "person", self.north)
            case str(name) if name == EXECUTIVE:
                return Principal(name, "person", self.north, scopes=everywhere)
        raise Unauthenticated("Send the header Tandem-Actor.")


@dataclass(slots=True)
class World:
    """The service under test, and what stands around it."""

    http: httpx2.AsyncClient
    publisher: kafka.Publisher
    database: mongo.Database
    clock: Path
    callers: ByName
    numbers: dict[str, int] = field(default_factory=dict)

    async def say(self, topic: str, type_: str, subject: str, data: dict[str, Any]) -> None:
        """Publish the next event of a subject."""
        self.numbers[topic + subject] = number = self.numbers.get(topic + subject, 0) + 1
        event = envelope.Event(
            id=new_id(), source="/tandem/elsewhere", type=type_, subject=subject, sequence=number, time=OPENED,
            data=json.dumps(data).encode(),
        )  # fmt: skip
        assert await self.publisher.publish([(topic, event)]) == [True]

    async def person(self, subsidiary: str, person_id: str | None = None, **facts: Any) -> str:
        """An executive of a company, where nothing else is said; the id."""
        person_id = person_id or new_id()
        said = {"person_id": person_id, "subsidiary": subsidiary, "roles": [], "executive": True, "active": True}
        data = {**said, "language": "de", "zone": "Europe/Berlin", **facts}
        await self.say(directory.TOPIC, directory.PERSON, person_id, data)
        return person_id

    async def pair(self, edition: str, mentee_id: str, pair_id: str, *, ended: bool = False) -> None:
        """Matching tells of a pair, or of its end."""
        sides = {"mentor_subsidiary": new_id(), "mentee_subsidiary": new_id(), "mentor_id": new_id()}
        said = {"pair_id": pair_id, "edition_id": edition.rpartition("/")[2], "mentee_id": mentee_id, **sides}
        run = {"run_id": new_id(), "policy_version": "1", "matched_at": OPENED}
        await self.say(
            contracts.PAIRS, f"org.tandem.pair.{'ended' if ended else 'matched'}.v1", pair_id, {**said, **run}
        )

    async def edition(self, *companies: str) -> str:
        """An edition whose call is open; the path."""
        key = {"Tandem-Actor": OFFICE, "Idempotency-Key": new_id()}
        made = await self.http.post("/v1/editions", json=drafting(*companies), headers=key)
        assert made.status_code == 201, made.text
        path = str(made.headers["Location"])
        parts = (("PUT", "call", calling()), ("PUT", "form", asking()), ("PUT", "rubric", scoring()))
        for method, part, body in (*parts, ("POST", "stage", {"to": "call_open"})):
            answer = await self.change(path, part, body, method=method)
            assert answer.status_code == 200, answer.text
        return path

    async def change(self, path: str, to: str, body: Any, *, by: str = OFFICE, method: str = "POST") -> httpx2.Response:
        """Send to ``path/to`` with the ETag of ``path``."""
        etag = (await self.http.get(path, headers={"Tandem-Actor": OFFICE})).headers["ETag"]
        headers = {"Tandem-Actor": by, "If-Match": etag}
        return await self.http.request(method, f"{path}/{to}", json=body, headers=headers)

    async def see(self, path: str, by: str = OFFICE) -> Any:
        """What stands there."""
        answer = await self.http.get(path, headers={"Tandem-Actor": by})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def becomes(self, edition: str, person_id: str, status: str) -> str:
        """Wait until an executive has this status; the path of the participation."""
        found: list[str] = []

        async def so() -> bool:
            listed = await self.see(f"{edition}/participations?state={status}&limit=200")
            found[:] = [one["participation_id"] for one in listed if one["mentee_id"] == person_id]
            return bool(found)

        await until_async(so, f"{person_id} is {status}")
        return f"/v1/participations/{found[0]}"


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    clock, callers = tmp_path_factory.mktemp("clock") / "now", ByName()
    clock.write_text(OPENED)
    async with served(servers, clock, others=OTHERS, authenticator=callers) as (http, publisher, _, database):
        yield World(http, publisher, database, clock, callers)


@pytest.fixture
async def world(running: World) -> World:
    """The service on the day on which the call opens, where the office works."""
    running.clock.write_text(OPENED)
    running.callers.north = new_id()
    await running.person(new_id(), OFFICE, executive=False)
    return running


def kind_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def counts(**named: int) -> dict[str, int]:
    """The counts of coverage, of which only some are not zero."""
    return {"obliged": 0, "paired": 0, "escalated": 0, "exempt": 0, "left": 0, **named}


async def test_coverage_counts_every_executive_once_in_the_companies_of_the_caller(world: World) -> None:
    """Obliged, paired, escalated, exempt and left: whoever is responsible sees the own companies and their sum."""
    north, south = world.callers.north, new_id()
    people = {name: await world.person(north) for name in ("obliged", "paired", "escalated", "exempt", "left")}
    southerner = await world.person(south)
    edition = await world.edition(north, south)
    paths = {name: await world.becomes(edition, id, "obliged") for name, id in people.items()}
    await world.becomes(edition, southerner, "obliged")
    await world.pair(edition, people["paired"], new_id())
    exempted = await world.change(paths["exempt"], "exemption", {"reason": "absence", "explanation": WHY})
    escalated = await world.change(paths["escalated"], "escalation", {"to": OFFICE, "reason": WHY})
    await world.person(north, people["left"], active=False)
    await world.becomes(edition, people["paired"], "paired")
    await world.becomes(edition, people["left"], "left")

    assert (exempted.status_code, escalated.status_code) == (200, 200)
    each = counts(obliged=1, paired=1, escalated=1, exempt=1, left=1)
    whole, own = await world.see(f"{edition}/coverage"), await world.see(f"{edition}/coverage", NORTHERN)
    assert whole["rows"] == [
        {"subsidiary": north, "in_scope": 4, **each},
        {"subsidiary": south, "in_scope": 1, **counts(obliged=1)},
    ]
    assert whole["totals"] == {"in_scope": 5, **each, "obliged": 2}
    assert whole["as_of"] == "2026-01-12T09:00:00.000Z"
    assert (own["rows"], own["totals"]) == ([whole["rows"][0]], {"in_scope": 4, **each})
    answer = await world.http.get(f"{edition}/coverage", headers={"Tandem-Actor": COLLEAGUE})
    assert kind_of(answer) == (403, "role-missing")


async def test_exemption_escalation_and_obligation_say_who_decided_what_and_why(world: World) -> None:
    """Each is a person's, over HTTP, and the view shows what holds now."""
    north = world.callers.north
    executive = await world.person(north)
    edition = await world.edition(north)
    path = await world.becomes(edition, executive, "obliged")

    said = {"reason": "absence", "explanation": WHY, "until": "2026-06-30"}
    exempt = (await world.change(path, "exemption", said)).json()
    at = "2026-01-12T09:00:00.000Z"
    assert exempt["exemption"] == {**said, "exempted_by": OFFICE, "exempted_at": at}
    lifted = (await world.change(path, "obligation", {"reason": WHY})).json()
    assert (lifted["status"], lifted["lift"]) == ("obliged", {"reason": WHY, "by": OFFICE, "at": at})
    assert lifted["exemption"] is None
    escalated = (await world.change(path, "escalation", {"to": OFFICE, "reason": WHY})).json()
    assert escalated["escalation"] == {"to": OFFICE, "since": at, "reason": WHY, "by": OFFICE, "reachable": True}
    assert escalated["status"] == "escalated"


async def test_what_cannot_be_decided_is_refused_in_words(world: World) -> None:
    """Own cases, strangers, days that have passed, steps that do not fit, editions that are not running."""
    north = world.callers.north
    await world.person(north, EXECUTIVE)
    other = await world.person(north)
    edition = await world.edition(north)
    own, path = await world.becomes(edition, EXECUTIVE, "obliged"), await world.becomes(edition, other, "obliged")
    exemption = {"reason": "absence", "explanation": WHY}

    for to, body in (
        ("exemption", exemption),
        ("escalation", {"to": OFFICE, "reason": WHY}),
        ("obligation", {"reason": WHY}),
    ):
        assert kind_of(await world.change(own, to, body, by=EXECUTIVE)) == (403, "own-case")
    stranger = await world.change(path, "escalation", {"to": new_id(), "reason": WHY})
    assert (kind_of(stranger), stranger.json()["errors"][0]["field"]) == ((422, "unknown-person"), "/to")
    late = await world.change(path, "exemption", {**exemption, "until": "2026-01-11"})
    assert (kind_of(late), late.json()["errors"][0]["field"]) == ((422, "exemption-over"), "/until")
    assert kind_of(await world.change(path, "obligation", {"reason": WHY})) == (409, "nothing-to-lift")
    assert kind_of(await world.change(path, "escalation", {"to": other, "reason": WHY})) == (
        422,
        "escalated-to-themselves",
    )
    await world.change(path, "exemption", exemption)
    assert kind_of(await world.change(path, "escalation", {"to": OFFICE, "reason": WHY})) == (409, "already-exempt")
    assert kind_of(await world.change(path, "exemption", exemption)) == (409, "already-exempt")
    assert (await world.see(own, EXECUTIVE))["status"] == "obliged"


async def test_end_of_a_pair_obliges_the_executive_anew(world: World) -> None:
    """What matching tells of pairs stands in the participation within seconds."""
    north, pair_id = world.callers.north, new_id()
    executive = await world.person(north)
    edition = await world.edition(north)
    await world.becomes(edition, executive, "obliged")

    await world.pair(edition, executive, pair_id)
    path = await world.becomes(edition, executive, "paired")
    assert (await world.see(path))["pair_id"] == pair_id
    await world.pair(edition, executive, pair_id, ended=True)
    await world.becomes(edition, executive, "obliged")
    assert (await world.see(path))["pair_id"] is None


async def test_service_escalates_and_ends_exemptions_by_itself_as_time_passes(world: World) -> None:
    """The loops of the service set and fire the timers, also where days pass at once."""
    north = world.callers.north
    waiting, away = await world.person(north), await world.person(north)
    edition = await world.edition(north)
    await world.becomes(edition, waiting, "obliged")
    path = await world.becomes(edition, away, "obliged")
    until = {"reason": "absence", "explanation": WHY, "until": "2026-02-28"}
    assert (await world.change(path, "exemption", until)).status_code == 200
    world.clock.write_text("2026-03-05T09:00:00Z")
    await world.becomes(edition, away, "obliged")
    assert (await world.see(f"{edition}/coverage"))["totals"] == {"in_scope": 2, **counts(obliged=2)}
    world.clock.write_text("2026-03-10T23:00:00Z")  # midnight in Berlin, ten days after the first day of the edition
    path = await world.becomes(edition, waiting, "escalated")

    shown = await world.see(path)
    assert (shown["escalation"]["to"], shown["escalation"]["by"]) == (OFFICE, "timer")
