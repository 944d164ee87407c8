"""Pairs: a mentor and an executive of an edition, published once and ended once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from services.matching.domain.rules import RuleBroken

Reason = Literal[
    "mentor_left",
    "mentee_left",
    "mentor_withdrawn",
    "mentor_moved_out",
    "mentee_moved_out",
    "mentee_exempted",
    "rematched",
    "by_agreement",
    "other",
]
GivenReason = Literal[
    "mentor_left",
    "mentee_left",
    "mentor_withdrawn",
    "mentor_moved_out",
    "mentee_moved_out",
    "mentee_exempted",
    "by_agreement",
    "other",
]
"""The reasons that people give; a pair gives way to another one by a run alone."""
REASONS: tuple[Reason, ...] = get_args(Reason)
GIVEN: tuple[GivenReason, ...] = get_args(GivenReason)
FOR_GOOD: tuple[Reason, ...] = ("mentor_withdrawn", "by_agreement", "other")
"""The reasons that, given by a person, keep the two from being proposed to one another again."""
SERVICE = "matching"
"""Who ends a pair where nobody asked for it."""


class AlreadyEnded(RuleBroken):
    """The pair has ended before."""

    kind = "pair-ended"


class Unexplained(RuleBroken):
    """A reason that says nothing needs a note."""

    kind = "note-missing"
    status = 422
    field = "/note"


@dataclass(frozen=True, slots=True)
class End:
    """Why a pair ended and when; ``by`` is a person or the service, ``note`` what people wrote, for themselves."""

    reason: Reason
    at: datetime
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A published pair; ``slot`` is the mentor's place it takes, from 1 to the mentor's capacity.

    While it is ``active``, no other pair of the edition has the same executive or the same slot. One that has
    an ``end`` is not active and never will be again; the same two may become another pair.
    """

    pair_id: str
    edition_id: str
    run_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    policy_version: str
    matched_at: datetime
    slot: int
    active: bool = True
    end: End | None = None


@dataclass(frozen=True, slots=True)
class PairMatched:
    """A mentor and an executive became a pair."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class PairEnded:
    """A pair is one no more."""

    pair: Pair
    end: End


Event = PairMatched | PairEnded


def match(state: Pair | None, pair: Pair) -> list[Event]:
    """Make the pair, once."""
    return [] if state else [PairMatched(pair)]


def end(state: Pair, wanted: End) -> list[Event]:
    """End the pair, once: one that has ended stays as it is."""
    return [] if state.end else [PairEnded(state, wanted)]


def end_by_hand(state: Pair, wanted: End) -> list[Event]:
    """End the pair because somebody says so. Raises ``AlreadyEnded``, ``Unexplained``."""
    if state.end:
        raise AlreadyEnded(f"The pair ended on {state.end.at:%Y-%m-%d}: {state.end.reason}.")
    if wanted.reason == "other" and not (wanted.note or "").strip():
        raise Unexplained("Write in the note why the pair ends, or choose another reason.")
    return [PairEnded(state, wanted)]


def evolve(state: Pair | None, event: Event) -> Pair:
    """The pair after an event."""
    match event:
        case PairMatched(pair):
            return pair
        case PairEnded(pair, wanted):
            return replace(state or pair, active=False, end=wanted)
