"""What operators see of a consumer that lags behind, and of an outbox while the broker is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.servers import Servers
from services.chassis import mongo
from services.chassis.ids import random_id
from services.chassis.lag import Lag, Reader
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from tests.support import tallies
from tests.support.applications import never
from tests.support.servers import Running
from tests.support.small_service import SMALL, Small, running_small
from tests.support.waiting import until_async


async def settings_of(servers: Running, *services: Service) -> Settings:
    """Settings over databases and groups of the test's own, with everything provisioned."""
    prefix = f"seen{random_id()[:8]}"
    client = mongo.connect(servers.mongodb)
    await provision(services, kafka=servers.kafka, client=client, prefix=prefix)
    await mongo.close(client)
    return Settings(kafka=servers.kafka, mongodb=servers.mongodb, database_prefix=prefix, group_prefix=prefix)


async def test_a_consumer_that_hangs_over_a_batch_lags(servers: Running) -> None:
    """Records in hand and behind them count, the oldest one's age grows; applied, both are 0 again."""
    topic, going_on, held = f"tandem.t{random_id()[:8]}.v1", asyncio.Event(), asyncio.Event()
    service = Service("lagging", never, owns=[Topic(topic, "event")], aggregates=(tallies.COLLECTION,))
    runtime = Runtime(service, await settings_of(servers, service))
    repository = runtime.repository(tallies.kind(topic))

    async def hang(event: Any, data: Any) -> None:
        held.set()
        await going_on.wait()

    name = f"hanging{random_id()[:8]}"
    consumer = runtime.projected(tallies.projection(topic, name=name, react=hang))

    @runtime.subscriber(topic, consumer)
    async def hang_on_raised(records: list[object]) -> None:
        await consumer.handle(records)

    def lag(of: str) -> float:
        return REGISTRY.get_sample_value(f"tandem_consumer_lag_{of}", {"consumer": consumer.name}) or 0

    async def measured(true: Callable[[], bool]) -> bool:
        await Lag().measure([Reader(consumer.batches, runtime.feeds.of(consumer).subscriber.consumer)])
        return true()

    await repository.handle("a", tallies.raised(1))
    await runtime.start()
    try:
        async with asyncio.timeout(30):
            await held.wait()
        assert await measured(lambda: lag("records") == 1 and lag("seconds") > 0), "the record in hand is not applied"
        await repository.handle("b", tallies.raised(*range(1, 41)))
        await until_async(lambda: measured(lambda: lag("records") == 41), "all records count as lag")
        before = lag("seconds")
        assert before > 0
        await until_async(lambda: measured(lambda: lag("seconds") > before + 0.2), "the oldest record grows older")
        going_on.set()
        await until_async(lambda: measured(lambda: lag("records") == 0), "all records are applied")
        assert await measured(lambda: lag("seconds") == 0)
    finally:
        going_on.set()
        await runtime.stop()


@pytest.mark.timeout(180)
async def test_the_outbox_ages_while_the_broker_is_away(own_servers: Servers) -> None:
    """Depth and age stand in the metrics of the service, and fall to 0 when the broker is back."""
    settings = await settings_of(own_servers, SMALL)
    async with running_small(settings) as small:
        own_servers.broker.kill()
        try:
            for n in range(3):
                answer = await small.http.post(
                    "/v1/notes", json={"text": f"{n}"}, headers={"Idempotency-Key": random_id()}
                )
                assert answer.status_code == 201
            await until_async(lambda: shown(small, "tandem_outbox_events", 3), "three events wait", 30)
            assert await shown(small, "tandem_outbox_oldest_seconds", None)
        finally:
            own_servers.broker.start()
        await until_async(lambda: shown(small, "tandem_outbox_events", 0), "none waits any more", 60)
        await until_async(lambda: shown(small, "tandem_outbox_oldest_seconds", 0), "and none is old", 30)


async def shown(small: Small, name: str, value: float | None) -> bool:
    """Whether the metrics of the service show this value for its notes; None stands for any but 0."""
    families = text_string_to_metric_families((await small.http.get("/metrics")).text)
    found = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and sample.labels["collection"] == "notes"
    ]
    return found == [value] if value is not None else bool(found) and found[0] > 0
