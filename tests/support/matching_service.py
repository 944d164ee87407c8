"""The running service `matching` for tests, with a database of its own, over the servers of the test run."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis import directory, kafka, mongo, provision
from services.chassis.service import Service, Topic
from services.matching import contracts
from services.matching.main import SERVICE
from tests.support.applications import never
from tests.support.databases import drop
from tests.support.matching import AT, World
from tests.support.servers import Running
from tests.support.trusting import trusting

READER = {"Tandem-Actor": "a-reader"}
OTHERS = (
    Service("people", never, owns=(Topic(directory.TOPIC, "state"), Topic(contracts.PROFILES, "state"))),
    Service("applications", never, owns=(Topic(contracts.APPLICATIONS, "event"),)),
)


@asynccontextmanager
async def running(servers: Running, folder: Path) -> AsyncIterator[World]:
    """The service until the block ends; it reads the time from a file in this folder, and lets everybody pass."""
    prefix, clock = f"m{uuid.uuid4().hex[:12]}", folder / "now"
    clock.write_text(AT)
    client = mongo.connect(servers.mongodb)
    await provision.provision([SERVICE, *OTHERS], kafka=servers.kafka, client=client, prefix=prefix)
    app = application(servers, prefix, clock)
    publisher = kafka.Publisher(servers.kafka)
    async with (
        listening(servers, contracts.TOPIC) as log,
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost", headers=READER) as http,
    ):
        yield World(http, client[f"{prefix}_matching"], publisher, log)
    await publisher.stop()
    await drop(client[f"{prefix}_matching"])
    await mongo.close(client)


@asynccontextmanager
async def listening(servers: Running, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of what is written to a topic of this service from now on."""
    log = AIOKafkaConsumer(bootstrap_servers=servers.kafka)
    await log.start()
    log.assign([TopicPartition(topic, number) for number in range(6)])
    await log.seek_to_end()
    yield log
    await log.stop()


def application(servers: Running, prefix: str, clock: Path) -> Any:
    """The service's application under these settings."""
    environment = {"KAFKA": servers.kafka, "MONGODB": servers.mongodb, "CLOCK": str(clock), "LOG_LEVEL": "error"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment, "DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix}.items():
            patch.setenv(f"TANDEM_{name}", value)
        return trusting(SERVICE.app())


def kind_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]
