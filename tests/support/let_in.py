"""What a service in a process of its own needs to let somebody in: an issuer, its row in the directory, heartbeats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from services.chassis import directory, envelope, mongo
from services.chassis.clock import SystemClock
from services.chassis.heartbeat import Beats, Heartbeat
from services.chassis.ids import random_id
from services.chassis.kafka import Publisher
from services.chassis.wire import Instant
from tests.support.issuing import Issuing, issuing

ISSUER = "idp"


class _Beat(BaseModel):
    heartbeat_id: str
    at: Instant
    partitions: int


def _beat(key: str, at: datetime, partitions: int) -> BaseModel:
    return _Beat(heartbeat_id=key, at=at, partitions=partitions)


BEATS = Beats(directory.TOPIC, directory.HEARTBEAT, "people", _beat)


@contextmanager
def trusted_issuer(folder: Path) -> Iterator[tuple[Issuing, Mapping[str, str]]]:
    """A running issuer, and the environment of a service that trusts it."""
    with issuing(folder) as issuer:
        known = {"name": ISSUER, "issuer": issuer.url, "audience": "tandem-api", "development": True}
        yield issuer, {"TANDEM_ISSUERS": json.dumps([known])}


async def introduce(kafka: str, database: mongo.Database, *logins: str, **facts: Any) -> None:
    """Tell the directory of persons whose ids are their logins, and that it is up to date; ``facts`` are all theirs."""
    publisher = Publisher(kafka)
    for login in logins:
        said = {"person_id": login, "login": f"{ISSUER}:{login}", "subsidiary": "north", "roles": [], **facts}
        event = envelope.Event(
            id=random_id(),
            source="/tandem/people",
            type=directory.PERSON,
            subject=login,
            sequence=1,
            time="2026-04-01T09:00:00Z",
            data=json.dumps(said).encode(),
        )
        assert await publisher.publish([(directory.TOPIC, event)]) == [True]
    await Heartbeat(database, (), publisher, SystemClock(), BEATS).beat()
    await publisher.stop()
