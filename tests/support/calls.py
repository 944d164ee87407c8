"""The service `applications` while a call is open, with people who apply and managers who decide."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer

from services.applications import contracts
from services.chassis import directory, envelope, kafka, mongo
from services.chassis.auth.authentication import Unauthenticated
from services.chassis.auth.principal import Principal, Scope
from services.chassis.service import Service, Topic
from tests.support.applications import never
from tests.support.editions import asking, calling, drafting, scoring
from tests.support.served_applications import served
from tests.support.servers import Running
from tests.support.topics import heard
from tests.support.waiting import until_async

READ = (Topic(directory.TOPIC, "state"), Topic(contracts.PROFILES, "state"), Topic(contracts.PAIRS, "event"))
OTHERS = Service("people", never, owns=READ)
OPEN, AFTER, LATE = "2026-01-12T09:00:00Z", "2026-02-16T09:00:00Z", "2026-04-15T09:00:00Z"
OFFICE = str(uuid.uuid4())
REASON = "It was looked into with care."
PARTS: Mapping[str, Any] = {
    "offer": {
        "places": 2,
        "platforms": [{"platform": "tiktok", "level": 4}],
        "languages": ["de"],
        "availability": ["mon_am"],
    },
    "answers": {"why": "Because I can explain it."},
    "manager_informed": True,
}


def new_id() -> str:
    """An id of nobody else."""
    return str(uuid.uuid4())


def kind_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


@dataclass(slots=True)
class Callers:
    """Takes everybody's word for who they are; roles have only those who were given some."""

    known: dict[str, Principal] = field(default_factory=dict)

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The caller of this name. Raises ``Unauthenticated``."""
        if caller := self.known.get(headers.get("tandem-actor", "")):
            return caller
        raise Unauthenticated("Send the header Tandem-Actor.")

    def hold(self, person_id: str, subsidiary: str, *, executive: bool = False, **roles: Scope) -> str:
        """Somebody of a company, with these roles, or with those held before."""
        kept = self.known[person_id].scopes if person_id in self.known else {}
        self.known[person_id] = Principal(person_id, "person", subsidiary, executive=executive, scopes=roles or kept)
        return person_id


@dataclass(slots=True)
class World:
    """The service under test, and what stands around it."""

    http: httpx2.AsyncClient
    callers: Callers
    publisher: kafka.Publisher
    log: AIOKafkaConsumer
    clock: Path
    database: mongo.Database
    numbers: dict[str, int] = field(default_factory=dict)
    events: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, body: Any = None, *, by: str = OFFICE, **headers: str
    ) -> httpx2.Response:
        """One request."""
        return await self.http.request(method, path, json=body, headers={"Tandem-Actor": by, **headers})

    async def see(self, path: str, by: str = OFFICE) -> Any:
        """What stands there."""
        answer = await self.ask("GET", path, by=by)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def create(self, path: str, body: Any, by: str = OFFICE, key: str | None = None) -> httpx2.Response:
        """A creating request."""
        return await self.ask("POST", path, body, by=by, **{"Idempotency-Key": key or new_id()})

    async def change(self, path: str, to: str, body: Any, by: str = OFFICE, method: str = "POST") -> httpx2.Response:
        """Send to ``path`` + ``to`` with the ETag of ``path`` that the caller sees."""
        etag = (await self.ask("GET", path, by=by)).headers.get("ETag", '"1"')
        return await self.ask(method, path + to, body, by=by, **{"If-Match": etag})

    async def done(self, path: str, to: str, body: Any, by: str = OFFICE, method: str = "POST") -> Any:
        """As ``change``, which must succeed; what it answers."""
        answer = await self.change(path, to, body, by, method)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def say(self, topic: str, type_: str, data: dict[str, Any]) -> None:
        """Publish the state of a person as `people` would, and wait until the service knows it."""
        subject = data["person_id"]
        self.numbers[topic + subject] = number = self.numbers.get(topic + subject, 0) + 1
        event = envelope.Event(
            id=new_id(), source="/tandem/people", type=type_, subject=subject, sequence=number, time=OPEN,
            data=json.dumps(data).encode(), dataschema=f"urn:tandem:schema:{type_}",
        )  # fmt: skip
        assert await self.publisher.publish([(topic, event)]) == [True]
        table = self.database[directory.COLLECTION if topic == directory.TOPIC else "profiles"]

        async def known() -> bool:
            return await table.find_one({"_id": subject, "seq": number}) is not None

        await until_async(known, "what was published of a person is known")

    async def person(self, subsidiary: str, person_id: str | None = None, **facts: Any) -> str:
        """Somebody in the directory; the id."""
        executive = bool(facts.get("executive"))
        person_id = self.callers.hold(person_id or new_id(), subsidiary, executive=executive)
        said = {"person_id": person_id, "subsidiary": subsidiary, "roles": [], "executive": False, "active": True}
        await self.say(directory.TOPIC, directory.PERSON, {**said, "language": "de", "zone": "Europe/Berlin", **facts})
        return person_id

    async def profile(self, person_id: str, **facts: Any) -> None:
        """What is known of a person, who was born in June 2000 and speaks German unless said otherwise."""
        dates = {"birth_date": "2000-06-01", "entry_date": "2022-01-01"}
        said = {"skills": [], "wishes": [], "languages": ["de-AT"], "place": "Graz", "capacity": 1, **dates, **facts}
        await self.say(contracts.PROFILES, contracts.PROFILE, {"person_id": person_id, **said})

    async def candidate(self, subsidiary: str, **facts: Any) -> str:
        """Somebody with a profile, who meets every rule unless said otherwise; the id."""
        person_id = await self.person(subsidiary)
        await self.profile(person_id, **facts)
        return person_id

    async def manager(self, *subsidiaries: str) -> str:
        """A programme manager of these companies, who works for the first; the id."""
        bounded = Scope(frozenset(subsidiaries))
        return self.callers.hold(new_id(), subsidiaries[0], programme_manager=bounded)

    async def edition(self, *subsidiaries: str, opened: bool = True, **amended: Any) -> str:
        """An edition whose call is open until 15 February; its path."""
        made = await self.create("/v1/editions", drafting(*subsidiaries))
        assert made.status_code == 201, made.text
        path = str(made.headers["Location"])
        for part, body in (("/call", calling()), ("/form", asking()), ("/rubric", scoring())):
            await self.done(path, part, body, method="PUT")
        if amended:
            await self.done(path, "", amended, method="PATCH")
        if opened:
            await self.move(path, "call_open")
        return path

    async def move(self, edition: str, to: str) -> None:
        """Move an edition on, as soon as nothing blocks it."""
        answer = await self.change(edition, "/stage", {"to": to})
        assert answer.status_code == 200, answer.text

    async def selecting(self, edition: str) -> None:
        """Move an edition on to the selection, after the deadline."""
        self.clock.write_text(AFTER)
        await self.move(edition, "selection")

    async def apply(self, edition: str, person: str, *, submit: bool = True, **parts: Any) -> httpx2.Response:
        """Apply, complete unless said otherwise."""
        body = {"mentor_id": person, "submit": submit, **PARTS, **parts}
        return await self.create(f"{edition}/applications", body, by=person)

    async def applied(self, edition: str, person: str, **parts: Any) -> str:
        """An application; its path."""
        answer = await self.apply(edition, person, **parts)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def draft(self, edition: str, person: str, **parts: Any) -> str:
        """A draft that says this; its path."""
        answer = await self.create(f"{edition}/applications", {"mentor_id": person, **parts}, by=person)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def becomes(self, path: str, by: str = OFFICE, **fields: Any) -> Any:
        """Wait until these fields of what stands there are so."""

        async def so() -> bool:
            seen = await self.see(path, by)
            return all(seen[name] == value for name, value in fields.items())

        await until_async(so, f"{path} has {fields}")
        return await self.see(path, by)

    async def published(self, path: str, number: int) -> list[tuple[str, Any]]:
        """Types and data of the first ``number`` events of an aggregate on the topic, copies left out."""
        return await heard(self.log, self.events, path.rpartition("/")[2], number)


@asynccontextmanager
async def serving_calls(servers: Running, folder: Path) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    clock, callers = folder / "now", Callers()
    clock.write_text(OPEN)
    callers.hold(OFFICE, new_id(), group_office=Scope(everything=True))
    async with served(servers, clock, others=OTHERS, authenticator=callers) as (http, publisher, log, database):
        yield World(http, callers, publisher, log, clock, database)
