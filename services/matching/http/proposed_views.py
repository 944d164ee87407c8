"""What `matching` answers about the pairs of a proposal."""

from __future__ import annotations

from collections.abc import Mapping

from services.chassis.wire import Instant, Strict
from services.matching.domain import explanations, proposal, run
from services.matching.domain.overrides import Overrides


class ReasonView(Strict):
    """Why something did not come about: a stable reason, and a sentence that says what to do."""

    reason: str
    explanation: str


class CriterionView(Strict):
    """One criterion's share of a pair's points."""

    name: str
    points: float


class ProposedPairView(Strict):
    """One pair of a proposal, and what became of it.

    A ``forced`` pair was laid down by somebody; ``ends`` is the executive's active pair that gives way to this one.
    """

    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    points: float
    criteria: tuple[CriterionView, ...]
    forced: bool
    ends: str | None
    outcome: proposal.Outcome
    pair_id: str | None
    conflict: ReasonView | None


class ShownPairView(Strict):
    """The caller's own pair as it is proposed, and until when they may object; ``vetoed``: they did, and it counts.

    The companies are told with what they are called, since the caller may know no other than their own; null where
    the directory has not said it.
    """

    run_id: str
    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    mentor_company: str | None
    mentee_company: str | None
    until: Instant
    vetoed: bool


def of_pair(one: proposal.ProposedPair, units: int) -> ProposedPairView:
    """One pair with its points."""
    conflict = one.conflict and ReasonView(reason=one.conflict, explanation=explanations.of_conflict(one.conflict))
    return ProposedPairView(
        mentor_id=one.mentor_id,
        mentee_id=one.mentee_id,
        mentor_subsidiary=one.mentor_subsidiary,
        mentee_subsidiary=one.mentee_subsidiary,
        points=one.points / units,
        criteria=tuple(CriterionView(name=each.name, points=each.points / units) for each in one.criteria),
        forced=one.forced,
        ends=one.ends,
        outcome=one.outcome,
        pair_id=one.pair_id,
        conflict=conflict or None,
    )


def shown_to(state: run.Run, person_id: str, companies: Mapping[str, str], stated: Overrides) -> list[ShownPairView]:
    """The pairs of a run that it shows to this person.

    ``companies`` are the names of companies by their ids, ``stated`` is what is laid down for the edition.
    """
    apart = run.not_shown(state, stated)
    return [one for one in own_pairs(state, person_id, companies, stated) if one.mentee_id not in apart]


def own_pairs(state: run.Run, person_id: str, companies: Mapping[str, str], stated: Overrides) -> list[ShownPairView]:
    """The same with those that are not shown, since something stands against them."""
    pairs = state.proposal.pairs if state.proposal and state.preview else ()
    own = [pair for pair in pairs if person_id in (pair.mentor_id, pair.mentee_id)]
    objected = {one.mentee_id for one in run.standing(state, stated) if one.by == person_id}
    return [_shown(state, pair, companies, vetoed=pair.mentee_id in objected) for pair in own]


def _shown(state: run.Run, pair: proposal.ProposedPair, companies: Mapping[str, str], *, vetoed: bool) -> ShownPairView:
    assert state.preview is not None
    return ShownPairView(
        run_id=state.run_id,
        edition_id=state.edition_id,
        mentor_id=pair.mentor_id,
        mentee_id=pair.mentee_id,
        mentor_subsidiary=pair.mentor_subsidiary,
        mentee_subsidiary=pair.mentee_subsidiary,
        mentor_company=companies.get(pair.mentor_subsidiary) or None,
        mentee_company=companies.get(pair.mentee_subsidiary) or None,
        until=state.preview.until,
        vetoed=vetoed,
    )
