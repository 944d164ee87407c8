"""The directory of persons, as every service reads it from the directory topic for its own use."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.directory.records import (
    ACCOUNT,
    HEARTBEAT,
    PERSON,
    SUBSIDIARY,
    Account,
    Heartbeat,
    Person,
    Subsidiary,
)
from services.chassis.service import Index
from services.chassis.state_table import Entry, StateTable
from services.chassis.together import Together

COLLECTION = "directory"
INDEXES = (
    Index((("entry.executive", 1), ("entry.subsidiary", 1))),
    Index((("entry.login", 1),)),
    Index((("entry.keys.key_id", 1),)),
    Index((("entry.roles.role", 1),)),
    Index((("type", 1),)),
)
STALE_AFTER = timedelta(minutes=15)
_REMEMBERED = 2.0  # seconds for which what was looked up is looked up no more
_MOST = 10_000  # look-ups remembered at a time
_ENTRIES: Mapping[str, Entry] = {
    PERSON: Entry(Person, "person_id"),
    SUBSIDIARY: Entry(Subsidiary, "subsidiary_id"),
    ACCOUNT: Entry(Account, "account_id"),
    HEARTBEAT: Entry(Heartbeat, "heartbeat_id"),
}
T = TypeVar("T")


@dataclass(slots=True)
class _Memory(Generic[T]):
    """What was looked up a moment ago, by its key."""

    known: dict[str, tuple[float, T]] = field(default_factory=dict)

    async def get(self, key: str, look: Callable[[], Awaitable[T]]) -> T:
        """The answer of the last ``_REMEMBERED`` seconds, or a new one."""
        known = self.known.get(key)
        if known and time.monotonic() - known[0] < _REMEMBERED:
            return known[1]
        found = await look()
        if len(self.known) >= _MOST:
            self.known.clear()
        self.known[key] = (time.monotonic(), found)
        return found


class Directory:
    """Looks persons up in this service's copy of the directory.

    Who may do what is remembered for two seconds, so that a request costs no query; everything else is read anew.
    All methods raise ``Unavailable``.
    """

    def __init__(self, database: mongo.Database, clock: Clock) -> None:
        self.table = StateTable(database, COLLECTION, _ENTRIES, clock)
        self._logins: _Memory[Person | Account | None] = _Memory()
        self._looking: Together[str, Person | Account | None] = Together(self._look_logins_up)
        self._keys: _Memory[Account | None] = _Memory()
        self._trees: _Memory[Mapping[str, Subsidiary]] = _Memory()
        self._beats: _Memory[datetime | None] = _Memory()

    async def find(self, person_id: str) -> Person | None:
        """The person, or None."""
        entry = await self.table.get(person_id)
        return Person.model_validate(entry) if entry else None

    async def executives(self, subsidiaries: tuple[str, ...]) -> list[Person]:
        """The active executives of these subsidiaries."""
        query = {"executive": True, "active": True, "subsidiary": {"$in": list(subsidiaries)}}
        return [Person.model_validate(entry) for entry in await self.table.all(query)]

    async def holders(self, role: str) -> list[Person]:
        """The active persons who hold this role, wherever it holds."""
        return [Person.model_validate(entry) for entry in await self.table.all({"roles.role": role, "active": True})]

    async def of_login(self, login: str) -> Person | Account | None:
        """Whom a login, ``<issuer's name>:<subject>``, is linked with; nobody where it is more than one."""
        return await self._logins.get(login, lambda: self._looking.ask(login))

    async def of_key(self, key_id: str) -> Account | None:
        """The account that an API key belongs to."""
        return await self._keys.get(key_id, lambda: self._look_key_up(key_id))

    async def subsidiaries(self) -> Mapping[str, Subsidiary]:
        """All companies of the group by their ids."""
        return await self._trees.get("", self._look_tree_up)

    async def as_of(self, *, anew: bool = False) -> datetime | None:
        """The instant up to which all partitions of the topic have arrived here; None before the first heartbeats.

        ``anew``: looked up, whatever is remembered.
        """
        if anew:
            self._beats.known.clear()
        return await self._beats.get("", self._look_beats_up)

    async def _look_logins_up(self, logins: Sequence[str]) -> list[Person | Account | None]:
        """Whom each of them is linked with; those who ask at the same moment share a query."""
        linked: dict[str, list[Person | Account]] = defaultdict(list)
        for type_, entry in await self.table.any({"login": {"$in": list(set(logins))}}):
            one = Account.model_validate(entry) if type_ == ACCOUNT else Person.model_validate(entry)
            linked[entry["login"]].append(one)
        return [linked[login][0] if len(linked[login]) == 1 else None for login in logins]

    async def _look_key_up(self, key_id: str) -> Account | None:
        found = await self.table.all({"keys.key_id": key_id}, ACCOUNT)
        return Account.model_validate(found[0]) if len(found) == 1 else None

    async def _look_tree_up(self) -> Mapping[str, Subsidiary]:
        entries = await self.table.of_type(SUBSIDIARY)
        return {entry["subsidiary_id"]: Subsidiary.model_validate(entry) for entry in entries}

    async def _look_beats_up(self) -> datetime | None:
        beats = [Heartbeat.model_validate(entry) for entry in await self.table.of_type(HEARTBEAT)]
        if not beats or len(beats) < max(beat.partitions for beat in beats):
            return None
        return min(beat.at for beat in beats)
