"""What happens to an application, and what it is afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.applications.domain.application.state import (
    Admission,
    Application,
    Content,
    Decision,
    Eligibility,
    Extension,
    Standing,
    Waiver,
    WaiverRequest,
    Withdrawal,
    eligibility_of,
)
from services.applications.domain.eligibility import RuleChecked


@dataclass(frozen=True, slots=True)
class _About:
    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True)
class ApplicationStarted(_About):
    """Somebody began an application, for themselves alone."""

    rules: tuple[RuleChecked, ...]
    standing: Standing
    form_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class BegunAgain(_About):
    """Somebody who had withdrawn goes on; what was decided then no longer counts."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ContentChanged(_About):
    """The applicant says something else; ``told`` where others know of the application."""

    content: Content
    told: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class MentorApplied(_About):
    """Somebody handed an application in, for the first time or again after withdrawing."""

    applied_at: datetime
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn(_About):
    """The applicant withdrew; ``told`` where it had been handed in."""

    withdrawal: Withdrawal
    told: bool


@dataclass(frozen=True, slots=True)
class WaiverRequested(_About):
    """The applicant asks that the missed rules be waived."""

    request: WaiverRequest


@dataclass(frozen=True, slots=True)
class WaiverDecided(_About):
    """A waiver was granted or refused."""

    waiver: Waiver


@dataclass(frozen=True, slots=True)
class Admitted(_About):
    """Somebody may apply after the deadline."""

    admission: Admission


@dataclass(frozen=True, slots=True)
class Recounted(_About):
    """Something was learnt of the person: rules, standing or company are others now."""

    rules: tuple[RuleChecked, ...]
    standing: Standing
    told: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionPrepared(_About):
    """A decision was made and waits for its release; the one that was released before takes back what waited."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class MentorSelected(_About):
    """The applicant will be a mentor."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class MentorReserved(_About):
    """The applicant is on the reserve list."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class MentorDeclined(_About):
    """The applicant will not be a mentor in this edition."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class MentorAccepted(_About):
    """The applicant accepted the place."""

    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptanceExtended(_About):
    """The applicant may accept the place until a later day."""

    extension: Extension


_ByApplicant = BegunAgain | ContentChanged | MentorApplied | ApplicationWithdrawn | WaiverRequested | MentorAccepted
_ByOthers = WaiverDecided | Admitted | Recounted | DecisionPrepared | AcceptanceExtended
_Released = MentorSelected | MentorReserved | MentorDeclined
Event = ApplicationStarted | _ByApplicant | _ByOthers | _Released


def about(state: Application) -> tuple[str, str, str, str]:
    """What every event of an application begins with."""
    return state.application_id, state.edition_id, state.mentor_id, state.subsidiary


def evolve(state: Application | None, event: Event) -> Application:
    """The application after an event."""
    if isinstance(event, ApplicationStarted):
        return _started(event)
    assert state is not None
    judges = tuple(dict.fromkeys((*state.judges, *_judged(event))))
    after = _evolved(replace(state, judges=judges), event)
    if (state.told or after.told) and not (isinstance(event, ContentChanged) and not event.told):
        after = replace(after, told_changes=state.told_changes + 1)
    if isinstance(event, DecisionPrepared):
        return after  # nothing that the applicant could see change
    return replace(after, shown=state.shown + 1, eligibility=eligibility_of(after.rules, after.waiver))


def _judged(event: Event) -> tuple[str, ...]:
    """Who decided or released what an event tells of, nobody where the applicant or the service did something."""
    match event:
        case WaiverDecided():
            return (event.waiver.decided_by,)
        case Admitted():
            return (event.admission.by,)
        case AcceptanceExtended():
            return (event.extension.by,)
        case DecisionPrepared():
            return (event.decision.decided_by,)
        case MentorSelected() | MentorReserved() | MentorDeclined():
            said = event.decision
            return (said.decided_by, said.released_by) if said.released_by else (said.decided_by,)
        case _:
            return ()


def _started(event: ApplicationStarted) -> Application:
    return Application(
        event.application_id,
        event.edition_id,
        event.mentor_id,
        event.subsidiary,
        status="draft",
        started_at=event.at,
        changed_at=event.at,
        standing=event.standing,
        eligibility=eligibility_of(event.rules, None),
        rules=event.rules,
        form_version=event.form_version,
    )


def _evolved(state: Application, event: _ByApplicant | _ByOthers | _Released) -> Application:
    match event:
        case MentorSelected() | MentorReserved() | MentorDeclined():
            decision, moved_up = event.decision, isinstance(event, MentorSelected) and state.status == "reserved"
            told = {"status": decision.decision, "decision": decision, "moved_up": moved_up}
            changed_at = decision.released_at or decision.decided_at
            return replace(state, **told, pending=None, changed_at=changed_at)  # type: ignore[arg-type]
        case WaiverDecided():
            return replace(state, waiver=event.waiver, changed_at=event.waiver.decided_at)
        case Admitted():
            return replace(state, admission=event.admission, changed_at=event.admission.at)
        case AcceptanceExtended():
            return replace(state, extension=event.extension, pending=None, changed_at=event.extension.at)
        case Recounted():
            now = {"subsidiary": event.subsidiary, "rules": event.rules, "standing": event.standing}
            return replace(state, **now, changed_at=event.at)  # type: ignore[arg-type]
        case DecisionPrepared():
            stands = state.status == event.decision.decision
            return replace(state, pending=None if stands else event.decision)
        case _:
            return _by_applicant(state, event)


def _by_applicant(state: Application, event: _ByApplicant) -> Application:
    match event:
        case BegunAgain():
            again = replace(state, status="draft", withdrawn=None, applied_at=None, pending=None, decision=None)
            return replace(again, accepted_at=None, extension=None, moved_up=False, changed_at=event.at)
        case ContentChanged():
            said = event.content
            return replace(
                state,
                offer=said.offer,
                answers=said.answers,
                form_version=said.form_version,
                manager_informed=said.manager_informed,
                changed_at=event.at,
            )
        case MentorApplied():
            at, first = event.applied_at, state.first_applied_at or event.applied_at
            return replace(state, status="applied", applied_at=at, first_applied_at=first, changed_at=at)
        case ApplicationWithdrawn():
            withdrawal = event.withdrawal
            return replace(state, status="withdrawn", withdrawn=withdrawal, pending=None, changed_at=withdrawal.at)
        case WaiverRequested():
            return replace(state, waiver_request=event.request, changed_at=event.request.requested_at)
        case MentorAccepted():
            at = event.accepted_at  # a word that was prepared when the day had passed is void
            return replace(state, status="accepted", accepted_at=at, pending=None, changed_at=at)
