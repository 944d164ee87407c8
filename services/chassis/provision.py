"""Makes the topics and indexes that the manifests name; repeating it changes nothing.

An existing topic that differs in what cannot be undone later (partitions, clean-up, retention of history)
is refused, never altered: keys would move to other partitions, or history would be lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from services.chassis import mongo, parking
from services.chassis.kafka import BrokerAway
from services.chassis.parking import drops
from services.chassis.service import Index, Service, Topic

_EXISTS, _UNKNOWN = 36, 3  # Kafka's error codes
_CONFLICTS = (85, 86)  # MongoDB's error codes: same index with other options, same name with other keys
_DAY = 86_400_000  # milliseconds
_LARGEST = 1_048_588  # bytes of a batch: far above 64 KiB, so that what is too large arrives and is parked
_CONFIG: Mapping[str, Mapping[str, str]] = {
    "event": {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"},
    "state": {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": "0",
        "max.compaction.lag.ms": str(7 * _DAY),
        "delete.retention.ms": str(30 * _DAY),
    },
}
_DECISIVE = ("cleanup.policy", "retention.ms", "retention.bytes")
_VISIBLE_WITHIN = 10.0  # seconds from a topic's creation until every broker shows it

Outcome = Literal["created", "present"]


@dataclass(frozen=True, slots=True)
class Provisioned:
    """One thing that was asked for, and whether it had to be made."""

    kind: Literal["topic", "index"]
    name: str
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.outcome:8} {self.kind:6} {self.name}"


class Mismatch(Exception):
    """What exists is not what the manifests ask for, or these contradict each other; names every difference."""

    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = tuple(differences)
        super().__init__("; ".join(differences))


async def provision(services: Sequence[Service], *, kafka: str, client: mongo.Client, prefix: str) -> list[Provisioned]:
    """Make what is missing for ``services`` and say what was made. Raises ``Mismatch`` or a ``Transient``."""
    return [*await topics(services, kafka), *await indexes(services, client, prefix)]


def topics_of(services: Sequence[Service]) -> list[Topic]:
    """The topics the services own, by name. Raises ``Mismatch`` where one has two owners."""
    owners: dict[str, tuple[str, Topic]] = {}
    twice: list[str] = []
    for service in services:
        for topic in service.owns:
            if topic.name in owners:
                twice.append(f"topic {topic.name} is owned by {owners[topic.name][0]} and by {service.name}")
            owners[topic.name] = (service.name, topic)
    if twice:
        raise Mismatch(twice)
    return [topic for _, (_, topic) in sorted(owners.items())]


async def topics(services: Sequence[Service], kafka: str, *, replication: int | None = None) -> list[Provisioned]:
    """Create the missing topics; ``replication`` defaults to 3 where the cluster has several brokers, else 1.

    Raises ``Mismatch`` before anything is created when an existing topic differs, ``BrokerAway``.
    """
    wanted = topics_of(services)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=10_000)
    try:
        async with asyncio.timeout(30):
            await admin.start()
            present = await _partitions(admin, [topic.name for topic in wanted])
            await _must_fit(admin, wanted, present)
            missing = [topic for topic in wanted if topic.name not in present]
            created = await _create(admin, missing, replication or await _replication(admin))
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerAway(
            f"Kafka at {kafka} does not answer: start it, or name another one in TANDEM_KAFKA ({error!r})"
        ) from error
    finally:
        await admin.close()
    return [Provisioned("topic", t.name, "created" if t.name in created else "present") for t in wanted]


async def indexes(services: Sequence[Service], client: mongo.Client, prefix: str) -> list[Provisioned]:
    """Create the missing indexes in each service's own database. Raises ``Mismatch``, ``mongo.Unavailable``."""
    return [
        await _index(client[f"{prefix}_{service.name}"][name], f"{service.name}.{name}", index)
        for service in services
        for name, wanted in _indexes_of(service).items()
        for index in wanted
    ]


async def create_indexes(collection: mongo.Collection, where: str, wanted: Sequence[Index]) -> None:
    """Create the missing ones of these indexes. Raises ``Mismatch``, ``mongo.Unavailable``."""
    for index in wanted:
        await _index(collection, where, index)


async def missing_promises(service: Service, database: mongo.Database) -> list[str]:
    """The unique indexes that ``service`` builds its promises on and its database lacks. Raises ``Unavailable``."""
    missing = []
    for name, wanted in service.indexes.items():
        with mongo.unavailable():
            described = (await database[name].index_information()).values()
        present = {tuple((field, int(order)) for field, order in one["key"]) for one in described if one.get("unique")}
        missing += [f"{name} ({_fields(index)})" for index in wanted if index.unique and index.keys not in present]
    return missing


def _fields(index: Index) -> str:
    return ", ".join(field for field, _ in index.keys)


def _indexes_of(service: Service) -> dict[str, list[Index]]:
    wanted = {name: list(listed) for name, listed in service.indexes.items()}
    for aggregate in service.aggregates:
        wanted.setdefault(aggregate, []).append(Index((("outbox.sequence", 1),)))
    if service.consumes:
        wanted.setdefault(parking.COLLECTION, []).extend(parking.INDEXES)
        wanted.setdefault(drops.COLLECTION, []).extend(drops.INDEXES)
    return wanted


async def _index(collection: mongo.Collection, where: str, index: Index) -> Provisioned:
    options: dict[str, Any] = {"unique": True} if index.unique else {}
    if index.partial is not None:
        options["partialFilterExpression"] = dict(index.partial)
    if index.expires_after is not None:
        options["expireAfterSeconds"] = index.expires_after
    fields = _fields(index)
    with mongo.unavailable():
        before = await collection.index_information()
        try:
            name = await collection.create_index(list(index.keys), **options)
        except mongo.OperationFailure as error:
            if error.code in _CONFLICTS:
                raise Mismatch([f"index {where} ({fields}) exists with other options: {error}"]) from error
            raise
    return Provisioned("index", f"{where} ({fields})", "present" if name in before else "created")


async def _partitions(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    """Of the topics that exist, the number of partitions."""
    if not names:
        return {}
    described = await admin.describe_topics(list(names))
    return {d["topic"]: len(d["partitions"]) for d in described if d["error_code"] == 0}


async def _must_fit(admin: AIOKafkaAdminClient, wanted: Sequence[Topic], present: Mapping[str, int]) -> None:
    found = [topic for topic in wanted if topic.name in present]
    configs = await _configs(admin, [topic.name for topic in found])
    differences: list[str] = []
    for topic in found:
        if present[topic.name] != topic.partitions:
            differences.append(f"topic {topic.name} has {present[topic.name]} partitions, not {topic.partitions}")
        for option in _DECISIVE:
            expected, actual = _CONFIG[topic.kind].get(option), configs[topic.name].get(option)
            if expected is not None and expected != actual:
                differences.append(f"topic {topic.name} has {option}={actual}, not {expected}")
    if differences:
        raise Mismatch(differences)


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(_DECISIVE)) for name in names]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(asked):
        for code, message, _, name, entries in response.resources:
            if code:
                raise for_code(code)(message)
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def _replication(admin: AIOKafkaAdminClient) -> int:
    return 1 if len((await admin.describe_cluster())["brokers"]) == 1 else 3


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[Topic], replication: int) -> set[str]:
    """Create the topics and return the names of those that this call made, once the cluster shows all of them."""
    if not missing:
        return set()
    answer = await admin.create_topics([_new(topic, replication) for topic in missing])
    for name, code, message in answer.topic_errors:
        if code not in (0, _EXISTS):
            raise for_code(code)(f"topic {name}: {message}")
    names = [topic.name for topic in missing]
    deadline = time.monotonic() + _VISIBLE_WITHIN
    while len(visible := await _partitions(admin, names)) < len(names):
        if time.monotonic() > deadline:
            raise TimeoutError(f"topics are not visible after their creation: {sorted(set(names) - set(visible))}")
        await asyncio.sleep(0.05)
    await _must_fit(admin, missing, visible)
    return {name for name, code, _ in answer.topic_errors if code == 0}


def _new(topic: Topic, replication: int) -> NewTopic:
    config = {**_CONFIG[topic.kind], "max.message.bytes": str(_LARGEST)}
    if replication >= 3:
        config["min.insync.replicas"] = "2"
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=config)
