"""From a CloudEvent to an event in Tandem's profile, with a short cut for the ordinary record."""

from __future__ import annotations

from services.chassis.envelope import attributes as rules
from services.chassis.envelope.model import LIMIT, Envelope, Event, Record, Rejected
from services.chassis.envelope.reading import read

_ORDINARY = frozenset(
    {
        "ce_specversion",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_subject",
        "ce_dataschema",
        "ce_partitionkey",
        "ce_sequence",
        "ce_actor",
        "ce_subsidiary",
        "ce_edition",
        "content-type",
        "traceparent",
    }
)
_NAMES = sum(map(len, _ORDINARY))  # bytes


def read_event(record: Record, *, state: bool = False) -> Event:
    """The event in ``record``: ``profile(read(record))``, three times as fast. Raises ``Rejected``.

    That the data are JSON is not checked. A null value without headers is refused as ``tombstone``
    even on a state topic, since it has no envelope: there the record's key says what to forget.
    """
    return _ordinary(record) or profile(read(record), state=state)


def profile(envelope: Envelope, *, state: bool = False) -> Event:
    """What Tandem takes from ``envelope``. Raises ``Rejected`` where it lacks something.

    On a state topic (``state``) a binary event without data is a tombstone, which means: forget the
    subject. It is read as an event with empty data. On an event topic it is refused.
    """
    if envelope.size > LIMIT:
        raise Rejected("oversize", f"value and headers have {envelope.size} bytes, {LIMIT} are allowed")
    if envelope.data is None and not envelope.structured and not state:
        raise Rejected("tombstone", "there is no value")
    if envelope.subject is None:
        raise rules.refusal("subject", "is missing")
    extensions = envelope.extensions
    sequence = extensions.get("sequence", "")
    if not rules.is_sequence(sequence):
        raise rules.refusal("sequence", "is not a decimal of ten digits above zero")
    return Event(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        subject=envelope.subject,
        sequence=int(sequence),
        time=envelope.time,
        data=_data(envelope),
        actor=extensions.get("actor") or None,
        subsidiary=extensions.get("subsidiary") or None,
        edition=extensions.get("edition") or None,
        traceparent=envelope.traceparent,
        dataschema=envelope.dataschema,
    )


def _data(envelope: Envelope) -> bytes:
    if envelope.data is None:
        if envelope.structured:
            raise rules.refusal("data", "is missing")
        return b""
    if not rules.is_json(envelope.datacontenttype):
        raise rules.refusal("datacontenttype", "is not JSON in UTF-8")
    if not envelope.data:
        raise Rejected("bad_json", "the value is empty")
    return envelope.data


def _ordinary(record: Record) -> Event | None:
    """The event of a record as Tandem writes it; ``None`` for all that needs a closer look.

    It only ever agrees with the long way: whatever is unusual, valid or not, is left to it.
    """
    value = record.value
    headers: dict[str, bytes] = dict(record.headers)  # type: ignore[arg-type]  # a null ends in TypeError below
    if not value or len(headers) != len(record.headers) or not _ORDINARY.issuperset(headers):
        return None
    try:
        if len(value) + len(b"".join(headers.values())) + _NAMES > LIMIT:
            return None
        return _event(value, headers)
    except (KeyError, TypeError, UnicodeDecodeError, Rejected):
        return None


def _event(value: bytes, headers: dict[str, bytes]) -> Event | None:
    get = headers.get
    key, sequence = headers["ce_subject"], headers["ce_sequence"]
    if (
        headers["ce_specversion"] != b"1.0"
        or headers["content-type"] != b"application/json"
        or get("ce_partitionkey", key) != key
        or not rules.is_sequence(sequence)
    ):
        return None
    identifier, subject, time = headers["ce_id"].decode(), key.decode(), headers["ce_time"].decode()
    if not (identifier and subject and identifier.isprintable() and subject.isprintable()):
        return None
    rules.check_time(time)
    actor, subsidiary, edition = get("ce_actor"), get("ce_subsidiary"), get("ce_edition")
    schema = get("ce_dataschema")
    return Event(
        identifier,
        rules.known_source(headers["ce_source"]),
        rules.known_type(headers["ce_type"]),
        subject,
        int(sequence),
        time,
        value,
        actor.decode() if actor else None,
        subsidiary.decode() if subsidiary else None,
        edition.decode() if edition else None,
        rules.read_traceparent(get("traceparent")),
        None if schema is None else rules.known_schema(schema),
    )
