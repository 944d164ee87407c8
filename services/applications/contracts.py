"""The wire models of `applications`: strict on the way out, tolerant on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.applications.domain import application, edition, participation
from services.chassis import access
from services.chassis.outbox import Outgoing
from services.chassis.service import Topic
from services.chassis.wire import Id, Incoming, Instant, Strict

TOPIC = "tandem.applications.v1"
PROFILES = "tandem.profiles.v1"
ACCESS = "tandem.access.applications.v1"
TOPICS = (Topic(TOPIC, "event"), Topic(ACCESS, "event"))


class EditionOpened(Strict):
    """An edition was opened for these subsidiaries."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    opened_at: Instant


class CallOpened(Strict):
    """The call of an edition was opened."""

    edition_id: str
    reference_date: date
    maximum_age: int
    languages: tuple[str, ...]
    closes_at: Instant
    opened_at: Instant


class MentorApplied(Strict):
    """Somebody applied to be a mentor."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    applied_at: Instant
    eligibility: Literal["met", "waived", "unmet"]


class WaiverDecided(Strict):
    """A waiver was granted or refused; the reason stays in the application."""

    application_id: str
    edition_id: str
    mentor_id: str
    decision: Literal["granted", "refused"]
    decided_at: Instant


class MentorSelected(Strict):
    """An applicant will be a mentor."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    selected_at: Instant


class MentorDeclined(Strict):
    """An applicant will not be a mentor; the reason stays in the application."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    declined_at: Instant


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


class Profile(Incoming):
    """What `applications` needs to know of a person: what the rules of a call are counted from, as far as known."""

    person_id: Id
    birth_date: date | None = None
    languages: tuple[str, ...]


EDITION_OPENED = "org.tandem.edition.opened.v1"
CALL_OPENED = "org.tandem.call.opened.v1"
APPLIED = "org.tandem.mentor.applied.v1"
WAIVER_DECIDED = "org.tandem.waiver.decided.v1"
SELECTED = "org.tandem.mentor.selected.v1"
DECLINED = "org.tandem.mentor.declined.v1"
OBLIGED = "org.tandem.mentee.obliged.v1"
EXEMPTED = "org.tandem.mentee.exempted.v1"
PROFILE = "org.tandem.profiles.person.v1"
PROFILE_UNDATED = "org.tandem.profiles.person.v2"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    EDITION_OPENED: EditionOpened,
    CALL_OPENED: CallOpened,
    APPLIED: MentorApplied,
    WAIVER_DECIDED: WaiverDecided,
    SELECTED: MentorSelected,
    DECLINED: MentorDeclined,
    OBLIGED: MenteeObliged,
    EXEMPTED: MenteeExempted,
    **access.PUBLISHES,
}
READS: Mapping[str, type[BaseModel]] = {PROFILE: Profile, PROFILE_UNDATED: Profile}


def of_edition(event: edition.Event) -> Outgoing:
    """An event of an edition as it goes to the topic."""
    match event:
        case edition.EditionOpened():
            opened = EditionOpened.model_validate(event, from_attributes=True)
            return Outgoing(TOPIC, EDITION_OPENED, opened, edition=event.edition_id)
        case edition.CallOpened():
            called = CallOpened.model_validate(event, from_attributes=True)
            return Outgoing(TOPIC, CALL_OPENED, called, edition=event.edition_id)


def of_application(event: application.Event) -> Outgoing:
    """An event of an application as it goes to the topic, without any text that people wrote."""
    about = {"application_id": event.application_id, "edition_id": event.edition_id, "mentor_id": event.mentor_id}
    match event:
        case application.MentorApplied(subsidiary=subsidiary, applied_at=at, eligibility=eligibility):
            applied = MentorApplied(**about, subsidiary=subsidiary, applied_at=at, eligibility=eligibility)
            return Outgoing(TOPIC, APPLIED, applied, edition=event.edition_id, subsidiary=subsidiary)
        case application.WaiverDecided(waiver=waiver):
            decided = WaiverDecided(**about, decision=waiver.decision, decided_at=waiver.decided_at)
            return Outgoing(TOPIC, WAIVER_DECIDED, decided, edition=event.edition_id)
        case application.MentorSelected(subsidiary=subsidiary, decision=decision):
            selected = MentorSelected(**about, subsidiary=subsidiary, selected_at=decision.decided_at)
            return Outgoing(TOPIC, SELECTED, selected, edition=event.edition_id, subsidiary=subsidiary)
        case application.MentorDeclined(subsidiary=subsidiary, decision=decision):
            declined = MentorDeclined(**about, subsidiary=subsidiary, declined_at=decision.decided_at)
            return Outgoing(TOPIC, DECLINED, declined, edition=event.edition_id, subsidiary=subsidiary)


def of_participation(event: participation.Event) -> Outgoing:
    """An event of a participation as it goes to the topic, without any text that people wrote."""
    about = {
        "participation_id": event.participation_id,
        "edition_id": event.edition_id,
        "mentee_id": event.mentee_id,
        "subsidiary": event.subsidiary,
    }
    match event:
        case participation.MenteeObliged(obliged_at=obliged_at):
            obliged = MenteeObliged(**about, obliged_at=obliged_at)
            return Outgoing(TOPIC, OBLIGED, obliged, edition=event.edition_id, subsidiary=event.subsidiary)
        case participation.MenteeExempted(exemption=exemption):
            exempted = MenteeExempted(**about, reason=exemption.reason, exempted_at=exemption.exempted_at)
            return Outgoing(TOPIC, EXEMPTED, exempted, edition=event.edition_id, subsidiary=event.subsidiary)
