"""What the board keeps of each source aggregate, and how an event changes it.

The owner of an aggregate judges its rules; the board believes the newest event. It refuses only what it
cannot place. ``as_of`` is the latest instant that an event of the aggregate named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, TypeVar

from services.reporting.domain import events


class RuleBroken(Exception):
    """An event does not fit; ``kind`` is stable, ``detail`` says why."""

    kind = "rule-broken"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Misplaced(RuleBroken):
    """An event came to an aggregate of another kind, or to one that does not exist yet."""

    kind = "misplaced-event"


class Answer(StrEnum):
    """What became of an application."""

    OPEN = "open"
    RESERVED = "reserved"
    SELECTED = "selected"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Duty(StrEnum):
    """Whether an executive takes part; whoever was escalated for want of a mentor does."""

    OBLIGED = "obliged"
    ESCALATED = "escalated"
    EXEMPT = "exempt"
    LEFT = "left"


class Progress(StrEnum):
    """Of one session."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Edition:
    """A year's programme; ``call_closes_at`` is None until its call is open."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    call_closes_at: datetime | None = None
    as_of: datetime | None = None
    kind: Literal["edition"] = "edition"


@dataclass(frozen=True, slots=True)
class Application:
    """An application to be a mentor; ``subsidiary`` is the applicant's."""

    edition_id: str
    subsidiary: str
    answer: Answer
    as_of: datetime | None = None
    kind: Literal["application"] = "application"


@dataclass(frozen=True, slots=True)
class Participation:
    """An executive in an edition's scope; ``subsidiary`` is the executive's."""

    edition_id: str
    mentee_id: str
    subsidiary: str
    duty: Duty
    as_of: datetime | None = None
    kind: Literal["participation"] = "participation"


@dataclass(frozen=True, slots=True)
class Pair:
    """A mentor and an executive; ``ended_at`` is when they ceased to be a pair, None while they are one."""

    pair_id: str
    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    as_of: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One session; the beginnings and the executive's subsidiary are None as long as no event named them."""

    session_id: str
    number: int
    progress: Progress
    planned_for: datetime | None = None
    minutes: int | None = None
    held_at: datetime | None = None
    subsidiary: str | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """The sessions of a pair, in the order in which they were first heard of."""

    pair_id: str
    edition_id: str
    sessions: tuple[Session, ...] = ()
    as_of: datetime | None = None


OfApplications = Edition | Application | Participation
S = TypeVar("S", Edition, Application, Participation)


def evolve_applications(state: OfApplications | None, event: events.OfApplications) -> OfApplications | None:
    """The edition, application or participation after an event; None for an edition or application still in draft.

    Raises ``Misplaced``.
    """
    at = later(state.as_of if state else None, event.at)
    if isinstance(event, events.OfExecutives):
        _expect(state, Participation, event)
        return Participation(event.edition_id, event.mentee_id, event.subsidiary, _DUTIES[type(event)], at)
    if isinstance(event, events.OfApplicants):
        _expect(state, Application, event)
        return Application(event.edition_id, event.subsidiary, _ANSWERS[type(event)], at)
    if isinstance(event, events.WaiverDecided):
        before = _expect(state, Application, event)
        return replace(before, as_of=at) if before else None  # of a draft, which is nobody's business yet
    return _edition(state, event, at)


_DUTIES: dict[type[events.Happened], Duty] = {
    events.MenteeObliged: Duty.OBLIGED,
    events.MenteeExempted: Duty.EXEMPT,
    events.MenteeEscalated: Duty.ESCALATED,
    events.MenteeLeft: Duty.LEFT,
}
_ANSWERS: dict[type[events.Happened], Answer] = {
    events.MentorApplied: Answer.OPEN,
    events.MentorReserved: Answer.RESERVED,
    events.MentorSelected: Answer.SELECTED,
    events.MentorAccepted: Answer.ACCEPTED,
    events.MentorDeclined: Answer.DECLINED,
    events.ApplicationWithdrawn: Answer.WITHDRAWN,
}


def _edition(state: OfApplications | None, event: events.OfEditions, at: datetime | None) -> Edition | None:
    match event:
        case events.CallOpened():
            return replace(_existing(state, Edition, event), call_closes_at=event.closes_at, as_of=at)
        case events.EditionStaged() | events.EditionClosed():
            return replace(_existing(state, Edition, event), as_of=at)
        case events.EditionChanged():
            known = _expect(state, Edition, event)
            subsidiaries = known.subsidiaries if known and event.subsidiaries is None else event.subsidiaries or ()
            return replace(known, subsidiaries=subsidiaries, as_of=at) if known else None
        case events.EditionOpened():
            return _opened(state, event, at)


def _opened(state: OfApplications | None, event: events.EditionOpened, at: datetime | None) -> Edition:
    before = _expect(state, Edition, event)
    closes_at = before.call_closes_at if before else None
    return Edition(event.subject, event.name, event.starts_on, event.ends_on, event.subsidiaries, closes_at, at)


def evolve_pair(state: Pair | None, event: events.OfPairs) -> Pair:
    """The pair after an event; one that ended stays so."""
    ended_at = state.ended_at if state else None
    return Pair(
        event.subject,
        event.edition_id,
        event.mentor_id,
        event.mentee_id,
        event.mentor_subsidiary,
        event.mentee_subsidiary,
        later(state.as_of if state else None, event.at),
        event.ended_at if isinstance(event, events.PairEnded) else ended_at,
    )


def evolve_workspace(state: Workspace | None, event: events.OfSessions) -> Workspace:
    """The workspace after an event; a session that was never heard of before is taken in."""
    before = state or Workspace(event.subject, event.edition_id)
    known = {session.session_id: session for session in before.sessions}
    session = known.get(event.session_id) or Session(event.session_id, event.number, Progress.PLANNED)
    known[event.session_id] = _session(session, event)
    return replace(before, sessions=tuple(known.values()), as_of=later(before.as_of, event.at))


def _session(session: Session, event: events.OfSessions) -> Session:
    match event:
        case events.SessionPlanned():
            planned = Progress.PLANNED
            return replace(session, progress=planned, planned_for=event.planned_for, minutes=event.minutes)
        case events.SessionCancelled():
            return replace(session, progress=Progress.CANCELLED)
        case events.SessionHeld():
            return replace(
                session,
                progress=Progress.HELD,
                held_at=event.held_at,
                minutes=event.minutes,
                subsidiary=event.mentee_subsidiary,
            )


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two instants; one that is not named does not count."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def _expect(state: OfApplications | None, kind: type[S], event: events.Happened) -> S | None:
    if state is None or isinstance(state, kind):
        return state
    raise Misplaced(f"{type(event).__name__} cannot happen to the {state.kind} {event.subject}.")


def _existing(state: OfApplications | None, kind: type[S], event: events.Happened) -> S:
    found = _expect(state, kind, event)
    if found is None:
        raise Misplaced(f"{type(event).__name__} of {event.subject} came before the event that begins it.")
    return found
