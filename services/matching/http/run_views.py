"""What `matching` answers about runs; points are 0 to 100 a pair."""

from __future__ import annotations

from typing import Literal

from services.chassis.wire import Instant, Strict
from services.matching.domain import explanations, policy, proposal, run
from services.matching.domain.overrides import Overrides
from services.matching.http.finding_views import (
    AlternativeView,
    CertificateView,
    CoverageView,
    ReasonView,
    RelaxationView,
    ShortageView,
    of_alternative,
    of_relaxation,
    of_shortage,
    points_of,
)
from services.matching.http.policy_views import RulesView, WeightsView
from services.matching.http.proposed_views import ProposedPairView, of_pair
from services.matching.store import Progress


class ReviewView(Strict):
    """What was decided on a proposal."""

    decision: Literal["approved", "rejected"]
    note: str | None
    reviewed_by: str
    reviewed_at: Instant


class RunPolicyView(Strict):
    """The policy that a run goes by, as it was then."""

    policy_id: str
    name: str
    version: int
    label: str
    rules: RulesView
    weights: WeightsView
    priority_weights: tuple[int, int, int]
    veto_days: int
    priority: policy.Priority


class ProgressView(Strict):
    """How far a run is that is being solved: ``done`` of ``of`` parts of a step, 0 of 0 where it has no parts."""

    step: Literal["reading", "scoring", "solving", "proving", "writing"]
    done: int
    of: int


class PreviewView(Strict):
    """Who showed the pairs to their members and when, and until when these may object."""

    by: str
    at: Instant
    until: Instant


class VetoView(Strict):
    """Who of a pair objected to it and when; the reason stands with the override that came of it.

    ``stands``: that override was not withdrawn; while one of a pair's objections stands, the pair is not published.
    """

    mentee_id: str
    mentor_id: str
    by: str
    at: Instant
    override_id: str | None
    stands: bool


class RunView(Strict):
    """A run; ``worst`` and ``total`` are points, null until there is a proposal with a pair.

    ``number`` counts the requests of an edition from 1, trials among them; null in runs of releases that kept none.
    ``progress`` is there while the run is solved, ``failure`` where nothing came of it. ``certificate`` says what its
    proof is about. ``chosen`` is the number of changes of the alternative that somebody chose in a re-match.
    """

    run_id: str
    edition_id: str
    state: run.State
    kind: run.Kind
    trial: bool
    seed: int
    number: int | None
    requested_by: str
    requested_at: Instant
    progress: ProgressView | None
    attempts: int
    failure: ReasonView | None
    proposed_at: Instant | None
    policy: RunPolicyView | None
    policy_version: str | None
    coverage: CoverageView | None
    worst: float | None
    total: float | None
    certificate: CertificateView | None
    chosen: int | None
    preview: PreviewView | None
    review: ReviewView | None
    published_by: str | None
    published_at: Instant | None


class UncoveredView(ReasonView):
    """An executive without a mentor."""

    mentee_id: str


class LeftOutView(ReasonView):
    """A selected mentor who was not considered."""

    mentor_id: str


class RunReport(RunView):
    """A run with its proposal: pairs from the worst to the best, and why not everybody has one."""

    pairs: tuple[ProposedPairView, ...]
    uncovered: tuple[UncoveredView, ...]
    mentors_left_out: tuple[LeftOutView, ...]
    shortages: tuple[ShortageView, ...]
    relaxations: tuple[RelaxationView, ...]
    alternatives: tuple[AlternativeView, ...]
    vetoes: tuple[VetoView, ...]


def of_run(state: run.Run, progress: Progress) -> RunView:
    """A run without the people in it."""
    found = state.proposal
    covered = state.covered or 0
    return RunView(
        run_id=state.run_id,
        edition_id=state.edition_id,
        state=state.state,
        kind=state.kind,
        trial=state.trial,
        seed=state.seed,
        number=state.number,
        requested_by=state.requested_by,
        requested_at=state.requested_at,
        progress=_progress(state, progress),
        attempts=progress.attempts,
        failure=_failure(state.failure),
        proposed_at=state.proposed_at,
        policy=_policy(state.policy) if state.policy else None,
        policy_version=found.policy_version if found else None,
        coverage=CoverageView(covered=covered, executives=found.executives) if found else None,
        worst=points_of(found.worst, found) if found else None,
        total=points_of(found.total, found) if found and covered else None,
        certificate=CertificateView.model_validate(state.certificate, from_attributes=True)
        if state.certificate
        else None,
        chosen=state.chosen,
        preview=PreviewView.model_validate(state.preview, from_attributes=True) if state.preview else None,
        review=ReviewView.model_validate(state.review, from_attributes=True) if state.review else None,
        published_by=state.published_by,
        published_at=state.published_at,
    )


def report_of(state: run.Run, progress: Progress, stated: Overrides) -> RunReport:
    """A run with its proposal; ``stated`` is what is laid down for its edition."""
    found, units = state.proposal, state.policy_used.units_per_point
    return RunReport(
        **dict(of_run(state, progress)),
        pairs=tuple(of_pair(one, units) for one in found.pairs) if found else (),
        uncovered=tuple(_uncovered(one) for one in found.uncovered) if found else (),
        mentors_left_out=tuple(_left_out(one) for one in found.mentors_left_out) if found else (),
        shortages=tuple(map(of_shortage, state.shortages)),
        relaxations=tuple(of_relaxation(one, units) for one in state.relaxations),
        alternatives=tuple(of_alternative(one, units) for one in state.alternatives),
        vetoes=_vetoes(state, stated),
    )


def _vetoes(state: run.Run, stated: Overrides) -> tuple[VetoView, ...]:
    standing = run.standing(state, stated)
    return tuple(
        VetoView(
            mentee_id=one.mentee_id,
            mentor_id=one.mentor_id,
            by=one.by,
            at=one.at,
            override_id=one.override_id,
            stands=one in standing,
        )
        for one in state.vetoes
    )


def _progress(state: run.Run, progress: Progress) -> ProgressView | None:
    if state.state is not run.State.SOLVING or progress.step is None:
        return None
    return ProgressView(step=progress.step, done=progress.done, of=progress.of)


def _failure(failure: run.Failure | None) -> ReasonView | None:
    return (
        ReasonView(reason=failure.reason, explanation=run.of_failure(failure.reason, failure.detail))
        if failure
        else None
    )


def _policy(one: policy.Policy) -> RunPolicyView:
    return RunPolicyView(
        policy_id=one.policy_id,
        name=one.name,
        version=one.version,
        label=one.label,
        rules=RulesView.model_validate(one.rules, from_attributes=True),
        weights=WeightsView.model_validate(one.weights, from_attributes=True),
        priority_weights=one.priority_weights,
        veto_days=one.veto_days,
        priority=one.priority,
    )


def _uncovered(one: proposal.Uncovered) -> UncoveredView:
    explanation = explanations.of_uncovered(one.reason, one.barred)
    return UncoveredView(mentee_id=one.mentee_id, reason=one.reason, explanation=explanation)


def _left_out(one: proposal.LeftOut) -> LeftOutView:
    explanation = explanations.of_left_out(one.reason)
    return LeftOutView(mentor_id=one.mentor_id, reason=one.reason, explanation=explanation)
