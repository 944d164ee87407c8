"""What `applications` tells an applicant and those who decide on waivers, as pages need it; tolerant readers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from services.portal.clients.records import Read, Skill


class RuleChecked(Read):
    """A rule as it was counted for one person; ``values`` are there for her, and for others where a waiver matters."""

    rule: str
    met: bool
    unknown: bool = False
    values: Mapping[str, str | int | None] | None = None


class Eligibility(Read):
    """Whether somebody may apply, rule by rule, and where she stands in the edition."""

    rules: tuple[RuleChecked, ...] = ()
    eligible: bool = False
    standing: str = "in"


class Offer(Read):
    """What an applicant offers: mentor places, platforms with levels, languages, half days, place, video."""

    places: int | None = None
    platforms: tuple[Skill, ...] = ()
    languages: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    place: str = ""
    remote: bool | None = None


class Parts(Read):
    """How far each part of an application is: done, part or open."""

    hr: str = "open"
    platforms: str = "open"
    answers: str = "open"
    availability: str = "open"
    manager: str = "open"


class Withdrawn(Read):
    """When somebody withdrew, and why if she said so."""

    at: datetime
    reason: str | None = None


class WaiverRequest(Read):
    """Why somebody asks for a waiver."""

    reason: str
    requested_at: datetime


class Waiver(Read):
    """What was decided on a rule that is missed, by whom and why."""

    decision: str
    reason: str
    decided_by: str = ""
    decided_at: datetime


class Admission(Read):
    """Until when somebody may still apply after the deadline, and why."""

    until: datetime
    reason: str = ""


class Decision(Read):
    """The outcome that was released; its reason is there where it was a no."""

    decision: str
    reason: str | None = None
    released_at: datetime | None = None


class Application(Read):
    """An application as its applicant sees it, in lists in short, or, with less in it, those responsible."""

    application_id: str
    edition_id: str
    mentor_id: str = ""
    subsidiary: str = ""
    status: str
    started_at: datetime | None = None
    applied_at: datetime | None = None
    changed_at: datetime | None = None
    withdrawn: Withdrawn | None = None
    form_version: int | None = None
    offer: Offer | None = None
    answers: Mapping[str, str] = {}
    manager_informed: bool = False
    parts: Parts = Parts()
    complete: bool = False
    open_until: datetime | None = None
    eligibility: str = "met"
    rules: tuple[RuleChecked, ...] = ()
    standing: str = "in"
    waiver_request: WaiverRequest | None = None
    waiver: Waiver | None = None
    admission: Admission | None = None
    decision: Decision | None = None
    accepted_at: datetime | None = None
    accept_by: date | None = None


class WaiverCase(Read):
    """A request for a waiver, or one that was given without, as those responsible see it."""

    application_id: str
    mentor_id: str
    subsidiary: str = ""
    status: str = ""
    requested_at: datetime | None = None
    reason: str | None = None
    rules: tuple[RuleChecked, ...] = ()
    waiver: Waiver | None = None


class CriterionMean(Read):
    """What the assessors gave for a criterion on average, out of so many levels."""

    criterion_id: str
    title: str | Mapping[str, str] = {}
    mean: float
    levels: int


class Feedback(Read):
    """How an application was assessed, criterion by criterion, over all sheets."""

    criteria: tuple[CriterionMean, ...] = ()
    sheets: int = 0
