"""What the other services say happened, as far as the board needs it.

``subject`` is the id of the aggregate it happened to, ``at`` the instant the event names, if it names one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What all events have in common."""

    subject: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionOpened(Happened):
    """A year's programme began to take shape in these subsidiaries."""

    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionChanged(Happened):
    """People changed an edition, or it took companies in; ``subsidiaries`` are named where they changed."""

    subsidiaries: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStaged(Happened):
    """People moved an edition on; the board does not show the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionClosed(Happened):
    """People closed an edition; its board stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOpened(Happened):
    """Mentors may apply to the edition until ``closes_at``."""

    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorApplied(Happened):
    """A young employee applied to be a mentor."""

    edition_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverDecided(Happened):
    """Whether an applicant may miss a rule; the board does not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorSelected(Happened):
    """The applicant becomes a mentor."""

    edition_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorDeclined(Happened):
    """The applicant does not become a mentor."""

    edition_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorReserved(Happened):
    """The applicant may become a mentor if somebody else does not."""

    edition_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorAccepted(Happened):
    """The selected applicant said yes."""

    edition_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn(Happened):
    """The applicant does not want to become a mentor any more."""

    edition_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenteeObliged(Happened):
    """An executive is in the edition's scope and takes part."""

    edition_id: str
    mentee_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenteeExempted(Happened):
    """An executive in scope need not take part."""

    edition_id: str
    mentee_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenteeEscalated(Happened):
    """Somebody is to see to an executive who has no mentor; taking part goes on."""

    edition_id: str
    mentee_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenteeLeft(Happened):
    """An executive is not in the edition's scope any more."""

    edition_id: str
    mentee_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMatched(Happened):
    """A mentor and an executive became a pair."""

    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEnded(Happened):
    """A pair is one no more."""

    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlanned(Happened):
    """A pair has a date; ``minutes`` is how long it means to meet."""

    edition_id: str
    session_id: str
    number: int
    planned_for: datetime
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCancelled(Happened):
    """A pair gave a date up."""

    edition_id: str
    session_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionHeld(Happened):
    """A pair met for ``minutes``."""

    edition_id: str
    session_id: str
    number: int
    held_at: datetime
    minutes: int
    mentee_subsidiary: str


OfEditions = EditionOpened | EditionChanged | EditionStaged | EditionClosed | CallOpened
OfApplicants = MentorApplied | MentorSelected | MentorReserved | MentorAccepted | MentorDeclined | ApplicationWithdrawn
OfExecutives = MenteeObliged | MenteeExempted | MenteeEscalated | MenteeLeft
OfApplications = OfEditions | OfApplicants | WaiverDecided | OfExecutives
OfSessions = SessionPlanned | SessionCancelled | SessionHeld
OfPairs = PairMatched | PairEnded
Event = OfApplications | OfPairs | OfSessions
