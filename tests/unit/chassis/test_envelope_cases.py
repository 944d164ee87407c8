"""The envelope against published records, and against the official SDK as a second opinion."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings import kafka as sdk

from services.chassis import envelope
from tests.support.records import EVENT, Record

CASES = Path(__file__).parents[3].parent / "shared" / "cases" / "cloudevents"


def shared_cases() -> list[Any]:
    """The published cases, or one skipped case where they are not at hand."""
    if not CASES.is_dir():
        return [pytest.param({}, marks=pytest.mark.skip("../shared is absent"))]
    cases = json.loads((CASES / "kafka.json").read_text())["cases"]
    return [pytest.param(case, id=case["id"]) for case in cases]


def record_of(case: dict[str, Any]) -> Record:
    """The record that a case gives in hexadecimal."""
    kafka = case["kafka"]
    headers = [(bytes.fromhex(h["name_hex"]).decode(), bytes.fromhex(h["value_hex"])) for h in kafka["headers"]]
    key = kafka["key_hex"]
    return Record(bytes.fromhex(kafka["value_hex"]), headers, None if key is None else bytes.fromhex(key))


def attributes_of(event: envelope.Envelope) -> dict[str, str]:
    """All attributes of an event under their CloudEvents names."""
    names = ("id", "source", "type", "subject", "time", "dataschema", "datacontenttype")
    own = {name: getattr(event, name) for name in names if getattr(event, name) is not None}
    return {"specversion": "1.0", **own, **event.extensions}


@pytest.mark.parametrize("case", shared_cases())
def test_published_record_is_read_as_its_case_says(case: dict[str, Any]) -> None:
    """Mode, attributes and data of each published record are exactly those that its case gives."""
    expected = case["expected"]
    event = envelope.read(record_of(case))
    envelope.check_json(event)
    assert expected["result"] == "event"
    assert event.structured == (expected["mode"] == "structured")
    assert attributes_of(event) == expected["attributes"]
    assert event.data is not None
    if "data_json" in expected:
        assert json.loads(event.data) == expected["data_json"]
    if "data_text" in expected:
        assert event.data.decode() == expected["data_text"]
    if "data_hex" in expected:
        assert event.data.hex() == expected["data_hex"]


@pytest.mark.parametrize("case", shared_cases())
def test_official_sdk_reads_published_record_alike(case: dict[str, Any]) -> None:
    """On valid records the official SDK and we see the same attributes, but for the time that it makes up."""
    kafka = record_of(case)
    event = envelope.read(kafka)
    headers = {name: value or b"" for name, value in kafka.headers}
    theirs = sdk.from_kafka_event(sdk.KafkaMessage(headers, None, kafka.value or b""))
    made_up = {"time"} if event.time is None else set()
    texts = texts_of(theirs.get_attributes())
    assert attributes_of(event) == {name: text for name, text in texts.items() if name not in made_up}


def texts_of(attributes: dict[str, Any]) -> dict[str, str]:
    """The SDK's attributes, its instants as text again."""
    as_text = {name: str(value) for name, value in attributes.items() if value is not None and name != "time"}
    if attributes.get("time") is not None:
        as_text["time"] = attributes["time"].isoformat().replace("+00:00", "Z")
    return as_text


@pytest.mark.skipif(not CASES.is_dir(), reason="../shared is absent")
def test_written_headers_hold_the_producer_example() -> None:
    """The headers of the published producer example come out byte for byte, the value without an envelope."""
    example = json.loads((CASES / "producer.json").read_text())["example"]
    own = {name: example["attributes"][name] for name in ("id", "source", "type", "time")}
    data = json.dumps(example["data"]).encode()
    value, headers = envelope.write(envelope.Event(**own, subject="s", sequence=1, data=data))
    expected = {(name, text.encode()) for name, text in example["expected_headers"]}
    assert value == data
    assert expected <= set(headers)
    assert {name for name, _ in set(headers) - expected} == {"ce_subject", "ce_partitionkey", "ce_sequence"}


def test_official_sdk_reads_what_is_written() -> None:
    """The official SDK sees in a written record the attributes and the data that went in."""
    value, headers = envelope.write(EVENT)
    theirs = sdk.from_kafka_event(sdk.KafkaMessage(dict(headers), EVENT.subject.encode(), value))
    assert theirs.get_data() == {"minutes": 60}
    ours = attributes_of(envelope.read(Record(value, headers)))
    assert texts_of(theirs.get_attributes()) == {**ours, "time": "2026-11-25T10:00:00Z"}


def test_official_sdk_writes_structured_what_is_read() -> None:
    """A structured record made by the official SDK gives the same event as the binary one."""
    value, headers = envelope.write(EVENT)
    theirs = sdk.from_kafka_event(sdk.KafkaMessage(dict(headers), None, value))
    message = sdk.to_structured_event(theirs)
    event = envelope.read_event(Record(message.value, list(message.headers.items())))
    assert event == replace(EVENT, time="2026-11-25T10:00:00Z", traceparent=None)
