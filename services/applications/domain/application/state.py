"""One person's application in one edition: what it holds, and who may know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from services.applications.domain.eligibility import RuleChecked

Status = Literal["draft", "applied", "selected", "reserved", "declined", "accepted", "withdrawn"]
Eligibility = Literal["met", "waived", "unmet"]
Standing = Literal["in", "left", "moved_out", "executive"]
Verdict = Literal["selected", "reserved", "declined"]
SENT: frozenset[Status] = frozenset({"applied", "selected", "reserved", "accepted"})  # handed in, and still standing
WATCHED: frozenset[Status] = SENT | {"draft"}  # counted anew when something is learnt of the person


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that an applicant knows: level 0 (not at all) to 4 (expert)."""

    platform: str
    level: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What an applicant offers as a mentor.

    ``places`` is the number of executives, 1 to 3, None while it is not said; ``languages`` are BCP 47 tags,
    ``availability`` half days such as ``mon_am``; ``remote`` whether sessions may be held by video, None: not said.
    """

    places: int | None = None
    platforms: tuple[Platform, ...] = ()
    languages: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    place: str = ""
    remote: bool | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What an applicant says: the offer, the answers by question to a version of the form, the manager informed."""

    offer: Offer | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    form_version: int = 0
    manager_informed: bool = False


@dataclass(frozen=True, slots=True)
class WaiverRequest:
    """Why an applicant asks that a missed rule be waived."""

    reason: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Waiver:
    """What was decided on missed rules, why and by whom; ``rules`` are the kinds of rule that it is about."""

    decision: Literal["granted", "refused"]
    reason: str
    decided_by: str
    decided_at: datetime
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """Until when, that instant excluded, somebody may apply after the deadline, and who allowed it why."""

    until: datetime
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """The last day on which somebody may accept a place, and who allowed it why."""

    until: date
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When an applicant withdrew, and why if they said so."""

    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A word on an application; ``released_at`` and who released it are None while nobody was told.

    ``reason`` may be missing from what was decided before each decision needed one.
    """

    decision: Verdict
    reason: str | None
    decided_by: str
    decided_at: datetime
    released_at: datetime | None = None
    released_by: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One person's application in one edition.

    ``pending`` is what was decided but not released, of which the applicant must not learn; ``decision`` the last
    released word; ``moved_up`` says that the place was offered to somebody of the reserve list.
    ``first_applied_at`` stays through withdrawals, ``applied_at`` is of what stands.
    ``judges`` are all who ever decided or released anything on it, which only grows.
    ``shown`` counts what the applicant can see change, and is the applicant's ETag; ``told_changes`` counts what those
    responsible can, and is theirs: nobody learns from it when a draft is written.
    """

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str
    status: Status
    started_at: datetime
    changed_at: datetime
    standing: Standing
    eligibility: Eligibility
    rules: tuple[RuleChecked, ...]
    shown: int = 1
    offer: Offer | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    form_version: int = 0
    manager_informed: bool = False
    applied_at: datetime | None = None
    first_applied_at: datetime | None = None
    withdrawn: Withdrawal | None = None
    waiver_request: WaiverRequest | None = None
    waiver: Waiver | None = None
    admission: Admission | None = None
    pending: Decision | None = None
    decision: Decision | None = None
    accepted_at: datetime | None = None
    extension: Extension | None = None
    moved_up: bool = False
    judges: tuple[str, ...] = ()
    told_changes: int = 1

    @property
    def content(self) -> Content:
        """What the applicant says."""
        return Content(self.offer, self.answers, self.form_version, self.manager_informed)

    @property
    def sent(self) -> bool:
        """Whether it was handed in and stands: neither declined nor withdrawn."""
        return self.status in SENT

    @property
    def told(self) -> bool:
        """Whether those responsible know of it: handed in at some time, or asked or allowed for as a draft."""
        handed_in = self.applied_at is not None and self.status != "draft"
        return handed_in or bool(self.waiver_request or self.waiver or self.admission)

    @property
    def told_at(self) -> tuple[datetime, ...]:
        """When those responsible learnt of something, in order; at least once where it is ``told``."""
        handed_in = (self.applied_at,) if self.status != "draft" else ()
        asked = self.waiver_request and self.waiver_request.requested_at
        allowed = (self.waiver and self.waiver.decided_at, self.admission and self.admission.at)
        left = self.withdrawn and self.withdrawn.at
        return tuple(sorted(at for at in (*handed_in, asked, *allowed, left) if at))

    @property
    def open_to_others(self) -> bool:
        """Whether those responsible and assessors may read what the applicant says."""
        return self.status not in {"draft", "withdrawn"}

    @property
    def missed(self) -> tuple[str, ...]:
        """The kinds of rule that are not met."""
        return tuple(checked.rule for checked in self.rules if not checked.met)


def eligibility_of(rules: tuple[RuleChecked, ...], waiver: Waiver | None) -> Eligibility:
    """Whether every rule is met, or each missed one is among those of a granted waiver."""
    missed = {checked.rule for checked in rules if not checked.met}
    if not missed:
        return "met"
    return "waived" if waiver and waiver.decision == "granted" and missed <= set(waiver.rules) else "unmet"
