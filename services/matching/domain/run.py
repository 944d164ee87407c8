"""Runs: requested, proposed, reviewed by people, published pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.domain.rules import RuleBroken


class RunExists(RuleBroken):
    """The run was requested before."""

    kind = "run-exists"


class NotReviewable(RuleBroken):
    """Only a proposal that was not published yet can be approved or rejected."""

    kind = "run-not-reviewable"


class NotApproved(RuleBroken):
    """Only an approved proposal is published."""

    kind = "run-not-approved"


class State(StrEnum):
    """Of a run; ``rejected`` and ``published`` are final."""

    REQUESTED = "requested"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHING = "publishing"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Review:
    """What was decided on a proposal, by whom."""

    decision: Literal["approved", "rejected"]
    note: str | None
    reviewed_by: str
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to match an edition; an edition has one ``open`` run at a time."""

    run_id: str
    edition_id: str
    requested_by: str
    requested_at: datetime
    state: State = State.REQUESTED
    open: bool = True
    proposal: Proposal | None = None
    proposed_at: datetime | None = None
    review: Review | None = None
    published_by: str | None = None
    published_at: datetime | None = None

    @property
    def pending(self) -> tuple[ProposedPair, ...]:
        """The pairs whose publication is still to be carried out."""
        pairs = self.proposal.pairs if self.proposal else ()
        return tuple(pair for pair in pairs if pair.outcome == "pending")


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one proposed pair: published under ``pair_id``, or a ``conflict`` with its reason."""

    mentee_id: str
    pair_id: str | None = None
    conflict: str | None = None


@dataclass(frozen=True, slots=True)
class RunRequested:
    """Somebody wants an edition matched."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunProposed:
    """The run has its proposal."""

    proposal: Proposal
    at: datetime


@dataclass(frozen=True, slots=True)
class RunReviewed:
    """Somebody approved or rejected the proposal of ``run``."""

    run: Run
    review: Review


@dataclass(frozen=True, slots=True)
class PublicationBegun:
    """Somebody wants the proposal of ``run`` carried out."""

    run: Run
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PairsSettled:
    """Some of the pairs were carried out."""

    settled: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class RunPublished:
    """All pairs of ``run`` were carried out."""

    run: Run
    at: datetime


Event = RunRequested | RunProposed | RunReviewed | PublicationBegun | PairsSettled | RunPublished


def request(state: Run | None, run: Run) -> list[Event]:
    """Ask for a run. Raises ``RunExists``."""
    if state:
        raise RunExists(f"This run is {state.state} already; look at it instead of requesting it again.")
    return [RunRequested(run)]


def propose(state: Run, proposal: Proposal, at: datetime) -> list[Event]:
    """Give a requested run its proposal; a second one, from whoever solved it at the same time, is dropped."""
    return [RunProposed(proposal, at)] if state.state is State.REQUESTED else []


def review(state: Run, said: Review) -> list[Event]:
    """Approve or reject a proposal; an approval can be taken back until it is published. Raises ``NotReviewable``."""
    if state.state is State.PROPOSED or (state.state is State.APPROVED and said.decision == "rejected"):
        return [RunReviewed(state, said)]
    if state.state is State.REQUESTED:
        raise NotReviewable("The proposal is being worked out; load the run again in a moment.")
    raise NotReviewable(f"The run is {state.state} already.")


def publish(state: Run, by: str, at: datetime) -> list[Event]:
    """Have an approved proposal carried out. Raises ``NotApproved``."""
    if state.state in (State.REQUESTED, State.PROPOSED):
        raise NotApproved(f"The run is {state.state}; it is published after somebody has approved its proposal.")
    if state.state is not State.APPROVED:
        raise NotApproved(f"The run is {state.state} already.")
    return [PublicationBegun(state, by, at)]


def settle(state: Run, settled: Iterable[Settled], at: datetime) -> list[Event]:
    """Record what became of pairs; with the last of them the run is published.

    Recording it again changes nothing. A published pair wins over a conflict that another process
    recorded at the same moment, since the pair is there.
    """
    if state.state not in (State.PUBLISHING, State.PUBLISHED):
        return []
    outcomes = {pair.mentee_id: pair.outcome for pair in (state.proposal.pairs if state.proposal else ())}
    news = tuple(one for one in settled if _is_news(outcomes.get(one.mentee_id), one))
    events: list[Event] = [PairsSettled(news)] if news else []
    open_ones = {pair.mentee_id for pair in state.pending} - {one.mentee_id for one in news}
    if state.state is State.PUBLISHING and not open_ones:
        events.append(RunPublished(state, at))
    return events


def _is_news(outcome: str | None, settled: Settled) -> bool:
    return outcome == "pending" or (outcome == "conflict" and settled.pair_id is not None)


def evolve(state: Run | None, event: Event) -> Run:
    """The run after an event."""
    if isinstance(event, RunRequested):
        return event.run
    assert state is not None
    match event:
        case RunProposed(proposal, at):
            return replace(state, state=State.PROPOSED, proposal=proposal, proposed_at=at)
        case RunReviewed(_, said):
            approved = said.decision == "approved"
            return replace(state, state=State(said.decision), open=approved, review=said)
        case PublicationBegun(_, by):
            return replace(state, state=State.PUBLISHING, published_by=by)
        case PairsSettled(settled):
            return replace(state, proposal=_with(state.proposal, {one.mentee_id: one for one in settled}))
        case RunPublished(_, at):
            return replace(state, state=State.PUBLISHED, open=False, published_at=at)


def _with(proposal: Proposal | None, settled: Mapping[str, Settled]) -> Proposal:
    assert proposal is not None
    pairs = (_settled(pair, settled.get(pair.mentee_id)) for pair in proposal.pairs)
    return replace(proposal, pairs=tuple(pairs))


def _settled(pair: ProposedPair, settled: Settled | None) -> ProposedPair:
    if settled is None:
        return pair
    outcome: Literal["published", "conflict"] = "published" if settled.pair_id else "conflict"
    return replace(pair, outcome=outcome, pair_id=settled.pair_id, conflict=settled.conflict)
