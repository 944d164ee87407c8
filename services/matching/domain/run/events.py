"""What happens to a run, and what it is afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.domain.run.findings import Found
from services.matching.domain.run.state import BUSY, Failure, Preview, Review, Run, Settled, State, Veto


@dataclass(frozen=True, slots=True)
class RunRequested:
    """Somebody wants an edition matched."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunBegun:
    """The run is being solved: ``attempt`` is at it, and no earlier one any more."""

    attempt: str


@dataclass(frozen=True, slots=True)
class RunProposed:
    """The run has its proposal."""

    found: Found
    at: datetime


@dataclass(frozen=True, slots=True)
class RunFailed:
    """Nothing came of ``run``."""

    run: Run
    failure: Failure


@dataclass(frozen=True, slots=True)
class RunCancelled:
    """Somebody wants no proposal of ``run`` any more."""

    run: Run
    at: datetime


@dataclass(frozen=True, slots=True)
class AlternativeChosen:
    """Somebody chose among the alternatives of a re-match."""

    run: Run
    changes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class RunPreviewed:
    """Somebody showed the pairs of ``run`` to their members."""

    run: Run
    preview: Preview


@dataclass(frozen=True, slots=True)
class VetoRaised:
    """A member objects to their pair."""

    run: Run
    veto: Veto


@dataclass(frozen=True, slots=True)
class RunReviewed:
    """Somebody approved or rejected the proposal of ``run``."""

    run: Run
    review: Review


@dataclass(frozen=True, slots=True)
class PublicationBegun:
    """Somebody wants the proposal of ``run`` carried out: all of it, or the pairs of these executives."""

    run: Run
    by: str
    at: datetime
    mentee_ids: tuple[str, ...] | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class PairsSettled:
    """Some of the pairs were carried out."""

    settled: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class RunPublished:
    """All pairs of ``run`` that somebody wanted published were carried out; others may be kept back."""

    run: Run
    at: datetime


@dataclass(frozen=True, slots=True)
class RunSuperseded:
    """Another run of the edition was published, or is shown to its members, instead of this draft."""

    run: Run
    by_run: str
    at: datetime


Decision = AlternativeChosen | RunPreviewed | VetoRaised | RunReviewed | PublicationBegun
"""What people decide on a proposal."""
Event = (
    Decision
    | RunRequested
    | RunBegun
    | RunProposed
    | RunFailed
    | RunCancelled
    | PairsSettled
    | RunPublished
    | RunSuperseded
)


def evolve(state: Run | None, event: Event) -> Run:
    """The run after an event."""
    if isinstance(event, RunRequested):
        return event.run
    assert state is not None
    after = _evolved(state, event)
    return replace(after, busy=after.state in BUSY)


def _evolved(state: Run, event: Event) -> Run:
    match event:
        case RunBegun(attempt):
            return replace(state, state=State.SOLVING, attempt=attempt)
        case RunProposed(found, at):
            return _proposed(state, found, at)
        case RunFailed(_, failure):
            return replace(state, state=State.FAILED, failure=failure)
        case RunCancelled():
            return replace(state, state=State.CANCELLED)
        case AlternativeChosen(_, changes):
            return replace(state, chosen=changes, proposal=_of_alternative(state, changes))
        case RunPreviewed(_, preview):
            return replace(state, state=State.PREVIEWED, preview=preview)
        case VetoRaised(_, veto):
            return replace(state, vetoes=(*state.vetoes, veto))
        case RunReviewed(_, said):
            return replace(state, state=State(said.decision), review=said)
        case RunSuperseded():
            return replace(state, state=State.SUPERSEDED)
        case _:
            return _published(state, event)


def _published(state: Run, event: Event) -> Run:
    match event:
        case PublicationBegun(_, by, _, mentee_ids, trace):
            proposal = _wanted(state.proposal, mentee_ids)
            return replace(state, state=State.PUBLISHING, published_by=by, traceparent=trace, proposal=proposal)
        case PairsSettled(settled):
            return replace(state, proposal=_with(state.proposal, {one.mentee_id: one for one in settled}))
        case RunPublished(_, at):
            return replace(state, state=State.PUBLISHED, published_at=at)
        case _:
            return state


def _proposed(state: Run, found: Found, at: datetime) -> Run:
    return replace(
        state,
        state=State.PROPOSED,
        proposal=found.proposal,
        proposed_at=at,
        certificate=found.certificate,
        shortages=found.shortages,
        relaxations=found.relaxations,
        alternatives=found.alternatives,
        evidence=found.evidence,
    )


def _of_alternative(state: Run, changes: int) -> Proposal | None:
    [chosen] = [one for one in state.alternatives if one.changes == changes]
    assert state.proposal is not None
    return replace(
        state.proposal,
        pairs=chosen.pairs,
        worst=chosen.worst,
        total=chosen.total,
        uncovered=chosen.uncovered,
        size=chosen.covered,
    )


def _wanted(proposal: Proposal | None, mentee_ids: tuple[str, ...] | None) -> Proposal:
    """The proposal of which the pairs of these executives, or all, are to be published."""
    assert proposal is not None
    pairs = []
    for pair in proposal.pairs:
        outcome: Literal["pending", "kept_back"]
        outcome = "pending" if mentee_ids is None or pair.mentee_id in mentee_ids else "kept_back"
        pairs.append(replace(pair, outcome=outcome) if pair.outcome in ("pending", "kept_back") else pair)
    return replace(proposal, pairs=tuple(pairs))


def _with(proposal: Proposal | None, settled: Mapping[str, Settled]) -> Proposal:
    assert proposal is not None
    pairs = (_settled(pair, settled.get(pair.mentee_id)) for pair in proposal.pairs)
    return replace(proposal, pairs=tuple(pairs))


def _settled(pair: ProposedPair, settled: Settled | None) -> ProposedPair:
    if settled is None:
        return pair
    outcome: Literal["published", "conflict", "kept_back"]
    outcome = "published" if settled.pair_id else "conflict" if settled.conflict else "kept_back"
    return replace(pair, outcome=outcome, pair_id=settled.pair_id, conflict=settled.conflict)
