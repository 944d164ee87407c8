"""What goes out of a participation, and what comes in of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.applications.contracts.topics import TOPIC
from services.applications.domain import participation
from services.chassis.outbox import Outgoing
from services.chassis.wire import GivenInstant, Id, Incoming, Instant, Strict


class MenteeObliged(Strict):
    """An executive is in scope of an edition."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    obliged_at: Instant


class MenteeExempted(Strict):
    """An executive does not take part; the explanation stays in the participation."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    reason: Literal["absence", "leaving", "role_change", "already_mentored", "other"]
    exempted_at: Instant
    until: date | None = None


class MenteeEscalated(Strict):
    """Somebody is to see to an executive without a mentor; the reason stays in the participation."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    escalated_to: str
    escalated_at: Instant


class MenteeLeft(Strict):
    """An executive is not in scope any more."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    cause: Literal["left_group", "moved_out", "no_executive"]
    left_at: Instant


class PairMatched(Incoming):
    """An executive of an edition has a mentor."""

    pair_id: Id
    edition_id: Id
    mentee_id: Id


class PairEnded(Incoming):
    """A pair is one no more; ``ended_at`` may be missing, then the event's own time counts."""

    pair_id: Id
    edition_id: Id
    mentee_id: Id
    ended_at: GivenInstant | None = None


OBLIGED = "org.tandem.mentee.obliged.v1"
EXEMPTED = "org.tandem.mentee.exempted.v1"
ESCALATED = "org.tandem.mentee.escalated.v1"
LEFT = "org.tandem.mentee.left.v1"
MATCHED = "org.tandem.pair.matched.v1"
ENDED = "org.tandem.pair.ended.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    OBLIGED: MenteeObliged,
    EXEMPTED: MenteeExempted,
    ESCALATED: MenteeEscalated,
    LEFT: MenteeLeft,
}
FROM_PAIRS: Mapping[str, type[BaseModel]] = {MATCHED: PairMatched, ENDED: PairEnded}


def of_participation(event: participation.Event) -> Outgoing | None:
    """An event of a participation as it goes to the topic, without any text that people wrote; pairs have a topic."""
    about = {
        "participation_id": event.participation_id,
        "edition_id": event.edition_id,
        "mentee_id": event.mentee_id,
        "subsidiary": event.subsidiary,
    }
    match event:
        case participation.MenteeObliged(obliged_at=obliged_at):
            return _out(event, OBLIGED, MenteeObliged(**about, obliged_at=obliged_at))
        case participation.MenteeExempted(exemption=exemption, at=at):
            exempted = MenteeExempted(**about, reason=exemption.reason, exempted_at=at, until=exemption.until)
            return _out(event, EXEMPTED, exempted)
        case participation.MenteeEscalated(escalation=escalation, at=at):
            return _out(event, ESCALATED, MenteeEscalated(**about, escalated_to=escalation.to, escalated_at=at))
        case participation.MenteeLeft(left=left):
            return _out(event, LEFT, MenteeLeft(**about, cause=left.cause, left_at=left.at))
        case participation.MenteePaired() | participation.MenteeUnpaired():
            return None


def _out(event: participation.Event, type_: str, data: Strict) -> Outgoing:
    return Outgoing(TOPIC, type_, data, edition=event.edition_id, subsidiary=event.subsidiary)
