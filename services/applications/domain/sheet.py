"""Sheets: what one assessor thinks of one application, written against the rubric and seen by nobody else until then.

A sheet is decided upon by its own state alone, so that a score that comes while its round closes
is either counted or refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.applications.domain.rules import RuleBroken

State = Literal["open", "locked", "conflicted", "missed", "void"]


class SheetNotOpen(RuleBroken):
    """The sheet was handed in, given back or closed; it does not change any more."""

    kind = "sheet-not-open"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One assessor's sheet on one application; ``scores`` are levels from 1, by criterion."""

    sheet_id: str
    round_id: str
    edition_id: str
    application_id: str
    mentor_id: str
    assessor_id: str
    state: State
    scores: Mapping[str, int]
    comment: str | None = None
    saved_at: datetime | None = None
    locked_at: datetime | None = None
    conflict_reason: str | None = None


@dataclass(frozen=True, slots=True)
class SheetMade:
    """An assessor got a sheet to fill in."""

    sheet_id: str
    round_id: str
    edition_id: str
    application_id: str
    mentor_id: str
    assessor_id: str


@dataclass(frozen=True, slots=True)
class SheetSaved:
    """The assessor wrote on the sheet."""

    sheet_id: str
    round_id: str
    edition_id: str
    scores: Mapping[str, int]
    comment: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetLocked:
    """The sheet counts and does not change any more: handed in, or complete when its round was closed."""

    sheet_id: str
    round_id: str
    edition_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConflictDeclared:
    """The assessor is not free in judging this application and gave the sheet back."""

    sheet_id: str
    round_id: str
    edition_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetMissed:
    """The round was closed before the sheet was complete; it does not count."""


@dataclass(frozen=True, slots=True)
class SheetVoided:
    """The sheet is needed no more: its application was withdrawn, or its assessor may not assess it any longer."""


Event = SheetMade | SheetSaved | SheetLocked | ConflictDeclared | SheetMissed | SheetVoided


def make(state: Sheet | None, made: SheetMade) -> list[Event]:
    """Give an assessor a sheet; doing it again changes nothing."""
    return [] if state else [made]


def save(state: Sheet, scores: Mapping[str, int], comment: str | None, *, at: datetime) -> list[Event]:
    """Write scores, perhaps not all yet, and a comment; the same ones again change nothing. Raises ``SheetNotOpen``."""
    _must_be_open(state)
    if dict(state.scores) == dict(scores) and state.comment == comment:
        return []
    return [SheetSaved(state.sheet_id, state.round_id, state.edition_id, dict(scores), comment, at)]


def lock(state: Sheet, *, at: datetime) -> list[Event]:
    """Hand in a sheet that the caller knows to be complete; once more changes nothing. Raises ``SheetNotOpen``."""
    if state.state == "locked":
        return []
    _must_be_open(state)
    return [SheetLocked(state.sheet_id, state.round_id, state.edition_id, at)]


def declare_conflict(state: Sheet, reason: str, *, at: datetime) -> list[Event]:
    """Give a sheet back. Raises ``SheetNotOpen``."""
    _must_be_open(state)
    return [ConflictDeclared(state.sheet_id, state.round_id, state.edition_id, reason, at)]


def settle(state: Sheet, criteria: Collection[str], *, at: datetime) -> list[Event]:
    """Close a sheet with its round: a complete one is locked, one that is not is missed; others stay as they are."""
    if state.state != "open":
        return []
    if missing(state, criteria):
        return [SheetMissed()]
    return [SheetLocked(state.sheet_id, state.round_id, state.edition_id, at)]


def void(state: Sheet) -> list[Event]:
    """Take a sheet back that is not needed any more; one that is not open stays as it is."""
    return [SheetVoided()] if state.state == "open" else []


def missing(state: Sheet, criteria: Collection[str]) -> list[str]:
    """The criteria without a score, in their order; none of them means that the sheet is complete."""
    return [criterion for criterion in criteria if criterion not in state.scores]


def _must_be_open(state: Sheet) -> None:
    if state.state != "open":
        raise SheetNotOpen(_TOLD[state.state])


def evolve(state: Sheet | None, event: Event) -> Sheet:
    """The sheet after an event; one that was given back keeps nothing of what was judged."""
    if isinstance(event, SheetMade):
        about = (event.sheet_id, event.round_id, event.edition_id, event.application_id)
        return Sheet(*about, event.mentor_id, event.assessor_id, state="open", scores={})
    assert state is not None
    match event:
        case SheetSaved():
            return replace(state, scores=event.scores, comment=event.comment, saved_at=event.at)
        case SheetLocked():
            return replace(state, state="locked", locked_at=event.at)
        case ConflictDeclared():
            return replace(state, state="conflicted", scores={}, comment=None, conflict_reason=event.reason)
        case SheetMissed():
            return replace(state, state="missed")
        case SheetVoided():
            return replace(state, state="void")


_TOLD = {
    "locked": "This sheet was handed in and does not change any more.",
    "conflicted": "You gave this sheet back because of a conflict of interest.",
    "missed": "The round was closed before this sheet was complete.",
    "void": "This sheet is not needed any more.",
}
