"""Promises of roster imports on a real broker and database: shown before anything changes, applied whole, once."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from services.chassis import mongo, provision
from services.chassis.auth.principal import Principal, Scope
from services.people.main import SERVICE
from tests.support.asking import client_of
from tests.support.hr_files import csv_of, person
from tests.support.importing import PATH, applied, changes, imported, planned, settled, uploaded
from tests.support.servers import Running
from tests.support.trusting import Trusting

PREFIX = f"t{uuid.uuid4().hex[:12]}"


class Bounded(Trusting):
    """As everybody's word has it: the header ``Tandem-Feeds`` bounds the caller to importing into these companies."""

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The principal. Raises ``Unauthenticated`` without the header ``Tandem-Actor``."""
        anybody = await super().principal(headers)
        bounds = headers.get("tandem-feeds")
        scopes = {"hr_integrator": Scope(frozenset(bounds.split(",")))} if bounds else anybody.scopes
        return replace(anybody, scopes=scopes)


@pytest.fixture(scope="module")
def environment(servers: Running) -> Iterator[dict[str, str]]:
    """The settings of this file's service, as environment variables."""
    settings = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": PREFIX}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield settings


@pytest.fixture(scope="module")
async def http(environment: dict[str, str]) -> AsyncIterator[httpx2.AsyncClient]:
    client = mongo.connect(environment["TANDEM_MONGODB"])
    await provision.provision([SERVICE], kafka=environment["TANDEM_KAFKA"], client=client, prefix=PREFIX)
    await mongo.close(client)
    app = SERVICE.app()
    async with client_of(app, caller="hr") as asking:
        app.state.authenticator = Bounded()
        yield asking


@pytest.fixture
def tag() -> str:
    """Begins every number of a test and names its source, so that tests share a database without meeting."""
    return f"s{uuid.uuid4().hex[:8]}"


def staff(tag: str, count: int, **cells: str) -> list[dict[str, str]]:
    """The rows of so many people; all but the first report to the first."""
    return [
        person(f"{tag}-{number}", subsidiary=f"Co {tag}", manager_number=f"{tag}-0" if number else "", **cells)
        for number in range(count)
    ]


async def found(http: httpx2.AsyncClient, number: str) -> dict[str, Any]:
    """The one person with this employee number."""
    [summary] = (await http.get("/v1/people", params={"employee_number": number})).json()
    one: dict[str, Any] = (await http.get(f"/v1/people/{summary['id']}")).json()
    return one


async def test_dry_run_shows_everything_and_changes_nothing(http: httpx2.AsyncClient, tag: str) -> None:
    """Joiners, faults and numbers are there to look at; nobody exists yet."""
    rows = [*staff(tag, 3), person(f"{tag}-9", birth_date="31.02.1997", subsidiary=f"Co {tag}")]

    job = await planned(http, csv_of(*rows), source=tag, file_name="staff.csv")

    assert (job["state"], job["file_name"], job["by"]) == ("planned", "staff.csv", "hr")
    assert (job["reading"]["records"], job["reading"]["rejected_rows"]) == (4, 1)
    assert job["plan"] == {
        "joiners": 3,
        "movers": 0,
        "leavers": 0,
        "conflicts": 0,
        "unchanged": 0,
        "left_before": 0,
        "employed": 0,
        "held": None,
    }
    assert [one["key"] for one in await changes(http, job, "joiners")] == [f"{tag}-{number}" for number in range(3)]
    [fault] = await changes(http, job, "rejected")
    assert (fault["line"], fault["column"], fault["reason"]) == (5, "birth_date", "no such day")
    assert (await http.get("/v1/people", params={"employee_number": f"{tag}-0"})).json() == []


async def test_file_that_meets_a_bug_is_refused_and_the_next_one_read(
    http: httpx2.AsyncClient, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds one must not end the imports of the whole group."""
    with monkeypatch.context() as patch:
        patch.setattr("services.people.handlers.importing.plan", lambda *_: 1 // 0)
        job = await planned(http, csv_of(*staff(tag, 1)), source=tag)
    after = await planned(http, csv_of(*staff(tag, 1)), source=tag)

    assert (job["state"], job["problem"]["detail"]) == (
        "refused",
        "This file could not be read; tell the operators its id.",
    )
    assert after["state"] == "planned"


async def test_login_of_a_program_is_no_persons(http: httpx2.AsyncClient, tag: str) -> None:
    """A login that two have opens nothing, so whoever got it by a file would lock the program out."""
    made = {"name": tag, "owner": "IT", "roles": [{"role": "operator"}], "login": f"idp:{tag}"}
    answer = await http.post("/v1/service-accounts", json=made, headers={"Idempotency-Key": tag})
    assert answer.status_code == 201, answer.text

    job = await planned(http, csv_of(*staff(tag, 1, login=tag)), source=tag)

    assert [(one["key"], one["column"]) for one in await changes(http, job, "conflicts")] == [(f"{tag}-0", "login")]


async def test_applied_file_makes_everybody_as_it_says(http: httpx2.AsyncClient, tag: str) -> None:
    """Names, managers and companies; joiners get the ids that the dry run promised."""
    job = await planned(http, csv_of(*staff(tag, 3, place="Kiel")), source=tag)
    promised = {one["key"]: one["person_id"] for one in await changes(http, job, "joiners")}

    done = await applied(http, job)

    assert done["outcome"] == {"joined": 3, "moved": 0, "left": 0, "failed": 0}
    boss, report = await found(http, f"{tag}-0"), await found(http, f"{tag}-1")
    assert (boss["id"], report["id"]) == (promised[f"{tag}-0"], promised[f"{tag}-1"])
    assert (report["manager_id"], report["name"], report["active"]) == (boss["id"], "Adaeze Okafor", True)
    names = {one["id"]: one["name"] for one in (await http.get("/v1/subsidiaries?limit=200")).json()}
    assert names[report["subsidiary"]] == f"Co {tag}"


async def test_same_file_again_changes_nothing(http: httpx2.AsyncClient, tag: str) -> None:
    """No plan, no effect, no new version of anybody."""
    body = csv_of(*staff(tag, 5, place="Kiel", skills="LinkedIn:4", executive="yes"))
    await imported(http, body, source=tag)
    before = await http.get(f"/v1/people/{(await found(http, f'{tag}-1'))['id']}")

    again = await planned(http, body, source=tag)
    done = await applied(http, again)

    assert (again["plan"]["unchanged"], again["plan"]["joiners"], again["plan"]["movers"]) == (5, 0, 0)
    assert done["outcome"] == {"joined": 0, "moved": 0, "left": 0, "failed": 0}
    after = await http.get(f"/v1/people/{(await found(http, f'{tag}-1'))['id']}")
    assert after.headers["ETag"] == before.headers["ETag"]


async def test_mover_leaver_and_returner(http: httpx2.AsyncClient, tag: str) -> None:
    """A later file moves and makes leave whom it says; whoever comes back is the same person."""
    rows = staff(tag, 20)
    await imported(http, csv_of(*rows), source=tag)
    before = await found(http, f"{tag}-7")
    rows[5]["last_name"] = "Brandt"

    job = await planned(http, csv_of(*rows[:7], *rows[8:]), source=tag)
    [mover], [leaver] = await changes(http, job, "movers"), await changes(http, job, "leavers")
    await applied(http, job)

    assert (mover["key"], mover["fields"]) == (
        f"{tag}-5",
        [{"field": "last_name", "before": "Okafor", "after": "Brandt"}],
    )
    assert (leaver["person_id"], leaver["line"]) == (before["id"], None)
    assert (await found(http, f"{tag}-5"))["name"] == "Adaeze Brandt"
    assert (await found(http, f"{tag}-7"))["active"] is False
    await imported(http, csv_of(*rows), source=tag)
    assert await found(http, f"{tag}-7") == before


async def test_kind_of_contract_comes_from_the_roster(http: httpx2.AsyncClient, tag: str) -> None:
    """It is shown with the person, a change of it stands in the dry run, and a file without the column keeps it."""
    await imported(http, csv_of(*staff(tag, 1, contract="apprentice")), source=tag)
    before = (await found(http, f"{tag}-0"))["contract"]
    job = await planned(http, csv_of(*staff(tag, 1, contract="regular")), source=tag)
    [mover] = await changes(http, job, "movers")
    await applied(http, job)
    await imported(http, csv_of(*staff(tag, 1, place="Köln")), source=tag)
    kept = await found(http, f"{tag}-0")

    assert before == "trainee"
    assert mover["fields"] == [{"field": "contract", "before": "trainee", "after": "permanent"}]
    assert kept["contract"] == "permanent"


async def test_many_leavers_need_their_number(http: httpx2.AsyncClient, tag: str) -> None:
    """A file without half of the people is held back until somebody states how many leave, and just that many."""
    rows = staff(tag, 10)
    await imported(http, csv_of(*rows), source=tag)
    job = await planned(http, csv_of(*rows[:5]), source=tag)
    path, seen = f"{PATH}/{job['id']}/application", {"If-Match": job["etag"]}

    for stated in (None, 4, 6):
        answer = await http.post(path, json={"leavers": stated}, headers=seen)
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:tandem:problem:leavers-not-stated"
    assert (await found(http, f"{tag}-9"))["active"] is True

    assert (await applied(http, job, leavers=5))["outcome"]["left"] == 5
    assert (await found(http, f"{tag}-9"))["active"] is False


async def test_header_alone_deactivates_nobody(http: httpx2.AsyncClient, tag: str) -> None:
    """The classic bad export of a night."""
    rows = staff(tag, 4)
    await imported(http, csv_of(*rows), source=tag)

    job = await planned(http, csv_of(rows[0]).splitlines(keepends=True)[0], source=tag)

    assert job["plan"]["held"] == "the file would deactivate 100 % of the known people; a person must confirm"
    answer = await http.post(f"{PATH}/{job['id']}/application", json={}, headers={"If-Match": job["etag"]})
    assert answer.status_code == 409


async def test_dry_run_that_is_outdated_is_shown_again(http: httpx2.AsyncClient, tag: str) -> None:
    """What somebody confirmed is what is applied, or nothing is."""
    rows = staff(tag, 3)
    old, new = await planned(http, csv_of(*rows), source=tag), await planned(http, csv_of(*rows), source=tag)
    await applied(http, new)

    back = await applied(http, old)

    assert (back["state"], back["plan"]["unchanged"], back["plan"]["joiners"]) == ("planned", 3, 0)
    assert "look at it again" in back["problem"]["detail"]
    assert (await applied(http, back))["state"] == "applied"


async def test_commands_on_an_import_know_its_state(http: httpx2.AsyncClient, tag: str) -> None:
    """A stale ETag is 412; what has ended is neither applied nor cancelled; a cancelled one is gone."""
    job = await planned(http, csv_of(*staff(tag, 2)), source=tag)
    path = f"{PATH}/{job['id']}"

    assert (await http.post(f"{path}/application", json={}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await http.post(f"{path}/application", json={})).status_code == 428
    cancelled = await http.post(f"{path}/cancellation", headers={"If-Match": job["etag"]})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    seen = {"If-Match": cancelled.headers["ETag"]}
    for name, body in (("application", {}), ("cancellation", None)):
        answer = await http.post(f"{path}/{name}", json=body, headers=seen)
        assert answer.status_code == 409, answer.text


async def test_same_upload_is_one_import(http: httpx2.AsyncClient, tag: str) -> None:
    """An idempotency key names one file and what is asked of it."""
    body, key = csv_of(*staff(tag, 2)), str(uuid.uuid4())

    first, again = [await uploaded(http, body, key=key, source=tag) for _ in range(2)]
    other = await uploaded(http, body, key=key, source=tag, partial=True)

    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422
    assert (await settled(http, first.json()["id"]))["state"] == "planned"


@pytest.mark.parametrize(
    ("body", "asked", "field"),
    [
        (b"a,b\n1,2\n", {}, "header"),
        (b"", {}, "body"),
        (b"employee_number,name\n1,\x81\n", {}, "line 2"),
        (b"employee_number,name\n1,x\n", {"encoding": "klingon"}, "encoding"),
    ],
)
async def test_file_that_cannot_be_read_says_why(
    http: httpx2.AsyncClient, body: bytes, asked: dict[str, str], field: str
) -> None:
    """The job is refused, with what to do; nothing of it is applied."""
    job = await planned(http, body, **asked)

    assert (job["state"], job["problem"]["field"]) == ("refused", field)
    answer = await http.post(f"{PATH}/{job['id']}/application", json={}, headers={"If-Match": job["etag"]})
    assert answer.status_code == 409


async def test_request_that_is_no_roster_is_refused(http: httpx2.AsyncClient) -> None:
    """Another media type, a form without a file, a mapping that nobody knows or can read, too large a body."""
    key = {"Idempotency-Key": str(uuid.uuid4())}

    assert (await http.post(PATH, json={}, headers=key)).status_code == 415
    assert (await http.post(PATH, files={"mapping": b"name: x"}, headers=key)).status_code == 422
    assert (await uploaded(http, b"x", mapping="unheard-of")).status_code == 422
    broken = await http.post(PATH, files={"file": b"x", "mapping": b"{"}, headers=key)
    assert (broken.status_code, "not YAML" in broken.text) == (422, True)
    assert (await uploaded(http, b"x" * (16 * 1024 * 1024 + 1))).status_code == 413
    assert (await http.get(f"{PATH}/{uuid.uuid4()}")).status_code == 404


async def test_file_may_bring_its_own_mapping(http: httpx2.AsyncClient, tag: str) -> None:
    """Headers that no shipped mapping knows, read as the caller says."""
    mapping = b"name: mine\ntitle: Mine\ncolumns: {employee_number: [Nr], full_name: [Wer]}\nsubsidiary: North\n"
    files = {"file": f"Nr;Wer\n{tag};Okafor, Ada\n".encode(), "mapping": mapping}

    answer = await http.post(PATH, files=files, headers={"Idempotency-Key": str(uuid.uuid4())})
    job = await applied(http, await settled(http, answer.json()["id"]))

    assert (job["reading"]["mapping"], job["state"]) == ("mine", "applied")
    assert (await found(http, tag))["name"] == "Ada Okafor"


async def test_refused_rows_come_as_a_file_without_formulas(http: httpx2.AsyncClient, tag: str) -> None:
    """Whoever corrects them may open it in a spreadsheet program."""
    rows = [person("=1+1", email="none"), person(tag, subsidiary="")]

    job = await planned(http, csv_of(*rows), source=tag)
    answer = await http.get(f"{PATH}/{job['id']}/faults.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "row,key,column,reason"
    assert [line.split(",")[:3] for line in lines[1:]] == [["2", "'=1+1", "email"], ["3", tag, ""]]


async def test_logins_change_hands_within_one_file(http: httpx2.AsyncClient, tag: str) -> None:
    """Two people swap, a third passes a login on to somebody new; nobody fails."""
    rows = {one: person(f"{tag}-{one}", login=f"{tag}{one}") for one in "abcd"}
    await imported(http, csv_of(rows["a"], rows["b"], rows["c"]), source=tag)
    rows["a"]["login"], rows["b"]["login"] = rows["b"]["login"], rows["a"]["login"]
    rows["d"]["login"], rows["c"]["login"] = rows["c"]["login"], ""

    done = await imported(http, csv_of(*rows.values()), source=tag)

    assert done["outcome"] == {"joined": 1, "moved": 3, "left": 0, "failed": 0}
    again = await planned(http, csv_of(*rows.values()), source=tag)
    assert again["plan"]["unchanged"] == 4


async def test_two_imports_at_once_make_each_person_once(http: httpx2.AsyncClient, tag: str) -> None:
    """Whoever comes second finds everybody there, or is shown a new dry run."""
    body = csv_of(*staff(tag, 40))
    jobs = await asyncio.gather(*(planned(http, body, source=tag) for _ in range(3)))

    states = [job["state"] for job in await asyncio.gather(*(applied(http, job) for job in jobs))]

    assert states.count("applied") >= 1
    for number in range(40):
        assert len((await http.get("/v1/people", params={"employee_number": f"{tag}-{number}"})).json()) == 1


async def test_imports_are_listed_newest_first(http: httpx2.AsyncClient, tag: str) -> None:
    """Whoever comes back finds the import again."""
    ids = [(await planned(http, csv_of(*staff(tag, 1)), source=tag))["id"] for _ in range(3)]

    listed = [one["id"] for one in (await http.get(f"{PATH}?limit=200")).json()]

    assert [id for id in listed if id in ids] == ids[::-1]


async def test_shipped_mappings_are_listed(http: httpx2.AsyncClient) -> None:
    """A caller may choose one by name."""
    names = [one["name"] for one in (await http.get("/v1/roster-mappings")).json()]

    assert names == ["bamboohr", "entra", "personio-de", "plain", "successfactors", "workday"]


async def test_feed_of_one_company_imports_into_that_one_only(http: httpx2.AsyncClient, tag: str) -> None:
    """Others of the file are conflicts, nobody elsewhere leaves, and a role is given by nobody but the group office."""
    here, there = staff(tag, 20), [row | {"subsidiary": f"Other {tag}"} for row in staff(f"{tag}x", 2)]
    await imported(http, csv_of(*here, *there), source=tag)
    company = (await found(http, f"{tag}-0"))["subsidiary"]
    feed = {"Tandem-Actor": "feed", "Tandem-Feeds": company}
    rows = [*here[1:], *there, person(f"{tag}-new", subsidiary=f"Third {tag}"), person(f"{tag}-n2", roles="operator")]
    rows[-1] |= {"subsidiary": f"Co {tag}"}
    rows[1]["last_name"] = "Brandt"

    async with httpx2.AsyncClient(transport=http._transport, base_url=http.base_url, headers=feed) as feeding:
        job = await planned(feeding, csv_of(*rows[:-3], *rows[-2:]), source=tag)
        told = {kind: await changes(feeding, job, kind) for kind in ("joiners", "movers", "leavers", "conflicts")}
        done = await applied(feeding, job)

    assert [one["key"] for one in told["movers"]] == [f"{tag}-2"]
    assert [one["key"] for one in told["leavers"]] == [f"{tag}-0"]
    assert told["joiners"] == []
    reasons = [(one["key"], re.split("[;,]", one["reason"])[0]) for one in told["conflicts"]]
    assert reasons == [
        (f"{tag}x-0", "you may not import this person"),
        (f"{tag}-new", "you may not import this person"),
        (f"{tag}-n2", "roles"),
    ]
    assert done["outcome"] == {"joined": 0, "moved": 1, "left": 1, "failed": 0}
    assert (await found(http, f"{tag}x-1"))["active"] is True


async def test_imports_of_others_are_not_there_for_a_feed_of_one_company(http: httpx2.AsyncClient, tag: str) -> None:
    """Neither in the list nor by their ids, nor what they would change, nor to apply."""
    job = await planned(http, csv_of(*staff(tag, 1)), source=tag)
    headers = {"Tandem-Actor": tag, "Tandem-Feeds": "somewhere", "If-Match": job["etag"]}
    path = f"{PATH}/{job['id']}"

    looks = ("", "/changes?kind=joiners", "/faults.csv")
    answers = [await http.get(f"{path}{more}", headers=headers) for more in looks]
    answers += [await http.post(f"{path}/{name}", json={}, headers=headers) for name in ("application", "cancellation")]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert (await http.get(PATH, headers={"Tandem-Feeds": "somewhere", "Tandem-Actor": tag})).json() == []
