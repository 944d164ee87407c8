"""The catalogue: registry, schemas, examples and the pages generated from them."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from typer.testing import CliRunner

from services.chassis import envelope, manifests
from services.chassis.catalog.asyncapi import header_schema
from services.chassis.catalog.build import build, stale
from services.chassis.catalog.cli import app
from services.chassis.catalog.records import example_of
from services.chassis.catalog.registry import EXAMPLES, CatalogueBroken, Entry, load
from services.chassis.catalog.schema import Schema, faults, types_of
from services.chassis.service import Topic

ROOT = Path(__file__).parents[2] / "schemas"
CATALOGUE = load(ROOT)
LONGEST_DATA = envelope.LIMIT - 4096  # bytes; the rest is room for headers

entries = pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.row.name)
services = pytest.mark.parametrize("service", CATALOGUE.services)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of schemas/ that a test may spoil."""
    return Path(shutil.copytree(ROOT, tmp_path / "schemas"))


def run(*arguments: str, root: Path) -> Any:
    return CliRunner().invoke(app, [*arguments, "--schemas", str(root)])


# What is generated


def test_generated_files_are_fresh() -> None:
    """CATALOG.md, the AsyncAPI documents and the example records are what the catalogue makes of them now."""
    assert stale(CATALOGUE) == [], "run `tandem schemas build`"


@pytest.mark.parametrize("path", ["CATALOG.md", "conformance/records.json", "asyncapi/people.yaml"])
def test_check_names_a_stale_file_and_build_mends_it(copy: Path, path: str) -> None:
    """A generated file that was edited by hand fails the check, which says what to run."""
    (copy / path).write_text("edited by hand")

    checked = run("check", root=copy)

    assert checked.exit_code == 1
    assert f"{path} is stale: run `tandem schemas build`" in checked.output
    assert run("build", root=copy).exit_code == 0
    assert run("check", root=copy).exit_code == 0


def test_document_of_a_service_that_no_longer_publishes_is_removed(copy: Path) -> None:
    """No AsyncAPI document outlives its service."""
    left_over = copy / "asyncapi" / "gone.yaml"
    left_over.write_text("asyncapi: 3.0.0")

    assert build(load(copy)) == [Path("asyncapi/gone.yaml")]
    assert not left_over.exists()


# AsyncAPI


def document(service: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "asyncapi" / f"{service}.yaml").read_text(encoding="utf-8"))
    return loaded


@services
def test_asyncapi_names_the_same_topics_as_the_code(service: str) -> None:
    """A service's document has exactly the topics, kinds and partitions of its manifest."""
    if find_spec(f"services.{service}.main") is None:
        pytest.skip(f"services.{service}.main is not there yet")
    owned = manifests.manifest(service).owns

    assert {_described(channel) for channel in document(service)["channels"].values()} == set(owned)


def test_every_service_that_owns_a_topic_has_a_document() -> None:
    """No topic is published without a description."""
    present = [name for name in manifests.names() if find_spec(f"services.{name}.main")]
    if not present:
        pytest.skip("no service is there yet")
    owning = {name for name in present if manifests.manifest(name).owns}

    assert owning <= set(CATALOGUE.services)


def _described(channel: dict[str, Any]) -> Topic:
    kafka = channel["bindings"]["kafka"]
    compacted = kafka["topicConfiguration"]["cleanup.policy"] == ["compact"]
    return Topic(channel["address"], "state" if compacted else "event", kafka["partitions"])


@services
def test_asyncapi_document_is_complete_in_itself(service: str) -> None:
    """The document has the parts AsyncAPI 3.0 demands, and each reference in it leads somewhere."""
    found = document(service)

    assert found["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= found["info"].keys()
    assert [operation["action"] for operation in found["operations"].values()] == ["send"] * len(found["channels"])
    references = list(_references(found))
    assert references
    for reference in references:
        target: Any = found
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        assert target


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


@services
def test_asyncapi_examples_are_valid_under_its_own_schemas(service: str) -> None:
    """Headers and payload of every example meet the schemas beside them."""
    messages = document(service)["components"]["messages"]
    assert messages
    for name, message in messages.items():
        assert [example["name"] for example in message["examples"]] == list(EXAMPLES), name
        for example in message["examples"]:
            assert faults(message["headers"], example["headers"]) == []
            assert faults(message["payload"], example["payload"]) == []


@entries
def test_header_schema_refuses_another_type_and_a_missing_attribute(entry: Entry) -> None:
    """The schema of the headers can tell this record from others."""
    headers = example_of(entry, "full").headers

    assert faults(header_schema(entry), headers) == []
    assert faults(header_schema(entry), {**headers, "ce_type": "org.tandem.other.v1"})
    assert faults(header_schema(entry), {**headers, "ce_sequence": "1"})
    assert faults(header_schema(entry), {name: value for name, value in headers.items() if name != "ce_id"})


# Example records


@dataclass(frozen=True, slots=True)
class Received:
    """A record of records.json, as a consumer gets it."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def received() -> list[tuple[dict[str, Any], envelope.Event]]:
    rows = json.loads((ROOT / "conformance/records.json").read_text(encoding="utf-8"))["records"]
    return [(row, _event(row)) for row in rows]


def _event(row: dict[str, Any]) -> envelope.Event:
    headers = [(name, value.encode()) for name, value in row["headers"]]
    value = None if row["value"] is None else row["value"].encode()
    state = next(topic for topic in CATALOGUE.topics if topic.name == row["topic"]).kind == "state"
    return envelope.profile(envelope.read(Received(row["key"].encode(), value, headers)), state=state)


def test_example_records_are_read_by_the_envelope_reader() -> None:
    """Each example record is an event in Tandem's profile whose data meet the reader schema of its type."""
    readers = {entry.row.type: entry.contract.reader for entry in CATALOGUE.entries}
    for row, event in received():
        if row["expect"] in ("apply", "ignore"):
            assert faults(readers[event.type], json.loads(event.data)) == [], row["why"]
    assert {row["expect"] for row, _ in received()} == {"apply", "ignore", "advance", "forget"}


def test_example_records_tell_a_consumer_rightly_what_to_do() -> None:
    """By the rules of conformance/README.md a consumer comes to what each record expects, and again by replay."""
    known = {entry.row.type for entry in CATALOGUE.entries}
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for row, event in received():
        place = (row["topic"], event.subject)
        again = event.sequence <= seen[place]
        if not again:
            assert event.sequence == seen[place] + 1
            seen[place] = event.sequence
        forget = "forget" if row["value"] is None else "apply"
        assert row["expect"] == ("ignore" if again else forget if event.type in known else "advance")
    assert all(event.sequence <= seen[row["topic"], event.subject] for row, event in received())


@pytest.mark.parametrize("attribute", ["subsidiary", "edition"])
def test_records_carry_an_attribute_where_the_registry_says_so_and_nowhere_else(attribute: str) -> None:
    """Registry, CATALOG.md, AsyncAPI and example records agree on which field an attribute repeats, if any."""
    rows = {entry.row.type: entry for entry in CATALOGUE.entries}
    for _, event in received():
        if event.type in rows and event.data:
            field = getattr(rows[event.type].row.attributes, attribute)
            assert getattr(event, attribute) == (json.loads(event.data)[field] if field else None), event.type
    told = (ROOT / "CATALOG.md").read_text(encoding="utf-8").split("\n### ")[1:]
    sections = {section.partition("\n")[0]: section for section in told}
    assert len(told) == len(sections)
    assert sections.keys() == {entry.title for entry in CATALOGUE.entries}
    for entry in CATALOGUE.entries:
        field, section = getattr(entry.row.attributes, attribute), sections[entry.title]
        assert (f"`ce_{attribute}` repeats `{field}`." in section) == (f"`ce_{attribute}`" in section) == bool(field)
        assert (f"ce_{attribute}" in header_schema(entry)["properties"]) == bool(field)


def test_a_session_only_planned_or_cancelled_names_no_subsidiary() -> None:
    """Data without a subsidiary have no attribute for one either."""
    named = {entry.row.name: entry.row.attributes.subsidiary for entry in CATALOGUE.on("tandem.sessions.v1")}

    assert named == {"session-planned": None, "session-cancelled": None, "session-held": "mentee_subsidiary"}


def test_example_records_are_written_after_what_they_record() -> None:
    """ce_time lies before no instant in the data but those that were still to come."""
    ahead = {"planned_for", "opens_at", "closes_at", "due_at", "until"}
    checked = set()
    for entry in CATALOGUE.entries:
        fields = entry.contract.producer["properties"].items()
        instants = [name for name, schema in fields if schema.get("format") == "date-time" and name not in ahead]
        for name in EXAMPLES:
            data, written = entry.contract.examples[name], datetime.fromisoformat(example_of(entry, name).event.time)
            assert all(datetime.fromisoformat(data[instant]) <= written for instant in instants), entry.row.name
            checked.update(instants)
    assert {"held_at", "planned_at", "matched_at", "opened_at"} <= checked


def test_held_example_is_written_when_the_session_is_over() -> None:
    """A session is recorded after its last minute, as the service demands."""
    entry = next(one for one in CATALOGUE.entries if one.row.name == "session-held")
    for name in EXAMPLES:
        data, written = entry.contract.examples[name], datetime.fromisoformat(example_of(entry, name).event.time)
        assert (written - datetime.fromisoformat(data["held_at"])).total_seconds() >= data["minutes"] * 60


def test_example_records_are_caused_by_a_person_or_by_the_publishing_service() -> None:
    """ce_actor is a person's id, but the service's name where nobody asked for it: enrolment, timers, the heartbeat."""
    causes = defaultdict(set)
    for row, event in received():
        assert event.actor is not None
        by_service = event.actor == event.source.removeprefix("/tandem/")
        assert by_service or str(UUID(event.actor)) == event.actor, row["why"]
        causes[by_service].add(event.type)
    mentee = {f"org.tandem.mentee.{what}.v1" for what in ("obliged", "escalated", "left")}
    others = {f"org.tandem.{what}.v1" for what in ("directory.heartbeat", "run.failed", "pair.ended")}
    assert causes[True] == mentee | others
    assert "org.tandem.mentee.exempted.v1" in causes[False]
    ended = next(one for one in CATALOGUE.entries if one.row.name == "pair-ended")  # the second and last of its pair
    assert {example_of(ended, name).headers["ce_sequence"] for name in EXAMPLES} == {"0000000002"}


# Schemas


@entries
def test_producer_schema_is_closed_and_reader_schema_is_open(entry: Entry) -> None:
    """Tandem writes no field beyond its schema; a reader lets such a field pass."""
    example = {**entry.contract.examples["full"], "a_later_field": 1}

    assert faults(entry.contract.producer, example)
    assert faults(entry.contract.reader, example) == []


@entries
def test_ids_and_instants_are_written_in_one_form_only(entry: Entry) -> None:
    """Ids are lower case, since keys compare as text; instants are in UTC with Z. Readers take any RFC 3339 instant."""
    producer, reader, example = entry.contract.producer, entry.contract.reader, entry.contract.examples["full"]
    form = {name: schema.get("format") for name, schema in producer["properties"].items()}
    ids = [name for name in form if form[name] == "uuid"]
    assert ids
    for name in ids:
        assert faults(producer, {**example, name: example[name].upper()})
        assert faults(reader, {**example, name: "not an id"})
    for name in (name for name in form if form[name] == "date-time"):
        offset = {**example, name: example[name].replace("Z", "+02:00")}
        assert faults(producer, offset)
        assert faults(reader, offset) == []
        assert faults(reader, {**example, name: example[name].removesuffix("Z")})


@entries
def test_the_largest_record_fits_into_an_event(entry: Entry) -> None:
    """No data that a producer schema allows grow beyond what an event may carry."""
    assert _largest(entry.contract.producer) <= LONGEST_DATA


def _largest(schema: Schema) -> float:
    """Bytes of the largest JSON text under a schema; a string of free text may need six bytes a character."""
    names = types_of(schema)
    if "object" in names:
        return 2 + sum(len(name) + 4 + _largest(field) for name, field in schema["properties"].items())
    if "array" in names:
        return 2 + float(schema.get("maxItems", "inf")) * (_largest(schema["items"]) + 1)
    if "string" not in names:
        return 20
    if "enum" in schema:
        return max(len(value) for value in schema["enum"]) + 2
    if schema.get("format") in ("uuid", "date", "date-time"):
        return 38
    return 2 + float(schema.get("maxLength", "inf")) * (1 if "pattern" in schema else 6)


@pytest.mark.parametrize(
    "entry", [one for one in CATALOGUE.entries if one.topic.kind == "event"], ids=lambda entry: entry.row.name
)
def test_event_topics_carry_no_free_text_but_an_editions_name_and_an_operators_reason(entry: Entry) -> None:
    """No name, address or reason can slip into a topic that is kept for ever: each text there has a fixed form.

    Two texts are meant for everybody: what an edition is called, and why an operator intervened.
    """
    allowed = {"edition-opened": ["name"], "access-operated": ["reason"]}

    assert list(_free_text(entry.contract.producer)) == allowed.get(entry.row.name, [])


def _free_text(schema: Schema, name: str = "") -> Iterator[str]:
    if "string" in types_of(schema) and not {"format", "enum", "pattern"} & schema.keys():
        yield name
    for field, below in schema.get("properties", {}).items():
        yield from _free_text(below, field)
    if "items" in schema:
        yield from _free_text(schema["items"], name)


def test_every_field_says_what_it_means() -> None:
    """An integrator finds a title, a description and a description of each field in both schemas."""
    for entry in CATALOGUE.entries:
        for schema in (entry.contract.producer, entry.contract.reader):
            assert schema["title"] == entry.title
            assert schema["description"] == entry.row.summary
            assert all(below.get("description") for below in schema["properties"].values()), entry.row.name


# The registry


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("topic: tandem.pairs.v1", "topic: tandem.couples.v1", "tandem.couples.v1 is not among the topics"),
        ("source: /tandem/matching", "source: /tandem/sessions", "belongs to matching"),
        ("type: org.tandem.pair.matched.v1", "type: org.tandem.pair.matched.v2", "does not end with version 1"),
        ("type: org.tandem.pair.matched.v1", "type: org.tandem.session.held.v1", "stands twice"),
        ("type: org.tandem.pair.matched.v1", "type: org.tandem.pair.made.v1", "$id must be urn:tandem:schema:"),
        ("name: pair-matched", "name: pair-made", "events/pair-matched/v1 has no row"),
        ("subject: pair_id, time: matched_at", "subject: couple_id", "which the producer schema does not require"),
        ("planned_at, edition: edition_id", "number, edition: edition_id", "number, whose format is not date-time"),
        ("actor: service", "actor: nobody", "'person' or 'service'"),
        ("class: internal", "class: secret", "'contract', 'internal' or 'personal'"),
    ],
)
def test_registry_that_contradicts_itself_is_refused(copy: Path, old: str, new: str, problem: str) -> None:
    """A row that fits neither its topic nor its schemas stops every command, with the reason."""
    path = copy / "registry.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CatalogueBroken, match=problem.replace("$", r"\$")):
        load(copy)
    assert run("build", root=copy).exit_code == 1


def test_topic_without_records_is_refused(copy: Path) -> None:
    """A topic is in the catalogue for what lies on it."""
    path = copy / "registry.yaml"
    topic = "topics:\n  - {name: tandem.empty.v1, service: nobody, kind: event, partitions: 6, summary: Empty.}"
    path.write_text(path.read_text(encoding="utf-8").replace("topics:", topic, 1), encoding="utf-8")

    with pytest.raises(CatalogueBroken, match=r"topic tandem\.empty\.v1 has no kind of record"):
        load(copy)


def test_example_that_misses_its_schema_is_refused(copy: Path) -> None:
    """An example is proof of a schema, so one that fails is named with the field."""
    path = copy / "events/session-held/v1/examples/minimal.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "minutes": 0}))

    with pytest.raises(CatalogueBroken, match=r"minimal\.json, producer: \$\.minutes"):
        load(copy)
