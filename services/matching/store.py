"""The documents of `matching`: runs, pairs, and what is known of those who can become pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from services.chassis import access, mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.clock import Clock
from services.chassis.directory import Directory
from services.chassis.projector import ReadModel
from services.chassis.service import Index
from services.chassis.state_table import Entry, StateTable
from services.matching import contracts
from services.matching.domain import pair, run
from services.matching.domain.candidates import Edition, Obliged, Selected
from services.matching.domain.inputs import Facts, Person, Profile, Taken
from services.matching.domain.rules import RuleBroken
from services.matching.projections import CANDIDATES

_SOURCE = "/tandem/matching"
PROFILES = "profiles"

RUNS: AggregateKind[run.Run, run.Event] = AggregateKind(
    name="run",
    collection="runs",
    source=_SOURCE,
    state=TypeAdapter(run.Run),
    evolve=run.evolve,
    outgoing=contracts.of_run,
    rules=(RuleBroken,),
)
PAIRS: AggregateKind[pair.Pair, pair.Event] = AggregateKind(
    name="pair",
    collection="pairs",
    source=_SOURCE,
    state=TypeAdapter(pair.Pair),
    evolve=pair.evolve,
    outgoing=contracts.of_pair,
    rules=(RuleBroken,),
)
AGGREGATES = (RUNS.collection, PAIRS.collection, access.COLLECTION)
_ACTIVE = {"state.active": True}
_OF_AN_EDITION = Index((("state.edition_id", 1), ("_id", 1)))
INDEXES: Mapping[str, Sequence[Index]] = {
    RUNS.collection: (
        _OF_AN_EDITION,
        Index((("state.state", 1), ("_id", 1))),
        Index((("state.edition_id", 1),), unique=True, partial={"state.open": True}),
    ),
    PAIRS.collection: (
        _OF_AN_EDITION,
        Index((("state.edition_id", 1), ("state.mentee_id", 1)), unique=True, partial=_ACTIVE),
        Index(
            (("state.edition_id", 1), ("state.mentor_id", 1), ("state.slot", 1)),
            unique=True,
            partial=_ACTIVE,
        ),
    ),
    CANDIDATES.collection: (Index((("state.edition_id", 1), ("state.kind", 1))),),
}
DUE = (run.State.REQUESTED, run.State.PUBLISHING)


def profiles(database: mongo.Database, clock: Clock) -> StateTable:
    """This service's copy of the profiles topic."""
    entries = {type_: Entry(model, "person_id") for type_, model in contracts.OF_PROFILES.items()}
    return StateTable(database, PROFILES, entries, clock)


async def due_runs(runs: mongo.Collection) -> list[str]:
    """The ids of the runs that the worker has something to do for, oldest request first."""
    query = {"state.state": {"$in": [str(state) for state in DUE]}}
    with mongo.unavailable():
        found = await runs.find(query, {"state.requested_at": 1}).to_list(None)
    return [document["_id"] for document in sorted(found, key=lambda one: (one["state"]["requested_at"], one["_id"]))]


async def open_run(runs: mongo.Collection, edition_id: str) -> str | None:
    """The id of the edition's open run, if it has one."""
    with mongo.unavailable():
        found = await runs.find_one({"state.edition_id": edition_id, "state.open": True}, {"_id": 1})
    return str(found["_id"]) if found else None


async def is_paired(pairs: mongo.Collection, edition_id: str, mentee_id: str) -> bool:
    """Whether the executive has an active pair in the edition."""
    query = {"state.edition_id": edition_id, "state.mentee_id": mentee_id, **_ACTIVE}
    with mongo.unavailable():
        return await pairs.find_one(query, {"_id": 1}) is not None


class Candidates:
    """Reads who can be matched."""

    def __init__(self, database: mongo.Database, persons: Directory, profiles: StateTable) -> None:
        self._candidates = ReadModel(database, CANDIDATES)
        self._pairs: mongo.Collection = database[PAIRS.collection]
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

    async def facts(self, edition_id: str) -> Facts:
        """All that is known of the edition's candidates at this moment. Raises ``Unavailable``."""
        edition = await self.edition(edition_id)
        candidates = await self._candidates.collection()
        with mongo.unavailable():
            found = await candidates.find({"state.edition_id": edition_id}, {"state": 1}).to_list(None)
        states = [CANDIDATES.state.validate_python(document["state"]) for document in found]
        executives = [one for one in states if isinstance(one, Obliged)]
        mentors = frozenset(one.mentor_id for one in states if isinstance(one, Selected) and one.stands)
        mentees = frozenset(one.mentee_id for one in executives if not (one.exempt or one.left))
        return Facts(
            mentors=mentors,
            mentees=mentees,
            out_of_scope=frozenset(one.mentee_id for one in executives if one.left),
            companies=frozenset(edition.subsidiaries) if edition else frozenset(),
            persons=await self._with_their_lines(mentors | mentees),
            profiles=await self._profiles_of(mentors | mentees),
            taken=await self._taken(edition_id),
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

    async def _taken(self, edition_id: str) -> tuple[Taken, ...]:
        fields = {f"state.{name}": 1 for name in ("mentor_id", "mentee_id", "slot")}
        with mongo.unavailable():
            found = await self._pairs.find({"state.edition_id": edition_id, **_ACTIVE}, fields).to_list(None)
        return tuple(Taken(**document["state"]) for document in found)


_PERSON = TypeAdapter(Person)
_PROFILE = TypeAdapter(Profile)


async def _entries(table: StateTable, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The entries of these keys, without those that are unknown or were forgotten."""
    found: list[dict[str, Any]] = []
    for chunk in mongo.in_chunks(sorted(ids)):
        with mongo.unavailable():
            documents = await table.collection.find({"_id": {"$in": chunk}, "gone": False}, {"entry": 1}).to_list(None)
        found += [document["entry"] for document in documents]
    return found
