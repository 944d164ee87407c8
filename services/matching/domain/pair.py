"""Pairs: a mentor and an executive of an edition, published once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A published pair; ``slot`` is the mentor's place it takes, from 1 to the mentor's capacity.

    While it is ``active``, no other pair of the edition has the same executive or the same slot.
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


@dataclass(frozen=True, slots=True)
class PairMatched:
    """A mentor and an executive became a pair."""

    pair: Pair


Event = PairMatched


def match(state: Pair | None, pair: Pair) -> list[Event]:
    """Make the pair, once."""
    return [] if state else [PairMatched(pair)]


def evolve(state: Pair | None, event: Event) -> Pair:
    """The pair after an event."""
    return event.pair
