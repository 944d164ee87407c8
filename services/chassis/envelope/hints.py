"""Best guesses about a record that cannot be read, so that it is parked where it belongs. They never raise."""

from __future__ import annotations

from services.chassis.envelope.attributes import is_clean
from services.chassis.envelope.model import Record, Rejected
from services.chassis.envelope.reading import read


def id_hint(record: Record) -> str | None:
    """The id that an unusable record most likely has: of the event inside, or the header."""
    return _inner(record, "id") or _header(record, "ce_id")


def subject_hint(record: Record) -> str | None:
    """The subject that an unreadable record most likely has: of the event inside, the header, or the key."""
    for guess in (_inner(record, "subject"), _header(record, "ce_subject"), _text(record.key)):
        if guess is not None:
            return guess
    return None


def sequence_hint(record: Record) -> int | None:
    """The sequence that an unreadable record most likely has: up to ten digits, padded or not."""
    for guess in (_inner(record, "sequence"), _header(record, "ce_sequence")):
        if guess is not None and guess.isascii() and guess.isdigit() and len(guess) <= 10:
            return int(guess) or None
    return None


def _header(record: Record, name: str) -> str | None:
    """The header's text, unless it is unclean or contradicts itself."""
    values = {value for header, value in record.headers if header == name}
    return _text(values.pop()) if len(values) == 1 else None


def _inner(record: Record, attribute: str) -> str | None:
    """The attribute inside a structured event that is whole, but of no use to Tandem."""
    try:
        envelope = read(record)
    except Rejected:
        return None
    if not envelope.structured:
        return None
    own = {"id": envelope.id, "subject": envelope.subject}
    return own[attribute] if attribute in own else envelope.extensions.get(attribute)


def _text(raw: bytes | None) -> str | None:
    try:
        text = (raw or b"").decode()
    except UnicodeDecodeError:
        return None
    return text if is_clean(text) else None
