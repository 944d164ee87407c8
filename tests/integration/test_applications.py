"""Promises of `applications` on a real Kafka and a real database, through its HTTP interface."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.applications import contracts
from services.applications.main import SERVICE
from services.chassis import directory, envelope, kafka, mongo, provision
from services.chassis.service import Service, Topic
from tests.support.applications import never
from tests.support.servers import Running
from tests.support.trusting import trusting
from tests.support.waiting import until_async

READER = {"Tandem-Actor": "a-reader"}
STATES = (Topic(directory.TOPIC, "state"), Topic(contracts.PROFILES, "state"))
PEOPLE = Service("people", never, owns=STATES)
MANAGER = "the-manager"
REASON = "Came late from university, knows the platforms well."
OPEN, DURING, OVER = "2026-01-12T09:00:00Z", "2026-02-01T09:00:00Z", "2027-03-01T00:00:00Z"


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(slots=True)
class World:
    """The service under test, and what stands around it."""

    http: httpx2.AsyncClient
    publisher: kafka.Publisher
    log: AIOKafkaConsumer
    clock: Path
    numbers: dict[str, int] = field(default_factory=dict)
    events: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self, path: str, body: Any, *, actor: str = MANAGER, etag: str | None = None, key: str | None = None
    ) -> httpx2.Response:
        headers = {"Tandem-Actor": actor}
        if etag:
            headers["If-Match"] = etag
        else:
            headers["Idempotency-Key"] = key or new_id()
        return await self.http.post(path, json=body, headers=headers)

    async def change(self, path: str, to: str, body: Any) -> httpx2.Response:
        """Post to ``path/to`` with the ETag of ``path``."""
        etag = (await self.http.get(path)).headers["ETag"]
        return await self.post(f"{path}/{to}", body, etag=etag)

    async def say(self, topic: str, type_: str, data: dict[str, Any]) -> None:
        """Publish the state of a person as `people` would."""
        subject = data["person_id"]
        self.numbers[f"{topic}{subject}"] = number = self.numbers.get(f"{topic}{subject}", 0) + 1
        event = envelope.Event(
            id=new_id(), source="/tandem/people", type=type_, subject=subject, sequence=number, time=OPEN,
            data=json.dumps(data).encode(), dataschema=f"urn:tandem:schema:{type_}",
        )  # fmt: skip
        assert await self.publisher.publish([(topic, event)]) == [True]

    async def person(self, subsidiary: str, person_id: str | None = None, **facts: Any) -> str:
        """Somebody in the directory; the id."""
        person_id = person_id or new_id()
        said = {"person_id": person_id, "subsidiary": subsidiary, "roles": [], "executive": False, "active": True}
        await self.say(directory.TOPIC, directory.PERSON, {**said, "language": "de", "zone": "Europe/Berlin", **facts})
        return person_id

    async def candidate(self, subsidiary: str, birth_date: str = "2000-06-01", **facts: Any) -> str:
        """Somebody in the directory with a profile, both known to the service; the id."""
        person_id = await self.person(subsidiary, **facts)
        profile = {"birth_date": birth_date, "entry_date": "2022-01-01", "languages": ["de-AT"], "place": "Graz"}
        said = {"person_id": person_id, "skills": [], "wishes": [], "capacity": 1, **profile}
        await self.say(contracts.PROFILES, contracts.PROFILE, said)
        return person_id

    async def undated(self, subsidiary: str) -> str:
        """Somebody with a profile of whom HR knows no dates; the id."""
        person_id = await self.person(subsidiary)
        said = {"person_id": person_id, "skills": [], "wishes": [], "languages": ["de"], "place": "", "capacity": 1}
        await self.say(contracts.PROFILES, contracts.PROFILE_UNDATED, said)
        return person_id

    async def edition(self, *subsidiaries: str, ends_on: str = "2027-02-28", call: bool = True) -> str:
        """An edition with its call; the path."""
        body = {"name": "2026", "starts_on": "2026-03-01", "ends_on": ends_on, "subsidiaries": subsidiaries}
        opened = await self.post("/v1/editions", body)
        assert opened.status_code == 201, opened.text
        if call:
            rules = {
                "reference_date": "2026-03-01",
                "languages": ["de", "en"],
                "closes_at": "2026-02-15T13:00:00+01:00",
            }
            called = await self.change(opened.headers["Location"], "call", rules)
            assert called.status_code == 200, called.text
        return str(opened.headers["Location"])

    async def apply(self, edition: str, mentor: str, **options: Any) -> httpx2.Response:
        """Apply as soon as the mentor's state has arrived."""
        answer: list[httpx2.Response] = []

        async def arrived() -> bool:
            answer[:] = [
                await self.post(f"{edition}/applications", {"mentor_id": mentor}, **{"actor": mentor, **options})
            ]
            return not answer[0].json().get("type", "").endswith((":unknown-person", ":profile-missing"))

        await until_async(arrived, "directory and profile have arrived")
        return answer[0]

    async def applied(self, edition: str, mentor: str) -> str:
        """An application; the path."""
        answer = await self.apply(edition, mentor)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def published(self, subject: str, number: int) -> list[tuple[str, Any]]:
        """Types and data of the first ``number`` events of a subject on the topic, copies left out."""

        async def enough() -> bool:
            for batch in (await self.log.getmany(timeout_ms=20)).values():
                for record in batch:
                    event = envelope.read_event(record)
                    seen = self.events.setdefault(event.subject, [])
                    if event.sequence > len(seen):
                        assert event.sequence == len(seen) + 1
                        seen.append((event.type, json.loads(event.data)))
            return len(self.events.get(subject, ())) >= number

        await until_async(enough, f"{number} events of {subject} are published")
        return self.events[subject]

    async def mentees(self, edition: str, **query: str) -> dict[str, Any]:
        """The participations of an edition by person."""
        return {one["mentee_id"]: one for one in await self.get(f"{edition}/participations", **query)}

    async def enrolled(self, edition: str, *persons: str) -> dict[str, Any]:
        """Wait until these persons have a participation."""

        async def all_there() -> bool:
            return set(persons) <= set(await self.mentees(edition))

        await until_async(all_there, "all executives are enrolled")
        return await self.mentees(edition)


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    prefix, clock = f"t{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("clock") / "now"
    clock.write_text(OPEN)
    environment = {
        "KAFKA": servers.kafka, "MONGODB": servers.mongodb, "DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix,
        "CLOCK": str(clock), "LOG_LEVEL": "error",
    }  # fmt: skip
    client = mongo.connect(servers.mongodb)
    await provision.provision([SERVICE, PEOPLE], kafka=servers.kafka, client=client, prefix=prefix)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(f"TANDEM_{name}", value)
        app = trusting(SERVICE.app())
    publisher, log = kafka.Publisher(servers.kafka), AIOKafkaConsumer(bootstrap_servers=servers.kafka)
    await log.start()
    log.assign([TopicPartition(contracts.TOPIC, number) for number in range(6)])
    await log.seek_to_end()
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=READER) as http,
    ):
        yield World(http, publisher, log, clock)
    await log.stop()
    await publisher.stop()
    await client.drop_database(f"{prefix}_applications")
    await mongo.close(client)


@pytest.fixture
def world(running: World) -> World:
    """The service at the time of the call."""
    running.clock.write_text(OPEN)
    return running


def kind_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_application_goes_from_the_call_to_the_selection(world: World) -> None:
    """What people decide over HTTP stands on the topic in order, without a word of what they wrote."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)

    application = await world.applied(edition, mentor)
    chosen = await world.change(application, "decision", {"decision": "selected", "reason": REASON})

    assert chosen.json()["status"] == "selected"
    assert chosen.json()["decision"]["decided_by"] == MANAGER
    id, edition_id = application.rpartition("/")[2], edition.rpartition("/")[2]
    about = {"application_id": id, "edition_id": edition_id, "mentor_id": mentor, "subsidiary": house}
    at = "2026-01-12T09:00:00.000Z"
    assert await world.published(id, 2) == [
        (contracts.APPLIED, {**about, "applied_at": at, "eligibility": "met"}),
        (contracts.SELECTED, {**about, "selected_at": at}),
    ]
    [opened, called] = await world.published(edition_id, 2)
    assert (opened[0], called[0]) == (contracts.EDITION_OPENED, contracts.CALL_OPENED)
    assert called[1]["closes_at"] == "2026-02-15T12:00:00.000Z"
    assert called[1]["maximum_age"] == 28


async def test_who_misses_a_rule_is_told_and_needs_a_waiver(world: World) -> None:
    """The answer has each rule with its calculation; selection waits for a waiver."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house, birth_date="1997-03-01")

    answer = await world.apply(edition, mentor)
    application = answer.headers["Location"]
    refused = await world.change(application, "decision", {"decision": "selected"})
    waived = await world.change(application, "waiver", {"decision": "granted", "reason": REASON})
    chosen = await world.change(application, "decision", {"decision": "selected"})

    age, language = answer.json()["rules"]
    assert (answer.json()["eligibility"], age["met"], language["met"]) == ("unmet", False, True)
    assert "2026-03-01: 29; at most 28" in age["calculation"]
    assert kind_of(refused) == (409, "not-eligible")
    assert waived.json()["eligibility"] == "waived"
    assert waived.json()["waiver"]["reason"] == REASON
    assert chosen.status_code == 200
    events = await world.published(application.rpartition("/")[2], 3)
    assert [type_ for type_, _ in events] == [contracts.APPLIED, contracts.WAIVER_DECIDED, contracts.SELECTED]
    assert REASON not in json.dumps(events)


async def test_whose_date_of_birth_is_unknown_does_not_pass_for_young(world: World) -> None:
    """The second version of a profile is read; without a date the age rule is missed, and says why."""
    subsidiary = new_id()
    edition = await world.edition(subsidiary)
    mentor = await world.undated(subsidiary)

    answer = await world.apply(edition, mentor)

    assert answer.status_code == 201, answer.text
    age, language = answer.json()["rules"]
    assert (answer.json()["eligibility"], age["met"], age["unknown"], language["met"]) == ("unmet", False, True, True)


async def test_declined_applicant_has_a_reason_that_stays_in_the_service(world: World) -> None:
    """Without a reason nobody is declined; with one it is served over HTTP only."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    application = await world.applied(edition, mentor)

    without = await world.change(application, "decision", {"decision": "declined"})
    declined = await world.change(application, "decision", {"decision": "declined", "reason": REASON})
    again = await world.change(application, "decision", {"decision": "selected"})

    assert kind_of(without) == (422, "reason-missing")
    assert without.json()["errors"][0]["field"] == "/reason"
    assert (await world.get(application))["decision"]["reason"] == declined.json()["decision"]["reason"] == REASON
    assert kind_of(again) == (409, "decided-before")
    assert REASON not in json.dumps(await world.published(application.rpartition("/")[2], 2))


async def test_repeated_application_is_one_application(world: World) -> None:
    """The same request again gets the same answer, even after the deadline; another one is refused."""
    house, key = new_id(), new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)

    first = await world.apply(edition, mentor, key=key)
    world.clock.write_text(DURING.replace("02-01", "02-20"))
    repeated = await world.apply(edition, mentor, key=key)
    other = await world.apply(edition, mentor)

    assert first.status_code == repeated.status_code == 201
    assert first.json() == repeated.json()
    assert kind_of(other) == (409, "already-applied")
    assert (await world.get(edition))["applications"] == {"applied": 1, "selected": 0, "declined": 0}


async def test_call_takes_applications_until_its_deadline(world: World) -> None:
    """After the deadline, and where there is no call, the refusal says so."""
    house = new_id()
    edition, without = await world.edition(house), await world.edition(house, call=False)
    mentor = await world.candidate(house)
    world.clock.write_text("2026-02-15T12:00:00Z")

    late, early = await world.apply(edition, mentor), await world.apply(without, mentor)

    assert kind_of(late) == kind_of(early) == (409, "call-not-open")
    assert "until 2026-02-15 12:00 UTC" in late.json()["detail"]


async def test_only_those_in_scope_apply_and_only_for_themselves(world: World) -> None:
    """Somebody else's application is 403; executives, leavers and outsiders are told why they cannot apply."""
    house = new_id()
    edition = await world.edition(house)
    outsiders = [
        await world.candidate(new_id()),
        await world.candidate(house, executive=True),
        await world.candidate(house, active=False),
    ]

    for person in outsiders:
        assert kind_of(await world.apply(edition, person)) == (409, "not-in-scope")
    assert kind_of(await world.apply(edition, outsiders[0], actor=MANAGER)) == (403, "not-yourself")
    unknown = await world.post(f"{edition}/applications", {"mentor_id": (nobody := new_id())}, actor=nobody)
    assert kind_of(unknown) == (422, "unknown-person")
    assert (await world.get(f"{edition}/applications")) == []


async def test_bad_request_names_the_field(world: World) -> None:
    """What cannot be used is 422 with the field; nothing is opened."""
    good = {"name": "2026", "starts_on": "2026-03-01", "ends_on": "2027-02-28", "subsidiaries": [new_id()]}
    bad: dict[str, Any] = {
        "/name": " ",
        "/starts_on": 86_400,
        "/ends_on": "2026-02-01",
        "/subsidiaries": [],
        "/subsidiaries/1": [new_id(), "north"],
        "/extra": 1,
    }

    for place, value in bad.items():
        answer = await world.post("/v1/editions", {**good, place.split("/")[1]: value})
        assert answer.status_code == 422, place
        assert [error["field"] for error in answer.json()["errors"]] == [place]
    twice = await world.post("/v1/editions", {**good, "subsidiaries": [good["subsidiaries"][0]] * 2})
    assert twice.json()["errors"] == [{"field": "/subsidiaries", "message": "Name each one once"}]


async def test_change_needs_the_version_that_was_seen(world: World) -> None:
    """Without If-Match 428, with an old one 412; what is unknown is 404."""
    house = new_id()
    edition = await world.edition(house)
    application = await world.applied(edition, await world.candidate(house))
    await world.change(application, "decision", {"decision": "selected"})

    blind = await world.post(f"{application}/decision", {"decision": "selected"})
    outdated = await world.post(f"{application}/decision", {"decision": "selected"}, etag='"1"')
    nowhere = await world.post(f"/v1/applications/{new_id()}/decision", {"decision": "selected"}, etag='"1"')

    assert [answer.status_code for answer in (blind, outdated, nowhere)] == [428, 412, 404]


async def test_every_active_executive_in_scope_is_obliged_once(world: World) -> None:
    """Whether edition or executive came first; leavers, employees and other houses are not in scope."""
    north, south = new_id(), new_id()
    before = await world.person(north, executive=True)
    await world.person(north)
    await world.person(new_id(), executive=True)
    promoted = await world.person(south, active=False, executive=True)
    edition = await world.edition(north, south)
    after = await world.person(south, executive=True)
    await world.enrolled(edition, before, after)
    assert promoted not in await world.mentees(edition)
    await world.person(south, promoted, executive=True)

    found = await world.enrolled(edition, before, after, promoted)

    assert set(found) == {before, after, promoted}
    assert (await world.get(edition))["participations"] == {"obliged": 3, "exempt": 0}
    for person, one in found.items():
        [(type_, data)] = await world.published(one["participation_id"], 1)
        assert (type_, data["mentee_id"]) == (contracts.OBLIGED, person)


async def test_executive_is_exempted_with_a_reason_and_stays_so(world: World) -> None:
    """The reason of the list goes to the topic, the explanation stays; nobody is obliged again."""
    house = new_id()
    leaver, other = await world.person(house, executive=True), await world.person(house, executive=True)
    edition = await world.edition(house)
    found = await world.enrolled(edition, leaver, other)
    path = f"/v1/participations/{found[leaver]['participation_id']}"

    exempt = await world.change(path, "exemption", {"reason": "leaving", "explanation": REASON})
    again = await world.change(path, "exemption", {"reason": "other", "explanation": REASON})
    await world.enrolled(edition, await world.person(house, executive=True))

    assert exempt.json()["exemption"]["explanation"] == REASON
    assert kind_of(again) == (409, "already-exempt")
    assert set(await world.mentees(edition, state="exempt")) == {leaver}
    assert other in await world.mentees(edition, state="obliged")
    [_, (type_, data)] = await world.published(found[leaver]["participation_id"], 2)
    assert (type_, data["reason"]) == (contracts.EXEMPTED, "leaving")
    assert REASON not in json.dumps(data)


async def test_edition_that_is_over_gets_no_more_executives(world: World) -> None:
    """On the day after its last day an edition is left alone; others go on."""
    house = new_id()
    ended = await world.edition(house, call=False)
    first = await world.person(house, executive=True)
    await world.enrolled(ended, first)
    world.clock.write_text(OVER)
    going_on = await world.edition(house, ends_on="2028-02-29", call=False)

    for _ in range(2):  # when the second one is enrolled, the look that found the first is complete
        await world.enrolled(going_on, await world.person(house, executive=True))

    assert set(await world.mentees(ended)) == {first}
    assert len(await world.mentees(going_on)) == 3
