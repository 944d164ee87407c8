"""The documents of `notifications`: deliveries, its copies of two state topics, and since when it mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from services.chassis import access, mongo, timers
from services.chassis.aggregate import AggregateKind
from services.chassis.clock import Clock
from services.chassis.directory import Directory, Person
from services.chassis.service import Index
from services.chassis.state_table import Entry, StateTable
from services.notifications import contracts, domain

CONTACTS = "contacts"
SETTINGS = "settings"

DELIVERIES: AggregateKind[domain.Delivery, domain.Event] = AggregateKind(
    name="delivery",
    collection="deliveries",
    source="/tandem/notifications",
    state=TypeAdapter(domain.Delivery),
    evolve=domain.evolve,
    outgoing=lambda event: None,  # what was mailed to whom is nobody else's business
)
AGGREGATES = (DELIVERIES.collection, access.COLLECTION)
INDEXES: Mapping[str, Sequence[Index]] = {
    DELIVERIES.collection: (
        Index((("state.pair_id", 1), ("_id", 1))),
        Index((("state.state", 1), ("_id", 1))),
    ),
    timers.COLLECTION: timers.INDEXES,
}


def contacts(database: mongo.Database, clock: Clock) -> StateTable:
    """This service's copy of the contacts topic."""
    entries = {type_: Entry(model, "person_id") for type_, model in contracts.OF_CONTACTS.items()}
    return StateTable(database, CONTACTS, entries, clock)


async def waiting(deliveries: mongo.Collection, pair_id: str) -> list[str]:
    """The ids of a pair's messages that are still to be sent. Raises ``Unavailable``."""
    query = {"state.pair_id": pair_id, "state.state": domain.State.INTENDED}
    with mongo.unavailable():
        found = await deliveries.find(query, {"_id": 1}).sort("_id", 1).to_list(None)
    return [document["_id"] for document in found]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person: where to write, in which language; ``gone`` for one who has left or was erased."""

    person: Person | None
    contact: contracts.Contact | None
    gone: bool

    @property
    def is_complete(self) -> bool:
        """Whether both have arrived."""
        return self.person is not None and self.contact is not None


class People:
    """Tells whom to write to, from this service's copies of the directory and the contacts."""

    def __init__(self, directory: Directory, contacts: StateTable) -> None:
        self.directory = directory
        self.contacts = contacts

    async def known(self, person_id: str) -> Known:
        """What has arrived about this person. Raises ``Unavailable``."""
        with mongo.unavailable():
            entry = await self.directory.table.collection.find_one({"_id": person_id})
            reached = await self.contacts.collection.find_one({"_id": person_id})
        person = Person.model_validate(entry["entry"]) if entry and entry["entry"] else None
        contact = contracts.Contact.model_validate(reached["entry"]) if reached and reached["entry"] else None
        gone = any(document and document["gone"] for document in (entry, reached))
        return Known(person, contact, gone or (person is not None and not person.active))


class Beginning:
    """Since when this service mails: its first start, or the last time its past was to be forgotten."""

    def __init__(self, database: mongo.Database, clock: Clock) -> None:
        self._settings: mongo.Collection = database[SETTINGS]
        self._clock = clock

    async def noted(self) -> datetime:
        """The instant; this one where there is none yet. Raises ``Unavailable``, ``ClockUnreadable``."""
        with mongo.unavailable():
            document = await self._settings.find_one({"_id": _BEGINNING})
            if document is None:
                first = {"$setOnInsert": {"at": self._clock.now()}}
                with suppress(mongo.DuplicateKeyError):  # another process noted it at the same moment
                    await self._settings.update_one({"_id": _BEGINNING}, first, upsert=True)
                document = await self._settings.find_one({"_id": _BEGINNING})
        instant: datetime = document["at"]
        return instant

    async def forget_replay(self) -> None:
        """Nothing that happened before this instant is mailed from here on; to be called before a refill.

        A refill delivers the whole log again. Deliveries that are recorded stay what they are; for those that a
        restore has lost nobody can tell whether they were mailed, so they are recorded as suppressed.
        Never moves back. Raises ``Unavailable``, ``ClockUnreadable``.
        """
        now = self._clock.now()
        with mongo.unavailable():
            await self._settings.update_one({"_id": _BEGINNING}, {"$max": {"at": now}}, upsert=True)


_BEGINNING = "mailing_since"
