"""Kafka records for tests of whatever reads them: one ordinary event, and every way to bend its record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis import envelope

DATA = b'{"minutes":60}'
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
EVENT = envelope.Event(
    id="0a4b6a6e-5e0f-4a55-9f0e-0d3c5d1c1d11",
    source="/tandem/sessions",
    type="org.tandem.session.held.v1",
    subject="5e1d3f0a-9a3f-5d1b-8f57-2f4f0a7f5b10",
    sequence=7,
    time="2026-11-25T10:00:00.000Z",
    data=DATA,
    actor="3f8e0a52-1c1f-4b8e-9d9e-2c9f1a6b7c01",
    subsidiary="north",
    edition="2026",
    traceparent=TRACE,
    dataschema="urn:tandem:schema:session-held:1",
)
Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Record:
    """What a consumer sees of a record, as far as the envelope goes."""

    value: bytes | None
    headers: Headers
    key: bytes | None = b"the-key"


def record(value: bytes | None = DATA, **changed: bytes | None) -> Record:
    """The record of EVENT with some headers changed (``id=b"…"`` is ``ce_id``)."""
    headers: dict[str, bytes | None] = dict(envelope.headers_of(EVENT))
    headers.update({name if name == "traceparent" else f"ce_{name}": raw for name, raw in changed.items()})
    return Record(value, list(headers.items()))


def without(*names: str) -> Record:
    """The record of EVENT without some headers."""
    return Record(DATA, [(name, raw) for name, raw in envelope.headers_of(EVENT) if name not in names])


def with_more(*headers: tuple[str, bytes | None]) -> Record:
    """The record of EVENT with headers added at its end."""
    return Record(DATA, [*envelope.headers_of(EVENT), *headers])


def typed(content_type: bytes | None, value: bytes | None = DATA) -> Record:
    """The record of EVENT under another content type."""
    return Record(value, [*without("content-type").headers, ("content-type", content_type)])


def structured(*, content_type: str = "application/cloudevents+json", **members: object) -> Record:
    """A structured record in Tandem's profile with some members changed, or left out where ``...`` is given."""
    body: dict[str, object] = {
        "specversion": "1.0",
        "id": "i",
        "source": "/s",
        "type": "t",
        "subject": "a",
        "sequence": "0000000001",
    }
    body = {**body, "data": {"minutes": 60}, **members}
    text = json.dumps({name: member for name, member in body.items() if member is not ...})
    return Record(text.encode(), [("content-type", content_type.encode())])


def raw(value: bytes) -> Record:
    """A record that claims to be structured and holds any bytes."""
    return Record(value, [("content-type", b"application/cloudevents+json")])
