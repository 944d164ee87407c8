"""What waits in a service's database is measured there: pending events and parked records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY

from services.chassis import mongo, parking
from services.chassis.aggregate import Repository
from services.chassis.backlog import Backlog
from services.chassis.clock import SystemClock
from services.chassis.parking import Parking
from services.chassis.projector import Projector
from tests.support.tallies import COLLECTION, broken, kind, projection, raised, record, records

BEGAN = datetime(2026, 4, 1, 9, tzinfo=UTC)


class Moved:
    """A clock that the test moves on."""

    instant = BEGAN

    def now(self) -> datetime:
        """Where it stands."""
        return self.instant


def gauge(name: str, **labels: str) -> float | None:
    """A gauge's value."""
    return REGISTRY.get_sample_value(name, labels)


async def test_the_outbox_is_counted_and_its_oldest_event_aged(database: mongo.Database) -> None:
    """All pending events of all aggregates, by the service's own clock; 0 as soon as nothing waits."""
    clock = Moved()
    backlog = Backlog(database, [COLLECTION], clock)
    assert gauge("tandem_outbox_events", collection=COLLECTION) is not None  # before anything is measured
    tallies = Repository(database, kind("tandem.tallies.v1"), clock=clock)
    await tallies.handle("a", raised(1, 2))
    clock.instant = BEGAN + timedelta(seconds=30)
    await tallies.handle("b", raised(3))
    clock.instant = BEGAN + timedelta(seconds=90)

    await backlog.measure({})
    assert gauge("tandem_outbox_events", collection=COLLECTION) == 3
    assert gauge("tandem_outbox_oldest_seconds", collection=COLLECTION) == 90

    await database[COLLECTION].update_one({"_id": "a"}, {"$set": {"outbox": []}})
    await backlog.measure({})
    assert gauge("tandem_outbox_events", collection=COLLECTION) == 1
    assert gauge("tandem_outbox_oldest_seconds", collection=COLLECTION) == 60

    await database[COLLECTION].update_one({"_id": "b"}, {"$set": {"outbox": []}})
    await backlog.measure({})
    assert gauge("tandem_outbox_events", collection=COLLECTION) == 0
    assert gauge("tandem_outbox_oldest_seconds", collection=COLLECTION) == 0


async def test_parked_records_and_their_subjects_are_counted_per_consumer(database: mongo.Database) -> None:
    """Of the build a consumer feeds now; records without a subject count as records only."""
    projector, backlog = Projector(database, projection(), SystemClock()), Backlog(database, [], SystemClock())
    nobody = broken(record("a", 1))
    nobody.key, nobody.headers = None, []
    await projector.apply([*records("a", 2, 3), *records("b", 4), nobody])
    await Parking(database, "another_v1", SystemClock()).park([])

    await backlog.measure({"seen": "seen_v1", "another": "another_v1"})
    assert gauge("tandem_parking_records", consumer="seen") == 4
    assert gauge("tandem_parking_subjects", consumer="seen") == 2
    assert gauge("tandem_parking_records", consumer="another") == 0

    await projector.apply(records("a", 1))
    await backlog.measure({"seen": "seen_v1", "another": "another_v1"})
    assert gauge("tandem_parking_records", consumer="seen") == 2
    assert gauge("tandem_parking_subjects", consumer="seen") == 1
    await database[parking.COLLECTION].delete_many({})
    await backlog.measure({"seen": "seen_v1"})
    assert gauge("tandem_parking_records", consumer="seen") == 0
