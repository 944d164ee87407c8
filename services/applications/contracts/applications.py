"""What goes out of an application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.applications.contracts.topics import TOPIC
from services.applications.domain import application
from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict

Aspect = Literal["content", "waiver_request", "admission", "eligibility", "decision", "extension"]


class _Application(Strict):
    application_id: str
    edition_id: str
    mentor_id: str


class _OfCompany(_Application):
    subsidiary: str


class MentorApplied(_OfCompany):
    """Somebody applied to be a mentor."""

    applied_at: Instant
    eligibility: Literal["met", "waived", "unmet"]


class ApplicationWithdrawn(_OfCompany):
    """An applicant withdrew; the reason, if there is one, stays in the application."""

    withdrawn_at: Instant


class ApplicationChanged(_Application):
    """Something about an application changed that is no event of its own: what of it, not what it says."""

    changed: tuple[Aspect, ...]
    at: Instant


class WaiverDecided(_Application):
    """A waiver was granted or refused; the reason stays in the application."""

    decision: Literal["granted", "refused"]
    decided_at: Instant


class MentorSelected(_OfCompany):
    """An applicant will be a mentor."""

    selected_at: Instant


class MentorReserved(_OfCompany):
    """An applicant is on the reserve list."""

    reserved_at: Instant


class MentorDeclined(_OfCompany):
    """An applicant will not be a mentor; the reason stays in the application."""

    declined_at: Instant


class MentorAccepted(_OfCompany):
    """A selected applicant accepted the place."""

    accepted_at: Instant


APPLIED = "org.tandem.mentor.applied.v1"
WITHDRAWN = "org.tandem.application.withdrawn.v1"
CHANGED = "org.tandem.application.changed.v1"
WAIVER_DECIDED = "org.tandem.waiver.decided.v1"
SELECTED = "org.tandem.mentor.selected.v1"
RESERVED = "org.tandem.mentor.reserved.v1"
DECLINED = "org.tandem.mentor.declined.v1"
ACCEPTED = "org.tandem.mentor.accepted.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    APPLIED: MentorApplied,
    WITHDRAWN: ApplicationWithdrawn,
    CHANGED: ApplicationChanged,
    WAIVER_DECIDED: WaiverDecided,
    SELECTED: MentorSelected,
    RESERVED: MentorReserved,
    DECLINED: MentorDeclined,
    ACCEPTED: MentorAccepted,
}
_Released = application.MentorSelected | application.MentorReserved | application.MentorDeclined


def of_application(event: application.Event) -> Outgoing | None:
    """An event of an application as it goes to the topic, without any text that people wrote.

    What an applicant has not handed in stays private; a decision that waits for its release goes out as a change.
    """
    match event:
        case application.ApplicationStarted() | application.BegunAgain():
            return None
        case application.MentorApplied(applied_at=at, eligibility=eligibility):
            return _sent(event, APPLIED, MentorApplied(**_whose(event), applied_at=at, eligibility=eligibility))
        case application.ApplicationWithdrawn(withdrawal=withdrawal, told=told):
            data = ApplicationWithdrawn(**_whose(event), withdrawn_at=withdrawal.at)
            return _sent(event, WITHDRAWN, data) if told else None
        case application.WaiverDecided(waiver=waiver):
            decided = WaiverDecided(**_about(event), decision=waiver.decision, decided_at=waiver.decided_at)
            return Outgoing(TOPIC, WAIVER_DECIDED, decided, edition=event.edition_id)
        case application.MentorSelected() | application.MentorReserved() | application.MentorDeclined():
            return _released(event)
        case application.MentorAccepted(accepted_at=at):
            return _sent(event, ACCEPTED, MentorAccepted(**_whose(event), accepted_at=at))
        case _:
            return _changed(event)


def _changed(event: application.Event) -> Outgoing | None:
    match event:
        case application.ContentChanged(told=True, at=at):
            return _change(event, "content", at)
        case application.Recounted(told=True, at=at):
            return _change(event, "eligibility", at)
        case application.WaiverRequested(request=request):
            return _change(event, "waiver_request", request.requested_at)
        case application.Admitted(admission=admission):
            return _change(event, "admission", admission.at)
        case application.DecisionPrepared(decision=decision):
            return _change(event, "decision", decision.decided_at)
        case application.AcceptanceExtended(extension=extension):
            return _change(event, "extension", extension.at)
        case _:
            return None


def _change(event: application.Event, aspect: Aspect, at: datetime) -> Outgoing:
    data = ApplicationChanged(**_about(event), changed=(aspect,), at=at)
    return Outgoing(TOPIC, CHANGED, data, edition=event.edition_id)


def _released(event: _Released) -> Outgoing:
    at = event.decision.released_at or event.decision.decided_at
    match event:
        case application.MentorSelected():
            return _sent(event, SELECTED, MentorSelected(**_whose(event), selected_at=at))
        case application.MentorReserved():
            return _sent(event, RESERVED, MentorReserved(**_whose(event), reserved_at=at))
        case application.MentorDeclined():
            return _sent(event, DECLINED, MentorDeclined(**_whose(event), declined_at=at))


def _sent(event: application.Event, type_: str, data: Strict) -> Outgoing:
    return Outgoing(TOPIC, type_, data, edition=event.edition_id, subsidiary=event.subsidiary)


def _about(event: application.Event) -> dict[str, str]:
    return {"application_id": event.application_id, "edition_id": event.edition_id, "mentor_id": event.mentor_id}


def _whose(event: application.Event) -> dict[str, str]:
    return {**_about(event), "subsidiary": event.subsidiary}
