"""Participations: every executive in scope of an edition takes part, is exempt for a reason, or has left the scope.

What is known is kept apart (an exemption, an escalation, pairs), and the status follows from it: whoever is out of
scope has left; else exempt; else paired; else escalated; else obliged and without a mentor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.applications.domain.rules import RuleBroken

Reason = Literal["absence", "leaving", "role_change", "already_mentored", "other"]
Status = Literal["obliged", "paired", "escalated", "exempt", "left"]
Cause = Literal["left_group", "moved_out", "no_executive"]
STATUSES: tuple[Status, ...] = ("obliged", "paired", "escalated", "exempt", "left")
TIMER = "timer"  # who escalates and ends exemptions where no person does


class AlreadyExempt(RuleBroken):
    """The executive is exempt already."""

    kind = "already-exempt"


class AlreadyPaired(RuleBroken):
    """The executive has a mentor."""

    kind = "already-paired"


class AlreadyEscalated(RuleBroken):
    """The case is with that person already."""

    kind = "already-escalated"


class NothingToLift(RuleBroken):
    """There is neither an exemption nor an escalation."""

    kind = "nothing-to-lift"


class OutOfScope(RuleBroken):
    """The executive is not in scope of the edition any more."""

    kind = "out-of-scope"


class OwnParticipation(RuleBroken):
    """Nobody decides on their own participation."""

    kind = "own-participation"


class ExemptionOver(RuleBroken):
    """The last day of the exemption has passed."""

    kind = "exemption-over"
    status = 422
    field = "/until"


class EscalatedToThemselves(RuleBroken):
    """An escalation goes to somebody else."""

    kind = "escalated-to-themselves"
    status = 422
    field = "/to"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why an executive does not take part, and who decided that when; ``until`` is its last day, None for no end."""

    reason: Reason
    explanation: str
    exempted_by: str
    exempted_at: datetime
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is to see to an executive without a mentor, since when, and who said so.

    ``by`` is a person or ``timer``, ``reason`` there where it was a person. ``reachable`` is false where ``to``
    has left the group and nobody could take their place.
    """

    to: str
    since: datetime
    by: str
    reason: str | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Lift:
    """Who put an executive back among the obliged, and why."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Left:
    """Why an executive is not in scope any more, since when."""

    cause: Cause
    at: datetime


@dataclass(frozen=True, slots=True)
class Participation:
    """One executive in one edition.

    ``obliged_at`` is when they last came to be obliged; ``pairs`` are those that go on, oldest first; ``unpaired_at``
    is when the last one ended. ``turn`` counts what happened, so that a plan made before can tell.
    """

    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str
    obliged_at: datetime
    status: Status = "obliged"
    exemption: Exemption | None = None
    escalation: Escalation | None = None
    left: Left | None = None
    lift: Lift | None = None
    pairs: tuple[str, ...] = ()
    unpaired_at: datetime | None = None
    turn: int = 0

    @property
    def pair_id(self) -> str | None:
        """The pair that goes on, if there is one."""
        return self.pairs[-1] if self.pairs else None


@dataclass(frozen=True, slots=True)
class _Happened:
    participation_id: str
    edition_id: str
    mentee_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True)
class MenteeObliged(_Happened):
    """An executive is in scope of an edition and takes part; what was decided before does not hold any more."""

    obliged_at: datetime
    lift: Lift | None = None


@dataclass(frozen=True, slots=True)
class MenteeExempted(_Happened):
    """An executive does not take part; ``at`` is when that was said, be it once more after a move."""

    exemption: Exemption
    at: datetime


@dataclass(frozen=True, slots=True)
class MenteeEscalated(_Happened):
    """Somebody is to see to an executive without a mentor; said at ``at``, be it once more after a move."""

    escalation: Escalation
    at: datetime


@dataclass(frozen=True, slots=True)
class MenteeLeft(_Happened):
    """An executive is not in scope any more."""

    left: Left


@dataclass(frozen=True, slots=True)
class MenteePaired(_Happened):
    """An executive has a mentor."""

    pair_id: str


@dataclass(frozen=True, slots=True)
class MenteeUnpaired(_Happened):
    """A pair of the executive has ended, at ``at``."""

    pair_id: str
    at: datetime


Event = MenteeObliged | MenteeExempted | MenteeEscalated | MenteeLeft | MenteePaired | MenteeUnpaired


def oblige(
    state: Participation | None,
    *,
    participation_id: str,
    edition_id: str,
    mentee_id: str,
    subsidiary: str,
    at: datetime,
) -> list[Event]:
    """Put an executive in scope, of this subsidiary; whoever is in scope of it already stays as they are.

    Whoever moved is told of anew, and what was decided goes with them.
    """
    if state and not state.left and state.subsidiary == subsidiary:
        return []
    obliged = MenteeObliged(participation_id, edition_id, mentee_id, subsidiary, obliged_at=at)
    events: list[Event] = [obliged]
    if state and not state.left:
        about = (participation_id, edition_id, mentee_id, subsidiary)
        if state.exemption:
            events.append(MenteeExempted(*about, exemption=state.exemption, at=at))
        elif state.escalation:
            events.append(MenteeEscalated(*about, escalation=state.escalation, at=at))
    return events


def leave(state: Participation, cause: Cause, *, at: datetime) -> list[Event]:
    """Take an executive out of scope; whoever is out already stays so."""
    return [] if state.left else [MenteeLeft(*_about(state), left=Left(cause, at))]


def exempt(state: Participation, exemption: Exemption, *, today: date) -> list[Event]:
    """Exempt an executive; ``today`` is the day in the edition's zone.

    Raises ``OwnParticipation``, ``OutOfScope``, ``AlreadyExempt``, ``ExemptionOver``.
    """
    _expect_other(state, exemption.exempted_by)
    _expect_in_scope(state)
    if state.exemption:
        raise AlreadyExempt(f"Exempt since {state.exemption.exempted_at:%Y-%m-%d}: {state.exemption.reason}.")
    if exemption.until and exemption.until < today:
        raise ExemptionOver(f"The last day of the exemption, {exemption.until}, has passed; name today or a later one.")
    return [MenteeExempted(*_about(state), exemption=exemption, at=exemption.exempted_at)]


def escalate(state: Participation, escalation: Escalation) -> list[Event]:
    """Have somebody see to an executive without a mentor; a case that is with one person may go to another.

    Raises ``OwnParticipation``, ``OutOfScope``, ``AlreadyExempt``, ``AlreadyPaired``, ``AlreadyEscalated``,
    ``EscalatedToThemselves``.
    """
    _expect_other(state, escalation.by)
    _expect_in_scope(state)
    if state.exemption:
        raise AlreadyExempt("Whoever is exempt needs no mentor; lift the exemption first.")
    if state.pairs:
        raise AlreadyPaired("The executive has a mentor, so there is nothing to escalate.")
    if escalation.to == state.mentee_id:
        raise EscalatedToThemselves("Name somebody other than the executive.")
    if state.escalation and state.escalation.to == escalation.to:
        raise AlreadyEscalated("The case is with this person already; name somebody else.")
    return [MenteeEscalated(*_about(state), escalation=escalation, at=escalation.since)]


def lift(state: Participation, lifted: Lift) -> list[Event]:
    """Put an executive back among the obliged: an exemption or an escalation does not hold any more.

    Raises ``OwnParticipation``, ``OutOfScope``, ``NothingToLift``.
    """
    _expect_other(state, lifted.by)
    _expect_in_scope(state)
    if not (state.exemption or state.escalation):
        raise NothingToLift("The executive is neither exempt nor escalated.")
    return [MenteeObliged(*_about(state), obliged_at=lifted.at, lift=lifted)]


def exemption_over(state: Participation, *, at: datetime) -> list[Event]:
    """End an exemption whose last day has passed, if there still is one."""
    ends = state.exemption and state.exemption.until
    return [MenteeObliged(*_about(state), obliged_at=at)] if ends else []


def unattended(state: Participation, escalation: Escalation) -> list[Event]:
    """Escalate an executive who has been without a mentor for too long, if that is still so."""
    if state.status != "obliged":
        return []
    return [MenteeEscalated(*_about(state), escalation=escalation, at=escalation.since)]


def redirect(state: Participation, to: str, *, reachable: bool, at: datetime) -> list[Event]:
    """Give a case to somebody else, since the one who has it left the group; once."""
    now = state.escalation
    if state.status != "escalated" or now is None or (now.to, now.reachable) == (to, reachable):
        return []
    return [MenteeEscalated(*_about(state), escalation=replace(now, to=to, reachable=reachable), at=at)]


def pair(state: Participation, pair_id: str) -> list[Event]:
    """Note that the executive has a mentor; a pair that is known changes nothing."""
    return [] if pair_id in state.pairs else [MenteePaired(*_about(state), pair_id=pair_id)]


def unpair(state: Participation, pair_id: str, *, at: datetime) -> list[Event]:
    """Note that a pair of the executive has ended; one that is not known changes nothing."""
    return [MenteeUnpaired(*_about(state), pair_id=pair_id, at=at)] if pair_id in state.pairs else []


def evolve(state: Participation | None, event: Event) -> Participation:
    """The participation after an event."""
    if state is None:
        assert isinstance(event, MenteeObliged)
        state = Participation(*_about(event), obliged_at=event.obliged_at)
    changed = _changed(state, event)
    return replace(changed, status=_status(changed), subsidiary=event.subsidiary, turn=state.turn + 1)


def _changed(state: Participation, event: Event) -> Participation:
    match event:
        case MenteeObliged():
            held = replace(state, obliged_at=event.obliged_at, lift=event.lift)
            return replace(held, exemption=None, escalation=None, left=None)
        case MenteeExempted():
            return replace(state, exemption=event.exemption, escalation=None)
        case MenteeEscalated():
            return replace(state, escalation=event.escalation)
        case MenteeLeft():
            return replace(state, left=event.left, exemption=None, escalation=None)
        case MenteePaired():
            return replace(state, pairs=(*state.pairs, event.pair_id), escalation=None)
        case MenteeUnpaired():
            others = tuple(one for one in state.pairs if one != event.pair_id)
            return replace(state, pairs=others, unpaired_at=later(state.unpaired_at, event.at))


def _status(state: Participation) -> Status:
    if state.left:
        return "left"
    if state.exemption:
        return "exempt"
    if state.pairs:
        return "paired"
    return "escalated" if state.escalation else "obliged"


def later(one: datetime | None, other: datetime) -> datetime:
    """The later of two instants, of which the first may be missing."""
    return max(one, other) if one else other


def _about(one: Participation | Event) -> tuple[str, str, str, str]:
    return one.participation_id, one.edition_id, one.mentee_id, one.subsidiary


def _expect_other(state: Participation, by: str) -> None:
    if by == state.mentee_id:
        raise OwnParticipation("Nobody decides on their own participation; tell a programme manager your reason.")


def _expect_in_scope(state: Participation) -> None:
    if state.left:
        raise OutOfScope(f"The executive is not in scope of the edition since {state.left.at:%Y-%m-%d}.")
