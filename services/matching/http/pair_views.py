"""What `matching` is told and answers about published pairs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.chassis.http import Body
from services.chassis.wire import Instant, Strict, Text
from services.matching.domain import pair


class EndPair(Body):
    """Why a pair ends; ``other`` needs a note. The note stays in the service, for those responsible."""

    reason: pair.GivenReason
    note: Annotated[Text, Field(max_length=1000)] | None = None


class EndView(Strict):
    """When a pair ended; why, what was noted and who ended it is null for those who may not see it.

    ``by`` is the id of a person or of a program, or ``matching`` where the service ended it because of what became of
    one of the two.
    """

    ended_at: Instant
    reason: pair.Reason | None
    note: str | None
    by: str | None


class PairView(Strict):
    """A published pair; ``slot`` is the mentor's place it takes, or took until it ended."""

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
    ended: EndView | None


def of_pair(state: pair.Pair, *, why: bool) -> PairView:
    """A published pair; ``why`` tells whether the reader may see why it ended."""
    return PairView(
        pair_id=state.pair_id,
        edition_id=state.edition_id,
        run_id=state.run_id,
        mentor_id=state.mentor_id,
        mentee_id=state.mentee_id,
        mentor_subsidiary=state.mentor_subsidiary,
        mentee_subsidiary=state.mentee_subsidiary,
        policy_version=state.policy_version,
        matched_at=state.matched_at,
        slot=state.slot,
        active=state.active,
        ended=_end(state.end, why=why) if state.end else None,
    )


def _end(end: pair.End, *, why: bool) -> EndView:
    if not why:
        return EndView(ended_at=end.at, reason=None, note=None, by=None)
    return EndView(ended_at=end.at, reason=end.reason, note=end.note, by=end.by)
