"""What `applications` answers about participations."""

from __future__ import annotations

from datetime import date

from services.applications.domain import participation
from services.chassis.wire import Instant, Strict


class ExemptionView(Strict):
    """Why an executive does not take part; ``until`` is its last day, null where it has no end."""

    reason: participation.Reason
    explanation: str
    exempted_by: str
    exempted_at: Instant
    until: date | None


class EscalationView(Strict):
    """Who is to see to an executive without a mentor; ``by`` is a person id or ``timer``.

    ``reachable`` is false where that person cannot see to it and nobody could take their place.
    """

    to: str
    since: Instant
    reason: str | None
    by: str
    reachable: bool


class LiftView(Strict):
    """Who put an executive back among the obliged, and why."""

    reason: str
    by: str
    at: Instant


class LeftView(Strict):
    """Why an executive is not in scope any more, since when."""

    cause: participation.Cause
    at: Instant


class ParticipationView(Strict):
    """One executive in one edition; ``obliged_at`` is when they last came to be obliged."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    obliged_at: Instant
    status: participation.Status
    pair_id: str | None
    exemption: ExemptionView | None
    escalation: EscalationView | None
    lift: LiftView | None
    left: LeftView | None


class CoverageCounts(Strict):
    """How many executives are in which state; ``in_scope`` are all but those who left the scope."""

    in_scope: int
    obliged: int
    paired: int
    escalated: int
    exempt: int
    left: int


class CoverageRow(CoverageCounts):
    """The counts of one company."""

    subsidiary: str


class CoverageView(Strict):
    """What became of the executives of an edition: per company of the caller, and these in all."""

    edition_id: str
    as_of: Instant
    totals: CoverageCounts
    rows: tuple[CoverageRow, ...]
