"""Reads the registry with its schemas and examples; what contradicts itself is refused as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.catalog.schema import Json, Schema, faults, oddities

EXAMPLES = ("minimal", "full")
EVERY = "{service}"  # in a row's topic and source: of every service that owns such a topic


class CatalogueBroken(Exception):
    """Registry, schemas and examples contradict each other; ``problems`` says where, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Topic(_Row):
    """A topic and the service that alone publishes to it."""

    name: str
    service: str
    kind: Literal["event", "state"]
    partitions: int = Field(ge=1)
    summary: str


class Attributes(_Row):
    """The data fields whose values the CloudEvents attributes carry."""

    subject: str
    time: str | None = None
    subsidiary: str | None = None
    edition: str | None = None


class Row(_Row):
    """One kind of record: a line of ``registry.yaml``."""

    name: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    type: str
    version: int = Field(ge=1)
    topic: str
    source: str
    kind: Literal["event", "state"]
    data_class: Literal["contract", "internal", "personal"] = Field(alias="class")
    subject: str
    attributes: Attributes
    actor: Literal["person", "service"] = "person"
    sequence: int = Field(default=1, ge=1)
    since: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    summary: str

    @property
    def folder(self) -> Path:
        """Where its schemas and examples lie, below the root."""
        return Path("events", self.name, f"v{self.version}")


class _Registry(_Row):
    topics: tuple[Topic, ...]
    events: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """The two schemas of a version (what is written, what is read) and its examples by name."""

    producer: Schema
    reader: Schema
    examples: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row together with its topic and its contract.

    A row of every service makes an entry for each; ``pattern`` is that row as the registry has it.
    """

    row: Row
    topic: Topic
    contract: Contract
    pattern: Row | None = None

    @property
    def title(self) -> str:
        """Its name in code and talk, such as ``SomethingHappened``."""
        return str(self.contract.producer.get("title", self.row.name))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything below one ``schemas`` folder, in the order of the registry."""

    root: Path
    topics: tuple[Topic, ...]
    entries: tuple[Entry, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The publishing services."""
        return tuple(sorted({topic.service for topic in self.topics}))

    def topics_of(self, service: str) -> tuple[Topic, ...]:
        """The topics that one service publishes to."""
        return tuple(topic for topic in self.topics if topic.service == service)

    def on(self, topic: str) -> tuple[Entry, ...]:
        """The kinds of record on one topic."""
        return tuple(entry for entry in self.entries if entry.topic.name == topic)


def load(root: Path) -> Catalogue:
    """Read the catalogue below ``root``. Raises ``CatalogueBroken`` with everything that does not fit."""
    registry = _registry(root / "registry.yaml")
    problems = [*_row_problems(registry), *_folder_problems(root, registry)]
    if problems:
        raise CatalogueBroken(problems)
    entries = tuple(entry for row in registry.events for entry in _entries(root, row, registry.topics))
    problems = [problem for entry in entries for problem in _contract_problems(entry)]
    if problems:
        raise CatalogueBroken(problems)
    return Catalogue(root, registry.topics, entries)


def _entries(root: Path, row: Row, topics: Sequence[Topic]) -> Iterator[Entry]:
    read = contract(root / row.folder)
    for topic in topics:
        own = _of(row, topic.service)
        if own.topic == topic.name:
            yield Entry(own, topic, read, None if own == row else row)


def _of(row: Row, service: str) -> Row:
    """The row as it is of this service; the same where it is of one service anyway."""
    if EVERY not in row.topic:
        return row
    return row.model_copy(update={name: getattr(row, name).replace(EVERY, service) for name in ("topic", "source")})


def contract(folder: Path) -> Contract:
    """Read one version's schemas and whatever examples it has. Raises ``CatalogueBroken``."""
    examples = {path.stem: _json(path) for path in sorted(folder.glob("examples/*.json"))}
    return Contract(_schema(folder / "producer.schema.json"), _schema(folder / "reader.schema.json"), examples)


def schema_id(type_: str, role: str = "producer") -> str:
    """The ``$id`` of a type's schema; the producer's is also the ``ce_dataschema`` of its records."""
    return f"urn:tandem:schema:{type_}" + ("" if role == "producer" else f":{role}")


def _registry(path: Path) -> _Registry:
    try:
        return _Registry.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CatalogueBroken([f"{path}: {error}"]) from error


def _json(path: Path) -> Json:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueBroken([f"{path}: {error}"]) from error


def _schema(path: Path) -> Schema:
    schema: Schema = _json(path)
    if problems := [f"{path}: {line}" for line in oddities(schema)]:
        raise CatalogueBroken(problems)
    return schema


def _row_problems(registry: _Registry) -> Iterator[str]:
    names = [topic.name for topic in registry.topics]
    yield from (f"topic {name} stands twice" for name in {n for n in names if names.count(n) > 1})
    for topic in registry.topics:
        if all(_of(row, topic.service).topic != topic.name for row in registry.events):
            yield f"topic {topic.name} has no kind of record"
    types = [row.type for row in registry.events]
    yield from (f"type {type_} stands twice" for type_ in {t for t in types if types.count(t) > 1})
    for row in registry.events:
        placed = [(topic, own) for topic in registry.topics if (own := _of(row, topic.service)).topic == topic.name]
        if not placed:
            yield f"{row.name}: topic {row.topic} is not among the topics"
        for topic, own in placed:
            if row.kind != topic.kind:
                yield f"{row.name}: kind is {row.kind}, but {topic.name} is a topic of kind {topic.kind}"
            if own.source != f"/tandem/{topic.service}":
                yield f"{row.name}: source is {own.source}, but {topic.name} belongs to {topic.service}"
        if placed and not row.type.endswith(f".v{row.version}"):
            yield f"{row.name}: type {row.type} does not end with version {row.version}"


def _folder_problems(root: Path, registry: _Registry) -> Iterator[str]:
    named = {row.folder for row in registry.events}
    found = {path.relative_to(root) for path in root.glob("events/*/v*")}
    yield from (f"{folder} has no row in the registry" for folder in sorted(found - named))
    yield from (f"{folder} is missing" for folder in sorted(named - found))


def _contract_problems(entry: Entry) -> Iterator[str]:
    where, contract = entry.row.folder, entry.contract
    for role, schema in (("producer", contract.producer), ("reader", contract.reader)):
        if schema.get("$id") != (id := schema_id(entry.row.type, role)):
            yield f"{where}/{role}.schema.json: $id must be {id}"
        for name, example in contract.examples.items():
            yield from (f"{where}/examples/{name}.json, {role}: {fault}" for fault in faults(schema, example))
    yield from (f"{where}/examples/{name}.json is missing" for name in EXAMPLES if name not in contract.examples)
    yield from (f"{where}: {problem}" for problem in _attribute_problems(entry.row.attributes, contract.producer))


def _attribute_problems(attributes: Attributes, producer: Schema) -> Iterator[str]:
    for attribute, field in attributes:
        if field is None:
            continue
        form = "date-time" if attribute == "time" else "uuid"
        if field not in producer.get("required", ()):
            yield f"ce_{attribute} stands for {field}, which the producer schema does not require"
        elif producer.get("properties", {}).get(field, {}).get("format") != form:
            yield f"ce_{attribute} stands for {field}, whose format is not {form}"
