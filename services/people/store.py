"""The documents of `people`: one per person, and the names of the subsidiaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from services.chassis import access, mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.people import contracts
from services.people.domain import person as domain

PERSONS: AggregateKind[domain.Person, domain.Event] = AggregateKind(
    name="person",
    collection="persons",
    source="/tandem/people",
    state=TypeAdapter(domain.Person),
    evolve=domain.evolve,
    outgoing=contracts.outgoing,
)
SUBSIDIARIES = "subsidiaries"
AGGREGATES = (PERSONS.collection, access.COLLECTION)
INDEXES = {
    PERSONS.collection: (
        Index((("state.employee_number", 1),), unique=True),
        Index((("state.directory.login", 1),), unique=True, partial={"state.directory.login": {"$type": "string"}}),
        Index((("state.directory.subsidiary", 1), ("_id", 1))),
    )
}


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a person to others: the manager, and the login that nobody else may have."""

    person_id: str
    manager_id: str | None
    login: str | None


class People:
    """Queries over all persons and subsidiaries. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self.persons: mongo.Collection = database[PERSONS.collection]
        self.subsidiaries: mongo.Collection = database[SUBSIDIARIES]

    async def links(self) -> dict[str, Link]:
        """Everybody's ties, by employee number."""
        wanted = {"state.employee_number": 1, "state.directory.manager_id": 1, "state.directory.login": 1}
        found: dict[str, Link] = {}
        with mongo.unavailable():
            async for document in self.persons.find({}, wanted):
                state = document["state"]
                ties = state["directory"]
                found[state["employee_number"]] = Link(document["_id"], ties["manager_id"], ties["login"])
        return found

    async def id_of(self, employee_number: str) -> str | None:
        """The person with this employee number."""
        with mongo.unavailable():
            document = await self.persons.find_one({"state.employee_number": employee_number}, {"_id": 1})
        return str(document["_id"]) if document else None

    async def names(self) -> dict[str, str]:
        """The names of all subsidiaries by id."""
        with mongo.unavailable():
            return {document["_id"]: document["name"] async for document in self.subsidiaries.find({})}

    async def add_names(self, names: Mapping[str, str]) -> None:
        """Remember the names of subsidiaries; the first name under an id stays."""
        for id, name in names.items():
            with mongo.unavailable():
                await self.subsidiaries.update_one({"_id": id}, {"$setOnInsert": {"name": name}}, upsert=True)
