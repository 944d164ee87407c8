"""An edition in selection over a database of its own: its people, its service without loops, looks of its loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bson import encode
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from services.applications import store
from services.applications.domain.application import Application, Offer
from services.applications.domain.edition import Edition
from services.applications.domain.participation import Participation
from services.applications.handlers import Assigning, SelectionHandlers, application_id, participation_id
from services.applications.main import SERVICE
from services.applications.selecting import Selecting
from services.chassis import directory, mongo, provision
from services.chassis.aggregate import AggregateKind, Repository
from services.chassis.auth.authentication import Unauthenticated
from services.chassis.auth.principal import of_person
from services.chassis.directory import Directory
from services.chassis.ids import random_id
from services.chassis.runtime import Runtime
from tests.support.asking import BASE
from tests.support.editions import edition
from tests.support.servers import Running

NOW = "2026-02-20T09:00:00Z"
AT = datetime(2026, 2, 20, 9, tzinfo=UTC)
REASON = "Because the panel agreed on it."
LEVELS = {"explains": 2, "knows": 3}


class Counting(CommandListener):
    """Counts the commands that go to the database, by name and collection."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Note a command with the number of bytes that it asks with."""
        target = str(event.command.get(event.command_name))
        named = {name: value for name, value in event.command.items() if name not in _SESSION}
        self.seen.append((event.command_name, target, len(encode(named))))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """What came of it does not count."""

    def failed(self, event: CommandFailedEvent) -> None:
        """What came of it does not count."""


_SESSION = {"lsid", "$clusterTime", "txnNumber", "$db"}


class _ByDirectory:
    """The header ``Tandem-Actor`` names the caller, who may do what the directory says of them."""

    def __init__(self, known: Directory) -> None:
        self._known = known

    async def principal(self, headers: Mapping[str, str]) -> Any:
        """The principal. Raises ``Unauthenticated`` for somebody whom the directory does not know."""
        person = await self._known.find(headers.get("tandem-actor", ""))
        if person is None:
            raise Unauthenticated("Send the header Tandem-Actor.")
        return of_person(person, {})


@dataclass(slots=True)
class Panel:
    """The running service and what stands around it."""

    app: FastAPI
    http: httpx2.AsyncClient
    commands: Counting
    clock: Path
    edition: Edition
    applications: dict[str, Application] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        """The service's runtime, which was never started."""
        runtime: Runtime = self.app.state.runtime
        return runtime

    @property
    def path(self) -> str:
        """The path of the edition."""
        return f"/v1/editions/{self.edition.edition_id}"

    def collection(self, name: str) -> mongo.Collection:
        """A collection of the service."""
        return self.runtime.database[name]

    def assigning(self) -> Assigning:
        """What another process of the service has for assigning."""
        database, clock = self.runtime.database, self.runtime.clock
        return Assigning(
            Repository(database, store.ROUNDS, clock=clock),
            Repository(database, store.SHEETS, clock=clock),
            Repository(database, store.APPLICATIONS, clock=clock),
            Repository(database, store.EDITIONS, clock=clock),
            self.runtime.directory,
            clock,
        )

    def selection(self) -> SelectionHandlers:
        """The commands as another process of the service has them."""
        assigning = self.assigning()
        return SelectionHandlers(assigning, store.Judges(assigning.applications.collection), changed=lambda: None)

    async def look(self, times: int = 1) -> None:
        """So many looks of the loop, each by a process of its own."""
        for _ in range(times):
            await Selecting(self.selection()).select()

    async def person(self, *roles: str, id: str | None = None, subsidiary: str = "", **facts: Any) -> str:
        """Somebody in the directory, with roles for the whole group; the id."""
        id = id or random_id()
        held = [{"role": role, "subsidiaries": list(facts.get("bounds", ()))} for role in roles]
        said = {"person_id": id, "subsidiary": subsidiary or self.edition.subsidiaries[0], "roles": held, **facts}
        row = {"gone": False, "type": directory.PERSON, "entry": {"active": True, **said}}
        await self.collection(directory.COLLECTION).update_one(
            {"_id": id}, {"$set": row, "$inc": {"seq": 1}}, upsert=True
        )
        return id

    async def assessors(self, number: int) -> list[str]:
        """So many assessors for the whole group; their ids."""
        return [await self.person("assessor") for _ in range(number)]

    async def apply(self, number: int, **facts: Any) -> list[str]:
        """So many applications that meet the rules, of people of their own; their ids."""
        made = [self._application(random_id(), **facts) for _ in range(number)]
        await self.insert(store.APPLICATIONS, {one.application_id: one for one in made})
        rows = [
            {
                "_id": one.mentor_id,
                "seq": 1,
                "gone": False,
                "type": directory.PERSON,
                "entry": {"person_id": one.mentor_id, "subsidiary": one.subsidiary, "active": True},
            }
            for one in made
        ]
        await self.collection(directory.COLLECTION).insert_many(rows)
        self.applications |= {one.application_id: one for one in made}
        return [one.application_id for one in made]

    async def application_of(self, person_id: str, **facts: Any) -> str:
        """An application of somebody who is in the directory; the id."""
        one = self._application(person_id, **facts)
        await self.insert(store.APPLICATIONS, {one.application_id: one})
        self.applications[one.application_id] = one
        return one.application_id

    def _application(self, person_id: str, **facts: Any) -> Application:
        made = Application(
            application_id(self.edition.edition_id, person_id),
            self.edition.edition_id,
            person_id,
            self.edition.subsidiaries[0],
            status="applied",
            started_at=AT,
            changed_at=AT,
            standing="in",
            eligibility="met",
            rules=(),
            offer=Offer(places=1),
            answers={"why": "Because I know how."},
            form_version=1,
            manager_informed=True,
            applied_at=AT,
        )
        return replace(made, **facts)

    async def oblige(self, number: int) -> None:
        """So many executives who need a mentor."""
        ids = {random_id(): random_id() for _ in range(number)}
        states = {
            participation_id(self.edition.edition_id, mentee): Participation(
                participation_id(self.edition.edition_id, mentee),
                self.edition.edition_id,
                mentee,
                self.edition.subsidiaries[0],
                obliged_at=AT,
            )
            for mentee in ids
        }
        await self.insert(store.PARTICIPATIONS, states)

    async def insert(self, kind: AggregateKind[Any, Any], states: Mapping[str, Any]) -> None:
        """Put aggregates there as if they had come about."""
        documents = [
            {
                "_id": id,
                "version": 1,
                "sequence": 0,
                "sequences": {},
                "state": kind.state.dump_python(state, mode="json"),
                "outbox": [],
                "recent": [],
                "seen": {},
            }
            for id, state in states.items()
        ]
        await self.collection(kind.collection).insert_many(documents)

    async def change(self, application: str, **facts: Any) -> None:
        """Change an application as if something had happened to it."""
        self.applications[application] = changed = replace(self.applications[application], **facts)
        state = store.APPLICATIONS.state.dump_python(changed, mode="json")
        await self.collection("applications").update_one({"_id": application}, {"$set": {"state": state}})

    async def ask(self, method: str, path: str, body: Any = None, *, actor: str, etag: str = "") -> httpx2.Response:
        """The answer to a request of somebody; ``etag`` goes with it, or a key of its own."""
        headers = {"Tandem-Actor": actor, **({"If-Match": etag} if etag else {"Idempotency-Key": random_id()})}
        return await self.http.request(method, path, json=body, headers=headers)

    async def get(self, path: str, actor: str) -> Any:
        """What somebody is shown."""
        answer = await self.ask("GET", path, actor=actor)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def open_round(self, manager: str, **body: Any) -> str:
        """A round whose sheets are assigned; its path."""
        opened = await self.ask("POST", f"{self.path}/rounds", body, actor=manager)
        assert opened.status_code == 201, opened.text
        await self.look()
        return str(opened.headers["Location"])

    async def close_round(self, path: str, manager: str) -> None:
        """Close a round, whatever is missing."""
        seen = (await self.ask("GET", path, actor=manager)).headers["ETag"]
        done = await self.ask("POST", f"{path}/closure", {"reason": REASON}, actor=manager, etag=seen)
        assert (done.status_code, done.json()["state"]) == (200, "closed"), done.text

    async def sheets(self, assessor: str) -> list[str]:
        """The ids of an assessor's open sheets."""
        found = await self.get(f"{self.path}/sheets?limit=200", assessor)
        return [one["sheet_id"] for one in found if one["state"] == "open"]

    async def score(
        self, assessor: str, sheet: str, levels: Mapping[str, int] = LEVELS, comment: str | None = None
    ) -> httpx2.Response:
        """Save a sheet as it was just seen."""
        seen = (await self.ask("GET", f"/v1/sheets/{sheet}", actor=assessor)).headers["ETag"]
        body = {"scores": dict(levels), "comment": comment}
        return await self.ask("PUT", f"/v1/sheets/{sheet}", body, actor=assessor, etag=seen)

    async def score_all(self, assessors: Iterable[str], levels: Mapping[str, int] = LEVELS) -> None:
        """Have assessors score all their open sheets alike, without handing them in."""
        for assessor in assessors:
            for sheet in await self.sheets(assessor):
                assert (await self.score(assessor, sheet, levels)).status_code == 200

    async def hand_in(self, path: str, assessors: Iterable[str]) -> None:
        """Have assessors hand in all that is complete."""
        for assessor in assessors:
            done = await self.ask("POST", f"{path}/hand-in", {}, actor=assessor)
            assert done.status_code == 200, done.text


@asynccontextmanager
async def panel(servers: Running, folder: Path, of: Edition | None = None) -> AsyncIterator[Panel]:
    """An edition in selection, in a service over a database of its own whose loops and consumers do not run."""
    clock, counting = folder / "clock", Counting()
    clock.write_text(NOW)
    environment = {
        "TANDEM_KAFKA": servers.kafka,
        "TANDEM_MONGODB": servers.mongodb,
        "TANDEM_DATABASE_PREFIX": f"s_{random_id()[:8]}",
        "TANDEM_CLOCK": str(clock),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)

        def counted(uri: str, **options: Any) -> Any:
            return AsyncIOMotorClient(uri, event_listeners=[counting], **options)

        patch.setitem(mongo._DRIVERS, "motor", counted)
        app = SERVICE.app()
    runtime: Runtime = app.state.runtime
    try:
        await provision.indexes([SERVICE], runtime.client, runtime.settings.database_prefix)
        app.state.authenticator = _ByDirectory(runtime.directory)
        chosen = of or edition("selection")
        chosen = replace(chosen, edition_id=random_id(), subsidiaries=(random_id(), random_id()))
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE, timeout=120) as http:
            made = Panel(app, http, counting, clock, chosen)
            await made.insert(store.EDITIONS, {chosen.edition_id: chosen})
            yield made
    finally:
        await runtime.close()
