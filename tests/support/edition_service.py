"""The service `applications` with callers of every kind, who prepare editions and move them on."""

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
DRAFTING, DURING, AFTER_THE_CALL, OVER = (
    "2026-01-12T09:00:00Z",
    "2026-02-01T09:00:00Z",
    "2026-02-16T09:00:00Z",
    "2027-02-28T23:00:00Z",  # midnight in Berlin
)


def new_id() -> str:
    """An id of nobody else."""
    return str(uuid.uuid4())


NORTH, SOUTH = new_id(), new_id()
OFFICE, NORTHERN, SOUTHERN, AUDITOR, ASSESSOR, STAFF = (new_id() for _ in range(6))
MANAGING = "programme_manager"
CALLERS: Mapping[str, Principal] = {
    OFFICE: Principal(OFFICE, "person", NORTH, scopes={"group_office": Scope(everything=True)}),
    NORTHERN: Principal(NORTHERN, "person", NORTH, scopes={MANAGING: Scope(frozenset({NORTH}))}),
    SOUTHERN: Principal(SOUTHERN, "person", SOUTH, scopes={MANAGING: Scope(frozenset({SOUTH}))}),
    AUDITOR: Principal(AUDITOR, "person", SOUTH, scopes={"auditor": Scope(everything=True)}),
    ASSESSOR: Principal(ASSESSOR, "person", SOUTH, scopes={"assessor": Scope(frozenset({NORTH}))}),
    STAFF: Principal(STAFF, "person", NORTH),
}


class ByName:
    """Takes everybody's word for who of the callers they are."""

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The caller of this name. Raises ``Unauthenticated``."""
        if caller := CALLERS.get(headers.get("tandem-actor", "")):
            return caller
        raise Unauthenticated("Send the header Tandem-Actor.")


@dataclass(slots=True)
class World:
    """The service under test, and what stands around it."""

    http: httpx2.AsyncClient
    publisher: kafka.Publisher
    log: AIOKafkaConsumer
    clock: Path
    database: mongo.Database
    events: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, body: Any = None, *, by: str = OFFICE, **headers: str
    ) -> httpx2.Response:
        """One request."""
        said = {"Tandem-Actor": by, **headers}
        return await self.http.request(method, path, json=body, headers=said)

    async def see(self, path: str, by: str = OFFICE) -> Any:
        """What stands there."""
        answer = await self.ask("GET", path, by=by)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def make(self, body: Any, by: str = OFFICE) -> str:
        """An edition; its path."""
        made = await self.ask("POST", "/v1/editions", body, by=by, **{"Idempotency-Key": new_id()})
        assert made.status_code == 201, made.text
        return str(made.headers["Location"])

    async def change(self, method: str, path: str, to: str, body: Any, by: str = OFFICE) -> httpx2.Response:
        """Send to ``path`` + ``to`` with the ETag of ``path``, as the office sees it."""
        etag = (await self.ask("GET", path)).headers["ETag"]
        return await self.ask(method, path + to, body, by=by, **{"If-Match": etag})

    async def prepared(self, *companies: str, by: str = OFFICE, **changes: Any) -> str:
        """A draft with call, questions and rubric; its path."""
        path = await self.make(drafting(*(companies or (NORTH,)), **changes), by)
        for part, body in (("/call", calling()), ("/form", asking()), ("/rubric", scoring())):
            answer = await self.change("PUT", path, part, body, by)
            assert answer.status_code == 200, answer.text
        return path

    async def move(self, path: str, to: str, by: str = OFFICE, **said: Any) -> httpx2.Response:
        """Move an edition on."""
        return await self.change("POST", path, "/stage", {"to": to, **said}, by)

    async def opened(self, *companies: str, **changes: Any) -> str:
        """An edition whose call is open; its path."""
        path = await self.prepared(*companies, **changes)
        answer = await self.move(path, "call_open")
        assert answer.status_code == 200, answer.text
        return path

    async def company(self) -> str:
        """A new company of the group, known to the service; its id."""
        id, type_ = new_id(), directory.SUBSIDIARY
        said = {
            "subsidiary_id": id, "name": "New", "parent_id": None, "names_shown": False, "outcomes_counted": False,
            "language": "de", "zone": "Europe/Berlin",
        }  # fmt: skip
        event = envelope.Event(
            id=new_id(), source="/tandem/people", type=type_, subject=id, sequence=1, time=DRAFTING,
            data=json.dumps(said).encode(), dataschema=f"urn:tandem:schema:{type_}",
        )  # fmt: skip
        assert await self.publisher.publish([(directory.TOPIC, event)]) == [True]

        async def known() -> bool:
            return await self.database[directory.COLLECTION].find_one({"_id": id}) is not None

        await until_async(known, "the company is known")
        return id

    async def published(self, path: str, number: int) -> list[tuple[str, Any]]:
        """Types and data of the first ``number`` events of an edition on the topic, copies left out."""
        return await heard(self.log, self.events, path.rpartition("/")[2], number)


@asynccontextmanager
async def serving_editions(servers: Running, folder: Path) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    clock = folder / "now"
    clock.write_text(DRAFTING)
    async with served(servers, clock, others=OTHERS, authenticator=ByName()) as (http, publisher, log, database):
        yield World(http, publisher, log, clock, database)


def refusal(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    """Status, kind and fields of a problem."""
    body = answer.json()
    return answer.status_code, body["type"].rpartition(":")[2], [one["field"] for one in body.get("errors", [])]
