"""From an event to a record in binary mode."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.envelope import attributes as rules
from services.chassis.envelope.events import read_event
from services.chassis.envelope.model import Event, Rejected


def write(event: Event) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers of the record that carries ``event``; its key is the subject.

    Raises ``Rejected`` for whatever ``read_event`` would refuse, so that nothing is published that
    every reader would park. Empty data are refused: a tombstone is a null value with ``headers_of``.
    """
    record = _Record(event.data, headers_of(event))
    read_event(record)
    return event.data, record.headers


def headers_of(event: Event) -> list[tuple[str, bytes]]:
    """The headers of the record that carries ``event``, in the order of the specification.

    A malformed ``traceparent`` is left out. Raises ``Rejected`` for text that UTF-8 cannot hold.
    """
    texts = [
        ("ce_specversion", "1.0"),
        ("ce_id", event.id),
        ("ce_source", event.source),
        ("ce_type", event.type),
        ("ce_time", event.time),
        ("ce_subject", event.subject),
        ("ce_dataschema", event.dataschema),
        ("ce_partitionkey", event.subject),
        ("ce_sequence", f"{event.sequence:010d}"),
        ("ce_actor", event.actor or None),
        ("ce_subsidiary", event.subsidiary or None),
        ("ce_edition", event.edition or None),
        (rules.TRACE, rules.read_traceparent((event.traceparent or "").encode("utf-8", "replace"))),
        ("content-type", "application/json"),
    ]
    try:
        return [(name, text.encode()) for name, text in texts if text is not None]
    except UnicodeEncodeError:
        raise Rejected("invalid_data", "an attribute holds half a surrogate pair") from None


@dataclass(frozen=True, slots=True)
class _Record:
    value: bytes
    headers: list[tuple[str, bytes]]
    key: None = None
