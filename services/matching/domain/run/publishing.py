"""A proposal carried out: all of it or some pairs, pair by pair, and what becomes of the other drafts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from services.matching.domain.run.deciding import review
from services.matching.domain.run.events import (
    Event,
    PairsSettled,
    PublicationBegun,
    RunPublished,
    RunSuperseded,
    evolve,
)
from services.matching.domain.run.going_along import Places, going_along
from services.matching.domain.run.refusals import NeedsOthers, NotApproved, NotInProposal
from services.matching.domain.run.state import DRAFTS, WAITING, Review, Run, Settled, State


def publish(
    state: Run,
    by: str,
    at: datetime,
    mentee_ids: Iterable[str] | None = None,
    *,
    traceparent: str | None = None,
    places: Places | None = None,
    approval: Review | None = None,
) -> list[Event]:
    """Have an approved proposal carried out, or what was kept back of a published one; None is all of it.

    ``places`` are those of this moment, in a re-match: who needs one that another pair of the run holds takes that
    one along. ``approval`` is one by the same command, where nobody has approved yet: it holds if all is well only.
    Raises ``NotApproved``, ``NotInProposal``, ``NeedsOthers``, and what ``review`` raises.
    """
    if approval and state.state in (State.PROPOSED, State.PREVIEWED):
        approved = review(state, approval)
        later = reduce(evolve, approved, state)
        return [*approved, *publish(later, by, at, mentee_ids, traceparent=traceparent, places=places)]
    if state.state in WAITING or state.state in (State.PROPOSED, State.PREVIEWED):
        raise NotApproved(f"The run is {state.state}; it is published after somebody has approved its proposal.")
    open_ones = _publishable(state)
    named = None if mentee_ids is None else tuple(sorted(set(mentee_ids)))
    if named is not None and not set(named) <= open_ones:
        strange = ", ".join(sorted(set(named) - open_ones)[:5])
        raise NotInProposal(f"The proposal has no pair to be published for {strange}.")
    open_pairs = (*state.pending, *state.kept_back)
    if named is not None and places is not None and (others := going_along(open_pairs, named, places)):
        raise NeedsOthers(others)
    return [PublicationBegun(state, by, at, named, traceparent)]


def _publishable(state: Run) -> set[str]:
    """The executives whose pairs can be published now. Raises ``NotApproved``."""
    if state.state is State.APPROVED:
        return {pair.mentee_id for pair in state.pending}
    if state.state is State.PUBLISHED and state.kept_back:
        return {pair.mentee_id for pair in state.kept_back}
    raise NotApproved(f"The run is {state.state} already.")


def settle(state: Run, settled: Iterable[Settled], at: datetime) -> list[Event]:
    """Record what became of pairs; with the last of them the run is published.

    Recording it again changes nothing. A published pair wins over what another process recorded of it
    at the same moment, since the pair is there.
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


def withdraw_preview(state: Run, by: Run, at: datetime) -> list[Event]:
    """Show a draft to its members no more, since another one is shown to them that was shown no earlier."""
    if state.state is not State.PREVIEWED or state.run_id == by.run_id or by.state is not State.PREVIEWED:
        return []
    earlier = state.preview and by.preview and state.preview.at <= by.preview.at
    return [RunSuperseded(state, by.run_id, at)] if earlier else []


def supersede(state: Run, by_run: str, at: datetime) -> list[Event]:
    """Put a draft aside, since another run of the edition is published; trials and all others stay what they are."""
    aside = state.state in DRAFTS and not state.trial and state.run_id != by_run
    return [RunSuperseded(state, by_run, at)] if aside else []


def _is_news(outcome: str | None, settled: Settled) -> bool:
    return outcome == "pending" or (outcome in ("conflict", "kept_back") and settled.pair_id is not None)
