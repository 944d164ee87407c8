"""Promises of `people` on a real broker and database: a roster becomes persons, and their state three topics."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from services.chassis import mongo, provision
from services.chassis.catalog.registry import load
from services.chassis.catalog.schema import faults
from services.people import contracts
from services.people.cli import app as program
from services.people.main import SERVICE
from tests.support.servers import Running
from tests.support.serving import served
from tests.support.waiting import until, until_async

PREFIX = f"t{uuid.uuid4().hex[:12]}"
HEADERS = {"Tandem-Actor": "hr", "Content-Type": "text/csv"}
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


async def imported(http: httpx2.AsyncClient, *rows: dict[str, str]) -> dict[str, Any]:
    answer = await http.post("/v1/roster", content=csv_of(*rows))
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


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

    report = await imported(http, young, boss)

    assert report == {"created": 2, "changed": 0, "unchanged": 0, "refused": [], "refused_rows": 0}
    one, other = await found(http, young["employee_number"]), await found(http, boss["employee_number"])
    assert one["manager_id"] == other["id"]
    records = await published(servers, 6, one["id"], other["id"])
    contracts_of = {entry.topic.name: entry.contract for entry in SCHEMAS.entries if entry.row.type in TOPICS.values()}
    for topic, listed in records.items():
        assert {key for key, _ in listed} == {one["id"], other["id"]}
        assert [faults(contracts_of[topic].producer, data) for _, data in listed] == [[], []]
    directory, profiles = dict(records[contracts.DIRECTORY_TOPIC]), dict(records[contracts.PROFILES_TOPIC])
    assert directory[one["id"]]["manager_id"] == other["id"]
    assert directory[other["id"]]["roles"][0]["subsidiaries"] == [one["subsidiary"]]
    assert profiles[one["id"]]["skills"][0] == {"platform": "tik-tok", "level": 4}
    assert dict(records[contracts.CONTACTS_TOPIC])[one["id"]]["email"] == young["email"]
    companies = (await http.get("/v1/subsidiaries")).json()
    assert (one["subsidiary"], "North") in [(company["id"], company["name"]) for company in companies]


async def test_same_roster_again_changes_nothing_and_publishes_nothing(
    http: httpx2.AsyncClient, servers: Running, tag: str
) -> None:
    """The second import finds everybody unchanged; later changes go out only where they are."""
    rows = [person(f"{tag}-{number}", manager=f"{tag}-0" if number else "", capacity="2") for number in range(3)]
    await imported(http, *rows)
    assert await imported(http, *rows) == {"created": 0, "changed": 0, "unchanged": 3, "refused": [], "refused_rows": 0}

    leaver = await imported(http, rows[1] | {"active": "false"})

    assert leaver == {"created": 0, "changed": 1, "unchanged": 0, "refused": [], "refused_rows": 0}
    one = await found(http, f"{tag}-1")
    assert one["active"] is False
    records = await published(servers, 4, one["id"])
    assert [data["active"] for _, data in records[contracts.DIRECTORY_TOPIC]] == [True, False]
    assert one["manager_id"] == records[contracts.DIRECTORY_TOPIC][1][1]["manager_id"] is not None
    assert (len(records[contracts.CONTACTS_TOPIC]), len(records[contracts.PROFILES_TOPIC])) == (1, 1)


async def test_faulty_rows_are_reported_and_the_others_applied(http: httpx2.AsyncClient, tag: str) -> None:
    """Faults come in the order of lines, from cells, managers and logins alike; no faulty row leaves a trace."""
    await imported(http, person(f"{tag}-known", login=f"{tag}-login"))
    rows = [
        person(f"{tag}-1", login=f"{tag}-login"),
        person(f"{tag}-2", manager=f"{tag}-nobody"),
        person(f"{tag}-3", manager=f"{tag}-known"),
        person(f"{tag}-4", birth_date="31.12.1995"),
        person(f"{tag}-5", manager=f"{tag}-1"),
    ]

    report = await imported(http, *rows)

    assert report["created"] == 1
    assert [(fault["line"], fault["column"]) for fault in report["refused"]] == [
        (2, "login"),
        (3, "manager"),
        (5, "birth_date"),
        (6, "manager"),
    ]
    assert (await found(http, f"{tag}-3"))["manager_id"] == (await found(http, f"{tag}-known"))["id"]
    for number in (1, 2, 4, 5):
        assert (await http.get("/v1/people", params={"employee_number": f"{tag}-{number}"})).json() == []


async def test_report_lists_the_first_faults_and_counts_all_refused_rows(http: httpx2.AsyncClient, tag: str) -> None:
    """Faults of cells and of managers share one list of a thousand, in the order of lines."""
    lost = [person(f"{tag}-{number}", manager=f"{tag}-nobody") for number in range(600)]
    bad = [person(f"{tag}-{number}", email="none") for number in range(600, 1300)]

    report = await imported(http, *lost, *bad)

    assert (report["created"], report["refused_rows"]) == (0, 1300)
    assert [fault["line"] for fault in report["refused"]] == list(range(2, 1002))


async def test_logins_change_hands_within_one_roster(http: httpx2.AsyncClient, servers: Running, tag: str) -> None:
    """Two people swap, a third passes a login on to somebody new: nobody is refused, and the topic ends with that."""
    before = [person(f"{tag}-{one}", login=f"{tag}-{one}") for one in "abc"]
    await imported(http, *before)
    logins = {"a": f"{tag}-b", "b": f"{tag}-a", "c": "", "d": f"{tag}-c"}
    after = [person(f"{tag}-{one}", login=login) for one, login in logins.items()]

    report = await imported(http, *after)

    assert report == {"created": 1, "changed": 3, "unchanged": 0, "refused": [], "refused_rows": 0}
    assert (await imported(http, *after))["unchanged"] == 4
    ids = {(await found(http, f"{tag}-{one}"))["id"]: one for one in logins}
    records = await published(servers, 3 * 4 + 2 + 2 + 1, *ids)
    last = {ids[id]: data["login"] or "" for id, data in records[contracts.DIRECTORY_TOPIC]}
    assert last == logins


async def test_unusable_file_is_a_problem_and_nothing_is_applied(http: httpx2.AsyncClient, tag: str) -> None:
    """A file with an unknown column is refused whole, and the problem names that column."""
    answer = await http.post("/v1/roster", content=csv_of(person(f"{tag}-1", managr="")))

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == "urn:tandem:problem:roster-unusable"
    assert [error["field"] for error in problem["errors"]] == ["managr"]
    assert (await http.get("/v1/people", params={"employee_number": f"{tag}-1"})).json() == []


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Tandem-Actor": ""}, b"employee_number", 401),
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({}, b"x" * (16 * 1024 * 1024 + 1), 413),
    ],
)
async def test_request_that_is_no_roster_is_refused(
    http: httpx2.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    """Nobody in particular, another media type, more than 16 MiB: a problem each."""
    answer = await http.post("/v1/roster", content=body, headers=HEADERS | headers)

    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_roster_larger_than_other_requests_is_taken_over(http: httpx2.AsyncClient, tag: str) -> None:
    """A roster may be far over the 256 KiB that any other body may have; its blank rows are passed over."""
    body = csv_of(person(f"{tag}-1")) + b",,,,,\n" * 100_000

    answer = await http.post("/v1/roster", content=body)

    assert (answer.status_code, answer.json()["created"]) == (200, 1)


async def test_two_rosters_at_once_create_each_person_once(http: httpx2.AsyncClient, tag: str) -> None:
    """Whoever comes second finds the person that the first created, and reports nobody as refused."""
    rows = [person(f"{tag}-{number}", manager=f"{tag}-0" if number else "") for number in range(40)]

    reports = await asyncio.gather(*(imported(http, *rows) for _ in range(3)))

    assert [report["refused"] for report in reports] == [[], [], []]
    assert sum(report["created"] for report in reports) == len(rows)
    boss = await found(http, f"{tag}-0")
    assert {(await found(http, f"{tag}-{number}"))["manager_id"] for number in range(1, 40)} == {boss["id"]}


async def test_people_are_listed_page_by_page(http: httpx2.AsyncClient, tag: str) -> None:
    """Following the links shows everybody of a subsidiary once; an unknown person is 404."""
    await imported(http, *(person(f"{tag}-{number}", subsidiary=tag) for number in range(5)))
    subsidiary = (await found(http, f"{tag}-0"))["subsidiary"]

    numbers, following = [], f"/v1/people?limit=2&subsidiary={subsidiary}"
    while following:
        answer = await http.get(following)
        numbers += [one["employee_number"] for one in answer.json()]
        following = answer.links.get("next", {}).get("url", "")

    assert sorted(numbers) == [f"{tag}-{number}" for number in range(5)]
    assert (await http.get(f"/v1/people/{uuid.uuid4()}")).status_code == 404


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_import_cut_off_by_kill_9_is_finished_by_sending_it_again(
    url: str, environment: dict[str, str], tag: str
) -> None:
    """After the crash no person is half there; the same file creates exactly who is missing."""
    rows = [person(f"{tag}-{number}", manager=f"{tag}-0" if number else "") for number in range(400)]
    port = free_port()
    argv = [sys.executable, "-m", "services.chassis.cli", "serve", "people", "--port", str(port)]
    here = {"state.employee_number": {"$regex": f"^{tag}"}}
    with MongoClient[dict[str, Any]](environment["TANDEM_MONGODB"]) as client:
        persons = client[f"{PREFIX}_people"]["persons"]
        with subprocess.Popen(argv, env=os.environ | environment, stderr=subprocess.DEVNULL) as doomed:
            until(lambda: _answers(port) or doomed.poll() is not None, "the service answers")
            sender = threading.Thread(target=_send, args=(f"http://127.0.0.1:{port}", rows))
            sender.start()
            until(lambda: persons.count_documents(here) > 20, "some are written")
            doomed.kill()
        sender.join()
        before = {row["_id"] for row in persons.find(here, {"_id": 1})}
        assert 0 < len(before) < len(rows)

        report = _send(url, rows)

        after = {row["_id"] for row in persons.find(here, {"_id": 1})}
        assert before < after
        assert len(after) == len(rows)
        assert report["created"] + report["unchanged"] == len(rows)
        assert (report["changed"], report["refused"]) == (0, [])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _send(url: str, rows: list[dict[str, str]]) -> Any:
    try:
        return httpx2.post(f"{url}/v1/roster", content=csv_of(*rows), headers=HEADERS, timeout=30).json()
    except httpx2.HTTPError:
        return None


# The operators' commands


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments), env={"COLUMNS": "200"})


def test_import_command_prints_the_report_and_fails_on_refused_rows(url: str, tmp_path: Path, tag: str) -> None:
    """Code 0 where all rows were taken, 1 with line and column of those refused."""
    file = tmp_path / "roster.csv"
    file.write_bytes(csv_of(person(f"{tag}-1"), person(f"{tag}-2", email="[none]")))

    mixed = run("import", str(file), "--url", url)
    file.write_bytes(csv_of(person(f"{tag}-1")))
    fine = run("import", str(file), "--url", url)

    assert mixed.exit_code == 1, mixed.output
    assert [word for word in mixed.stdout.split() if word in ("3", "email", "created")] == ["created", "3", "email"]
    assert "more rows" not in mixed.stderr
    assert fine.exit_code == 0, fine.output
    assert "what to do" not in fine.stdout


def test_import_command_says_how_many_refused_rows_it_does_not_list(url: str, tmp_path: Path, tag: str) -> None:
    """All refused rows are counted, and whoever corrects the listed ones knows that others follow."""
    file = tmp_path / "roster.csv"
    file.write_bytes(csv_of(*(person(f"{tag}-{number}", email="none") for number in range(1004))))

    answer = run("import", str(file), "--url", url)

    assert answer.exit_code == 1, answer.output
    assert "1004" in answer.stdout.split()
    assert "4 more rows were refused" in answer.stderr


def test_list_command_prints_everybody(url: str, tmp_path: Path, tag: str) -> None:
    """More people than fit on a page, each with number, name of the subsidiary and state."""
    rows = [
        person(f"{tag}-{number}", subsidiary=f"Co {tag}", active="false" if number else "") for number in range(210)
    ]
    _send(url, rows)

    listed = run("list", "--url", url)

    assert listed.exit_code == 0, listed.output
    lines = [line for line in listed.stdout.splitlines() if f"Co {tag}" in line]
    assert len(lines) == len(rows)
    assert sum(" left " in line for line in lines) == len(rows) - 1


def test_commands_say_why_nothing_could_be_done(url: str, tmp_path: Path) -> None:
    """Code 2 and the service's own words for an unusable file; code 2 where nobody answers."""
    file = tmp_path / "roster.csv"
    file.write_text("employee_number\n1\n")

    unusable = run("import", str(file), "--url", url)
    nobody = run("list", "--url", f"http://127.0.0.1:{free_port()}")

    assert (unusable.exit_code, nobody.exit_code) == (2, 2)
    assert "lacks name, email" in unusable.stderr
    assert "does not answer" in nobody.stderr
