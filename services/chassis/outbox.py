"""The pending events of an aggregate, as they lie in its document until the relay has published them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from services.chassis import envelope
from services.chassis.errors import Invalid
from services.chassis.ids import random_id
from services.chassis.wire import rfc3339

BOUND = 64  # pending events an aggregate may hold


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way out: its topic, its CloudEvents type and its strict wire model."""

    topic: str
    type: str
    data: BaseModel
    edition: str | None = None
    subsidiary: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who causes an event, when, and in which trace."""

    source: str
    actor: str | None
    at: datetime
    traceparent: str | None = None


class Unpublishable(Invalid):
    """An event would not fit into a record of its topic (64 KiB), or could not be read there; nothing was written."""

    kind = "unpublishable"


def pending(outgoing: Outgoing, *, subject: str, sequence: int, origin: Origin) -> dict[str, Any]:
    """The outbox entry of an event; its data are already the exact bytes that will be published.

    Raises ``Unpublishable``: what can not be published must not be accepted.
    """
    entry = {
        "topic": outgoing.topic,
        "sequence": sequence,
        "id": random_id(),
        "type": outgoing.type,
        "source": origin.source,
        "time": rfc3339(origin.at),
        "data": _json(outgoing.data),
        "actor": origin.actor,
        "edition": outgoing.edition,
        "subsidiary": outgoing.subsidiary,
        "traceparent": origin.traceparent,
    }
    try:
        envelope.write(event_of(entry, subject))
    except envelope.Rejected as error:
        raise _unpublishable(error.detail) from error
    return entry


def _json(data: BaseModel) -> str:
    try:
        return data.model_dump_json()
    except PydanticSerializationError as error:
        raise _unpublishable("a text holds half a surrogate pair") from error


def _unpublishable(why: str) -> Unpublishable:
    return Unpublishable(f"The request makes an event that no reader would take: {why}.")


def event_of(entry: dict[str, Any], subject: str) -> envelope.Event:
    """The event that an outbox entry of ``subject`` stands for."""
    fields = {name: entry[name] for name in _EVENT_FIELDS}
    schema = f"urn:tandem:schema:{entry['type']}"  # the $id of the producer's schema
    return envelope.Event(subject=subject, data=entry["data"].encode(), dataschema=schema, **fields)


_EVENT_FIELDS = ("id", "source", "type", "sequence", "time", "actor", "subsidiary", "edition", "traceparent")
