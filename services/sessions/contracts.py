"""The wire models of `sessions`: strict on the way out, tolerant on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel

from services.chassis import access
from services.chassis.outbox import Outgoing
from services.chassis.service import Topic
from services.chassis.wire import GivenInstant, Id, Incoming, Instant, Strict
from services.sessions import domain

TOPIC = "tandem.sessions.v1"
PAIRS = "tandem.pairs.v1"
ACCESS = "tandem.access.sessions.v1"
TOPICS = (Topic(TOPIC, "event"), Topic(ACCESS, "event"))


class SessionPlanned(Strict):
    """A pair has a date for a session."""

    session_id: str
    pair_id: str
    edition_id: str
    number: int
    planned_for: Instant
    minutes: int
    planned_at: Instant


class SessionCancelled(Strict):
    """A planned session was given up, by somebody or by the programme, since the pair ended."""

    session_id: str
    pair_id: str
    edition_id: str
    number: int
    cancelled_by: Literal["mentor", "mentee", "programme_manager", "programme"]
    cancelled_at: Instant


class SessionHeld(Strict):
    """A session took place."""

    session_id: str
    pair_id: str
    edition_id: str
    number: int
    held_at: Instant
    minutes: int
    mentor_subsidiary: str
    mentee_subsidiary: str


class PairMatched(Incoming):
    """What `sessions` needs to know of a new pair."""

    pair_id: Id
    edition_id: Id
    mentor_id: Id
    mentee_id: Id
    mentor_subsidiary: Id
    mentee_subsidiary: Id
    matched_at: GivenInstant


class PairEnded(Incoming):
    """What `sessions` needs to know of the end of a pair."""

    pair_id: Id
    ended_at: GivenInstant


PLANNED = "org.tandem.session.planned.v1"
CANCELLED = "org.tandem.session.cancelled.v1"
HELD = "org.tandem.session.held.v1"
MATCHED = "org.tandem.pair.matched.v1"
ENDED = "org.tandem.pair.ended.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    PLANNED: SessionPlanned,
    CANCELLED: SessionCancelled,
    HELD: SessionHeld,
    **access.PUBLISHES,
}
READS: Mapping[str, type[BaseModel]] = {MATCHED: PairMatched, ENDED: PairEnded}


def outgoing(event: domain.Event) -> Outgoing | None:
    """The event as it goes to the topic; that a workspace opens or ends is told by the pair."""
    match event:
        case domain.WorkspaceOpened() | domain.WorkspaceEnded():
            return None
        case domain.SessionPlanned(workspace, session, planned_at):
            planned = SessionPlanned(
                session_id=session.session_id,
                pair_id=workspace.pair_id,
                edition_id=workspace.edition_id,
                number=session.number,
                planned_for=session.planned_for,
                minutes=session.minutes,
                planned_at=planned_at,
            )
            return _of(workspace, PLANNED, planned)
        case domain.SessionCancelled(workspace, session, cancelled_by, cancelled_at):
            cancelled = SessionCancelled.model_validate(
                {
                    "session_id": session.session_id,
                    "pair_id": workspace.pair_id,
                    "edition_id": workspace.edition_id,
                    "number": session.number,
                    "cancelled_by": cancelled_by,
                    "cancelled_at": cancelled_at,
                }
            )
            return _of(workspace, CANCELLED, cancelled)
        case domain.SessionHeld(workspace, session, held_at, minutes):
            held = SessionHeld(
                session_id=session.session_id,
                pair_id=workspace.pair_id,
                edition_id=workspace.edition_id,
                number=session.number,
                held_at=held_at,
                minutes=minutes,
                mentor_subsidiary=workspace.mentor_subsidiary,
                mentee_subsidiary=workspace.mentee_subsidiary,
            )
            return _of(workspace, HELD, held)


def _of(workspace: domain.Workspace, type_: str, data: Strict) -> Outgoing:
    """The attributes repeat what the data name, and nothing else."""
    return Outgoing(
        TOPIC, type_, data, edition=workspace.edition_id, subsidiary=getattr(data, "mentee_subsidiary", None)
    )
