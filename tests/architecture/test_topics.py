"""Topics in code, in the manifests and in the catalogue are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from services.chassis import access
from services.chassis.manifests import manifests
from services.chassis.service import Service
from services.reporting import contracts as reporting
from services.reporting import main
from services.reporting.audit.staging import Stage
from tests.architecture.sources import ROOT, Source, product
from tests.architecture.topics import named, subscribed, used

SERVICES = product("services")


@pytest.fixture(scope="module")
def installed() -> Sequence[Service]:
    """The manifests of all services."""
    return manifests()


def test_every_topic_in_code_is_owned_by_exactly_one_manifest(installed: Sequence[Service]) -> None:
    """What is published or read is provisioned, once, by the service that it belongs to."""
    owners = Counter(topic.name for service in installed for topic in service.owns)
    assert {topic: owners[topic] for topic in named(SERVICES)} == dict.fromkeys(named(SERVICES), 1)


def test_every_owned_topic_is_used_by_code(installed: Sequence[Service]) -> None:
    """Nothing is provisioned that nobody publishes to or reads."""
    owned = {topic.name for service in installed for topic in service.owns}
    assert owned - used(SERVICES) == set()


def test_every_consumed_topic_is_owned_by_a_service(installed: Sequence[Service]) -> None:
    """A subscriber to a topic that nobody provisions would hang silently."""
    owned = {topic.name for service in installed for topic in service.owns}
    assert {topic for service in installed for topic in service.consumes} - owned == set()


def test_manifests_name_exactly_the_topics_that_are_subscribed_to(installed: Sequence[Service]) -> None:
    """The start waits for the topics of the manifest, so it must know all of them and no other."""
    consumed = {service.name: set(service.consumes) for service in installed if service.consumes}
    assert consumed == subscribed(SERVICES)


def test_every_service_owns_its_access_log(installed: Sequence[Service]) -> None:
    """What is denied, read or operated there is published: the topic is provisioned, the relay looks after the log.

    The portal has no rule of its own: whom it asks keeps the log.
    """
    for service in (one for one in installed if one.rules):
        assert [topic.kind for topic in service.owns if topic.name == access.topic(service.name)] == ["event"]
        assert access.COLLECTION in service.aggregates


def test_the_audit_trail_reads_every_event_topic(installed: Sequence[Service]) -> None:
    """Nothing happens on a topic of the system that the trail does not tell of; each has a consumer of its own."""
    events = sorted(topic.name for service in installed for topic in service.owns if topic.kind == "event")
    assert sorted(reporting.EVENT_TOPICS) == events

    feeds = main.app().state.runtime.feeds.all.values()
    staging = sorted(feed.topic for feed in feeds if isinstance(feed.consumer.applier, Stage))
    assert staging == events


def test_the_catalogue_names_the_same_topics(installed: Sequence[Service]) -> None:
    """Owner, kind and partitions in schemas/registry.yaml are those that are provisioned."""
    rows: list[dict[str, Any]] = yaml.safe_load((ROOT / "schemas/registry.yaml").read_text())["topics"]
    catalogue = {row["name"]: (row["service"], row["kind"], row["partitions"]) for row in rows}
    owned = {
        topic.name: (service.name, topic.kind, topic.partitions) for service in installed for topic in service.owns
    }
    assert catalogue == owned


CONTRACTS = Source(
    "services/pairs/contracts.py",
    "TOPIC = 'tandem.pairs.v1'\nOTHER: str = 'tandem.unused.v1'\n"
    "TOPICS = (Topic(TOPIC, 'event'), Topic(OTHER, 'event'))\n",
)
SUBSCRIBERS = Source(
    "services/board/subscribers.py",
    "from services.board import contracts as own\nfrom services.pairs.contracts import TOPIC as PAIRS\n"
    "@runtime.subscriber(own.SESSIONS, consumer)\ndef a(): ...\n"
    "@runtime.subscriber(PAIRS, consumer)\ndef b(): ...\n"
    "@runtime.subscriber('tandem.plain.v2', consumer)\ndef c(): ...\n"
    "@runtime.subscriber(chosen_at_run_time(), consumer)\ndef d(): ...\n",
)
ALIAS = Source("services/board/contracts.py", "from services.chassis import sessions\nSESSIONS = sessions.TOPIC\n")
SESSIONS = Source("services/chassis/sessions.py", "TOPIC = 'tandem.sessions.v1'\n")


def test_topics_are_found_wherever_a_constant_names_one() -> None:
    """Names of entry-point groups and of schemas are no topics."""
    found = named([CONTRACTS, Source("services/a.py", "f('tandem.services', 'org.tandem.pair.matched.v1')")])
    assert set(found) == {"tandem.pairs.v1", "tandem.unused.v1"}


def test_subscribed_topics_are_followed_to_their_constants() -> None:
    """Through imports, other names and modules; what only running shows stands as its own text, and fails."""
    found = subscribed([CONTRACTS, SUBSCRIBERS, ALIAS, SESSIONS])
    assert found == {"board": {"tandem.sessions.v1", "tandem.pairs.v1", "tandem.plain.v2", "chosen_at_run_time()"}}


def test_a_topic_that_is_only_declared_is_not_used() -> None:
    """Owning a topic is no use of it; publishing to it is."""
    publishing = Source("services/pairs/store.py", "from services.pairs.contracts import TOPIC\nOutgoing(TOPIC, 't')\n")
    assert used([CONTRACTS, publishing]) == {"tandem.pairs.v1"}
    assert used([CONTRACTS]) == set()
