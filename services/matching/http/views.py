"""What `matching` answers over HTTP; points are 0 to 100 a pair."""

from __future__ import annotations

from typing import Literal

from services.chassis.wire import Instant, Strict
from services.matching.domain import explanations, pair, proposal, run
from services.matching.domain.inputs import ALREADY_PAIRED, UNKNOWN, Inputs


class CandidatesView(Strict):
    """Who could be matched now: mentors with their free places, and obliged executives who have no mentor yet.

    ``without_profile`` of these executives would be matched without wishes, since their profile has not arrived.
    ``unknown`` counts mentors and executives who cannot be matched because the directory has not told of them yet;
    such executives are among ``executives``.
    """

    edition_id: str
    mentors: int
    places: int
    executives: int
    without_profile: int
    unknown: int


class CoverageView(Strict):
    """How many of the obliged executives without a mentor would get one."""

    covered: int
    executives: int


class ReviewView(Strict):
    """What was decided on a proposal."""

    decision: Literal["approved", "rejected"]
    note: str | None
    reviewed_by: str
    reviewed_at: Instant


class RunView(Strict):
    """A run; ``worst`` and ``total`` are points, null until there is a proposal with a pair."""

    run_id: str
    edition_id: str
    state: run.State
    requested_by: str
    requested_at: Instant
    proposed_at: Instant | None
    policy_version: str | None
    coverage: CoverageView | None
    worst: float | None
    total: float | None
    review: ReviewView | None
    published_by: str | None
    published_at: Instant | None


class CriterionView(Strict):
    """One criterion's share of a pair's points."""

    name: str
    points: float


class ReasonView(Strict):
    """Why something did not come about: a stable reason, and a sentence that says what to do."""

    reason: str
    explanation: str


class ProposedPairView(Strict):
    """One pair of a proposal, and what became of it."""

    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    points: float
    criteria: tuple[CriterionView, ...]
    outcome: proposal.Outcome
    pair_id: str | None
    conflict: ReasonView | None


class UncoveredView(ReasonView):
    """An executive without a mentor."""

    mentee_id: str


class LeftOutView(ReasonView):
    """A selected mentor who was not considered."""

    mentor_id: str


class RunReport(RunView):
    """A run with its proposal: pairs from the worst to the best."""

    pairs: tuple[ProposedPairView, ...]
    uncovered: tuple[UncoveredView, ...]
    mentors_left_out: tuple[LeftOutView, ...]


class PairView(Strict):
    """A published pair; ``slot`` is the mentor's place it takes."""

    pair_id: str
    edition_id: str
    run_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    policy_version: str
    matched_at: Instant
    slot: int
    active: bool


def of_candidates(edition_id: str, now: Inputs) -> CandidatesView:
    """Counts of those who could be matched now."""
    absent = [reason for reason in now.mentees_out.values() if reason != ALREADY_PAIRED]
    return CandidatesView(
        edition_id=edition_id,
        mentors=len(now.mentors),
        places=sum(mentor.capacity for mentor in now.mentors.values()),
        executives=len(now.mentees) + len(absent),
        without_profile=len(now.without_profile),
        unknown=[*now.mentors_out.values(), *now.mentees_out.values()].count(UNKNOWN),
    )


def of_run(state: run.Run) -> RunView:
    """A run without the people in it."""
    found = state.proposal
    return RunView(
        run_id=state.run_id,
        edition_id=state.edition_id,
        state=state.state,
        requested_by=state.requested_by,
        requested_at=state.requested_at,
        proposed_at=state.proposed_at,
        policy_version=found.policy_version if found else None,
        coverage=CoverageView(covered=len(found.pairs), executives=found.executives) if found else None,
        worst=found.worst / found.units_per_point if found and found.worst is not None else None,
        total=found.total / found.units_per_point if found and found.pairs else None,
        review=ReviewView.model_validate(state.review, from_attributes=True) if state.review else None,
        published_by=state.published_by,
        published_at=state.published_at,
    )


def report_of(state: run.Run) -> RunReport:
    """A run with its proposal."""
    found = state.proposal
    return RunReport(
        **dict(of_run(state)),
        pairs=tuple(_proposed(one, found.units_per_point) for one in found.pairs) if found else (),
        uncovered=tuple(_uncovered(one) for one in found.uncovered) if found else (),
        mentors_left_out=tuple(_left_out(one) for one in found.mentors_left_out) if found else (),
    )


def of_pair(state: pair.Pair) -> PairView:
    """A published pair."""
    return PairView.model_validate(state, from_attributes=True)


def _proposed(one: proposal.ProposedPair, units: int) -> ProposedPairView:
    conflict = one.conflict and ReasonView(reason=one.conflict, explanation=explanations.of_conflict(one.conflict))
    return ProposedPairView(
        mentor_id=one.mentor_id,
        mentee_id=one.mentee_id,
        mentor_subsidiary=one.mentor_subsidiary,
        mentee_subsidiary=one.mentee_subsidiary,
        points=one.points / units,
        criteria=tuple(CriterionView(name=each.name, points=each.points / units) for each in one.criteria),
        outcome=one.outcome,
        pair_id=one.pair_id,
        conflict=conflict or None,
    )


def _uncovered(one: proposal.Uncovered) -> UncoveredView:
    explanation = explanations.of_uncovered(one.reason, one.barred)
    return UncoveredView(mentee_id=one.mentee_id, reason=one.reason, explanation=explanation)


def _left_out(one: proposal.LeftOut) -> LeftOutView:
    explanation = explanations.of_left_out(one.reason)
    return LeftOutView(mentor_id=one.mentor_id, reason=one.reason, explanation=explanation)
