"""What is known of those who can become pairs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.projector import ReadModel
from services.chassis.service import Index
from services.chassis.state_table import Entry, StateTable
from services.matching import contracts
from services.matching.domain.candidates import Edition, Obliged, Selected
from services.matching.domain.inputs import Facts, Person, Profile
from services.matching.projections import CANDIDATES
from services.matching.store.overrides import OVERRIDES, places
from services.matching.store.pairs import PAIRS, earlier, taken

PROFILES = "profiles"
INDEXES = (Index((("state.edition_id", 1), ("state.kind", 1))), Index((("state.kind", 1), ("_id", 1))))
_PERSON = TypeAdapter(Person)
_PROFILE = TypeAdapter(Profile)


def profiles(database: mongo.Database, clock: Clock) -> StateTable:
    """This service's copy of the profiles topic."""
    entries = {type_: Entry(model, "person_id") for type_, model in contracts.OF_PROFILES.items()}
    return StateTable(database, PROFILES, entries, clock)


class Candidates:
    """Reads who can be matched."""

    def __init__(self, database: mongo.Database, persons: Directory, profiles: StateTable) -> None:
        self._candidates = ReadModel(database, CANDIDATES)
        self._pairs: mongo.Collection = database[PAIRS.collection]
        self._overrides: mongo.Collection = database[OVERRIDES.collection]
        self._directory = persons
        self._persons = persons.table
        self._profiles = profiles

    async def edition(self, edition_id: str) -> Edition | None:
        """The edition, or None where its opening has not arrived. Raises ``Unavailable``."""
        candidates = await self._candidates.collection()
        with mongo.unavailable():
            document = await candidates.find_one({"_id": edition_id})
        state = CANDIDATES.state.validate_python(document["state"]) if document else None
        return state if isinstance(state, Edition) else None

    async def editions(self) -> list[Edition]:
        """All editions that have arrived. Raises ``Unavailable``."""
        candidates = await self._candidates.collection()
        with mongo.unavailable():
            found = await candidates.find({"state.kind": "edition"}, {"state": 1}).to_list(None)
        states = [CANDIDATES.state.validate_python(document["state"]) for document in found]
        return [state for state in states if isinstance(state, Edition)]

    async def companies(self) -> dict[str, str]:
        """What the companies of the group are called, by their ids. Raises ``Unavailable``."""
        return {id: company.name for id, company in (await self._directory.subsidiaries()).items()}

    async def facts(self, edition_id: str) -> Facts:
        """All that is known of the edition's candidates at this moment. Raises ``Unavailable``."""
        edition = await self.edition(edition_id)
        candidates = await self._candidates.collection()
        with mongo.unavailable():
            found = await candidates.find({"state.edition_id": edition_id}, {"state": 1}).to_list(None)
        states = [CANDIDATES.state.validate_python(document["state"]) for document in found]
        executives = [one for one in states if isinstance(one, Obliged)]
        mentors = frozenset(one.mentor_id for one in states if isinstance(one, Selected) and one.stands)
        reserves = frozenset(one.mentor_id for one in states if isinstance(one, Selected) and one.reserve)
        mentees = frozenset(one.mentee_id for one in executives if not (one.exempt or one.left))
        gone = frozenset(one.mentee_id for one in executives if one.left)
        return Facts(
            mentors=mentors,
            mentees=mentees,
            out_of_scope=gone,
            companies=edition.companies if edition else frozenset(),
            reserves=reserves,
            persons=await self._with_their_lines(mentors | mentees | reserves | gone),
            profiles=await self._profiles_of(mentors | mentees | reserves),
            taken=await taken(self._pairs, edition_id),
            places=await places(self._overrides, edition_id),
            earlier=await earlier(self._pairs, edition_id, mentees),
        )

    async def _with_their_lines(self, ids: Iterable[str]) -> dict[str, Person]:
        """These persons and everybody above them, level by level."""
        persons: dict[str, Person] = {}
        asked: set[str] = set()
        wanted = set(ids)
        while wanted:
            entries = await _entries(self._persons, wanted)
            persons.update((entry["person_id"], _PERSON.validate_python(entry)) for entry in entries)
            asked |= wanted
            wanted = {entry["manager_id"] for entry in entries if entry["manager_id"]} - asked
        return persons

    async def _profiles_of(self, ids: Iterable[str]) -> dict[str, Profile]:
        entries = await _entries(self._profiles, ids)
        return {entry["person_id"]: _PROFILE.validate_python(entry) for entry in entries}


async def _entries(table: StateTable, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The entries of these keys, without those that are unknown or were forgotten."""
    found: list[dict[str, Any]] = []
    for chunk in mongo.in_chunks(sorted(ids)):
        with mongo.unavailable():
            documents = await table.collection.find({"_id": {"$in": chunk}, "gone": False}, {"entry": 1}).to_list(None)
        found += [document["entry"] for document in documents]
    return found
