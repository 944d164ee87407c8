"""`applications` over a database of its own, for the tests that speak with it over HTTP; closed whatever ends them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.applications import contracts
from services.applications.main import SERVICE
from services.chassis import kafka, mongo, provision
from services.chassis.service import Service
from tests.support.databases import connected, drop
from tests.support.servers import Running


class Served(NamedTuple):
    """A running service: its interface, what others publish with, what it publishes, and its database."""

    http: httpx2.AsyncClient
    publisher: kafka.Publisher
    log: AIOKafkaConsumer
    database: mongo.Database


@asynccontextmanager
async def served(servers: Running, clock: Path, *, others: Service, authenticator: Any) -> AsyncIterator[Served]:
    """The service by this clock, with the topics of ``others`` beside its own; the log begins at this moment."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    environment = {
        "KAFKA": servers.kafka, "MONGODB": servers.mongodb, "DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix,
        "CLOCK": str(clock), "LOG_LEVEL": "error",
    }  # fmt: skip
    async with connected(servers.mongodb) as client:
        await provision.provision([SERVICE, others], kafka=servers.kafka, client=client, prefix=prefix)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(f"TANDEM_{name}", value)
            app = SERVICE.app()
        app.state.authenticator = authenticator
        publisher, log = kafka.Publisher(servers.kafka), AIOKafkaConsumer(bootstrap_servers=servers.kafka)
        database, transport = client[f"{prefix}_applications"], httpx2.ASGITransport(app)
        try:
            await log.start()
            log.assign([TopicPartition(contracts.TOPIC, number) for number in range(6)])
            await log.seek_to_end()
            async with (
                app.router.lifespan_context(app),
                httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http,
            ):
                yield Served(http, publisher, log, database)
        finally:
            await log.stop()
            await publisher.stop()
            await drop(database)
