"""The board's service on a real broker and a real database: from the topics to its HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaProducer

from services.chassis import mongo, provision
from services.chassis.ids import random_id
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reporting import main
from tests.support import topics
from tests.support.applications import never
from tests.support.board_histories import Applicant, Executive, Life, Programme, Record, edition_of, lives
from tests.support.servers import Running
from tests.support.trusting import trusting
from tests.support.waiting import until_async

READER = {"Tandem-Actor": "a-reader"}
PROGRAMME = Programme(
    called=True,
    executives=(
        Executive("holding", duty="obliged", paired=True, sessions=("held", "held", "cancelled", "planned")),
        Executive("north", duty="obliged", paired=True, sessions=()),
        Executive("north", duty="obliged", paired=False, sessions=()),
        Executive("north", duty="exempt", paired=False, sessions=()),
    ),
    applicants=(Applicant("south", "selected"), Applicant("north", "declined"), Applicant("north", "open")),
)


@dataclass(frozen=True, slots=True)
class Reporting:
    """The running service, and a producer that stands in for the services it listens to."""

    http: httpx2.AsyncClient
    producer: AIOKafkaProducer
    database: mongo.Database

    async def tell(self, records: Sequence[Record]) -> None:
        """Put records on their topics, in this order."""
        for record in records:
            await self.producer.send(
                record.topic,
                record.value,
                key=record.key,
                headers=[(name, value or b"") for name, value in record.headers],
                partition=record.partition,
            )
        await self.producer.flush()

    async def get(self, path: str, **query: str) -> Any:
        """The JSON of a successful answer."""
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def board(self, edition_id: str) -> Any:
        """The board of an edition, or None while it has not arrived."""
        answer = await self.http.get(f"/v1/boards/{edition_id}")
        return answer.json() if answer.status_code == 200 else None

    async def shows(self, edition_id: str, **totals: int) -> None:
        """Wait until the board's totals are these."""

        async def so() -> bool:
            shown = await self.board(edition_id)
            return bool(shown) and totals.items() <= shown["totals"].items()

        await until_async(so, f"the board of {edition_id} shows {totals}")


@pytest.fixture(scope="module")
async def reporting(servers: Running) -> AsyncIterator[Reporting]:
    """The service over databases and groups of its own, on provisioned topics."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_KAFKA", servers.kafka)
        environment.setenv("TANDEM_MONGODB", servers.mongodb)
        environment.setenv("TANDEM_DATABASE_PREFIX", f"reporting_{random_id()[:8]}")
        environment.setenv("TANDEM_GROUP_PREFIX", f"reporting_{random_id()[:8]}")
        settings = Settings()
        app = trusting(main.app())
    client = mongo.connect(settings.mongodb)
    owner = Service("owner", never, owns=topics.of_others(main.SERVICE))
    await provision.provision(
        [owner, main.SERVICE], kafka=settings.kafka, client=client, prefix=settings.database_prefix
    )
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 50_000))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=READER) as http,
        AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all") as producer,
    ):
        yield Reporting(http, producer, client[f"{settings.database_prefix}_reporting"])
    await mongo.close(client)


def records(told: Sequence[Life]) -> list[Record]:
    return [record for life in told for record in life.records]


async def test_the_board_shows_per_subsidiary_what_the_topics_say(reporting: Reporting) -> None:
    """Every row, the totals and the instant follow from the events alone."""
    edition_id = edition_of(salt := random_id())
    await reporting.tell(records(lives(PROGRAMME, salt)))
    await reporting.shows(edition_id, obliged=3, paired=2, exempt=1, applications=3, selected=1, sessions_held=2)
    shown = await reporting.board(edition_id)
    rows = [{"subsidiary": name, **asdict(counts)} for name, counts in PROGRAMME.counts().items()]
    assert shown["subsidiaries"] == rows
    assert (shown["edition_id"], shown["name"]) == (edition_id, "A year")
    assert shown["as_of"] == "2025-11-03T15:00:00.000Z"  # the seventh event of the fullest workspace


async def test_pair_that_ended_is_listed_with_its_end_and_counts_no_more(reporting: Reporting) -> None:
    """What it held still counts; the executive shows as one without a mentor."""
    boss = Executive("north", duty="obliged", paired=True, sessions=("held", "planned"), pairing="ended")
    edition_id = edition_of(salt := random_id())
    await reporting.tell(records(lives(Programme(True, (boss,), ()), salt)))
    await reporting.shows(edition_id, obliged=1, paired=0, sessions_held=1)

    async def ended() -> bool:
        [pair] = await reporting.get(f"/v1/boards/{edition_id}/pairs")
        return (pair["ended_at"], pair["next_session"], pair["sessions_held"]) == ("2025-11-03T08:00:00.000Z", None, 1)

    await until_async(ended, "the pair has ended")


async def test_a_subsidiary_can_be_asked_for_alone(reporting: Reporting) -> None:
    """The filter narrows rows, totals and pairs; a subsidiary that the board lacks is a 404 that names those it has."""
    edition_id = edition_of(salt := random_id())
    await reporting.tell(records(lives(PROGRAMME, salt)))
    await reporting.shows(edition_id, paired=2, sessions_held=2)
    shown = await reporting.get(f"/v1/boards/{edition_id}", subsidiary="north")
    assert [row["subsidiary"] for row in shown["subsidiaries"]] == ["north"]
    assert shown["totals"] == asdict(PROGRAMME.counts()["north"])
    pairs = await reporting.get(f"/v1/boards/{edition_id}/pairs", subsidiary="north")
    assert [pair["mentee_subsidiary"] for pair in pairs] == ["north"]
    missing = await reporting.http.get(f"/v1/boards/{edition_id}", params={"subsidiary": "east"})
    assert missing.status_code == 404
    assert "holding, north, south" in missing.json()["detail"]


async def test_each_pair_is_listed_with_its_last_and_next_session(reporting: Reporting) -> None:
    """A pair shows how far it is; one that has not met yet shows nulls."""
    edition_id = edition_of(salt := random_id())
    await reporting.tell(records(lives(PROGRAMME, salt)))
    await reporting.shows(edition_id, paired=2, sessions_held=2)

    async def planned() -> list[Any]:
        return [pair for pair in await reporting.get(f"/v1/boards/{edition_id}/pairs") if pair["next_session"]]

    await until_async(planned, "the fourth session is planned")
    pairs = {pair["mentee_subsidiary"]: pair for pair in await reporting.get(f"/v1/boards/{edition_id}/pairs")}
    assert pairs["holding"]["sessions_held"] == 2
    assert pairs["holding"]["last_session"] == {"number": 2, "held_at": "2026-01-02T08:00:00.000Z"}
    assert pairs["holding"]["next_session"] == {"number": 4, "planned_for": "2026-03-03T08:00:00.000Z"}
    assert (pairs["north"]["sessions_held"], pairs["north"]["last_session"]) == (0, None)


async def test_pairs_and_boards_come_in_pages(reporting: Reporting) -> None:
    """Following Link shows each pair once; every edition told of is among the boards."""
    bosses = tuple(Executive("south", duty="obliged", paired=True, sessions=()) for _ in range(5))
    edition_id = edition_of(salt := random_id())
    await reporting.tell(records(lives(Programme(False, bosses, ()), salt)))
    await reporting.shows(edition_id, paired=5)
    pairs = await pages(reporting, f"/v1/boards/{edition_id}/pairs", "pair_id")
    assert len(pairs) == len(set(pairs)) == 5
    assert edition_id in await pages(reporting, "/v1/boards", "edition_id")


async def pages(reporting: Reporting, path: str, id: str) -> list[str]:
    """The ids on all pages of two, followed by their links."""
    found, answer = [], await reporting.http.get(path, params={"limit": "2"})
    while True:
        assert len(answer.json()) <= 2
        found += [one[id] for one in answer.json()]
        if "next" not in answer.links:
            return found
        answer = await reporting.http.get(answer.links["next"]["url"])


async def test_an_edition_nobody_told_of_is_not_found(reporting: Reporting) -> None:
    """Board and pairs of an unknown edition are a 404 problem that says so."""
    for path in (f"/v1/boards/{random_id()}", f"/v1/boards/{random_id()}/pairs"):
        answer = await reporting.http.get(path)
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:tandem:problem:not-found"


async def test_a_log_delivered_twice_is_counted_once(reporting: Reporting) -> None:
    """The topics hold duplicates; the board does not."""
    told = lives(PROGRAMME, salt := random_id())
    edition_id = edition_of(salt)
    await reporting.tell([*records(told), *records(told)])
    late = Life("tandem.sessions.v1", random_id()).then("session.held", **a_session_of(edition_id))
    await reporting.tell([*late.records, *records(told)])
    await reporting.shows(edition_id, sessions_held=3, applications=3, obliged=3, exempt=1)
    last = Life("tandem.applications.v1", random_id()).then("mentor.applied", edition_id=edition_id, subsidiary="north")
    await reporting.tell(last.records)
    await reporting.shows(edition_id, applications=4, selected=1, paired=2, sessions_held=3)


def a_session_of(edition_id: str) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "session_id": random_id(),
        "number": 1,
        "held_at": "2026-02-02T09:00:00Z",
        "minutes": 60,
        "mentee_subsidiary": "north",
    }


async def test_an_event_that_cannot_be_placed_is_parked_and_others_flow(reporting: Reporting) -> None:
    """A call without its edition waits in parking with its reason; the edition beside it has its board."""
    orphan = Life("tandem.applications.v1", random_id()).then("call.opened", closes_at="2025-12-01T17:00:00Z")
    told = lives(PROGRAMME, salt := random_id())
    await reporting.tell([*orphan.records, *records(told)])
    await reporting.shows(edition_of(salt), obliged=3, sessions_held=2)

    async def parked() -> Any:
        return await reporting.database["parked"].find_one({"subject": orphan.subject})

    await until_async(parked, "the call is parked")
    assert (await parked())["reason"] == "refused"


async def test_a_type_nobody_here_knows_holds_nothing_up(reporting: Reporting) -> None:
    """An aggregate may begin and go on with events of later versions; what is known of it counts."""
    told = lives(PROGRAMME, salt := random_id())
    later = Life("tandem.applications.v1", random_id()).then("mentor.invited", edition_id=edition_of(salt))
    later.then("mentor.applied", edition_id=edition_of(salt), subsidiary="south").then("mentor.praised")
    await reporting.tell([*later.records[:1], *records(told), *later.records[1:]])
    await reporting.shows(edition_of(salt), applications=4)
