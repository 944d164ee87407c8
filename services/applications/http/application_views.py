"""What `applications` answers about applications: to the applicant, and to those responsible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeVar

from services.applications.domain import application
from services.applications.domain.application import Application, Parts, PartState
from services.applications.domain.edition import Edition, Stage
from services.applications.domain.eligibility import RuleChecked, RuleName
from services.applications.handlers import Chances, Released
from services.chassis.errors import Refused
from services.chassis.wire import Instant, Strict

V = TypeVar("V", bound=Strict)


class RuleView(Strict):
    """One rule of the call and whether it is met; ``unknown`` where nobody could count.

    ``calculation`` and its ``values`` are for the applicant, and for others once a waiver was asked for or decided.
    """

    rule: RuleName
    met: bool
    unknown: bool
    calculation: str | None
    values: Mapping[str, str | int] | None


class EligibilityView(Strict):
    """What would be found if the caller applied."""

    rules: tuple[RuleView, ...]
    eligible: bool
    standing: application.Standing


class PlatformView(Strict):
    """A platform and how well it is known, 0 to 4."""

    platform: str
    level: int


class OfferView(Strict):
    """What an applicant offers as a mentor."""

    places: int | None
    platforms: tuple[PlatformView, ...]
    languages: tuple[str, ...]
    availability: tuple[str, ...]
    place: str
    remote: bool | None


class PartsView(Strict):
    """How far each part is."""

    hr: PartState
    platforms: PartState
    answers: PartState
    availability: PartState
    manager: PartState


class WithdrawalView(Strict):
    """When the applicant withdrew, and why if they said so."""

    reason: str | None
    at: Instant


class WaiverRequestView(Strict):
    """Why the applicant asks that the missed rules be waived."""

    reason: str
    requested_at: Instant


class WaiverView(Strict):
    """What was decided on missed rules."""

    decision: Literal["granted", "refused"]
    reason: str
    decided_by: str
    decided_at: Instant


class AdmissionView(Strict):
    """Until when somebody may apply after the deadline."""

    until: Instant
    reason: str
    by: str
    at: Instant


class DecisionView(Strict):
    """A decision on an application; ``released_at`` is null while it waits for its release."""

    decision: application.Verdict
    reason: str | None
    decided_by: str
    decided_at: Instant
    released_at: Instant | None


class ApplicationView(Strict):
    """One application, as far as the caller may know it.

    Of what was not handed in, or was withdrawn, those responsible see neither offer nor answers nor progress, and for
    ``started_at`` and ``changed_at`` when they first and last learnt of something.
    ``pending`` is what was decided and not released; applicants never see it.
    """

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    status: application.Status
    started_at: Instant
    applied_at: Instant | None
    changed_at: Instant
    withdrawn: WithdrawalView | None
    form_version: int
    offer: OfferView | None
    answers: Mapping[str, str]
    manager_informed: bool
    parts: PartsView
    complete: bool
    open_until: Instant | None
    eligibility: application.Eligibility
    rules: tuple[RuleView, ...]
    standing: application.Standing
    waiver_request: WaiverRequestView | None
    waiver: WaiverView | None
    admission: AdmissionView | None
    decision: DecisionView | None
    pending: DecisionView | None
    accepted_at: Instant | None
    accept_by: date | None


class MyApplicationView(Strict):
    """One's own application in short, with its edition; ``open_until`` is until when one may change it."""

    application_id: str
    edition_id: str
    name: str
    stage: Stage
    status: application.Status
    parts: PartsView
    open_until: Instant | None
    eligibility: application.Eligibility
    waiver: WaiverView | None
    accept_by: date | None


class WaiverCaseView(Strict):
    """A waiver that was asked for or decided, with the rules that it is about."""

    application_id: str
    mentor_id: str
    subsidiary: str
    status: application.Status
    requested_at: Instant | None
    reason: str | None
    rules: tuple[RuleView, ...]
    waiver: WaiverView | None


class RefusedView(Strict):
    """An application about which something could not be done, and why."""

    application_id: str
    kind: str
    detail: str


class ReleaseView(Strict):
    """How many decisions were released, which could not be, and how many wait still."""

    released: int
    refused: tuple[RefusedView, ...]
    remaining: int


_CLOSED = PartsView(hr="open", platforms="open", answers="open", availability="open", manager="open")


def for_applicant(state: Application, edition: Edition) -> ApplicationView:
    """An application as its applicant sees it: everything but what was not released; a reason only of a no."""
    form = application.form_for(edition, state)
    shown = _view(state, edition, application.parts(state.content, form), told=True)
    decision = shown.decision
    if decision and decision.decision != "declined":
        decision = decision.model_copy(update={"reason": None})
    complete = not application.missing(state.content, form)
    return shown.model_copy(update={"pending": None, "decision": decision, "complete": complete})


def my_application_view(state: Application, edition: Edition) -> MyApplicationView:
    """An application in the list of its applicant's own."""
    shown = for_applicant(state, edition)
    return MyApplicationView(
        application_id=shown.application_id,
        edition_id=shown.edition_id,
        name=edition.name,
        stage=edition.stage,
        status=shown.status,
        parts=shown.parts,
        open_until=shown.open_until,
        eligibility=shown.eligibility,
        waiver=shown.waiver,
        accept_by=shown.accept_by,
    )


def for_others(state: Application, edition: Edition) -> ApplicationView:
    """An application as those responsible see it; of one that was not sent not when the applicant wrote on it."""
    told = bool(state.waiver_request or state.waiver)
    if state.open_to_others:
        form = application.form_for(edition, state)
        shown = _view(state, edition, application.parts(state.content, form), told=told)
        return shown.model_copy(update={"complete": not application.missing(state.content, form)})
    learnt = state.told_at or (state.changed_at,)
    private: dict[str, object] = {"offer": None, "answers": {}, "manager_informed": False, "form_version": 0}
    private |= {"started_at": learnt[0], "changed_at": learnt[-1]}
    return _view(state, edition, None, told=told).model_copy(update=private)


def _view(state: Application, edition: Edition, parts: Parts | None, *, told: bool) -> ApplicationView:
    return ApplicationView(
        application_id=state.application_id,
        edition_id=state.edition_id,
        mentor_id=state.mentor_id,
        subsidiary=state.subsidiary,
        status=state.status,
        started_at=state.started_at,
        applied_at=state.applied_at,
        changed_at=state.changed_at,
        withdrawn=_maybe(WithdrawalView, state.withdrawn),
        form_version=state.form_version,
        offer=_maybe(OfferView, state.offer),
        answers=state.answers,
        manager_informed=state.manager_informed,
        parts=PartsView.model_validate(parts, from_attributes=True) if parts else _CLOSED,
        complete=False,
        open_until=application.open_until(edition, state),
        eligibility=state.eligibility,
        rules=tuple(rule_view(rule, told=told) for rule in state.rules),
        standing=state.standing,
        waiver_request=_maybe(WaiverRequestView, state.waiver_request),
        waiver=_maybe(WaiverView, state.waiver),
        admission=_maybe(AdmissionView, state.admission),
        decision=_maybe(DecisionView, state.decision),
        pending=_maybe(DecisionView, state.pending),
        accepted_at=state.accepted_at,
        accept_by=application.accept_by(state, edition),
    )


def _maybe(view: type[V], value: object | None) -> V | None:
    return None if value is None else view.model_validate(value, from_attributes=True)


def rule_view(rule: RuleChecked, *, told: bool) -> RuleView:
    """A rule, with its calculation where that may be ``told``."""
    return RuleView(
        rule=rule.rule,
        met=rule.met,
        unknown=rule.unknown,
        calculation=rule.calculation if told else None,
        values=rule.values if told else None,
    )


def eligibility_view(chances: Chances) -> EligibilityView:
    """What somebody who has not applied yet is told of themselves."""
    rules = tuple(rule_view(rule, told=True) for rule in chances.rules)
    return EligibilityView(rules=rules, eligible=chances.eligible, standing=chances.standing)


def waiver_case(state: Application) -> WaiverCaseView:
    """A waiver that was asked for or decided, as those responsible see it."""
    about = {*state.missed, *(state.waiver.rules if state.waiver else ())}
    return WaiverCaseView(
        application_id=state.application_id,
        mentor_id=state.mentor_id,
        subsidiary=state.subsidiary,
        status=state.status,
        requested_at=state.waiver_request.requested_at if state.waiver_request else None,
        reason=state.waiver_request.reason if state.waiver_request else None,
        rules=tuple(rule_view(rule, told=True) for rule in state.rules if rule.rule in about),
        waiver=_maybe(WaiverView, state.waiver),
    )


def release_view(done: Released) -> ReleaseView:
    """What a release did."""
    return ReleaseView(released=done.released, refused=refused_views(done.refused), remaining=done.remaining)


def refused_views(refused: Mapping[str, Refused]) -> tuple[RefusedView, ...]:
    """What could not be done and why, by application, in the order of their ids."""
    told = (RefusedView(application_id=id, kind=error.kind, detail=error.detail) for id, error in refused.items())
    return tuple(sorted(told, key=lambda one: one.application_id))
