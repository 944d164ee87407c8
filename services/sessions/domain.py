"""The workspace of a pair: sessions are planned, cancelled and held, until the pair ends.

Pure; time and ids come in as arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MINUTES = range(5, 241)  # how long a session may last
AFTERWARDS = timedelta(days=14)  # how long after its end a pair may record a session that took place before
PROGRAMME = "programme"  # who cancels the sessions of a pair that has ended


class RuleBroken(Exception):
    """A rule of the programme says no; ``kind`` is stable, ``detail`` says what to do."""

    kind = "rule-broken"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NoSuchSession(RuleBroken):
    """The pair has no session of this id."""

    kind = "not-found"


class NotPlanned(RuleBroken):
    """Only a planned session can be cancelled or held."""

    kind = "session-not-planned"


class NotYet(RuleBroken):
    """A session is held when it is over, not before."""

    kind = "session-not-over"


class BeforeThePair(RuleBroken):
    """A session is held after the pair was matched."""

    kind = "session-before-pair"


class InThePast(RuleBroken):
    """A session is planned for a time to come."""

    kind = "session-in-the-past"


class Overlaps(RuleBroken):
    """The pair has another session at that time."""

    kind = "session-overlaps"


class PairEnded(RuleBroken):
    """The pair has ended, so it has no sessions to come."""

    kind = "pair-ended"


class State(StrEnum):
    """Of one session."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a pair; ``planned_for`` is its beginning, ``held_at`` the beginning it really had."""

    session_id: str
    number: int
    planned_for: datetime
    minutes: int
    state: State = State.PLANNED
    held_at: datetime | None = None
    cancelled_by: str | None = None

    @property
    def begins(self) -> datetime:
        """When it began, or is to begin."""
        return self.held_at or self.planned_for


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a pair has in common; ``ended_at`` is when it ended, None while it goes on."""

    pair_id: str
    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    matched_at: datetime
    sessions: tuple[Session, ...] = ()
    ended_at: datetime | None = None

    @property
    def vain(self) -> tuple[Session, ...]:
        """The sessions that are still planned for a time after the end of the pair."""
        if self.ended_at is None:
            return ()
        return tuple(one for one in self.sessions if one.state is State.PLANNED and one.planned_for > self.ended_at)


@dataclass(frozen=True, slots=True)
class WorkspaceOpened:
    """The pair was matched, so it has a workspace."""

    workspace: Workspace


@dataclass(frozen=True, slots=True)
class WorkspaceEnded:
    """The pair ended, so nothing new begins in its workspace."""

    workspace: Workspace
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class SessionPlanned:
    """The pair has a date."""

    workspace: Workspace
    session: Session
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    """The date was given up."""

    workspace: Workspace
    session: Session
    cancelled_by: str
    cancelled_at: datetime


@dataclass(frozen=True, slots=True)
class SessionHeld:
    """The session took place."""

    workspace: Workspace
    session: Session
    held_at: datetime
    minutes: int


Event = WorkspaceOpened | WorkspaceEnded | SessionPlanned | SessionCancelled | SessionHeld


def open_workspace(state: Workspace | None, workspace: Workspace) -> list[Event]:
    """A matched pair gets its workspace once."""
    return [] if state else [WorkspaceOpened(workspace)]


def end(state: Workspace | None, *, ended_at: datetime) -> list[Event]:
    """The pair ended; once, and never where it has no workspace."""
    return [WorkspaceEnded(state, ended_at)] if state and state.ended_at is None else []


def give_up(state: Workspace | None, *, now: datetime, most: int) -> list[Event]:
    """Cancel sessions that were planned for after the end of the pair, so many at a time."""
    vain = state.vain[:most] if state else ()
    return [SessionCancelled(state, session, PROGRAMME, now) for session in vain if state]


def plan(state: Workspace, *, session_id: str, planned_for: datetime, minutes: int, now: datetime) -> list[Event]:
    """Plan a session; the same id again changes nothing. Raises ``PairEnded``, ``InThePast``, ``Overlaps``."""
    if any(session.session_id == session_id for session in state.sessions):
        return []
    if state.ended_at:
        raise PairEnded(f"The pair ended at {_when(state.ended_at)}; it has no more sessions.")
    if planned_for <= now:
        raise InThePast("Choose a time to come; a session that took place is planned first and then held.")
    session = Session(session_id, len(state.sessions) + 1, planned_for, minutes)
    _must_be_free(state, session, State.PLANNED)
    return [SessionPlanned(state, session, now)]


def cancel(state: Workspace, *, session_id: str, cancelled_by: str, now: datetime) -> list[Event]:
    """Cancel a planned session. Raises ``NoSuchSession``, ``NotPlanned``."""
    return [SessionCancelled(state, _planned(state, session_id), cancelled_by, now)]


def hold(state: Workspace, *, session_id: str, held_at: datetime, minutes: int, now: datetime) -> list[Event]:
    """Record that a planned session took place.

    After the end of the pair one that began before it, for two weeks.
    Raises ``NoSuchSession``, ``NotPlanned``, ``PairEnded``, ``NotYet``, ``BeforeThePair``, ``Overlaps``.
    """
    session = _planned(state, session_id)
    _must_not_be_over(state, held_at, now)
    if held_at + timedelta(minutes=minutes) > now:
        raise NotYet("Record the session when it is over; check its beginning and its minutes.")
    if held_at < state.matched_at:
        raise BeforeThePair(f"The pair was matched at {_when(state.matched_at)}; check the beginning of the session.")
    _must_be_free(state, replace(session, held_at=held_at, minutes=minutes), State.HELD)
    return [SessionHeld(state, session, held_at, minutes)]


def evolve(state: Workspace | None, event: Event) -> Workspace:
    """The workspace after an event."""
    match event:
        case WorkspaceOpened(workspace):
            return workspace
        case WorkspaceEnded(workspace, ended_at):
            return replace(state or workspace, ended_at=ended_at)
        case SessionPlanned(workspace, session):
            return replace(state or workspace, sessions=(*workspace.sessions, session))
        case SessionCancelled(workspace, session, cancelled_by):
            return _with(state or workspace, replace(session, state=State.CANCELLED, cancelled_by=cancelled_by))
        case SessionHeld(workspace, session, held_at, minutes):
            return _with(state or workspace, replace(session, state=State.HELD, held_at=held_at, minutes=minutes))


def role_of(workspace: Workspace, actor: str | None) -> str:
    """What somebody is to this pair; whoever belongs to neither side acts for the programme."""
    sides = {workspace.mentor_id: "mentor", workspace.mentee_id: "mentee"}
    return sides.get(actor or "", "programme_manager")


def _planned(state: Workspace, session_id: str) -> Session:
    session = next((one for one in state.sessions if one.session_id == session_id), None)
    if session is None:
        raise NoSuchSession(f"This pair has no session {session_id}.")
    if session.state is not State.PLANNED:
        raise NotPlanned(f"Session {session.number} is {session.state} already.")
    return session


def _must_not_be_over(state: Workspace, held_at: datetime, now: datetime) -> None:
    """A pair that has ended may still record what it held before, for a while."""
    if state.ended_at is None:
        return
    if held_at > state.ended_at:
        raise PairEnded(f"The pair ended at {_when(state.ended_at)}; record a session only if it began before that.")
    if now > state.ended_at + AFTERWARDS:
        detail = f"The pair ended at {_when(state.ended_at)}; its sessions could be recorded for two weeks."
        raise PairEnded(detail)


def _with(state: Workspace, session: Session) -> Workspace:
    sessions: Sequence[Session] = [session if one.session_id == session.session_id else one for one in state.sessions]
    return replace(state, sessions=tuple(sessions))


def _must_be_free(state: Workspace, session: Session, among: State) -> None:
    """Nobody is in two sessions at a time."""
    for other in state.sessions:
        if other.state is among and _overlap(session, other):
            raise Overlaps(f"Session {other.number} is at {_when(other.begins)}; choose another time.")


def _overlap(one: Session, other: Session) -> bool:
    first, second = sorted((one, other), key=lambda session: session.begins)
    return second.begins - first.begins < timedelta(minutes=first.minutes)


def _when(instant: datetime) -> str:
    return instant.isoformat(sep=" ", timespec="minutes")
