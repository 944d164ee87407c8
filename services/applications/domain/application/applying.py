"""What applicants do: begin, save, hand in, ask for a waiver, withdraw, begin again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from services.applications.domain.application.applicant import (
    At,
    must_be_in_scope,
    must_be_known,
    must_stand,
    recount,
    rules_of,
)
from services.applications.domain.application.content import Said, adds, contradicts, merged, must_be_complete
from services.applications.domain.application.deadline import form_for, must_be_open
from services.applications.domain.application.events import (
    ApplicationStarted,
    ApplicationWithdrawn,
    BegunAgain,
    ContentChanged,
    Event,
    MentorApplied,
    WaiverRequested,
    about,
    evolve,
)
from services.applications.domain.application.refusals import (
    AlreadyApplied,
    AlreadyStarted,
    DecidedBefore,
    NoWaiverNeeded,
    WaiverDecidedBefore,
    Withdrawn,
)
from services.applications.domain.application.state import Application, WaiverRequest, Withdrawal
from services.applications.domain.call import Form

Step = Callable[[Application | None], list[Event]]


def apply(state: Application | None, said: Said, where: At, *, submit: bool) -> list[Event]:
    """Begin an application, or hand it in at once; saying again what was said changes nothing.

    Missed rules are recorded, not refused. Raises ``AlreadyApplied``, ``AlreadyStarted``, ``CallNotOpen``,
    ``UnknownPerson``, ``NotInScope``, ``ProfileMissing``, ``Incomplete``, ``UnknownQuestion``, ``NoWaiverNeeded``.
    """
    if state and state.status not in {"draft", "withdrawn"}:
        return _applied_before(state, said)
    if state and state.status == "draft" and contradicts(state, said):
        raise AlreadyStarted("There is a draft that says something else; load it and change it.")
    steps: list[Step] = [lambda now: begin(now, where)]
    steps.append(lambda now: _said(known(now), said, where.edition.form, where.at))
    if submit:
        steps.append(lambda now: _handed_in(known(now), where))
    if said.waiver_reason is not None:
        steps.append(lambda now: _waiver_requested(known(now), said.waiver_reason or "", where.at))
    return _one_after_another(state, steps)


def _applied_before(state: Application, said: Said) -> list[Event]:
    asked = state.waiver_request
    other_reason = said.waiver_reason is not None and (asked is None or asked.reason != said.waiver_reason)
    if contradicts(state, said) or other_reason:
        when = state.applied_at or state.started_at
        raise AlreadyApplied(
            f"You applied on {when:%Y-%m-%d}, and what stands there is something else; "
            f"see application {state.application_id}."
        )
    return []


def begin(state: Application | None, where: At) -> list[Event]:
    """Begin, or begin again after withdrawing, while the call takes applications from this person.

    Raises ``CallNotOpen``, ``UnknownPerson``, ``NotInScope``, ``ProfileMissing``.
    """
    must_be_open(where.edition, state, where.at)
    if state is None:
        return started(where)
    recounted: Step = lambda now: recount(known(now), where.edition, where.applicant, at=where.at)  # noqa: E731
    if state.status == "draft":
        return recounted(state) if where.applicant else []
    return _one_after_another(state, [lambda _: [BegunAgain(*about(state), where.at)], recounted])


def started(where: At) -> list[Event]:
    """The beginning of an application of somebody in scope.

    Raises ``UnknownPerson``, ``NotInScope``, ``ProfileMissing``.
    """
    if where.applicant:
        must_be_in_scope(where.edition, where.applicant)
    applicant, _ = must_be_known(where.applicant)
    named = (where.application_id, where.edition.edition_id, applicant.person_id, applicant.subsidiary)
    version = where.edition.form.version if where.edition.form else 0
    rules = rules_of(where.edition, applicant)
    return [ApplicationStarted(*named, rules=rules, standing="in", form_version=version, at=where.at)]


def change(state: Application, said: Said, where: At) -> list[Event]:
    """Save parts of a draft or of an application handed in, which must stay complete; withdrawn ones begin again.

    Raises ``CallNotOpen``, ``DecidedBefore``, ``NotInScope``, ``Incomplete``, ``UnknownQuestion``, ``NoWaiverNeeded``.
    """
    if state.status not in {"draft", "applied", "withdrawn"}:
        raise DecidedBefore(f"The application was {state.status}; what it says can no longer be changed.")
    must_be_open(where.edition, state, where.at)
    steps: list[Step] = []
    if state.status == "withdrawn":
        steps.append(lambda now: begin(now, where))
    steps.append(lambda now: _said(known(now), said, where.edition.form, where.at))
    if said.waiver_reason is not None:
        steps.append(lambda now: _waiver_requested(known(now), said.waiver_reason or "", where.at))
    events = _one_after_another(state, steps)
    if state.status == "applied":
        after = _after(state, events)
        must_be_complete(known(after).content, form_for(where.edition, known(after)))
    return events


def submit(state: Application, where: At) -> list[Event]:
    """Hand a draft in; one that was handed in stays as it is.

    Raises ``CallNotOpen``, ``NotInScope``, ``Incomplete``, ``Withdrawn``.
    """
    if state.status == "withdrawn":
        raise Withdrawn("You withdrew; change a part of the application to begin again.")
    if state.status != "draft":
        return []
    must_be_open(where.edition, state, where.at)
    recounted: Step = lambda now: recount(known(now), where.edition, where.applicant, at=where.at)  # noqa: E731
    return _one_after_another(state, [recounted, lambda now: _handed_in(known(now), where)])


def request_waiver(state: Application, reason: str, where: At) -> list[Event]:
    """Ask that the missed rules be waived, or say it in other words, until it is decided.

    Raises ``NoWaiverNeeded``, ``WaiverDecidedBefore``, ``DecidedBefore``, ``Withdrawn``, ``CallNotOpen`` for a draft.
    """
    if state.status == "draft":
        must_be_open(where.edition, state, where.at)
    return _waiver_requested(state, reason, where.at)


def withdraw(state: Application, withdrawal: Withdrawal) -> list[Event]:
    """Withdraw at any time before being declined; again changes nothing. Raises ``DecidedBefore``."""
    if state.status == "declined":
        raise DecidedBefore("The application was declined; there is nothing left to withdraw.")
    if state.status == "withdrawn":
        return []
    return [ApplicationWithdrawn(*about(state), withdrawal=withdrawal, told=state.sent)]


def _said(state: Application, said: Said, form: Form | None, at: datetime) -> list[Event]:
    if not adds(state, said, form):
        return []
    return [ContentChanged(*about(state), content=merged(state.content, said, form), told=state.sent, at=at)]


def _waiver_requested(state: Application, reason: str, at: datetime) -> list[Event]:
    if state.status == "withdrawn":
        raise Withdrawn("You withdrew; change a part of the application to begin again.")
    if state.status not in {"draft", "applied"}:
        raise DecidedBefore(f"The application was {state.status}; a waiver changes nothing any more.")
    if not state.missed:
        raise NoWaiverNeeded("You meet every rule of the call; no waiver is needed.")
    if state.waiver and set(state.missed) <= set(state.waiver.rules):
        raise WaiverDecidedBefore(f"The waiver was {state.waiver.decision} on {state.waiver.decided_at:%Y-%m-%d}.")
    if state.waiver_request and state.waiver_request.reason == reason:
        return []
    return [WaiverRequested(*about(state), request=WaiverRequest(reason, at))]


def _handed_in(state: Application, where: At) -> list[Event]:
    must_stand(state, where.edition)
    form = where.edition.form
    asked = {question.question_id for question in form.questions} if form else set()
    answers = {id: text for id, text in state.answers.items() if id in asked}
    content = replace(state.content, answers=answers, form_version=form.version if form else 0)
    must_be_complete(content, form)
    events: list[Event] = []
    if content != state.content:
        events.append(ContentChanged(*about(state), content=content, told=False, at=where.at))
    return [*events, MentorApplied(*about(state), applied_at=where.at, eligibility=state.eligibility)]


def _one_after_another(state: Application | None, steps: Sequence[Step]) -> list[Event]:
    """The events of steps that each see what the ones before made of the state."""
    events: list[Event] = []
    for step in steps:
        new = step(state)
        state = _after(state, new)
        events += new
    return events


def _after(state: Application | None, events: Sequence[Event]) -> Application | None:
    for event in events:
        state = evolve(state, event)
    return state


def known(state: Application | None) -> Application:
    """A state that is there, since a step before made it."""
    assert state is not None
    return state
