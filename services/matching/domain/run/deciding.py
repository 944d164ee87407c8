"""What people decide on a proposal: an alternative, a preview with its vetoes, a review."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.matching.domain.overrides import Overrides
from services.matching.domain.people import PairKey
from services.matching.domain.run.events import AlternativeChosen, Event, RunPreviewed, RunReviewed, VetoRaised
from services.matching.domain.run.refusals import (
    IsTrial,
    NoSuchAlternative,
    NoSuchPair,
    NotChoosable,
    NothingChosen,
    NotPreviewable,
    NotReviewable,
    NotVetoable,
    VetoDaysLeft,
)
from services.matching.domain.run.state import WAITING, Preview, Review, Run, State, Veto

_SATURDAY = 5
_OVER = "The days in which members could object are over; tell the programme office."
_TOO_LATE = {
    State.SUPERSEDED: "Another proposal took the place of this one; nothing comes of this pair. Load your pairs again.",
    State.REJECTED: "This proposal was rejected; nothing comes of this pair.",
}


def days_after(at: datetime, days: int) -> datetime:
    """The instant so many working days later: Monday to Friday in UTC; holidays differ by place, so they count."""
    while days > 0:
        at += timedelta(days=1)
        days -= at.weekday() < _SATURDAY
    return at


def choose(state: Run, changes: int, at: datetime) -> list[Event]:
    """Choose an alternative of a re-match by its number of changes. Raises ``NotChoosable``, ``NoSuchAlternative``."""
    if state.kind != "rematch" or state.state is not State.PROPOSED:
        raise NotChoosable(f"This run is {state.state}; choose in a re-match whose alternatives are there.")
    known = [one.changes for one in state.alternatives]
    if changes not in known:
        told = ", ".join(map(str, known)) or "none"
        raise NoSuchAlternative(f"There is no alternative with {changes} changes; there are {told}.")
    return [] if state.chosen == changes else [AlternativeChosen(state, changes, at)]


def preview(state: Run, shown: Preview) -> list[Event]:
    """Show the pairs to their members. Raises ``IsTrial``, ``NothingChosen``, ``NotPreviewable``."""
    _must_be_meant(state)
    if state.state is not State.PROPOSED:
        raise NotPreviewable(f"The run is {state.state}; a proposal is shown before anybody decides on it.")
    _must_be_chosen(state)
    return [RunPreviewed(state, shown)]


def veto(state: Run, said: Veto, stated: Overrides) -> list[Event]:
    """Object to one's own pair while it is shown; again changes nothing, unless the earlier word was withdrawn.

    Raises ``NotVetoable``, and ``NoSuchPair`` also for a pair that a preview leaves out: nobody learns of it.
    """
    pair, unknown = state.pair_of(said.mentee_id), NoSuchPair(f"There is no run {state.run_id}.")
    if pair is None or state.preview is None or said.by not in (pair.mentor_id, pair.mentee_id):
        raise unknown
    stands = {(one.mentee_id, one.by) for one in standing(state, stated)}
    repeated = any(one.override_id == said.override_id for one in state.vetoes)
    if repeated or (said.mentee_id, said.by) in stands:
        return []
    heard = replace(state, vetoes=(*state.vetoes, said))  # whose conflict stands already where this is tried again
    if said.mentee_id in not_shown(heard, stated):
        raise unknown
    if state.state is not State.PREVIEWED or said.at >= state.preview.until:
        raise NotVetoable(_TOO_LATE.get(state.state, _OVER))
    return [VetoRaised(state, said)]


def standing(state: Run, stated: Overrides) -> tuple[Veto, ...]:
    """The objections that count: those whose conflicts stand.

    Those of before each had a conflict of its own count while one stands about their pair that no other names.
    """
    ids, others = {one.override_id for one in stated.standing}, _conflicts_of_others(state, stated)
    return tuple(
        one
        for one in state.vetoes
        if (one.override_id in ids if one.override_id else (one.mentor_id, one.mentee_id) in others)
    )


def not_shown(state: Run, stated: Overrides) -> frozenset[str]:
    """The executives whose pairs a preview leaves out: ruled out, or objected to otherwise than in this preview."""
    unnamed = {(one.mentor_id, one.mentee_id) for one in state.vetoes if not one.override_id}
    apart = stated.blocked | (_conflicts_of_others(state, stated) - unnamed)
    pairs = state.proposal.pairs if state.proposal else ()
    return frozenset(pair.mentee_id for pair in pairs if (pair.mentor_id, pair.mentee_id) in apart)


def _conflicts_of_others(state: Run, stated: Overrides) -> frozenset[PairKey]:
    """The pairs about which a conflict stands that no objection of this preview names."""
    named = {one.override_id for one in state.vetoes}
    others = [one for one in stated.standing if one.kind == "conflict" and one.override_id not in named]
    return frozenset(one.pair for one in others if one.pair)


def review(state: Run, said: Review) -> list[Event]:
    """Approve or reject a proposal; an approval can be taken back until it is published.

    Raises ``NotReviewable``, ``IsTrial``, ``NothingChosen``, ``VetoDaysLeft``.
    """
    if state.state in WAITING:
        raise NotReviewable("The proposal is being worked out; load the run again in a moment.")
    approving = said.decision == "approved"
    if state.state not in (State.PROPOSED, State.PREVIEWED, *([] if approving else [State.APPROVED])):
        raise NotReviewable(f"The run is {state.state} already.")
    if approving:
        _must_be_meant(state)
        _must_be_chosen(state)
        _must_be_over(state, said.reviewed_at)
    return [RunReviewed(state, said)]


def _must_be_meant(state: Run) -> None:
    if state.trial:
        raise IsTrial("This is a trial; request a run with the policy to have something come of it.")


def _must_be_chosen(state: Run) -> None:
    if state.kind == "rematch" and state.chosen is None:
        raise NothingChosen("Choose one of the alternatives first.")


def _must_be_over(state: Run, at: datetime) -> None:
    if state.preview and at < state.preview.until:
        until = state.preview.until.isoformat(timespec="minutes")
        raise VetoDaysLeft(f"Members may object to their pairs until {until}; approve the proposal after that.")
