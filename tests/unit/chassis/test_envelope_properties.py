"""What holds for every event and for every record, however mutilated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis import envelope
from tests.support.records import Record

names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
loose = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat().replace("+00:00", "Z"))
traces = st.from_regex(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", fullmatch=True)
events = st.builds(
    envelope.Event,
    id=names,
    source=st.from_regex(r"/[a-z0-9%~._/-]{1,40}", fullmatch=True),
    type=names,
    subject=names,
    sequence=st.integers(1, 10**10 - 1),
    time=st.none() | instants,
    data=st.binary(min_size=1, max_size=400),
    actor=loose,
    subsidiary=loose,
    edition=loose,
    traceparent=st.none() | traces,
    dataschema=st.none() | st.from_regex(r"urn:[a-z:0-9]{1,20}", fullmatch=True),
)


@given(events)
@settings(deadline=None)
def test_what_is_written_is_read_back(event: envelope.Event) -> None:
    """Writing and reading give the same event, the short way and the long way."""
    value, headers = envelope.write(event)
    record = Record(value, list(headers))
    assert envelope.read_event(record) == event
    assert envelope.profile(envelope.read(record)) == event


def binary(event: envelope.Event) -> Record:
    """The record as Tandem writes it."""
    value, headers = envelope.write(event)
    return Record(value, list(headers))


def structured(event: envelope.Event) -> Record:
    """The same event as others may write it."""
    names = ("id", "source", "type", "subject", "time", "dataschema", "actor", "edition")
    members = {name: getattr(event, name) for name in names}
    body = {"specversion": "1.0", **members, "sequence": f"{event.sequence:010d}", "data": {"minutes": 60}}
    return Record(json.dumps(body).encode(), [("content-type", b"application/cloudevents+json")])


own_names = "id source type time subject sequence specversion dataschema partitionkey actor data datacontenttype"
header_names = st.sampled_from(
    [*(f"ce_{name}" for name in own_names.split(" ")), "ce_", "CE_ID", "content-type", "traceparent"]
)
odd_values = [b"1.0", b"0000000001", b"9" * 5000, b"application/cloudevents+json", b"text/xml", b"x" * 70_000]
header_values = st.none() | st.binary(max_size=60) | st.sampled_from(odd_values)


def without_one(record: Record, at: int) -> Record:
    """The record less one header."""
    kept = [header for index, header in enumerate(record.headers) if index != at % max(1, len(record.headers))]
    return replace(record, headers=kept)


def with_header(record: Record, at: int, name: str, value: bytes | None, *, instead: bool) -> Record:
    """The record with one more header, or with another in its place."""
    kept = [header for header in record.headers if not instead or header[0] != name]
    kept.insert(at % (len(kept) + 1), (name, value))
    return replace(record, headers=kept)


def with_bytes(record: Record, at: int, extra: bytes, *, cut: bool) -> Record:
    """The record with some bytes of its value overwritten, or cut off after them."""
    value = record.value or b""
    at %= len(value) + 1
    return replace(record, value=value[:at] + extra + (b"" if cut else value[at + len(extra) :]))


@st.composite
def mutilated(draw: st.DrawFn) -> Record:
    """A valid record after one to four changes to its bytes or headers."""
    record = draw(st.sampled_from([binary, structured]))(draw(events))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, 500))
        match draw(st.integers(0, 4)):
            case 0:
                record = without_one(record, at)
            case 1 | 2:
                name, value, instead = draw(header_names), draw(header_values), draw(st.booleans())
                record = with_header(record, at, name, value, instead=instead)
            case 3:
                record = with_bytes(record, at, draw(st.binary(max_size=5)), cut=draw(st.booleans()))
            case 4:
                record = replace(record, value=draw(st.none() | st.binary(max_size=40)), key=draw(header_values))
    return record


def outcome(read: object) -> object:
    """The event, or the reason and detail of its refusal; anything else passes through as an error."""
    try:
        return read()  # type: ignore[operator]
    except envelope.Rejected as refused:
        return refused.reason, refused.detail


@given(mutilated(), st.booleans())
@settings(deadline=None, max_examples=400)
def test_mutilated_record_gives_an_event_or_a_refusal(record: Record, state: bool) -> None:
    """No bytes and no headers cause another exception, and the short way never differs from the long way."""
    short = outcome(lambda: envelope.read_event(record, state=state))
    assert short == outcome(lambda: envelope.profile(envelope.read(record), state=state))
    outcome(lambda: envelope.check_json(envelope.read(record)))
    subject, sequence = envelope.subject_hint(record), envelope.sequence_hint(record)
    assert subject is None or subject.encode()
    assert sequence is None or sequence > 0


@given(mutilated())
@settings(deadline=None, max_examples=200)
def test_whatever_is_read_can_be_written_and_stored(record: Record) -> None:
    """The texts of an event that was read are UTF-8 and within the limit, whatever the record was."""
    event = outcome(lambda: envelope.read_event(record))
    if isinstance(event, envelope.Event):
        size = len(event.data) + sum(len(raw) for _, raw in envelope.headers_of(event))
        assert 1 <= event.sequence < 10**10
        assert size <= 6 * envelope.LIMIT  # JSON written anew in ASCII is longer
