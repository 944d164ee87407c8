"""After a database was restored: which aggregates are behind what they had published, and how to go on safely.

The topics are the only history. An aggregate that came back from an older backup would give the next event a
sequence that the topic has already: a fork. Its state cannot be made from events, which carry no texts; so its
sequence is moved up, and the aggregate is named, for people to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis import envelope, mongo
from services.chassis.aggregate import Command, sequence_on, topic_field
from services.chassis.history import records_of
from services.chassis.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Behind:
    """An aggregate and how far its document and its topic are; ``collection`` is None where there is no document."""

    topic: str
    subject: str
    stored: int
    published: int
    collection: str | None


async def behind(runtime: Runtime) -> list[Behind]:
    """The aggregates of a service whose topics hold more than their documents know. Raises ``Unavailable``."""
    found: list[Behind] = []
    for topic in (topic.name for topic in runtime.manifest.owns):
        found += await _behind(runtime, topic, await _published(runtime, topic))
    return found


async def _published(runtime: Runtime, topic: str) -> Mapping[str, int]:
    last: dict[str, int] = {}
    async for record in records_of(runtime.settings.kafka, topic):
        try:
            event = envelope.read_event(record)
        except envelope.Rejected:
            continue
        if event.source == f"/tandem/{runtime.service}" and not _is_heartbeat(runtime, event):
            last[event.subject] = max(event.sequence, last.get(event.subject, 0))
    return last


def _is_heartbeat(runtime: Runtime, event: envelope.Event) -> bool:
    """Whether it is one of those records that are of no aggregate, and whose sequence follows the clock."""
    return runtime.beats is not None and event.type == runtime.beats.type


async def _behind(runtime: Runtime, topic: str, published: Mapping[str, int]) -> list[Behind]:
    found: list[Behind] = []
    for chunk in mongo.in_chunks(sorted(published)):
        missing = set(chunk)
        for name in runtime.manifest.aggregates:
            with mongo.unavailable():
                documents = await runtime.database[name].find({"_id": {"$in": chunk}}).to_list(None)
            for document in documents:
                missing.discard(document["_id"])
                stored = sequence_on(document, topic)
                if stored < published[document["_id"]]:
                    found.append(Behind(topic, document["_id"], stored, published[document["_id"]], name))
        found += [Behind(topic, subject, 0, published[subject], None) for subject in sorted(missing)]
    return found


async def advance(runtime: Runtime, one: Behind, command: Command, *, reason: str) -> bool:
    """Move an aggregate's sequence up to what its topic holds; False where it moved meanwhile or has no document.

    Raises ``Invalid`` (no reason), ``Unavailable``.
    """
    if one.collection is None:
        return False
    await runtime.access.operated(command, "sequence_advanced", f"{one.collection}/{one.subject}", reason)
    collection = runtime.database[one.collection]
    with mongo.unavailable():
        document = await collection.find_one({"_id": one.subject})
        if document is None or sequence_on(document, one.topic) != one.stored:
            return False
        change = {
            "$set": {f"sequences.{topic_field(one.topic)}": one.published},
            "$inc": {"sequence": one.published - one.stored, "version": 1},
        }
        done = await collection.update_one({"_id": one.subject, "version": document["version"]}, change)
    return bool(done.matched_count)
