"""Promises of `people` on a real broker and database: a roster becomes persons, and their state three topics."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis import mongo, provision
from services.chassis.catalog.registry import load
from services.chassis.catalog.schema import faults
from services.people import contracts
from services.people.main import SERVICE
from tests.support.importing import imported
from tests.support.servers import Running
from tests.support.serving import served
from tests.support.waiting import until_async

PREFIX = f"t{uuid.uuid4().hex[:12]}"
HEADERS = {"Tandem-Actor": "hr"}
COLUMNS = ("employee_number", "name", "email", "subsidiary", "birth_date", "entry_date")
SCHEMAS = load(Path(__file__).parents[2] / "schemas")
TOPICS = {
    contracts.DIRECTORY_TOPIC: contracts.DIRECTORY,
    contracts.CONTACTS_TOPIC: contracts.CONTACTS,
    contracts.PROFILES_TOPIC: contracts.PROFILES,
}


@pytest.fixture(scope="module")
def environment(servers: Running) -> Iterator[dict[str, str]]:
    """The settings of this file's services, as environment variables."""
    settings = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": PREFIX}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield settings


@pytest.fixture(scope="module")
async def url(environment: dict[str, str]) -> AsyncIterator[str]:
    """Where the service runs, in a thread of its own, with its topics and indexes provisioned."""
    client = mongo.connect(environment["TANDEM_MONGODB"])
    await provision.provision([SERVICE], kafka=environment["TANDEM_KAFKA"], client=client, prefix=PREFIX)
    await mongo.close(client)
    with served(SERVICE.app()) as address:
        yield address


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=url, headers=HEADERS, timeout=30) as client:
        yield client


@pytest.fixture
def tag() -> str:
    """Begins every employee number of a test, so that tests share a database without meeting."""
    return uuid.uuid4().hex[:8]


def person(number: str, **cells: str) -> dict[str, str]:
    required = (number, f"Person {number}", f"{number}@example.com", "North", "1999-03-14", "2021-09-01")
    return dict(zip(COLUMNS, required, strict=True)) | cells


def csv_of(*rows: dict[str, str]) -> bytes:
    header = list(dict.fromkeys(name for row in rows for name in row))
    lines = [header, *([row.get(name, "") for name in header] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines).encode()


async def found(http: httpx2.AsyncClient, number: str) -> dict[str, Any]:
    """The one person with this employee number."""
    [summary] = (await http.get("/v1/people", params={"employee_number": number})).json()
    answer = await http.get(f"/v1/people/{summary['id']}")
    one: dict[str, Any] = answer.json()
    assert all(one[name] == summary[name] for name in summary.keys() - {"roles"})
    return one


async def published(servers: Running, count: int, *ids: str) -> dict[str, list[tuple[str, Any]]]:
    """Once there are ``count`` records of these persons: per topic, key and data of each in order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for topic in TOPICS for number in range(6)])
    records: dict[str, list[tuple[str, Any]]] = {topic: [] for topic in TOPICS}

    async def there() -> bool:
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            for record in batch:
                if record.key.decode() in ids:
                    headers = dict(record.headers)
                    assert headers["ce_type"].decode() == TOPICS[record.topic]
                    assert headers["ce_subject"] == record.key
                    records[record.topic].append((record.key.decode(), json.loads(record.value)))
        return sum(map(len, records.values())) >= count

    try:
        await until_async(there, f"{count} records are published")
        await there()  # nothing may follow
    finally:
        await consumer.stop()
    return records


async def test_roster_becomes_the_state_on_three_topics(http: httpx2.AsyncClient, servers: Running, tag: str) -> None:
    """Each person is on the directory, the contacts and the profiles, as the schemas have it; links are person ids."""
    boss = person(f"{tag}-b", executive="true", roles="programme_manager@north;auditor", wishes="TikTok:1")
    young = person(f"{tag}-a", manager=boss["employee_number"], skills="Tik Tok:4;LinkedIn:2", languages="de;en")

    job = await imported(http, csv_of(young, boss), partial=True)

    assert job["outcome"] == {"joined": 2, "moved": 0, "left": 0, "failed": 0}
    one, other = await found(http, young["employee_number"]), await found(http, boss["employee_number"])
    assert one["manager_id"] == other["id"]
    records = await published(servers, 6, one["id"], other["id"])
    contracts_of = {entry.topic.name: entry.contract for entry in SCHEMAS.entries if entry.row.type in TOPICS.values()}
    for topic, listed in records.items():
        assert {key for key, _ in listed} == {one["id"], other["id"]}
        assert [faults(contracts_of[topic].producer, data) for _, data in listed] == [[], []]
    directory, profiles = dict(records[contracts.DIRECTORY_TOPIC]), dict(records[contracts.PROFILES_TOPIC])
    assert directory[one["id"]]["manager_id"] == other["id"]
    roles = {role["role"]: role["subsidiaries"] for role in directory[other["id"]]["roles"]}
    assert roles == {"programme_manager": [one["subsidiary"]], "auditor": []}
    assert profiles[one["id"]]["skills"][0] == {"platform": "tik-tok", "level": 4}
    assert dict(records[contracts.CONTACTS_TOPIC])[one["id"]]["email"] == young["email"]
    companies = (await http.get("/v1/subsidiaries")).json()
    assert (one["subsidiary"], "North") in [(company["id"], company["name"]) for company in companies]


async def test_same_roster_again_changes_nothing_and_publishes_nothing(
    http: httpx2.AsyncClient, servers: Running, tag: str
) -> None:
    """The second import finds everybody unchanged; later changes go out only where they are."""
    rows = [person(f"{tag}-{number}", manager=f"{tag}-0" if number else "", capacity="2") for number in range(3)]
    await imported(http, csv_of(*rows), partial=True)
    assert (await imported(http, csv_of(*rows), partial=True))["plan"]["unchanged"] == 3

    leaver = await imported(http, csv_of(rows[1] | {"active": "false"}), leavers=1, partial=True)

    assert leaver["outcome"] == {"joined": 0, "moved": 0, "left": 1, "failed": 0}
    one = await found(http, f"{tag}-1")
    assert one["active"] is False
    records = await published(servers, 4, one["id"])
    assert [data["active"] for _, data in records[contracts.DIRECTORY_TOPIC]] == [True, False]
    assert one["manager_id"] == records[contracts.DIRECTORY_TOPIC][1][1]["manager_id"] is not None
    assert (len(records[contracts.CONTACTS_TOPIC]), len(records[contracts.PROFILES_TOPIC])) == (1, 1)


async def test_people_are_listed_page_by_page(http: httpx2.AsyncClient, tag: str) -> None:
    """Following the links shows everybody of a subsidiary once; an unknown person is 404."""
    await imported(http, csv_of(*(person(f"{tag}-{number}", subsidiary=tag) for number in range(5))), partial=True)
    subsidiary = (await found(http, f"{tag}-0"))["subsidiary"]

    numbers, following = [], f"/v1/people?limit=2&subsidiary={subsidiary}"
    while following:
        answer = await http.get(following)
        numbers += [one["employee_number"] for one in answer.json()]
        following = answer.links.get("next", {}).get("url", "")

    assert sorted(numbers) == [f"{tag}-{number}" for number in range(5)]
    assert (await http.get(f"/v1/people/{uuid.uuid4()}")).status_code == 404
