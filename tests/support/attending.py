"""Editions, executives and their participations over a database, without the service and without a broker."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from services.applications import store
from services.applications.domain import edition, participation, staging
from services.applications.domain.call import Call, CallText, CallWording
from services.applications.enrolment import Enrolment
from services.applications.handlers import EditionHandlers, ParticipationHandlers, participation_id
from services.applications.handlers.participations import ESCALATION, EXEMPTION_END
from services.chassis import directory, mongo, timers
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.health import Health
from services.chassis.ids import random_id
from tests.support.clocks import HandClock
from tests.support.databases import drop
from tests.support.servers import Running

MANAGER, BOSS = "the-manager", "the-boss"
OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
EDITION = edition.Edition(
    edition_id="",
    name="2026",
    starts_on=date(2026, 3, 1),
    ends_on=date(2027, 2, 28),
    subsidiaries=(),
    escalation=edition.Escalation(BOSS, after_days=10),
    created_at=OPENED,
    created_by=MANAGER,
    stage="call_open",
    call=Call(
        reference_date=date(2026, 3, 1),
        closes_at=datetime(2026, 4, 1, 12, tzinfo=UTC),
        wording=CallWording(("de",), {"de": CallText("Aufruf", "Machen Sie mit.")}, ()),
        opened_at=OPENED,
    ),
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of companies over a database of its own, with a clock that stands until a test moves it."""

    database: mongo.Database
    clock: HandClock
    editions: EditionHandlers
    participations: ParticipationHandlers
    table: mongo.Collection
    numbers: dict[str, int] = field(default_factory=dict)

    async def says(self, person_id: str, **facts: Any) -> str:
        """The directory says this of a person, an executive of "north" where nothing else is said; the id."""
        said = {"subsidiary": "north", "executive": True, "active": True, **facts}
        row = {"gone": False, "type": directory.PERSON, "entry": {"person_id": person_id, **said}}
        await self.table.update_one({"_id": person_id}, {"$set": row, "$inc": {"seq": 1}}, upsert=True)
        return person_id

    async def forgets(self, person_id: str) -> None:
        """The directory forgets a person."""
        await self.table.update_one({"_id": person_id}, {"$set": {"gone": True, "entry": None}})

    async def executives(self, number: int, subsidiary: str = "north") -> list[str]:
        """So many executives of a company; their ids."""
        ids = sorted(random_id() for _ in range(number))
        facts = {"subsidiary": subsidiary, "executive": True, "active": True}
        rows = [{"_id": id, "seq": 1, "gone": False, "entry": {"person_id": id, **facts}} for id in ids]
        await self.table.insert_many(rows)
        return ids

    async def company(self, subsidiary_id: str) -> None:
        """The directory tells of a company."""
        entry = {"subsidiary_id": subsidiary_id, "parent_id": None}
        row = {"_id": subsidiary_id, "seq": 1, "gone": False, "type": directory.SUBSIDIARY, "entry": entry}
        await self.table.insert_one(row)

    async def edition(self, *subsidiaries: str, **facts: Any) -> str:
        """An edition whose call is open; the id."""
        made = replace(EDITION, edition_id=random_id(), subsidiaries=subsidiaries, **facts)
        drafted = edition.EditionDrafted(made)
        await self.editions.editions.handle(made.edition_id, lambda state: [] if state else [drafted])
        return made.edition_id

    async def close(self, edition_id: str) -> None:
        """Close the edition."""
        closing = edition.Closing(MANAGER, self.clock.now(), "We stop here.")
        closed = edition.EditionClosed(edition_id, closing)
        await self.editions.editions.change(edition_id, lambda state: [closed])

    def enrolment(self) -> Enrolment:
        """The loop of one process, which never runs by itself."""
        return Enrolment(self.editions, self.participations, self.database)

    async def look(self) -> int:
        """One look of the loop; how many participations it changed."""
        return await self.enrolment().enrol()

    async def time_passes(self, **by: float) -> int:
        """Move the clock on, and have due timers fired; how many were."""
        self.clock.passes(**by)
        fall_due = self.participations.fall_due
        worker = timers.TimerWorker(
            self.database, {ESCALATION: fall_due, EXEMPTION_END: fall_due}, Health(), clock=self.clock
        )
        return await worker.work()

    async def of(self, edition_id: str, person_id: str) -> participation.Participation:
        """An executive's participation."""
        return (await self.participations.participations.get(participation_id(edition_id, person_id))).state

    async def told(self, edition_id: str, person_id: str) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of all events that wait to be published of an executive's participation."""
        id = participation_id(edition_id, person_id)
        document = await self.participations.participations.collection.find_one({"_id": id})
        return [(one["type"], one["data"]) for one in document["outbox"]] if document else []

    async def statuses(self, edition_id: str) -> dict[str, str]:
        """The status of each executive of an edition."""
        roll = await store.roll(self.participations.participations.collection, edition_id)
        return {person_id: state.status for person_id, state in roll.items()}

    async def exempt(
        self, edition_id: str, person_id: str, until: date | None = None
    ) -> Loaded[participation.Participation]:
        """A manager exempts an executive."""
        id = participation_id(edition_id, person_id)
        said = {"explanation": "On leave until autumn.", "until": until}
        return await self.participations.exempt(id, Command(actor=MANAGER), reason="absence", **said)  # type: ignore[arg-type]


async def _no_facts(state: edition.Edition) -> staging.Facts:
    raise AssertionError("nobody moves the edition on here")


@asynccontextmanager
async def group(servers: Running) -> AsyncIterator[Group]:
    """A group over a database of its own."""
    clock, client, name = HandClock(OPENED), mongo.connect(servers.mongodb), f"t{uuid.uuid4().hex[:12]}"
    database = client[name]
    people, woken = directory.Directory(database, clock), asyncio.Event()
    editions = Repository(database, store.EDITIONS, clock=clock)
    commands = EditionHandlers(editions, people, _no_facts, clock, edition_opened=woken.set)
    participations = ParticipationHandlers(
        Repository(database, store.PARTICIPATIONS, clock=clock),
        editions,
        people,
        timers.Timers(database),
        clock,
        changed=woken.set,
    )
    yield Group(database, clock, commands, participations, people.table.collection)
    await drop(database)
    await mongo.close(client)
