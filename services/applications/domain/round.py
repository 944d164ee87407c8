"""Rounds of assessment: sheets are assigned, filled in blind to one another, and seen by nobody before the close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.applications.domain.rules import RuleBroken

State = Literal["assigning", "open", "closing", "closed"]
Cause = Literal["complete", "closed_early"]
LEAST = 2  # independent opinions on an application that nobody has assessed yet


class RoundExists(RuleBroken):
    """The round was opened before."""

    kind = "round-exists"


class RoundNotOpen(RuleBroken):
    """Sheets are written, handed in and closed while their round is open."""

    kind = "round-not-open"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of an edition; ``applications`` None are all that can be selected.

    ``seed`` decides the lots of the assignment and stays here: whoever knew it could tell applicants by the ids
    of sheets. ``reason`` says why it was opened, if
    anybody said so; ``closing_reason`` None stands for one that ended because everything was in. While ``unfinished``
    it is the only one of its edition.
    """

    round_id: str
    edition_id: str
    number: int
    state: State
    per_application: int
    due_at: datetime | None
    assessors: tuple[str, ...]
    applications: tuple[str, ...] | None
    seed: str
    opened_by: str
    opened_at: datetime
    reason: str | None = None
    unfinished: bool = True
    short: tuple[str, ...] = ()
    cause: Cause | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closing_reason: str | None = None


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """Somebody opened a round; its sheets are still to be made."""

    round_id: str
    edition_id: str
    number: int
    per_application: int
    due_at: datetime | None
    assessors: tuple[str, ...]
    applications: tuple[str, ...] | None
    seed: str
    opened_by: str
    opened_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SheetsAssigned:
    """All sheets of a round are made, so that they can be filled in; ``short`` are applications that lack some."""

    round_id: str
    edition_id: str
    number: int
    applications: int
    sheets: int
    assessors: tuple[str, ...]
    due_at: datetime | None
    assigned_at: datetime
    short: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShortageFound:
    """For these applications there was no further independent assessor."""

    short: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosingBegun:
    """Nothing can be written to the round's sheets any more."""

    cause: Cause
    by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RoundClosed:
    """The scores of the round can be seen."""

    round_id: str
    edition_id: str
    number: int
    cause: Cause
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class RoundWithdrawn:
    """The edition had moved on when the round was opened: it has no sheets, and nobody is told of it."""

    at: datetime


Event = RoundOpened | SheetsAssigned | ShortageFound | ClosingBegun | RoundClosed | RoundWithdrawn


def open_round(state: Round | None, opened: RoundOpened) -> list[Event]:
    """Open a round. Raises ``RoundExists``."""
    return open_again(state) if state else [opened]


def open_again(state: Round) -> list[Event]:
    """A round is opened once. Raises ``RoundExists``."""
    raise RoundExists(f"This round was opened at {state.opened_at:%Y-%m-%d %H:%M} UTC.")


def assigned(
    state: Round, *, applications: int, sheets: int, assessors: Sequence[str], short: Sequence[str], at: datetime
) -> list[Event]:
    """Open the sheets of a round for writing, once all are there; doing it again changes nothing."""
    if state.state != "assigning":
        return []
    about = (state.round_id, state.edition_id, state.number)
    return [SheetsAssigned(*about, applications, sheets, tuple(assessors), state.due_at, at, tuple(short))]


def shortage(state: Round, short: Sequence[str]) -> list[Event]:
    """Note which applications lack independent assessors; the same ones again change nothing."""
    if state.state != "open" or state.short == tuple(short):
        return []
    return [ShortageFound(tuple(short))]


def complete(state: Round) -> list[Event]:
    """Begin to close a round in which everything is in; one that is not open is left as it is."""
    return [ClosingBegun("complete", None, None)] if state.state == "open" else []


def close_early(state: Round, *, by: str, reason: str) -> list[Event]:
    """Begin to close a round whatever is missing. Raises ``RoundNotOpen``."""
    if state.state != "open":
        raise RoundNotOpen(_TOLD[state.state])
    return [ClosingBegun("closed_early", by, reason)]


def close(state: Round, *, at: datetime) -> list[Event]:
    """Close a round that is closing, once none of its sheets is open; doing it again changes nothing."""
    if state.state != "closing" or state.cause is None:
        return []
    return [RoundClosed(state.round_id, state.edition_id, state.number, state.cause, closed_at=at)]


def withdraw(state: Round, *, at: datetime) -> list[Event]:
    """Take back a round that got no sheets yet; one that did is left as it is."""
    return [RoundWithdrawn(at)] if state.state == "assigning" else []


def must_be_open(state: Round) -> None:
    """Let pass while sheets may be written. Raises ``RoundNotOpen``."""
    if state.state != "open":
        raise RoundNotOpen(_TOLD[state.state])


def evolve(state: Round | None, event: Event) -> Round:
    """The round after an event."""
    if isinstance(event, RoundOpened):
        return Round(
            event.round_id,
            event.edition_id,
            event.number,
            state="assigning",
            per_application=event.per_application,
            due_at=event.due_at,
            assessors=event.assessors,
            applications=event.applications,
            seed=event.seed,
            opened_by=event.opened_by,
            opened_at=event.opened_at,
            reason=event.reason,
        )
    assert state is not None
    match event:
        case SheetsAssigned():
            return replace(state, state="open", short=event.short)
        case ShortageFound():
            return replace(state, short=event.short)
        case ClosingBegun():
            return replace(state, state="closing", cause=event.cause, closed_by=event.by, closing_reason=event.reason)
        case RoundClosed():
            return replace(state, state="closed", closed_at=event.closed_at, unfinished=False)
        case RoundWithdrawn(at=at):
            return replace(state, state="closed", closed_at=at, unfinished=False, closing_reason=_MOVED_ON)


_MOVED_ON = "The edition had moved on before any sheet was assigned."
_TOLD = {
    "assigning": "The sheets of this round are being assigned; try again in a moment.",
    "open": "This round is open.",
    "closing": "This round is being closed; nothing of it changes any more.",
    "closed": "This round is closed; nothing of it changes any more.",
}
