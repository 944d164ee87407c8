"""A service's copy of the directory, written as if its records had arrived: quick, and on no topic that others read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from services.chassis import directory, mongo

_TYPES: Mapping[type[BaseModel], tuple[str, str]] = {
    directory.Person: (directory.PERSON, "person_id"),
    directory.Subsidiary: (directory.SUBSIDIARY, "subsidiary_id"),
    directory.Account: (directory.ACCOUNT, "account_id"),
    directory.Heartbeat: (directory.HEARTBEAT, "heartbeat_id"),
}


def heartbeat(at: datetime | None = None) -> directory.Heartbeat:
    """A sign that everything up to this instant, by default the present one, has arrived."""
    return directory.Heartbeat(heartbeat_id="heartbeat-0", at=at or datetime.now(UTC), partitions=1)


def holder(login: str, subsidiary: str, **roles: Iterable[str]) -> directory.Person:
    """A person who is named as their login is and holds these roles, each for the subsidiaries named; none is all."""
    held = tuple(directory.Role(role=role, subsidiaries=tuple(bounds)) for role, bounds in roles.items())
    return directory.Person(person_id=login.partition(":")[2], subsidiary=subsidiary, login=login, roles=held)


async def fill(database: mongo.Database, *entries: BaseModel) -> None:
    """Put these records in place of what is there."""
    table = database[directory.COLLECTION]
    await table.delete_many({})
    for index in directory.INDEXES:
        await table.create_index(list(index.keys))
    for some in mongo.in_chunks(list(_documents(entries)), 2000):
        await table.insert_many(some)


def _documents(entries: Iterable[BaseModel]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        type_, key = _TYPES[type(entry)]
        document = entry.model_dump(mode="json")
        yield {"_id": document[key], "seq": 1, "gone": False, "type": type_, "entry": document}
