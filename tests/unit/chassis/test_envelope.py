"""The envelope: what is read, what is refused and why, what is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.chassis import envelope
from services.chassis.errors import Poison
from tests.support.records import DATA, EVENT, TRACE, Record, raw, record, structured, typed, with_more, without


def reason(of: Record, *, state: bool = False) -> str:
    """Why the record is refused; both ways to read it must agree."""
    with pytest.raises(envelope.Rejected) as short:
        envelope.read_event(of, state=state)
    with pytest.raises(envelope.Rejected) as long:
        envelope.profile(envelope.read(of), state=state)
    assert (short.value.reason, short.value.detail) == (long.value.reason, long.value.detail)
    return short.value.reason


def test_written_record_is_what_the_wire_form_says() -> None:
    """Every attribute of an event has its header, the sequence ten digits, and the value is the data alone."""
    value, headers = envelope.write(EVENT)
    assert value is EVENT.data
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": EVENT.id.encode(),
        "ce_source": b"/tandem/sessions",
        "ce_type": b"org.tandem.session.held.v1",
        "ce_time": b"2026-11-25T10:00:00.000Z",
        "ce_subject": EVENT.subject.encode(),
        "ce_dataschema": b"urn:tandem:schema:session-held:1",
        "ce_partitionkey": EVENT.subject.encode(),
        "ce_sequence": b"0000000007",
        "ce_actor": b"3f8e0a52-1c1f-4b8e-9d9e-2c9f1a6b7c01",
        "ce_subsidiary": b"north",
        "ce_edition": b"2026",
        "traceparent": TRACE.encode(),
        "content-type": b"application/json",
    }


def test_what_an_event_does_not_have_gets_no_header() -> None:
    """Absent and empty attributes are left out, since readers take an empty one for absent."""
    value, headers = envelope.write(replace(EVENT, time=None, actor="", edition=None, dataschema=None))
    assert not {"ce_time", "ce_actor", "ce_edition", "ce_dataschema"} & dict(headers).keys()
    assert envelope.read_event(Record(value, headers)).subsidiary == EVENT.subsidiary


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"sequence": 0}, "bad_sequence"),
        ({"sequence": -1}, "bad_sequence"),
        ({"sequence": 10**10}, "bad_sequence"),
        ({"subject": ""}, "no_subject"),
        ({"id": ""}, "no_id"),
        ({"id": "\ud800"}, "invalid_data"),
        ({"time": "2026-11-25 10:00"}, "invalid_data"),
        ({"source": "two words"}, "invalid_data"),
        ({"data": b""}, "bad_json"),
        ({"data": b"1" * envelope.LIMIT}, "oversize"),
    ],
)
def test_event_that_every_reader_would_park_is_not_written(changed: dict[str, Any], why: str) -> None:
    """Writing refuses what reading would refuse."""
    with pytest.raises(envelope.Rejected) as refused:
        envelope.write(replace(EVENT, **changed))
    assert refused.value.reason == why


def test_malformed_trace_never_costs_an_event() -> None:
    """A broken traceparent is left out in writing and ignored in reading."""
    assert "traceparent" not in dict(envelope.headers_of(replace(EVENT, traceparent="00-\ud800")))
    for broken in (b"\xff" * 55, b"00-1-1-01", b"", None):
        assert envelope.read_event(record(traceparent=broken)) == replace(EVENT, traceparent=None)


@pytest.mark.parametrize("sequence", [b"7", b"00000000007", b"0000000000", b"-000000007", b"+000000007", b"000000000x"])
@pytest.mark.parametrize("of", [lambda raw: record(sequence=raw), lambda raw: structured(sequence=raw.decode())])
def test_sequence_is_ten_digits_above_zero(of: Callable[[bytes], Record], sequence: bytes) -> None:
    """Anything else as a sequence is refused in either mode."""
    assert reason(of(sequence)) == "bad_sequence"


WHOLE = structured(data=...).value or b""
REFUSED = {
    "binary without id": (without("ce_id"), "no_id"),
    "empty id": (record(id=b""), "no_id"),
    "null id": (record(id=None), "no_id"),
    "id not UTF-8": (record(id=b"\xff\xfe"), "no_id"),
    "id with NUL": (record(id=b"a\x00b"), "no_id"),
    "two ids": (with_more(("ce_id", b"another")), "no_id"),
    "id under a capital name": (Record(DATA, [("CE_ID", b"i"), *without("ce_id").headers]), "no_id"),
    "no headers": (Record(DATA, []), "no_id"),
    "without subject": (without("ce_subject"), "no_subject"),
    "empty subject": (record(subject=b""), "no_subject"),
    "subject with NUL": (record(subject=b"a\x00b", partitionkey=b"a\x00b"), "no_subject"),
    "null subject": (record(subject=None), "no_subject"),
    "subject not UTF-8": (record(subject=b"\xc3\x28"), "no_subject"),
    "without sequence": (without("ce_sequence"), "bad_sequence"),
    "null sequence": (record(sequence=None), "bad_sequence"),
    "Arabic digits": (record(sequence=("\u0660" * 9 + "\u0667").encode()), "bad_sequence"),
    "two sequences": (with_more(("ce_sequence", b"0000000008")), "bad_sequence"),
    "without source": (without("ce_source"), "invalid_data"),
    "without type": (without("ce_type"), "invalid_data"),
    "type with a line break": (record(type=b"org.tandem\n"), "invalid_data"),
    "null type": (record(type=None), "invalid_data"),
    "without specversion": (without("ce_specversion"), "invalid_data"),
    "old specversion": (record(specversion=b"0.3"), "invalid_data"),
    "partition key not UTF-8": (record(partitionkey=b"\xff"), "invalid_data"),
    "null actor": (record(actor=None), "invalid_data"),
    "edition not UTF-8": (record(edition=b"\x80"), "invalid_data"),
    "attribute in capitals": (with_more(("ce_Colour", b"red")), "invalid_data"),
    "attribute named data": (with_more(("ce_data", b"{}")), "invalid_data"),
    "no attribute name": (with_more(("ce_", b"")), "invalid_data"),
    "datacontenttype twice": (with_more(("ce_datacontenttype", b"text/xml")), "invalid_data"),
    "source with a space": (record(source=b"/a b"), "invalid_data"),
    "relative dataschema": (record(dataschema=b"schemas/a"), "invalid_data"),
    "no media type": (typed(b"json"), "invalid_data"),
    "half a media type": (typed(b"/json"), "invalid_data"),
    "null content type": (typed(None), "invalid_data"),
    "content type not UTF-8": (typed(b"application/json\xff"), "invalid_data"),
    "two content types": (with_more(("content-type", b"application/json")), "invalid_data"),
    "Avro data": (typed(b"application/avro"), "invalid_data"),
    "JSON in UTF-16": (typed(b"application/json; charset=utf-16"), "invalid_data"),
    "batch": (typed(b"application/cloudevents-batch+json", b"[]"), "invalid_data"),
    "Avro format": (typed(b"application/cloudevents+avro"), "invalid_data"),
    "no format": (typed(b"application/cloudevents"), "invalid_data"),
    "format in Latin-1": (structured(content_type="application/cloudevents+json;charset=iso-8859-1"), "invalid_data"),
    "null value": (record(None), "tombstone"),
    "null value without headers": (Record(None, []), "tombstone"),
    "structured null value": (typed(b"application/cloudevents+json", None), "tombstone"),
    "empty value": (record(b""), "bad_json"),
    "structured empty value": (raw(b""), "bad_json"),
    "structured broken off": (raw(b'{"id": "i"'), "bad_json"),
    "structured not UTF-8": (raw(b'{"id": "\xff"}'), "bad_json"),
    "structured in UTF-16": (raw('{"id": "i"}'.encode("utf-16")), "bad_json"),
    "structured NaN": (structured(data=float("nan")), "bad_json"),
    "structured too deep": (raw(b"[" * 60_000), "bad_json"),
    "structured endless number": (raw(b"9" * 5000), "bad_json"),
    "structured list": (raw(b"[]"), "invalid_data"),
    "structured member twice": (raw(b'{"data": 1, "id": "j", ' + WHOLE[1:]), "invalid_data"),
    "structured without id": (structured(id=...), "no_id"),
    "structured half a surrogate": (structured(id="\ud800"), "no_id"),
    "structured without subject": (structured(subject=None), "no_subject"),
    "structured sequence as number": (structured(sequence=1), "bad_sequence"),
    "structured half a surrogate in an extension": (structured(colour="\ud800"), "invalid_data"),
    "structured list as attribute": (structured(colours=["red"]), "invalid_data"),
    "structured fraction as attribute": (structured(colour=1.5), "invalid_data"),
    "structured number of 33 bits": (structured(colour=2**32), "invalid_data"),
    "structured name with underscore": (structured(my_colour="red"), "invalid_data"),
    "structured data twice": (structured(data_base64="e30="), "invalid_data"),
    "structured no base64": (structured(data=..., data_base64="?"), "invalid_data"),
    "structured infinite number": (raw(b'{"data": 1e999, ' + WHOLE[1:]), "invalid_data"),
    "structured XML as object": (structured(datacontenttype="application/xml"), "invalid_data"),
    "structured text with half a surrogate": (structured(datacontenttype="text/plain", data="\ud800"), "invalid_data"),
    "structured without data": (structured(data=...), "invalid_data"),
}


@pytest.mark.parametrize(("of", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_usable_event_is_refused_with_its_reason(of: Record, why: str) -> None:
    """Each fault has one reason, the short way and the long way agree on it, and it can be parked."""
    assert reason(of) == why
    assert issubclass(envelope.Rejected, Poison)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25",
        "2026-11-25T10:00:00",
        "2026-11-25 10:00:00Z",
        "2026-11-25T10:00Z",
        "2026-11-25T10:00:00,5Z",
        "2026-11-25T10:00:00.Z",
        "2026-11-25T10:00:00+0100",
        "2026-11-25T10:00:00+24:00",
        "2026-02-29T10:00:00Z",
        "2026-11-25T24:00:00Z",
        "2026-11-25T10:00:00Z.",
        "2026-11-25T10:00:00+01:00 ",
        "2026-W48-3T10:00:00Z",
        "yesterday",
        "",
    ],
)
def test_time_that_is_no_rfc_3339_instant_is_refused(text: str) -> None:
    """An instant needs date, seconds and offset, and must exist."""
    assert reason(record(time=text.encode())) == "invalid_data"
    assert reason(structured(time=text)) == "invalid_data"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25T10:00:00Z",
        "2026-11-25t10:00:00z",
        "2026-11-25T10:00:00.123456789Z",
        "2026-11-25T10:00:00-00:00",
        "2026-11-25T10:00:00.5+23:59",
        "2016-12-31T23:59:60Z",
    ],
)
def test_every_rfc_3339_instant_is_read_as_it_is(text: str) -> None:
    """Offsets, fractions of any length and leap seconds are valid and are not rewritten."""
    assert envelope.read_event(record(time=text.encode())) == replace(EVENT, time=text)


def test_record_of_exactly_the_limit_is_read_and_one_byte_more_is_oversize() -> None:
    """Value and headers may have ``LIMIT`` bytes together, in either mode."""
    spare = envelope.LIMIT - sum(len(name) + len(raw) for name, raw in envelope.headers_of(EVENT))
    assert envelope.read_event(record(b"1" * spare)).data == b"1" * spare
    assert reason(record(b"1" * (spare + 1))) == "oversize"
    assert reason(with_more(("unknown", b"x" * envelope.LIMIT))) == "oversize"
    assert reason(structured(data="x" * envelope.LIMIT)) == "oversize"


def test_unusual_but_valid_records_are_read() -> None:
    """Foreign headers, percent signs, another charset spelling, unknown extensions and order change nothing."""
    foreign = with_more(("Content-Type", b"text/xml"), ("x", None), ("x", b"\xff"), ("ce_colour", b"red"))
    assert envelope.read_event(foreign) == EVENT
    assert envelope.read(foreign).extensions["colour"] == "red"
    assert envelope.read_event(Record(DATA, record().headers[::-1], key=None)) == EVENT
    assert envelope.read_event(typed(b'Application/JSON; charset="UTF-8"')) == EVENT
    assert envelope.read_event(with_more(("ce_datacontenttype", b"application/json"))) == EVENT
    assert envelope.read_event(without("content-type", "ce_time")) == replace(EVENT, time=None)
    percent = envelope.read_event(record(subject=b"Euro%20%E2%82%AC", partitionkey=b"other", actor=b""))
    assert percent == replace(EVENT, subject="Euro%20%E2%82%AC", actor=None)


def test_structured_values_count_and_headers_beside_them_do_not() -> None:
    """In structured mode broken or different ce_ headers are ignored; numbers and booleans become text."""
    whole = structured(colour=-5, bright=True, dark=None, content_type="APPLICATION/CloudEvents+JSON; charset=utf-8")
    event = envelope.read(replace(whole, headers=[*whole.headers, ("ce_id", b"\xff"), ("traceparent", TRACE.encode())]))
    assert (event.id, event.traceparent, event.structured) == ("i", TRACE, True)
    assert event.extensions == {"sequence": "0000000001", "colour": "-5", "bright": "true"}


def test_structured_data_keep_their_meaning() -> None:
    """JSON is written anew, a string stays a JSON string, base64 is decoded, null is not nothing."""
    assert envelope.read_event(structured(data={"a": ["ä", 1.5]})).data == b'{"a":["\\u00e4",1.5]}'
    assert envelope.read_event(structured(data='{"a":1}')).data == b'"{\\"a\\":1}"'
    assert envelope.read_event(structured(data=..., data_base64="e30=")).data == b"{}"
    assert envelope.read(structured(data=None)).data == b"null"
    assert envelope.read(structured(data=...)).data is None
    assert envelope.read(structured(datacontenttype="application/vnd.x+json", data="a")).data == b'"a"'


def test_null_value_means_forget_on_a_state_topic_only() -> None:
    """A tombstone with an envelope is read there as an event without data; one without has no envelope."""
    assert envelope.read_event(record(None), state=True) == replace(EVENT, data=b"")
    assert envelope.read(record(None)).data is None
    assert reason(Record(None, []), state=True) == "tombstone"
    assert reason(record(b""), state=True) == "bad_json"
    assert reason(structured(data=...), state=True) == "invalid_data"


@pytest.mark.parametrize("data", [b"{", b"", b"NaN", b'"\xff"', b"{} {}", b"\xef\xbb\xbf{}", b"[" * 60_000])
def test_data_that_are_not_json_are_found_on_request(data: bytes) -> None:
    """``check_json`` refuses what is not JSON under a JSON content type, and leaves other data alone."""
    for event in (replace(EVENT, data=data), envelope.read(record(data))):
        with pytest.raises(envelope.Rejected, match="bad_json"):
            envelope.check_json(event)
    envelope.check_json(envelope.read(typed(b"application/avro", data)))
    envelope.check_json(envelope.read(replace(without("content-type"), value=data)))
    envelope.check_json(envelope.read_event(record()))


def test_details_of_a_refusal_never_repeat_a_value() -> None:
    """What is logged about a refused record holds no content of it."""
    for of, _ in [*REFUSED.values(), (record(subject=b"Ada\x00"), ""), (record(source=b"Ada B"), "")]:
        with pytest.raises(envelope.Rejected) as refused:
            envelope.read_event(of)
        assert "Ada" not in refused.value.detail
        assert refused.value.detail.isprintable()


@pytest.mark.parametrize(
    ("of", "subject", "sequence"),
    [
        (record(b"{"), EVENT.subject, 7),
        (record(id=None, sequence=b"12"), EVENT.subject, 12),
        (record(subject=b"\xff", sequence=b"\xff"), "the-key", None),
        (record(subject=None, sequence=b"-3"), "the-key", None),
        (record(subject=b"a\x00", sequence=b"0000000000"), "the-key", None),
        (with_more(("ce_subject", b"another"), ("ce_sequence", b"8")), "the-key", None),
        (Record(b"x", [], key=None), None, None),
        (Record(b"x", [], key=b"\xff"), None, None),
        (structured(sequence="3"), "a", 3),
        (structured(subject=None), "the-key", 1),
        (raw(b"{"), "the-key", None),
    ],
)
def test_unreadable_record_is_parked_under_the_best_guess(
    of: Record, subject: str | None, sequence: int | None
) -> None:
    """Subject and sequence come from the event inside, its header, or (the subject) from the key."""
    assert envelope.subject_hint(of) == subject
    assert envelope.sequence_hint(of) == sequence
