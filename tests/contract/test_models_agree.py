"""Wire models, schemas and manifests say the same: what a service writes, what it reads, and on which topic."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from services.chassis import directory, manifests
from services.chassis.catalog.registry import Entry, load
from services.chassis.catalog.schema import Schema, faults, types_of

CATALOGUE = load(Path(__file__).parents[2] / "schemas")
ENTRIES = {entry.row.type: entry for entry in CATALOGUE.entries}


@dataclass(frozen=True, slots=True)
class Model:
    """A wire model of a service for one CloudEvents type."""

    service: str
    event: str
    model: type[BaseModel]

    def __str__(self) -> str:
        return f"{self.service}:{self.model.__name__}"


def has(service: str, room: str) -> bool:
    """Whether a service has that room yet."""
    return find_spec(f"services.{service}.{room}") is not None


def models(name: str) -> list[Model]:
    """All services' models under ``PUBLISHES`` or ``READS``."""
    found = []
    for service in filter(lambda service: has(service, "contracts"), manifests.names()):
        listed: Mapping[str, type[BaseModel]] = getattr(import_module(f"services.{service}.contracts"), name, {})
        found += [Model(service, type_, model) for type_, model in listed.items()]
    return found


OUTGOING = models("PUBLISHES")
INCOMING = [*models("READS"), Model("chassis", directory.PERSON, directory.Person)]

outgoing = pytest.mark.parametrize("one", OUTGOING, ids=str)
incoming = pytest.mark.parametrize("one", INCOMING, ids=str)


def entry_of(one: Model) -> Entry:
    """The registry's entry for a model's type."""
    assert one.event in ENTRIES, f"{one}: {one.event} is not in schemas/registry.yaml"
    return ENTRIES[one.event]


def accepted(model: type[BaseModel], data: Any) -> BaseModel:
    """The model of ``data`` as it is read from the wire; fails with the fields that it refuses."""
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        pytest.fail(f"{model.__name__} refuses {data}: {error}")


# Who publishes and reads what


@pytest.mark.parametrize("service", manifests.names())
def test_service_names_its_wire_models(service: str) -> None:
    """Each service's contracts say what it publishes and what it reads."""
    if not has(service, "contracts"):
        pytest.skip(f"services.{service}.contracts is not there")
    contracts = import_module(f"services.{service}.contracts")

    assert isinstance(contracts.PUBLISHES, Mapping)
    assert isinstance(contracts.READS, Mapping)


@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.row.name)
def test_each_kind_of_record_is_published_by_the_owner_of_its_topic_alone(entry: Entry) -> None:
    """A row has exactly one publisher, but one of every service; the publisher's manifest owns the topic."""
    if not has(entry.topic.service, "contracts"):
        pytest.skip(f"services.{entry.topic.service}.contracts is not there yet")

    publishers = [one.service for one in OUTGOING if one.event == entry.row.type]
    owners = [other.topic.service for other in CATALOGUE.entries if other.row.type == entry.row.type]
    assert entry.topic.service in publishers
    assert sorted(publishers) == sorted(owners)
    assert len(publishers) == 1 or entry.pattern
    owned = [topic.name for topic in manifests.manifest(entry.topic.service).owns]
    assert entry.topic.name in owned


@incoming
def test_what_a_service_reads_is_in_the_registry_and_on_a_topic_it_consumes(one: Model) -> None:
    """No model waits for a type that nobody publishes, or on a topic that the service does not subscribe to."""
    topic = entry_of(one).topic.name

    if one.service != "chassis":
        assert topic in manifests.manifest(one.service).consumes


# Outgoing models


@outgoing
@pytest.mark.parametrize("example", ["minimal", "full"])
def test_outgoing_model_writes_what_the_producer_schema_allows(one: Model, example: str) -> None:
    """An example passes through the model and comes out valid, with nulls written and with nulls left out."""
    contract = entry_of(one).contract
    read = accepted(one.model, contract.examples[example])

    for text in (read.model_dump_json(), read.model_dump_json(exclude_none=True)):
        assert faults(contract.producer, json.loads(text)) == []
        assert one.model.model_validate_json(text) == read


@outgoing
def test_outgoing_model_has_the_fields_of_the_producer_schema(one: Model) -> None:
    """Names, types, nullability, lists of values and required fields are equal at every depth."""
    assert list(differences(one.model.model_json_schema(), entry_of(one).contract.producer)) == []


@outgoing
def test_outgoing_model_is_strict_and_frozen(one: Model) -> None:
    """A field too many is a bug of the service, not something for readers to cope with."""
    data = {**entry_of(one).contract.examples["full"], "a_later_field": 1}

    with pytest.raises(ValidationError, match="a_later_field"):
        one.model.model_validate_json(json.dumps(data))
    assert one.model.model_config.get("frozen")


# Incoming models


@incoming
@pytest.mark.parametrize("example", ["minimal", "full"])
def test_incoming_model_accepts_examples_and_whatever_a_later_version_adds(one: Model, example: str) -> None:
    """Unknown fields at every depth and new values of open lists do not disturb a reader."""
    contract = entry_of(one).contract
    data = contract.examples[example]

    accepted(one.model, data)
    accepted(one.model, with_more(data))
    accepted(one.model, with_new_values(data, contract.producer, contract.reader))


@incoming
@pytest.mark.parametrize("example", ["minimal", "full"])
def test_incoming_model_demands_only_what_the_reader_schema_requires(one: Model, example: str) -> None:
    """A record with nothing but the required fields is read."""
    contract = entry_of(one).contract
    data = required_only(contract.examples[example], contract.reader)

    assert faults(contract.reader, data) == []
    accepted(one.model, data)


@incoming
def test_incoming_model_refuses_ids_instants_and_numbers_beyond_all_bounds(one: Model) -> None:
    """Ids have 1 to 100 characters, instants lie in years that people live in, numbers fit the database."""
    example = entry_of(one).contract.examples["full"]
    read = one.model.model_validate_json(json.dumps(example))

    taken = [
        (path, bad)
        for path, value in leaves(read.model_dump())
        for bad in unusable(value)
        if takes(one.model, with_value(example, path, bad))
    ]

    assert taken == []


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """All values that are neither objects nor lists, each with its place."""
    if isinstance(data, dict | list | tuple):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, step))
    else:
        yield path, data


def unusable(value: Any) -> tuple[Any, ...]:
    """Values with which no reader could go on in the place of this one."""
    match value:
        case datetime():
            return ("9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00", "1893456000", 1893456000)
        case int() if not isinstance(value, bool):
            return (2**63, -1)
        case str() if _ID.fullmatch(value):
            return ("", "x" * 101)
    return ()


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def with_value(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """``data`` with another value at that place."""
    changed = node = copy.deepcopy(data)
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


def takes(model: type[BaseModel], data: Any) -> bool:
    """Whether the model can be read from these data."""
    try:
        model.model_validate_json(json.dumps(data))
    except ValidationError:
        return False
    return True


def with_more(data: Any) -> Any:
    """``data`` with an unknown field in every object."""
    if isinstance(data, dict):
        return {**{name: with_more(value) for name, value in data.items()}, "a_later_field": {"deep": [1]}}
    return [with_more(item) for item in data] if isinstance(data, list) else data


def with_new_values(data: Any, written: Schema, read: Schema) -> Any:
    """``data`` with an unknown value in every list of values that the reader schema leaves open."""
    if "enum" in written and "enum" not in read:
        return "a_later_value"
    if isinstance(data, dict):
        pairs = {name: (written["properties"][name], read["properties"][name]) for name in data}
        return {name: with_new_values(value, *pairs[name]) for name, value in data.items()}
    if isinstance(data, list):
        return [with_new_values(item, written["items"], read["items"]) for item in data]
    return data


def required_only(data: Any, read: Schema) -> Any:
    """``data`` without the fields that the reader schema does not require."""
    if isinstance(data, dict):
        return {name: required_only(data[name], read["properties"][name]) for name in read["required"]}
    return [required_only(item, read["items"]) for item in data] if isinstance(data, list) else data


# Comparing a model with a schema


def differences(model: Schema, schema: Schema, path: str = "$", root: Schema | None = None) -> Iterator[str]:
    """Where a model's own schema and the file differ. A field that may be null counts as optional in both."""
    root = root or model
    mine = resolved(model, root)
    for what, ours, theirs in (
        ("types", types_of(mine), types_of(schema)),
        ("values", sorted(mine.get("enum", ())), sorted(schema.get("enum", ()))),
        ("fields", sorted(mine.get("properties", ())), sorted(schema.get("properties", ()))),
        ("required", _demanded(mine, root), _demanded(schema, root)),
    ):
        if ours != theirs:
            yield f"{path}: {what} are {ours} in the model, {theirs} in the schema"
    for name in mine.get("properties", {}).keys() & schema.get("properties", {}).keys():
        yield from differences(mine["properties"][name], schema["properties"][name], f"{path}.{name}", root)
    if "items" in mine and "items" in schema:
        yield from differences(mine["items"], schema["items"], f"{path}[]", root)


def resolved(schema: Schema, root: Schema) -> Schema:
    """Without references; ``anyOf`` with null becomes a list of types; ``const`` a list of one value."""
    if "$ref" in schema:
        return resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        members = [resolved(member, root) for member in schema["anyOf"]]
        names = sorted(frozenset().union(*map(types_of, members)))
        merged: dict[str, Any] = {}
        for member in members:
            merged |= member
        return {**merged, "type": names}
    if "const" in schema:
        return {**schema, "enum": [schema["const"]]}
    return schema


def _demanded(schema: Schema, root: Schema) -> list[str]:
    fields = schema.get("properties", {})
    return sorted(name for name in schema.get("required", ()) if "null" not in types_of(resolved(fields[name], root)))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    level: int


class _Whole(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    state: Literal["open", "done"]
    kind: Literal["only"]
    note: str | None = None
    part: _Part
    other: _Part | None = None
    parts: tuple[_Part, ...]


_PART: dict[str, Any] = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "level": {"type": "integer"}},
    "required": ["code", "level"],
}
_WHOLE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"type": "string", "enum": ["done", "open"]},
        "kind": {"type": "string", "enum": ["only"]},
        "note": {"type": ["string", "null"]},
        "part": _PART,
        "other": {**_PART, "type": ["object", "null"]},
        "parts": {"type": "array", "items": _PART},
    },
    "required": ["id", "state", "kind", "part", "parts"],
}


def test_comparison_finds_no_difference_where_there_is_none() -> None:
    """References, null unions, single values and nested models are the same thing written otherwise."""
    assert list(differences(_Whole.model_json_schema(), _WHOLE)) == []


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        (("properties", "extra"), {"type": "string"}, "$: fields are"),
        (("required",), ["id", "state", "kind", "part"], "$: required are"),
        (("properties", "id", "type"), "integer", "$.id: types are"),
        (("properties", "id", "type"), ["string", "null"], "$.id: types are"),
        (("properties", "state", "enum"), ["open"], "$.state: values are"),
        (("properties", "part", "properties", "level", "type"), "string", "$.part.level: types are"),
        (("properties", "parts", "items", "required"), ["code"], "$.parts[]: required are"),
    ],
)
def test_comparison_sees_a_difference(place: tuple[str, ...], value: object, complaint: str) -> None:
    """A difference in fields, required fields, types, nullability or values is found at every depth."""
    schema = copy.deepcopy(_WHOLE)
    node = schema
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value

    assert any(line.startswith(complaint) for line in differences(_Whole.model_json_schema(), schema))
