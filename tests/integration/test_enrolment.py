"""Promises of enrolment on a real database: every executive is obliged once, and nobody holds up the others."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from services.applications import store
from services.applications.domain import participation
from services.applications.domain.edition import OpenEdition
from services.applications.enrolment import Enrolment
from services.applications.handlers import Handlers
from services.chassis import directory, mongo
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import FileClock
from services.chassis.ids import random_id
from services.chassis.outbox import Unpublishable
from tests.support.servers import Running

OPEN = "2026-01-12T09:00:00Z"


@pytest.fixture
async def handlers(servers: Running, tmp_path: Path) -> AsyncIterator[Handlers]:
    """The commands over a database of their own, without the service."""
    (tmp_path / "now").write_text(OPEN)
    clock, client, name = FileClock(tmp_path / "now"), mongo.connect(servers.mongodb), f"t{uuid.uuid4().hex[:12]}"
    database = client[name]
    yield Handlers(
        editions=Repository(database, store.EDITIONS, clock=clock),
        applications=Repository(database, store.APPLICATIONS, clock=clock),
        participations=Repository(database, store.PARTICIPATIONS, clock=clock),
        directory=directory.Directory(database, clock),
        profiles=store.profiles(database, clock),
        clock=clock,
        edition_opened=lambda: None,
    )
    await client.drop_database(name)
    await mongo.close(client)


async def executives(handlers: Handlers, subsidiary: str, number: int) -> list[str]:
    """So many executives of a subsidiary, in the directory; their ids."""
    facts = {"subsidiary": subsidiary, "executive": True, "active": True}
    rows = [{"_id": id, "seq": 1, "gone": False, "entry": {"person_id": id, **facts}} for id in _ids(number)]
    await handlers.directory.table.collection.insert_many(rows)
    return sorted(row["_id"] for row in rows)


def _ids(number: int) -> list[str]:
    return [random_id() for _ in range(number)]


async def open_edition(handlers: Handlers, *subsidiaries: str) -> None:
    day = handlers.clock.now().date()
    await handlers.open_edition(Command(actor="manager"), OpenEdition(random_id(), "2026", day, day, subsidiaries))


async def participations(handlers: Handlers) -> list[mongo.Document]:
    found: list[mongo.Document] = await handlers.participations.collection.find({}).to_list(None)
    return sorted(found, key=lambda one: one["state"]["mentee_id"])


async def test_processes_that_enrol_at_once_oblige_nobody_twice(handlers: Handlers) -> None:
    """Four looks at the same moment give one participation and one event per executive."""
    ids = await executives(handlers, "north", 25)
    await open_edition(handlers, "north")

    await asyncio.gather(*(Enrolment(handlers).enrol() for _ in range(4)))

    documents = await participations(handlers)
    assert [one["state"]["mentee_id"] for one in documents] == ids
    assert {(one["version"], one["sequence"], len(one["outbox"])) for one in documents} == {(1, 1, 1)}


class Refusing(Handlers):
    """Commands that refuse one person, as they do where no event could tell of the obligation."""

    person: ClassVar[str]

    async def oblige(
        self, edition_id: str, mentee_id: str, subsidiary: str, *, at: datetime
    ) -> Loaded[participation.Participation]:
        """Put all others in scope."""
        if mentee_id == self.person:
            raise Unpublishable("No reader would take the event.")
        return await super().oblige(edition_id, mentee_id, subsidiary, at=at)


async def test_executive_who_cannot_be_obliged_holds_up_nobody_else(handlers: Handlers) -> None:
    """One who is refused is passed over at each look; all others are obliged at the first."""
    refused, *others = await executives(handlers, "north", 4)
    await open_edition(handlers, "north")
    refusing = Refusing(**{field.name: getattr(handlers, field.name) for field in fields(handlers)})
    Refusing.person = refused

    first, second = await Enrolment(refusing).enrol(), await Enrolment(refusing).enrol()

    assert (first, second) == (3, 0)
    assert [one["state"]["mentee_id"] for one in await participations(handlers)] == others
