"""What is sent about participations."""

from __future__ import annotations

from services.applications.domain import participation
from services.applications.http.fields import Day, Id, Reason
from services.chassis.http import Body


class Exempt(Body):
    """Why an executive does not take part; ``until`` is the last day of it, in the edition's zone."""

    reason: participation.Reason
    explanation: Reason
    until: Day | None = None


class Escalate(Body):
    """Who is to see to an executive without a mentor, and why."""

    to: Id
    reason: Reason


class Oblige(Body):
    """Why an exemption or an escalation does not hold any more."""

    reason: Reason
