"""What `applications` answers over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Literal

from services.applications.domain import application, participation
from services.applications.domain.eligibility import RuleName
from services.chassis.wire import Instant, Strict


class CallView(Strict):
    """The call of an edition."""

    reference_date: date
    maximum_age: int
    languages: tuple[str, ...]
    closes_at: Instant
    opened_at: Instant


class EditionView(Strict):
    """One edition."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    opened_at: Instant
    call: CallView | None


class ParticipationCounts(Strict):
    """How many executives are in which state."""

    obliged: int = 0
    exempt: int = 0


class ApplicationCounts(Strict):
    """How many applications are in which state."""

    applied: int = 0
    selected: int = 0
    declined: int = 0


class EditionReport(EditionView):
    """One edition and how far it has come, of which only those responsible for its subsidiaries are told."""

    participations: ParticipationCounts | None = None
    applications: ApplicationCounts | None = None


class RuleView(Strict):
    """One rule of the call, whether it is met, and the calculation; ``unknown`` where nobody could count."""

    rule: RuleName
    met: bool
    calculation: str
    unknown: bool


class WaiverView(Strict):
    """What was decided on a missed rule."""

    decision: Literal["granted", "refused"]
    reason: str
    decided_by: str
    decided_at: Instant


class DecisionView(Strict):
    """The last word on an application."""

    decision: Literal["selected", "declined"]
    reason: str | None
    decided_by: str
    decided_at: Instant


class ApplicationView(Strict):
    """One application."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    applied_at: Instant
    status: application.Status
    eligibility: application.Eligibility
    rules: tuple[RuleView, ...]
    waiver: WaiverView | None
    decision: DecisionView | None


class ExemptionView(Strict):
    """Why an executive does not take part."""

    reason: participation.Reason
    explanation: str
    exempted_by: str
    exempted_at: Instant


class ParticipationView(Strict):
    """One executive in one edition."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    obliged_at: Instant
    status: participation.Status
    exemption: ExemptionView | None
