"""What those responsible decide: waivers, admissions, decisions and their release; and acceptance. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.applications.domain.application.applicant import At, must_be_in_scope, must_stand
from services.applications.domain.application.applying import started
from services.applications.domain.application.deadline import accept_by, has_lapsed
from services.applications.domain.application.events import (
    AcceptanceExtended,
    Admitted,
    DecisionPrepared,
    Event,
    MentorAccepted,
    MentorDeclined,
    MentorReserved,
    MentorSelected,
    WaiverDecided,
    about,
    evolve,
)
from services.applications.domain.application.refusals import (
    AcceptanceOver,
    CallNotOpen,
    DecidedBefore,
    EditionClosed,
    NotEligible,
    NotInSelection,
    NotSelected,
    NotSubmitted,
    NoWaiverNeeded,
    OwnApplication,
    ReasonMissing,
    RoundOpen,
    UnknownPerson,
    UntilPassed,
    UntilTooLate,
    WaiverDecidedBefore,
    Withdrawn,
)
from services.applications.domain.application.state import Admission, Application, Decision, Extension, Waiver
from services.applications.domain.call import end_of
from services.applications.domain.edition import Edition
from services.applications.domain.round import Round

_DECIDING = frozenset({"selection", "matching", "running"})
_UNDECIDED = frozenset({"applied", "reserved"})
_WAIVABLE = frozenset({"draft", "applied", "reserved"})  # whoever waits may come to miss a rule


def decide_waiver(state: Application, waiver: Waiver) -> list[Event]:
    """Grant or refuse a waiver of the rules that are missed now; once, unless another rule is missed later.

    Raises ``OwnApplication``, ``DecidedBefore``, ``Withdrawn``, ``WaiverDecidedBefore``, ``NoWaiverNeeded``.
    """
    _must_not_be_own(state.mentor_id, waiver.decided_by)
    if state.status == "withdrawn":
        raise Withdrawn("The applicant withdrew; there is nothing to waive.")
    if state.status not in _WAIVABLE:
        raise DecidedBefore(f"The applicant was {state.status}; a waiver changes nothing any more.")
    if not state.missed:
        raise NoWaiverNeeded("The applicant meets every rule of the call; go on to the decision.")
    if state.waiver and set(state.missed) <= set(state.waiver.rules):
        raise WaiverDecidedBefore(f"The waiver was {state.waiver.decision} on {state.waiver.decided_at:%Y-%m-%d}.")
    return [WaiverDecided(*about(state), waiver=replace(waiver, rules=state.missed))]


def admit(state: Application | None, admission: Admission, where: At) -> list[Event]:
    """Let a person apply, or change an application not decided yet, until an instant ahead; made as a draft if need be.

    Raises ``OwnApplication``, ``CallNotOpen``, ``UnknownPerson``, ``NotInScope``, ``ProfileMissing``, ``UntilPassed``,
    ``UntilTooLate``, ``DecidedBefore``.
    """
    if where.applicant is None:
        raise UnknownPerson("The directory does not know this person; choose somebody else.", "/person_id")
    _must_not_be_own(where.applicant.person_id, admission.by)
    if where.edition.call is None or where.edition.stage in {"draft", "closed"}:
        raise CallNotOpen("Somebody can be admitted from the opening of the call until the edition is closed.")
    if admission.until <= where.at:
        raise UntilPassed("Choose an instant that lies ahead.")
    if admission.until > where.edition.ends_at():
        raise UntilTooLate(f"Choose an instant until the edition's last day, {where.edition.ends_on}.")
    if state and state.status not in {"draft", "applied", "withdrawn"}:
        raise DecidedBefore(f"The applicant was {state.status}; what was decided stays.")
    must_be_in_scope(where.edition, where.applicant)
    events: list[Event] = started(where) if state is None else []
    for event in events:
        state = evolve(state, event)
    assert state is not None
    return [*events, Admitted(*about(state), admission=admission)]


def decide(state: Application, decision: Decision, edition: Edition, *, running: Round | None = None) -> list[Event]:
    """Prepare a decision, which may be changed until its release; the same again changes nothing.

    ``running`` is the edition's round that is not closed, if there is one: what stands in it waits for its end.
    A place that was not accepted by its day may be taken back: the decision is ``declined`` or ``reserved`` then.
    ``reserved`` for somebody on the reserve list takes back what was prepared since; nothing is left to release.
    Raises ``OwnApplication``, ``NotInSelection``, ``NotSubmitted``, ``Withdrawn``, ``DecidedBefore``, ``NotEligible``,
    ``NotInScope``, ``RoundOpen``, ``ReasonMissing``.
    """
    _must_not_be_own(state.mentor_id, decision.decided_by)
    _must_be_in_selection(edition)
    _must_be_decidable(state, decision, edition, decision.decided_at)
    _must_not_be_assessed(state, running)
    if not decision.reason:
        raise ReasonMissing("Say in reason why this is decided.")
    if state.pending and (state.pending.decision, state.pending.reason) == (decision.decision, decision.reason):
        return []
    return [DecisionPrepared(*about(state), decision=decision)]


def release(
    state: Application, edition: Edition, *, by: str, at: datetime, running: Round | None = None
) -> list[Event]:
    """Carry out the decision that was prepared, if there is one, by all that is known now.

    What was prepared before ``running`` was opened stays prepared. Raises what ``decide`` raises.
    """
    if state.pending is None:
        return []
    _must_not_be_own(state.mentor_id, by)
    _must_be_in_selection(edition)
    _must_be_decidable(state, state.pending, edition, at)
    _must_not_be_assessed(state, running)
    released = replace(state.pending, released_at=at, released_by=by)
    match released.decision:
        case "selected":
            return [MentorSelected(*about(state), decision=released)]
        case "reserved":
            return [MentorReserved(*about(state), decision=released)]
        case "declined":
            return [MentorDeclined(*about(state), decision=released)]


def accept(state: Application, edition: Edition, *, at: datetime) -> list[Event]:
    """Accept the place until the end of the last day for it; again changes nothing.

    Raises ``NotSelected``, ``AcceptanceOver``, ``EditionClosed``, ``NotInScope``.
    """
    if state.status == "accepted":
        return []
    if state.status != "selected":
        raise NotSelected("There is no place that you could accept.")
    if edition.stage == "closed":
        raise EditionClosed(f"The edition {edition.name} is closed.")
    if has_lapsed(state, edition, at):
        last = accept_by(state, edition)
        raise AcceptanceOver(f"The place could be accepted until {last}; ask your programme manager.")
    must_stand(state, edition)
    return [MentorAccepted(*about(state), accepted_at=at)]


def extend_acceptance(state: Application, extension: Extension, edition: Edition) -> list[Event]:
    """Let somebody accept a place until a later day.

    Raises ``OwnApplication``, ``NotSelected``, ``EditionClosed``, ``UntilPassed``.
    """
    _must_not_be_own(state.mentor_id, extension.by)
    if state.status != "selected":
        raise NotSelected("Only who was selected and has not accepted yet can be given more time.")
    if edition.stage == "closed":
        raise EditionClosed(f"The edition {edition.name} is closed.")
    if extension.at >= end_of(extension.until, edition.zone):
        raise UntilPassed("Choose today or a later day.")
    return [AcceptanceExtended(*about(state), extension=extension)]


def _must_not_be_own(mentor_id: str, decided_by: str) -> None:
    if decided_by == mentor_id:
        raise OwnApplication("Nobody decides on the own application; ask a programme manager.")


def _must_be_in_selection(edition: Edition) -> None:
    if edition.stage not in _DECIDING:
        raise NotInSelection(f"The edition stands at {edition.stage}; applications are decided from selection on.")


def _must_be_decidable(state: Application, decision: Decision, edition: Edition, at: datetime) -> None:
    if state.status == "draft":
        raise NotSubmitted("The application was not handed in; there is nothing to decide.")
    if state.status == "withdrawn":
        raise Withdrawn("The applicant withdrew.")
    if has_lapsed(state, edition, at):
        if decision.decision == "selected":
            raise DecidedBefore("The applicant was selected and has not accepted; give more time instead.")
    elif state.status not in _UNDECIDED:
        raise DecidedBefore(f"The applicant was {state.status}, and that is final.")
    if state.status == decision.decision == "reserved":
        if state.pending is None:
            raise DecidedBefore("The applicant is on the reserve list already.")
        return  # it stands already; what was prepared since is taken back
    if decision.decision != "declined":
        must_stand(state, edition)
        _must_be_eligible(state)


def _must_not_be_assessed(state: Application, running: Round | None) -> None:
    if running is not None and _stands_in(state, running):
        raise RoundOpen(f"Round {running.number} is not closed: decide and release when its scores are seen.")


def _stands_in(state: Application, round: Round) -> bool:
    """Whether an application waits for a round: it is not closed, means this one or all, and could be selected after.

    Who came late or got a waiver while a round of all was open waits like the others.
    """
    meant = round.applications is None or state.application_id in round.applications
    selectable = state.status in _UNDECIDED and state.eligibility != "unmet" and state.standing == "in"
    return round.unfinished and meant and selectable


def _must_be_eligible(state: Application) -> None:
    if state.eligibility == "unmet":
        todo = "its waiver was refused" if _refused(state) else "decide on a waiver first"
        raise NotEligible(f"The applicant misses the rule on {' and '.join(state.missed)}; {todo}.")


def _refused(state: Application) -> bool:
    waiver = state.waiver
    return waiver is not None and waiver.decision == "refused" and set(state.missed) <= set(waiver.rules)
