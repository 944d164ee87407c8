"""The directory of persons, as every service reads it from the directory topic for its own use."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.service import Index
from services.chassis.state_table import StateTable
from services.chassis.wire import Id

TOPIC = "tandem.directory.v1"
TYPE = "org.tandem.directory.person.v1"
COLLECTION = "directory"
INDEXES = (Index((("entry.executive", 1), ("entry.subsidiary", 1))),)


class Role(BaseModel):
    """A role and the subsidiaries it is bounded to."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Id
    subsidiaries: tuple[Id, ...] = ()


class Person(BaseModel):
    """What every service may know of a person: no name, no address, no age."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    person_id: Id
    subsidiary: Id
    login: str | None = None
    roles: tuple[Role, ...] = ()
    manager_id: Id | None = None
    executive: bool = False
    active: bool = True
    language: str = "en"
    zone: str = "UTC"


class Directory:
    """Looks persons up in this service's copy of the directory."""

    def __init__(self, database: mongo.Database, clock: Clock) -> None:
        self.table = StateTable(database, COLLECTION, TYPE, Person, clock, key="person_id")

    async def find(self, person_id: str) -> Person | None:
        """The person, or None. Raises ``Unavailable``."""
        entry = await self.table.get(person_id)
        return Person.model_validate(entry) if entry else None

    async def executives(self, subsidiaries: tuple[str, ...]) -> list[Person]:
        """The active executives of these subsidiaries."""
        query = {"executive": True, "active": True, "subsidiary": {"$in": list(subsidiaries)}}
        return [Person.model_validate(entry) for entry in await self.table.all(query)]
