"""Participations: every executive in scope of an edition takes part, or is exempt for a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.applications.domain.rules import RuleBroken

Reason = Literal["absence", "leaving", "role_change", "already_mentored", "other"]
Status = Literal["obliged", "exempt"]


class AlreadyExempt(RuleBroken):
    """The executive is exempt already."""

    kind = "already-exempt"


class OwnExemption(RuleBroken):
    """Nobody exempts themselves."""

    kind = "own-exemption"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why an executive does not take part, and who decided that when."""

    reason: Reason
    explanation: str
    exempted_by: str
    exempted_at: datetime


@dataclass(frozen=True, slots=True)
class Participation:
    """One executive in one edition."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    obliged_at: datetime
    status: Status = "obliged"
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True)
class MenteeObliged:
    """An executive is in scope of an edition."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    obliged_at: datetime


@dataclass(frozen=True, slots=True)
class MenteeExempted:
    """An executive does not take part."""

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    exemption: Exemption


Event = MenteeObliged | MenteeExempted


def oblige(
    state: Participation | None,
    *,
    participation_id: str,
    edition_id: str,
    mentee_id: str,
    subsidiary: str,
    at: datetime,
) -> list[Event]:
    """Put an executive in scope; whoever is in scope or exempt already stays so."""
    if state:
        return []
    return [MenteeObliged(participation_id, edition_id, mentee_id, subsidiary, obliged_at=at)]


def exempt(state: Participation, exemption: Exemption) -> list[Event]:
    """Exempt an executive, once. Raises ``OwnExemption``, ``AlreadyExempt``."""
    if exemption.exempted_by == state.mentee_id:
        raise OwnExemption("Nobody exempts themselves; tell a programme manager your reason.")
    if state.exemption:
        raise AlreadyExempt(f"Exempt since {state.exemption.exempted_at:%Y-%m-%d}: {state.exemption.reason}.")
    return [MenteeExempted(state.participation_id, state.edition_id, state.mentee_id, state.subsidiary, exemption)]


def evolve(state: Participation | None, event: Event) -> Participation:
    """The participation after an event."""
    match event:
        case MenteeObliged():
            return Participation(
                event.participation_id, event.edition_id, event.mentee_id, event.subsidiary, event.obliged_at
            )
        case MenteeExempted():
            assert state is not None
            return replace(state, status="exempt", exemption=event.exemption)
