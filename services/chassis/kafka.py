"""The broker as every service meets it: a producer that survives its absence, and a check of topics."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from faststream.kafka import KafkaBroker

from services.chassis import envelope
from services.chassis.errors import Transient
from services.chassis.logging import get_logger

log = get_logger(__name__)
_STEP = 3.0  # seconds that one step of starting or stopping may take
_ACKNOWLEDGED = 15.0  # seconds within which the broker must acknowledge a page


class BrokerAway(Transient):
    """The broker does not answer; what was to be published stays where it is."""

    kind = "broker-unavailable"


def broker(bootstrap: str) -> KafkaBroker:
    """A FastStream broker for subscribers only: nothing is created, nothing is converted behind their backs."""
    return KafkaBroker(
        bootstrap,
        allow_auto_create_topics=False,
        enable_idempotence=True,
        acks="all",
        graceful_timeout=12,
        apply_types=False,
        logger=None,
    )


async def missing_topics(bootstrap: str, topics: Iterable[str]) -> list[str]:
    """Which of ``topics`` the broker does not have. Raises ``BrokerAway``."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=3000)
    try:
        async with asyncio.timeout(_STEP):
            await admin.start()
            present = set(await admin.list_topics())
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerAway(f"Kafka at {bootstrap} does not answer: {error!r}") from error
    finally:
        await _bounded(admin.close())
    return sorted(set(topics) - present)


async def partitions_of(bootstrap: str, topic: str) -> list[int]:
    """The numbers of a topic's partitions; none where there is no such topic. Raises ``BrokerAway``."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=3000)
    try:
        async with asyncio.timeout(_STEP):
            await admin.start()
            [described] = await admin.describe_topics([topic])
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerAway(f"Kafka at {bootstrap} does not answer: {error!r}") from error
    finally:
        await _bounded(admin.close())
    return sorted(one["partition"] for one in described["partitions"]) if described["error_code"] == 0 else []


class Publisher:
    """Publishes pages of events and says which of them the broker acknowledged (all in-sync replicas)."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def publish(
        self, events: Sequence[tuple[str, envelope.Event]], *, partitions: Sequence[int] | None = None
    ) -> list[bool | None]:
        """Send (topic, event) pairs at once; per event: True acknowledged, False refused, None unknown.

        Each goes to the partition of its key, or to the one that ``partitions`` has in its place.
        Raises ``BrokerAway`` when there is no broker to send to.
        """
        producer = await self._started()
        places: Sequence[int | None] = [None] * len(events) if partitions is None else partitions
        try:
            async with asyncio.timeout(_ACKNOWLEDGED):
                return await self._send(producer, events, places)
        except (TimeoutError, KafkaError) as error:
            await self._forget()
            raise BrokerAway(f"Kafka did not acknowledge in time: {error!r}") from error

    async def _send(
        self, producer: Any, events: Sequence[tuple[str, envelope.Event]], places: Sequence[int | None]
    ) -> list[bool | None]:
        waiting: list[asyncio.Future[Any]] = []
        for (topic, event), place in zip(events, places, strict=True):
            waiting.append(asyncio.ensure_future(_sent(producer, topic, event, place)))
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        outcomes = [_outcome(answer) for answer in answers]
        if None in outcomes:
            await self._forget()
        return outcomes

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:  # relay and heartbeat share one producer; whoever comes second finds the first one's
            if self._producer is None:
                self._producer = await self._new()
            return self._producer

    async def _new(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            request_timeout_ms=10_000,
            max_request_size=1_048_576,
        )
        try:
            await asyncio.wait_for(producer.start(), _STEP)
        except (KafkaError, OSError, TimeoutError) as error:
            await _bounded(producer.stop())
            raise BrokerAway(f"Kafka at {self.bootstrap} does not answer.") from error
        except asyncio.CancelledError:
            await _bounded(producer.stop())
            raise
        return producer

    async def _forget(self) -> None:
        """Drop a producer whose state is in doubt; the next page starts a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _bounded(producer.stop())

    async def stop(self) -> None:
        """Close the producer within bounds: its own ``stop`` hangs while the broker is down."""
        await self._forget()


async def _sent(producer: Any, topic: str, event: envelope.Event, partition: int | None) -> None:
    value, headers = envelope.write(event)
    acknowledged = await producer.send(topic, value, key=event.subject.encode(), headers=headers, partition=partition)
    await acknowledged


def _outcome(answer: object) -> bool | None:
    if answer is None:
        return True
    return False if isinstance(answer, MessageSizeTooLargeError | envelope.Rejected) else None


async def _bounded(step: Any) -> None:
    """Await a step of stopping; one that fails or hangs has nothing left to save."""
    try:
        await asyncio.wait_for(step, _STEP)
    except Exception as error:
        log.debug("stop_step_failed", error=repr(error))
