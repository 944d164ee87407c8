"""Aggregates: state, pending events and idempotency keys in one document, changed by one compare-and-set.

Accepted means published: an event stands in the same write as the state it belongs to. The document
``{_id, version, sequence, sequences, state, outbox, recent, seen}`` is never replaced or deleted.
``sequence`` counts all its events, ``sequences`` those of each topic, which run 1, 2, 3 … without holes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.errors import Invalid, NotFound, Refused, Transient
from services.chassis.outbox import BOUND, Origin, Outgoing, pending
from services.chassis.rules import refusing
from services.chassis.together import Together
from services.chassis.traces import continued

S = TypeVar("S")
E = TypeVar("E")
_KEYS_KEPT = 50
_TRIES = 30
_ANY = "*"
_WITHOUT_LISTS = {"outbox": 0, "recent": 0, "seen": 0, "sequences": 0}


class LostUpdate(Refused):
    """Somebody else changed the aggregate since the caller read it."""

    status = 412
    kind = "lost-update"
    title = "It was changed meanwhile"


class KeyReused(Invalid):
    """An idempotency key came again with another request."""

    kind = "idempotency-key-reused"


class BacklogFull(Transient):
    """The broker is away and the aggregate holds as many unpublished events as it may."""

    kind = "backlog-full"
    retry_after = 5


class AlreadyTaken(Refused):
    """A unique index says that another document holds this place."""

    kind = "already-taken"


class Contended(Transient):
    """Too many others change the same aggregate at this moment."""

    kind = "contended"


@dataclass(frozen=True, slots=True)
class Fence:
    """The event of another service that an aggregate reacts to; applied at most once."""

    topic: str
    subject: str
    sequence: int

    @property
    def field(self) -> str:
        """Its name in ``seen``: without dots, which a document's field names may not have."""
        return topic_field(f"{self.topic}|{self.subject}")


def topic_field(topic: str) -> str:
    """A topic's name as a field of a document."""
    return topic.replace(".", "/")


def sequences_of(document: mongo.Document | None) -> Mapping[str, int]:
    """How many events of an aggregate went to each topic, by ``topic_field``.

    A document of before events were counted per topic goes on from its total on every topic (``*``).
    """
    return document.get("sequences", {_ANY: document["sequence"]}) if document else {}


def sequence_on(document: mongo.Document, topic: str) -> int:
    """The sequence of an aggregate's last event on this topic, 0 where it has none there."""
    kept = sequences_of(document)
    return kept.get(topic_field(topic), kept.get(_ANY, 0))


@dataclass(frozen=True, slots=True)
class Command:
    """The circumstances of one command.

    ``key`` is the caller's idempotency key, already bound to the caller; ``fingerprint`` tells one
    request under that key from another. ``expected`` is the version the caller saw (``If-Match``).
    """

    actor: str | None = None
    key: str | None = None
    fingerprint: str | None = None
    expected: int | None = None
    seen: Fence | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """An aggregate as it stands: its state, its version (the ETag) and the number of its events."""

    id: str
    state: S
    version: int
    sequence: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class AggregateKind(Generic[S, E]):
    """One kind of aggregate: its collection, how events change it, and which of them go to a topic.

    ``outgoing`` gives None for an event that only changes the state. ``rules`` are the exceptions by which
    the domain says no (``chassis.rules``).
    """

    name: str
    collection: str
    source: str
    state: TypeAdapter[S]
    evolve: Callable[[S | None, E], S]
    outgoing: Callable[[E], Outgoing | None]
    rules: tuple[type[Exception], ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """What became of many commands: the ids of aggregates that changed, and of those that refused, with the reason."""

    changed: frozenset[str]
    refused: Mapping[str, Refused]


class Repository(Generic[S, E]):
    """The aggregates of one kind."""

    def __init__(
        self,
        database: mongo.Database,
        kind: AggregateKind[S, E],
        *,
        clock: Clock,
        accepted: Callable[[], None] = lambda: None,
    ) -> None:
        self.kind = kind
        self.collection: mongo.Collection = database[kind.collection]
        self._clock = clock
        self._accepted = accepted
        self._inserting: Together[mongo.Document, bool] = Together(lambda some: mongo.insert(self.collection, some))

    async def get(self, id: str) -> Loaded[S]:
        """Load one aggregate. Raises ``NotFound``, ``Unavailable``."""
        found = await self.find(id)
        if found is None:
            raise self._not_found(id)
        return found

    async def find(self, id: str) -> Loaded[S] | None:
        """Load one aggregate, or None."""
        with mongo.unavailable():
            document = await self.collection.find_one({"_id": id}, _WITHOUT_LISTS)
        return self.loaded(document) if document else None

    def loaded(self, document: mongo.Document, *, replayed: bool = False) -> Loaded[S]:
        """Read a stored document."""
        state = self.kind.state.validate_python(document["state"])
        return Loaded(document["_id"], state, document["version"], document["sequence"], replayed)

    async def handle(
        self, id: str, decide: Callable[[S | None], Sequence[E]], command: Command | None = None
    ) -> Loaded[S]:
        """Carry out one command: read, decide, write by compare-and-set on what was read; again if it moved.

        ``decide`` gets None for an aggregate that does not exist yet; its events make it exist.
        Raises what ``decide`` refuses, and ``LostUpdate``, ``KeyReused``, ``AlreadyTaken``, ``TooLarge``,
        ``BacklogFull``, ``Contended``, ``Unavailable``.
        """
        command = command or Command()
        missed: int | None = None
        for attempt in range(_TRIES):
            with mongo.unavailable():
                document = await self.collection.find_one({"_id": id})
            if document and (done := self._done_before(document, command)):
                return done
            self._check_expected(document, command)
            changed = self._changed(id, document, decide, command)
            if changed is None:
                return self._unchanged(id, document)
            version = document["version"] if document else 0
            if version == missed:
                raise AlreadyTaken("Another one holds this place.")
            if await self._write(document, changed):
                if changed["outbox"]:
                    self._accepted()
                return self.loaded(changed)
            missed = version
            await asyncio.sleep(random.uniform(0, 0.002 * (attempt + 1)))
        raise Contended("Many people change this at the same moment; try again.")

    async def create(
        self, id: str, decide: Callable[[S | None], Sequence[E]], command: Command | None = None
    ) -> Loaded[S]:
        """As ``handle``, in one round trip shared with others (``together``) where it does not exist yet: the rule."""
        try:
            changed = self._changed(id, None, decide, command or Command())
        except Refused:
            changed = None
        if changed and await self._inserting.ask(changed):
            if changed["outbox"]:
                self._accepted()
            return self.loaded(changed)
        return await self.handle(id, decide, command)

    async def handle_many(
        self, decisions: Mapping[str, Callable[[S | None], Sequence[E]]], command: Command | None = None
    ) -> Many:
        """Carry out a command on each of these aggregates, all of them in two round trips; one refuses for itself.

        Each is its own compare-and-set, as in ``handle``; whoever loses it, or meets a unique index, is handled once
        more alone. So each decision must bear repetition: it makes no events where its effect is there already.
        The command has no key. Raises what is ``Transient``, with some of them carried out.
        """
        command = command or Command()
        with mongo.unavailable():
            found = await self.collection.find({"_id": {"$in": list(decisions)}}).to_list(None)
        before = {document["_id"]: document for document in found}
        after, refused = await asyncio.to_thread(self._all_changed, decisions, before, command)
        lost = await self._write_many(before, after) if after else set()
        changed = set(after) - lost
        for id in lost:
            try:
                await self.handle(id, decisions[id], command)
                changed.add(id)
            except Refused as error:
                refused[id] = error
        if changed:
            self._accepted()
        return Many(frozenset(changed), refused)

    def _all_changed(
        self,
        decisions: Mapping[str, Callable[[S | None], Sequence[E]]],
        before: Mapping[str, mongo.Document],
        command: Command,
    ) -> tuple[dict[str, mongo.Document], dict[str, Refused]]:
        """The documents after the commands that change something, and the refusals of others."""
        after: dict[str, mongo.Document] = {}
        refused: dict[str, Refused] = {}
        for id, decide in decisions.items():
            try:
                changed = self._changed(id, before.get(id), decide, command)
            except Refused as error:
                refused[id] = error
                continue
            if changed:
                after[id] = changed
        return after, refused

    async def _write_many(self, before: Mapping[str, mongo.Document], after: Mapping[str, mongo.Document]) -> set[str]:
        """Write them all, each by compare-and-set; the ids of those of which it is not sure that they were written."""
        writes = [
            mongo.UpdateOne(_as_read(before[id], changed), _update(changed))
            if id in before
            else mongo.InsertOne(changed)
            for id, changed in after.items()
        ]
        failed: set[str] = set()
        try:
            with mongo.unavailable():
                matched = (await self.collection.bulk_write(writes, ordered=False)).matched_count
        except mongo.BulkWriteError as error:
            if not mongo.only_duplicates(error):
                raise
            details, ids = error.details or {}, list(after)
            failed = {ids[failure["index"]] for failure in details["writeErrors"]}
            matched = details["nMatched"]
        updated = after.keys() & before.keys()
        return failed | updated if matched < len(updated - failed) else failed

    async def change(self, id: str, decide: Callable[[S], Sequence[E]], command: Command | None = None) -> Loaded[S]:
        """Carry out a command on an aggregate that exists; as ``handle``, and raises ``NotFound``."""

        def known(state: S | None) -> Sequence[E]:
            if state is None:
                raise self._not_found(id)
            return decide(state)

        return await self.handle(id, known, command)

    def _unchanged(self, id: str, document: mongo.Document | None) -> Loaded[S]:
        if document is None:
            raise self._not_found(id)
        return self.loaded(document)

    def _not_found(self, id: str) -> NotFound:
        return NotFound(f"There is no {self.kind.name} {id}.")

    def _done_before(self, document: mongo.Document, command: Command) -> Loaded[S] | None:
        if command.seen and document["seen"].get(command.seen.field, 0) >= command.seen.sequence:
            return self.loaded(document, replayed=True)
        for entry in document["recent"]:
            if command.key and entry["key"] == command.key:
                if entry["fingerprint"] != command.fingerprint:
                    raise KeyReused("This Idempotency-Key was used for another request; use a new one.")
                return self.loaded(document, replayed=True)
        return None

    def _check_expected(self, document: mongo.Document | None, command: Command) -> None:
        if command.expected is not None and document and document["version"] != command.expected:
            raise LostUpdate("Load it again, look at what changed, and repeat the command with the new ETag.")

    def _changed(
        self,
        id: str,
        document: mongo.Document | None,
        decide: Callable[[S | None], Sequence[E]],
        command: Command,
    ) -> mongo.Document | None:
        """The document after the command (its ``outbox`` holds the new events only), or None if nothing changes."""
        state = self.kind.state.validate_python(document["state"]) if document else None
        with refusing(*self.kind.rules):
            events = decide(state)
        if not events and (document is None or not (command.key or command.seen)):
            return None
        for event in events:
            state = self.kind.evolve(state, event)
        outgoing = [out for event in events if (out := self.kind.outgoing(event))]
        if (len(document["outbox"]) if document else 0) + len(outgoing) > BOUND:
            raise BacklogFull("Too many changes wait to be published; try again in a moment.")
        origin = Origin(self.kind.source, command.actor, self._clock.now(), continued(command.traceparent))
        seen = dict(document["seen"]) if document else {}
        if command.seen:
            seen[command.seen.field] = command.seen.sequence
        sequences = dict(sequences_of(document))
        outbox = [pending(out, subject=id, sequence=_next(sequences, out.topic), origin=origin) for out in outgoing]
        return {
            "_id": id,
            "version": (document["version"] if document else 0) + 1,
            "sequence": (document["sequence"] if document else 0) + len(outgoing),
            "sequences": sequences,
            "state": self.kind.state.dump_python(state, mode="json"),  # type: ignore[arg-type]
            "outbox": outbox,
            "recent": [{"key": command.key, "fingerprint": command.fingerprint}] if command.key else [],
            "seen": seen,
        }

    async def _write(self, before: mongo.Document | None, after: mongo.Document) -> bool:
        """Write by compare-and-set; False when somebody else was first (or the backlog just filled up)."""
        try:
            with mongo.unavailable(), mongo.fitting():
                if before is None:
                    await self.collection.insert_one(after)
                    return True
                done = await self.collection.update_one(_as_read(before, after), _update(after))
        except mongo.DuplicateKeyError:
            return False
        return bool(done.matched_count)


def _next(sequences: dict[str, int], topic: str) -> int:
    field = topic_field(topic)
    sequences[field] = sequences.get(field, sequences.get(_ANY, 0)) + 1
    return sequences[field]


def _as_read(before: mongo.Document, after: mongo.Document) -> dict[str, Any]:
    room = BOUND - len(after["outbox"])
    return {"_id": before["_id"], "version": before["version"], f"outbox.{room}": {"$exists": False}}


def _update(after: mongo.Document) -> dict[str, Any]:
    return {
        "$set": {name: after[name] for name in ("state", "seen", "sequence", "sequences")},
        "$inc": {"version": 1},
        "$push": {
            "outbox": {"$each": after["outbox"]},
            "recent": {"$each": after["recent"], "$slice": -_KEYS_KEPT},
        },
    }
