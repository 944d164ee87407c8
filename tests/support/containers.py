"""Kafka and MongoDB in containers, for the suites that run on the real images too; they can be killed and restarted."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname
from typing import Any

import docker
from docker.errors import DockerException, ImageNotFound, NotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from deploy.local.kafka import has_brokers
from deploy.local.ports import HOST, Ports
from services.chassis import mongo, replica_set
from services.chassis.kafka import BrokerAway
from services.chassis.patience import patiently
from services.chassis.settings import MONGODB_OPTIONS

KAFKA_IMAGE, MONGO_IMAGE = "apache/kafka:4.3.1", "mongo:8"
KEYCLOAK_IMAGE = "keycloak/keycloak:26.7.3"
LABEL = "org.tandem.tests"  # on every container: host and process of the test run it belongs to
_PATIENCE = 60.0  # seconds for a server's start
_KAFKA = {
    "NODE_ID": "1",
    "PROCESS_ROLES": "broker,controller",
    "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://localhost:9093",
    "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
    "AUTO_CREATE_TOPICS_ENABLE": "false",
    "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "OFFSETS_TOPIC_NUM_PARTITIONS": "1",
    "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
    "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "BROKER_SESSION_TIMEOUT_MS": "4000",  # after a crash the broker is refused until its old session has run out
    "BROKER_HEARTBEAT_INTERVAL_MS": "500",
    "HEAP_OPTS": "-Xms64m -Xmx384m",
}

# The reaper's own image would have to be pulled; what a crashed run leaves is removed by the next one instead.
testcontainers_config.ryuk_disabled = True


def unavailable(images: Iterable[str] = (KAFKA_IMAGE, MONGO_IMAGE), *, pull: bool = False) -> str:
    """Why no container can be started here, or nothing; with ``pull``, images that are missing are fetched."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the client leaves its socket open where nobody listens
        reason = _unavailable(images, pull)
        gc.collect()
    return reason


def _unavailable(images: Iterable[str], pull: bool) -> str:
    try:
        client = docker.from_env()
    except DockerException as error:
        return f"no Docker engine answers ({_brief(error)})"
    try:
        return next(filter(None, (_missing(client, image, pull=pull) for image in images)), "")
    except DockerException as error:
        return f"no Docker engine answers ({_brief(error)})"
    finally:
        client.close()


def _missing(client: Any, image: str, *, pull: bool) -> str:
    try:
        client.images.get(image)
    except ImageNotFound:
        if not pull:
            return f"the image {image} is not there; make test-containers fetches it"
        try:
            client.images.pull(image)
        except DockerException as error:
            return f"the image {image} cannot be pulled ({_brief(error)})"
    return ""


class Contained:
    """A server in a container, on a port of loopback that it keeps over restarts."""

    def __init__(self, container: DockerContainer, answers: Callable[[], Any], inside: int, port: int) -> None:
        self._container = container.with_kwargs(labels={LABEL: f"{gethostname()} {os.getpid()}"})
        published: dict[str, Any] = {f"{inside}/tcp": (HOST, port)}  # on loopback alone
        self._container.ports = published
        self._answers = answers

    def create(self) -> None:
        """Make the container and begin to start the server."""
        self._container.start()

    def wait_ready(self) -> None:
        """Return when the server answers. Raises the last ``Transient`` after a minute."""
        with ThreadPoolExecutor(1) as apart:  # the caller may have a running event loop
            apart.submit(asyncio.run, patiently(self._answers, _PATIENCE, pause=0.1)).result()

    def kill(self) -> None:
        """End the server at once (SIGKILL); return when it is gone."""
        container = self._container.get_wrapped_container()
        container.kill()
        container.wait()

    def start(self) -> None:
        """Start the killed server again over its data and wait until it answers."""
        self._container.get_wrapped_container().start()
        self.wait_ready()

    def remove(self) -> None:
        """Remove the container with its data."""
        self._container.stop()


class Containers:
    """Kafka and a MongoDB replica set of one, each in a container of its own."""

    def __init__(self, ports: Ports) -> None:
        broker, database = ports.of("kafka"), ports.of("mongodb")
        self.kafka = f"{HOST}:{broker}"
        self.mongodb = f"mongodb://{HOST}:{database}/?directConnection=true&{MONGODB_OPTIONS}"
        variables = {f"KAFKA_{name}": value for name, value in _KAFKA.items()}
        advertised = {"KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{self.kafka}"}
        image = DockerContainer(KAFKA_IMAGE, env={**variables, **advertised})
        self.broker = Contained(image, self._has_brokers, 9092, broker)
        image = DockerContainer(MONGO_IMAGE, command="mongod --replSet rs0 --bind_ip_all")
        self.database = Contained(image, self._is_primary, 27017, database)

    async def _has_brokers(self) -> None:
        if not await has_brokers(self.kafka):
            raise BrokerAway(f"Kafka at {self.kafka} does not answer")

    async def _is_primary(self) -> None:
        client = mongo.connect(self.mongodb)
        try:
            await replica_set.initiate(client, "rs0", "localhost:27017")
        finally:
            await mongo.close(client)


@contextmanager
def containers(data: Path) -> Iterator[Containers]:
    """Running containers; none of them is left after the block, nor any of an earlier run that crashed."""
    _sweep()
    both = Containers(Ports(data / "ports.json"))
    try:
        for server in (both.database, both.broker):
            server.create()
        for server in (both.database, both.broker):
            server.wait_ready()
        yield both
    finally:
        both.broker.remove()
        both.database.remove()


def _sweep() -> None:
    client = docker.from_env()
    try:
        for container in client.containers.list(all=True, filters={"label": LABEL}):
            host, _, process = container.labels[LABEL].rpartition(" ")
            if host == gethostname() and not _runs(int(process)):
                container.remove(force=True, v=True)
    except NotFound:
        pass  # another run sweeps at the same time
    finally:
        client.close()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _brief(error: Exception) -> str:
    return str(error).splitlines()[0][:200]


if __name__ == "__main__":
    if why := unavailable(pull=True):
        sys.stdout.write(f"{why}\n")
    else:
        unavailable([KEYCLOAK_IMAGE], pull=True)  # its own test says where it is missing
