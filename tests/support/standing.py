"""What stands in each service before generated requests are sent: enough of everything for some of them to succeed.

``WHO`` is the person as whom they succeed; what they may not decide on is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from services.applications import store as applications
from services.chassis.aggregate import AggregateKind
from services.chassis.ids import derived_id
from services.chassis.projector import Projection
from services.matching.projections import CANDIDATES
from services.matching.store.run_chunks import CHUNKS
from services.notifications import store as notifications
from services.notifications.domain import Delivery
from services.people.domain.person import Contact, Directory, Person, Profile
from services.people.domain.subsidiary import Subsidiary
from services.people.store.companies import SUBSIDIARIES
from services.people.store.persons import PERSONS
from services.reporting.domain import sources
from services.reporting.projections import board
from services.sessions import store as sessions
from services.sessions.domain import Session, Workspace
from tests.support.standing_drafts import beside, drafts, kept, known
from tests.support.standing_matching import matched, told
from tests.support.standing_programme import programme

WHO, LATE = derived_id("the insider"), derived_id("somebody who comes too late")
COMPANY = derived_id("the insider's company")
PAST, FUTURE = datetime(2026, 1, 1, 9, tzinfo=UTC), datetime(2100, 1, 1, 9, tzinfo=UTC)
OPENS, ENDS = date(2090, 1, 1), date(2099, 12, 31)
MANY = 20  # of whatever only one request can do something to


class Standing(NamedTuple):
    """A document and the collection it is in."""

    collection: str
    document: dict[str, Any]


def standing(service: str) -> list[Standing]:
    """The documents of a service."""
    return list(_ALL[service]())


def _id(what: str, number: int) -> str:
    return derived_id(what, str(number))


def _aggregate(kind: AggregateKind[Any, Any], id: str, state: Any) -> Standing:
    dumped = kind.state.dump_python(state, mode="json")
    bare: dict[str, Any] = {"version": 1, "sequence": 0, "outbox": [], "recent": [], "seen": {}}
    return Standing(kind.collection, {"_id": id, "state": dumped, **bare})


def _projected(projection: Projection[Any], id: str, state: Any) -> Standing:
    dumped = projection.state.dump_python(state, mode="json")
    return Standing(projection.collection, {"_id": id, "seq": 1, "state": dumped})


def _applications() -> Iterator[Standing]:
    for kind, id, state in programme(WHO, COMPANY):
        yield _aggregate(kind, id, state)
    for id in (WHO, LATE):
        profile = {"person_id": id, "birth_date": "1999-05-05", "languages": ["de"]}
        yield Standing(applications.PROFILES, {"_id": id, "seq": 1, "gone": False, "entry": profile})


def _matching() -> Iterator[Standing]:
    for kind, id, state in (*matched(COMPANY), *drafts(WHO, COMPANY)):
        made = _aggregate(kind, id, state)
        made.document.update(beside(state))
        yield made
    yield from (Standing(CHUNKS, chunk) for chunk in kept(WHO))
    for id, candidate in (*told(COMPANY), *known(WHO, COMPANY)):
        yield _projected(CANDIDATES, id, candidate)


def _notifications() -> Iterator[Standing]:
    delivery = Delivery(
        _id("delivery", 0),
        _id("event", 0),
        "pair_matched",
        WHO,
        "partner",
        "mentor",
        _id("pair", 0),
        _id("edition", 0),
        PAST,
        PAST,
    )
    yield _aggregate(notifications.DELIVERIES, delivery.delivery_id, delivery)


def _sessions() -> Iterator[Standing]:
    for pair in range(2):
        planned = tuple(
            Session(_id("session", pair * MANY + n), n, FUTURE + timedelta(days=366 * n), 60)
            for n in range(1, MANY + 1)
        )
        workspace = Workspace(
            _id("pair", pair), _id("edition", 0), WHO, _id("mentee", 0), COMPANY, COMPANY, PAST, planned
        )
        yield _aggregate(sessions.WORKSPACES, workspace.pair_id, workspace)


def _people() -> Iterator[Standing]:
    yield _aggregate(SUBSIDIARIES, COMPANY, Subsidiary(COMPANY, "North GmbH"))
    for number, id in enumerate((WHO, _id("colleague", 1))):
        person = Person(
            id,
            f"00{number}",
            Directory(COMPANY, f"idp:{id}"),
            Contact("Ada North", "ada@north.example"),
            Profile(PAST.date()),
        )
        yield _aggregate(PERSONS, id, person)


def _reporting() -> Iterator[Standing]:
    edition = sources.Edition(_id("edition", 0), "Next", OPENS, ENDS, (COMPANY,), PAST, PAST)
    pair = sources.Pair(_id("pair", 0), _id("edition", 0), _id("mentor", 0), _id("mentee", 0), COMPANY, COMPANY, PAST)
    for projection, id, state in (
        (board.APPLICATIONS, _id("edition", 0), edition),
        (board.PAIRS, _id("pair", 0), pair),
    ):
        yield _projected(projection, id, state)


_ALL: Mapping[str, Callable[[], Iterator[Standing]]] = {
    "applications": _applications,
    "matching": _matching,
    "notifications": _notifications,
    "people": _people,
    "reporting": _reporting,
    "sessions": _sessions,
}
