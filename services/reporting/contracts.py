"""The wire models of `reporting`: tolerant, and of each event only what the board needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from services.chassis import access, envelope
from services.chassis.errors import Poison
from services.chassis.service import Topic
from services.chassis.wire import Count, GivenInstant, Id, Incoming
from services.reporting.domain import events

APPLICATIONS = "tandem.applications.v1"
PAIRS = "tandem.pairs.v1"
SESSIONS = "tandem.sessions.v1"
ACCESS_APPLICATIONS = "tandem.access.applications.v1"
ACCESS_MATCHING = "tandem.access.matching.v1"
ACCESS_NOTIFICATIONS = "tandem.access.notifications.v1"
ACCESS_PEOPLE = "tandem.access.people.v1"
ACCESS_REPORTING = "tandem.access.reporting.v1"
ACCESS_SESSIONS = "tandem.access.sessions.v1"
OF_A_PAIR = (PAIRS, SESSIONS)  # topics whose subjects are pairs
BOARD_TOPICS = (APPLICATIONS, PAIRS, SESSIONS)
EVENT_TOPICS = (
    *BOARD_TOPICS,
    ACCESS_APPLICATIONS,
    ACCESS_MATCHING,
    ACCESS_NOTIFICATIONS,
    ACCESS_PEOPLE,
    ACCESS_REPORTING,
    ACCESS_SESSIONS,
)
TOPICS = (Topic(ACCESS_REPORTING, "event"),)


class Told(Incoming):
    """The data of an event that the board knows; ``happened`` makes the domain's event of the same fields."""

    happened: ClassVar[Callable[..., events.Event]]


class EditionOpened(Told):
    """An edition was opened."""

    happened = events.EditionOpened
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[Id, ...]


class EditionChanged(Told):
    """Something about an edition changed; its companies are named where they did."""

    happened = events.EditionChanged
    subsidiaries: tuple[Id, ...] | None = None


class EditionStaged(Told):
    """People moved an edition on."""

    happened = events.EditionStaged


class EditionClosed(Told):
    """People closed an edition."""

    happened = events.EditionClosed


class CallOpened(Told):
    """The call of an edition was opened."""

    happened = events.CallOpened
    closes_at: GivenInstant


class MentorApplied(Told):
    """Somebody applied."""

    happened = events.MentorApplied
    edition_id: Id
    subsidiary: Id


class WaiverDecided(Told):
    """A waiver was granted or refused."""

    happened = events.WaiverDecided


class MentorSelected(Told):
    """An applicant was selected."""

    happened = events.MentorSelected
    edition_id: Id
    subsidiary: Id


class MentorDeclined(Told):
    """An applicant was declined."""

    happened = events.MentorDeclined
    edition_id: Id
    subsidiary: Id


class MentorReserved(Told):
    """An applicant was put on the reserve list."""

    happened = events.MentorReserved
    edition_id: Id
    subsidiary: Id


class MentorAccepted(Told):
    """A selected applicant accepted."""

    happened = events.MentorAccepted
    edition_id: Id
    subsidiary: Id


class ApplicationWithdrawn(Told):
    """An applicant withdrew."""

    happened = events.ApplicationWithdrawn
    edition_id: Id
    subsidiary: Id


class MenteeObliged(Told):
    """An executive came into scope."""

    happened = events.MenteeObliged
    edition_id: Id
    mentee_id: Id
    subsidiary: Id


class MenteeExempted(Told):
    """An executive was exempted."""

    happened = events.MenteeExempted
    edition_id: Id
    mentee_id: Id
    subsidiary: Id


class MenteeEscalated(Told):
    """An executive without a mentor was escalated."""

    happened = events.MenteeEscalated
    edition_id: Id
    mentee_id: Id
    subsidiary: Id


class MenteeLeft(Told):
    """An executive left the scope."""

    happened = events.MenteeLeft
    edition_id: Id
    mentee_id: Id
    subsidiary: Id


class PairMatched(Told):
    """A pair was published."""

    happened = events.PairMatched
    edition_id: Id
    mentor_id: Id
    mentee_id: Id
    mentor_subsidiary: Id
    mentee_subsidiary: Id


class PairEnded(Told):
    """A pair ended."""

    happened = events.PairEnded
    edition_id: Id
    mentor_id: Id
    mentee_id: Id
    mentor_subsidiary: Id
    mentee_subsidiary: Id
    ended_at: GivenInstant


class SessionPlanned(Told):
    """A session was planned."""

    happened = events.SessionPlanned
    edition_id: Id
    session_id: Id
    number: Count
    planned_for: GivenInstant
    minutes: Count


class SessionCancelled(Told):
    """A planned session was given up."""

    happened = events.SessionCancelled
    edition_id: Id
    session_id: Id
    number: Count


class SessionHeld(Told):
    """A session took place."""

    happened = events.SessionHeld
    edition_id: Id
    session_id: Id
    number: Count
    held_at: GivenInstant
    minutes: Count
    mentee_subsidiary: Id


FROM_APPLICATIONS: Mapping[str, type[Told]] = {
    "org.tandem.edition.opened.v1": EditionOpened,
    "org.tandem.edition.changed.v1": EditionChanged,
    "org.tandem.edition.staged.v1": EditionStaged,
    "org.tandem.edition.closed.v1": EditionClosed,
    "org.tandem.call.opened.v1": CallOpened,
    "org.tandem.call.opened.v2": CallOpened,
    "org.tandem.mentor.applied.v1": MentorApplied,
    "org.tandem.waiver.decided.v1": WaiverDecided,
    "org.tandem.mentor.selected.v1": MentorSelected,
    "org.tandem.mentor.declined.v1": MentorDeclined,
    "org.tandem.mentor.reserved.v1": MentorReserved,
    "org.tandem.mentor.accepted.v1": MentorAccepted,
    "org.tandem.application.withdrawn.v1": ApplicationWithdrawn,
    "org.tandem.mentee.obliged.v1": MenteeObliged,
    "org.tandem.mentee.exempted.v1": MenteeExempted,
    "org.tandem.mentee.escalated.v1": MenteeEscalated,
    "org.tandem.mentee.left.v1": MenteeLeft,
}
FROM_PAIRS: Mapping[str, type[Told]] = {
    "org.tandem.pair.matched.v1": PairMatched,
    "org.tandem.pair.ended.v1": PairEnded,
}
FROM_SESSIONS: Mapping[str, type[Told]] = {
    "org.tandem.session.planned.v1": SessionPlanned,
    "org.tandem.session.cancelled.v1": SessionCancelled,
    "org.tandem.session.held.v1": SessionHeld,
}
PUBLISHES: Mapping[str, type[BaseModel]] = {**access.PUBLISHES}
READS: Mapping[str, type[BaseModel]] = {**FROM_APPLICATIONS, **FROM_PAIRS, **FROM_SESSIONS}


def happened(event: envelope.Event, data: Told) -> events.Event:
    """What an event says, in the domain's words; the aggregate is the envelope's subject. Raises ``Poison``."""
    return data.happened(subject=event.subject, at=_instant(event.time), **dict(data))


def _instant(time: str | None) -> datetime | None:
    """The instant of an envelope, within the bounds of those in the data; None for a leap second.

    Python cannot hold a leap second, and what lies at either end of time cannot be told in UTC.
    """
    if time is None or time[17:19] == "60":
        return None
    try:
        return _TIME.validate_python(time)
    except ValidationError:
        raise Poison("invalid_data", "time is not an instant between the years 1900 and 2200") from None


_TIME: TypeAdapter[datetime] = TypeAdapter(GivenInstant)
