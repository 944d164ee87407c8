"""Applications: one per person and edition, checked against the call, decided by people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.applications.domain.edition import Call, Edition
from services.applications.domain.eligibility import RuleChecked, check_age, check_language
from services.applications.domain.rules import RuleBroken

Eligibility = Literal["met", "waived", "unmet"]
Status = Literal["applied", "selected", "declined"]


class AlreadyApplied(RuleBroken):
    """One application per person and edition."""

    kind = "already-applied"


class CallNotOpen(RuleBroken):
    """There is no call yet, or its deadline has passed."""

    kind = "call-not-open"


class UnknownPerson(RuleBroken):
    """The directory does not know the person."""

    kind = "unknown-person"
    status = 422
    field = "/mentor_id"


class ProfileMissing(RuleBroken):
    """The person's profile, from which the rules are counted, has not arrived."""

    kind = "profile-missing"


class NotInScope(RuleBroken):
    """The person cannot be a mentor of this edition, whatever the call's rules say."""

    kind = "not-in-scope"


class NoWaiverNeeded(RuleBroken):
    """The applicant meets every rule."""

    kind = "no-waiver-needed"


class WaiverDecidedBefore(RuleBroken):
    """The waiver was decided before."""

    kind = "waiver-decided-before"


class OwnApplication(RuleBroken):
    """Nobody decides on the own application."""

    kind = "own-application"


class NotEligible(RuleBroken):
    """A rule of the call is missed and no waiver stands."""

    kind = "not-eligible"


class DecidedBefore(RuleBroken):
    """The application was decided before, and that is final."""

    kind = "decided-before"


class ReasonMissing(RuleBroken):
    """Declining needs a reason."""

    kind = "reason-missing"
    status = 422
    field = "/reason"


@dataclass(frozen=True, slots=True)
class Profile:
    """What the rules of a call are counted from; a date of birth that is missing is not known."""

    birth_date: date | None
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of a person at the moment of applying."""

    person_id: str
    subsidiary: str
    active: bool
    executive: bool
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class Waiver:
    """What was decided on a missed rule, why and by whom."""

    decision: Literal["granted", "refused"]
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The last word on an application; ``reason`` is always there where it was declined."""

    decision: Literal["selected", "declined"]
    reason: str | None
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Application:
    """One person's application in one edition."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    applied_at: datetime
    eligibility: Eligibility
    rules: tuple[RuleChecked, ...]
    status: Status = "applied"
    waiver: Waiver | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class MentorApplied:
    """Somebody applied."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    applied_at: datetime
    eligibility: Eligibility
    rules: tuple[RuleChecked, ...]


@dataclass(frozen=True, slots=True)
class WaiverDecided:
    """A waiver was granted or refused."""

    application_id: str
    edition_id: str
    mentor_id: str
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class MentorSelected:
    """The applicant will be a mentor."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class MentorDeclined:
    """The applicant will not be a mentor in this edition."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    decision: Decision


Event = MentorApplied | WaiverDecided | MentorSelected | MentorDeclined


def apply(
    state: Application | None, *, application_id: str, edition: Edition, applicant: Applicant | None, at: datetime
) -> list[Event]:
    """Apply while the call is open; missed rules are recorded, not refused.

    Raises ``AlreadyApplied``, ``CallNotOpen``, ``UnknownPerson``, ``NotInScope``, ``ProfileMissing``.
    """
    if state:
        raise AlreadyApplied(f"This person applied on {state.applied_at:%Y-%m-%d}; see application {application_id}.")
    call = _open_call(edition, at)
    if applicant is None:
        raise UnknownPerson("The directory does not know this person; HR's roster must name them first.")
    _must_be_in_scope(edition, applicant)
    if applicant.profile is None:
        raise ProfileMissing("The person's profile has not arrived yet; try again in a moment.")
    rules = _checked(call, applicant.profile)
    return [
        MentorApplied(
            application_id,
            edition.edition_id,
            applicant.person_id,
            applicant.subsidiary,
            applied_at=at,
            eligibility="met" if all(rule.met for rule in rules) else "unmet",
            rules=rules,
        )
    ]


def _open_call(edition: Edition, at: datetime) -> Call:
    if edition.call is None:
        raise CallNotOpen(f"The call of {edition.name} is not open yet.")
    if at >= edition.call.closes_at:
        raise CallNotOpen(f"The call was open until {edition.call.closes_at:%Y-%m-%d %H:%M} UTC.")
    return edition.call


def _must_be_in_scope(edition: Edition, applicant: Applicant) -> None:
    if not applicant.active:
        raise NotInScope("Only people who work in the group can apply; this person has left.")
    if applicant.subsidiary not in edition.subsidiaries:
        raise NotInScope(f"The subsidiary {applicant.subsidiary} does not take part in {edition.name}.")
    if applicant.executive:
        raise NotInScope("Executives take part as mentees; they cannot apply as mentors.")


def _checked(call: Call, profile: Profile) -> tuple[RuleChecked, ...]:
    return (
        check_age(profile.birth_date, reference_date=call.reference_date, maximum_age=call.maximum_age),
        check_language(profile.languages, call.languages),
    )


def decide_waiver(state: Application, waiver: Waiver) -> list[Event]:
    """Grant or refuse a waiver of the missed rules, once.

    Raises ``OwnApplication``, ``DecidedBefore``, ``WaiverDecidedBefore``, ``NoWaiverNeeded``.
    """
    _must_not_be_own(state, waiver.decided_by)
    _must_be_undecided(state)
    if state.waiver:
        raise WaiverDecidedBefore(f"The waiver was {state.waiver.decision} on {state.waiver.decided_at:%Y-%m-%d}.")
    if state.eligibility == "met":
        raise NoWaiverNeeded("The applicant meets every rule of the call; go on to the decision.")
    return [WaiverDecided(state.application_id, state.edition_id, state.mentor_id, waiver)]


def decide_application(state: Application, decision: Decision) -> list[Event]:
    """Select or decline, once and for all.

    Raises ``OwnApplication``, ``DecidedBefore``, ``NotEligible``, ``ReasonMissing``.
    """
    _must_not_be_own(state, decision.decided_by)
    _must_be_undecided(state)
    about = (state.application_id, state.edition_id, state.mentor_id, state.subsidiary)
    if decision.decision == "selected":
        _must_be_eligible(state)
        return [MentorSelected(*about, decision)]
    if not decision.reason:
        raise ReasonMissing("Say in reason why the applicant is declined.")
    return [MentorDeclined(*about, decision)]


def _must_not_be_own(state: Application, decided_by: str) -> None:
    if decided_by == state.mentor_id:
        raise OwnApplication("Nobody decides on the own application; ask a programme manager.")


def _must_be_undecided(state: Application) -> None:
    if state.decision:
        told = f"{state.decision.decision} on {state.decision.decided_at:%Y-%m-%d}"
        raise DecidedBefore(f"The applicant was {told}, and that is final.")


def _must_be_eligible(state: Application) -> None:
    if state.eligibility != "unmet":
        return
    missed = " and ".join(rule.rule for rule in state.rules if not rule.met)
    todo = "its waiver was refused" if state.waiver else "decide on a waiver first"
    raise NotEligible(f"The applicant misses the rule on {missed}; {todo}.")


def evolve(state: Application | None, event: Event) -> Application:
    """The application after an event."""
    if isinstance(event, MentorApplied):
        about = (event.application_id, event.edition_id, event.mentor_id, event.subsidiary)
        return Application(*about, event.applied_at, event.eligibility, event.rules)
    assert state is not None
    match event:
        case WaiverDecided():
            granted = event.waiver.decision == "granted"
            return replace(state, waiver=event.waiver, eligibility="waived" if granted else "unmet")
        case MentorSelected():
            return replace(state, decision=event.decision, status="selected")
        case MentorDeclined():
            return replace(state, decision=event.decision, status="declined")
