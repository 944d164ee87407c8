"""What a record is, what is read from it, and why it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.chassis.errors import Poison

LIMIT = 65_536  # bytes of value and headers together that an event may have


class Rejected(Poison):
    """A record that is no event Tandem can use.

    ``reason`` is ``bad_json``, ``no_id``, ``no_subject``, ``bad_sequence``, ``oversize``,
    ``tombstone`` or ``invalid_data`` (any other fault of the envelope). ``detail`` names the
    attribute and never repeats its value, so that it may be logged.
    """


class Record(Protocol):
    """The parts of aiokafka's ``ConsumerRecord`` that hold an event."""

    @property
    def key(self) -> bytes | None:
        """The record's key."""
        ...

    @property
    def value(self) -> bytes | None:
        """The record's value; ``None`` is a tombstone."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Names and values, in order."""
        ...


# Neither is frozen: they are made once per record, and setting fields of a frozen one costs twice as much.
@dataclass(slots=True)
class Envelope:
    """A valid CloudEvent, attribute values as they were on the wire.

    ``data`` is ``None`` where the event has none; in structured mode it is written anew as JSON
    text, or holds the bytes of the text or of the base64. ``extensions`` holds every attribute that
    CloudEvents itself does not define. ``traceparent`` is the W3C header beside the attributes,
    ``None`` where it is absent or malformed. ``size`` counts the bytes of value and headers.
    """

    id: str
    source: str
    type: str
    subject: str | None = None
    time: str | None = None
    dataschema: str | None = None
    datacontenttype: str | None = None
    data: bytes | None = None
    extensions: dict[str, str] = field(default_factory=dict)
    traceparent: str | None = None
    structured: bool = False
    size: int = 0


@dataclass(slots=True)
class Event:
    """An event in Tandem's profile: number ``sequence`` (from 1) of the aggregate ``subject``.

    ``time`` is RFC 3339. ``data`` is JSON text that nobody has parsed yet; it is empty only for
    the tombstone of a state topic.
    """

    id: str
    source: str
    type: str
    subject: str
    sequence: int
    time: str | None
    data: bytes
    actor: str | None = None
    subsidiary: str | None = None
    edition: str | None = None
    traceparent: str | None = None
    dataschema: str | None = None
