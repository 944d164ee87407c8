"""The wire models of `matching`: strict on the way out, tolerant on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.chassis import access, directory
from services.chassis.outbox import Outgoing
from services.chassis.service import Topic
from services.chassis.wire import Id, Incoming, Instant, Strict
from services.matching.domain import pair, run, scoring

TOPIC = "tandem.pairs.v1"
APPLICATIONS = "tandem.applications.v1"
PROFILES = "tandem.profiles.v1"
DIRECTORY = directory.TOPIC
ACCESS = "tandem.access.matching.v1"
TOPICS = (Topic(TOPIC, "event"), Topic(ACCESS, "event"))


class PairMatched(Strict):
    """A mentor and an executive became a pair of the edition."""

    pair_id: str
    edition_id: str
    run_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    policy_version: str
    matched_at: Instant


class RunRequested(Strict):
    """Somebody asked for an edition to be matched."""

    run_id: str
    edition_id: str
    at: Instant


class RunReviewed(Strict):
    """Somebody approved or rejected a proposal; the note stays in the run."""

    run_id: str
    edition_id: str
    decision: Literal["approved", "rejected"]
    at: Instant


class PublicationBegun(Strict):
    """Somebody asked for an approved proposal to be carried out."""

    run_id: str
    edition_id: str
    at: Instant


class RunPublished(Strict):
    """All pairs of a run were carried out."""

    run_id: str
    edition_id: str
    at: Instant


class EditionOpened(Incoming):
    """What `matching` needs to know of an edition."""

    ends_on: date
    subsidiaries: tuple[Id, ...] = ()


class EditionClosed(Incoming):
    """People closed an edition; nobody is matched in it any more."""


class EditionChanged(Incoming):
    """Something about an edition changed; its companies are named where they did."""

    subsidiaries: tuple[Id, ...] | None = None


class MentorSelected(Incoming):
    """An applicant can be matched."""

    edition_id: Id
    mentor_id: Id


class MentorReserved(Incoming):
    """An applicant is on the reserve list, so not to be matched."""

    edition_id: Id
    mentor_id: Id


class MentorDeclined(Incoming):
    """An applicant is not to be matched."""

    edition_id: Id
    mentor_id: Id


class ApplicationWithdrawn(Incoming):
    """An applicant withdrew, perhaps after being selected."""

    edition_id: Id
    mentor_id: Id


class MenteeObliged(Incoming):
    """An executive is to be matched."""

    edition_id: Id
    mentee_id: Id


class MenteeExempted(Incoming):
    """An executive is not to be matched; why is not asked."""

    edition_id: Id
    mentee_id: Id


class MenteeLeft(Incoming):
    """An executive is not in scope any more; why is not asked."""

    edition_id: Id
    mentee_id: Id


class Skill(Incoming):
    """A platform and how well it is known."""

    platform: str
    level: Annotated[int, Field(ge=0, le=scoring.HIGHEST_LEVEL)]


class Wish(Incoming):
    """A platform and how much it matters."""

    platform: str
    priority: Annotated[int, Field(ge=1, le=scoring.LOWEST_PRIORITY)]


class Profile(Incoming):
    """What a pair's points are counted from, and how many mentees a mentor takes."""

    person_id: Id
    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    languages: tuple[str, ...]
    place: str = ""
    capacity: Annotated[int, Field(ge=0, le=3)]


MATCHED = "org.tandem.pair.matched.v1"
RUN_REQUESTED = "org.tandem.run.requested.v1"
RUN_REVIEWED = "org.tandem.run.reviewed.v1"
PUBLICATION_BEGUN = "org.tandem.publication.begun.v1"
RUN_PUBLISHED = "org.tandem.run.published.v1"
EDITION_OPENED = "org.tandem.edition.opened.v1"
EDITION_CHANGED = "org.tandem.edition.changed.v1"
EDITION_CLOSED = "org.tandem.edition.closed.v1"
SELECTED = "org.tandem.mentor.selected.v1"
RESERVED = "org.tandem.mentor.reserved.v1"
DECLINED = "org.tandem.mentor.declined.v1"
WITHDRAWN = "org.tandem.application.withdrawn.v1"
OBLIGED = "org.tandem.mentee.obliged.v1"
EXEMPTED = "org.tandem.mentee.exempted.v1"
LEFT = "org.tandem.mentee.left.v1"
PROFILE = "org.tandem.profiles.person.v1"
PROFILE_UNDATED = "org.tandem.profiles.person.v2"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    MATCHED: PairMatched,
    RUN_REQUESTED: RunRequested,
    RUN_REVIEWED: RunReviewed,
    PUBLICATION_BEGUN: PublicationBegun,
    RUN_PUBLISHED: RunPublished,
    **access.PUBLISHES,
}
FROM_APPLICATIONS: Mapping[str, type[BaseModel]] = {
    EDITION_OPENED: EditionOpened,
    EDITION_CHANGED: EditionChanged,
    EDITION_CLOSED: EditionClosed,
    SELECTED: MentorSelected,
    RESERVED: MentorReserved,
    DECLINED: MentorDeclined,
    WITHDRAWN: ApplicationWithdrawn,
    OBLIGED: MenteeObliged,
    EXEMPTED: MenteeExempted,
    LEFT: MenteeLeft,
}
OF_PROFILES: Mapping[str, type[BaseModel]] = {PROFILE: Profile, PROFILE_UNDATED: Profile}
READS: Mapping[str, type[BaseModel]] = {**FROM_APPLICATIONS, **OF_PROFILES}


def of_run(event: run.Event) -> Outgoing | None:
    """What people do with a run, for the audit trail; what comes of it is told by the pairs."""
    match event:
        case run.RunRequested(one):
            return _of_run(one, RUN_REQUESTED, RunRequested(**_named(one), at=one.requested_at))
        case run.RunReviewed(one, said):
            reviewed = RunReviewed(**_named(one), decision=said.decision, at=said.reviewed_at)
            return _of_run(one, RUN_REVIEWED, reviewed)
        case run.PublicationBegun(one, _, at):
            return _of_run(one, PUBLICATION_BEGUN, PublicationBegun(**_named(one), at=at))
        case run.RunPublished(one, at):
            return _of_run(one, RUN_PUBLISHED, RunPublished(**_named(one), at=at))
        case run.RunProposed() | run.PairsSettled():
            return None


def _named(one: run.Run) -> dict[str, str]:
    return {"run_id": one.run_id, "edition_id": one.edition_id}


def _of_run(one: run.Run, type_: str, data: Strict) -> Outgoing:
    return Outgoing(ACCESS, type_, data, edition=one.edition_id)


def of_pair(event: pair.Event) -> Outgoing:
    """A new pair as it goes to the topic: without points, wishes or skills."""
    made = event.pair
    matched = PairMatched(
        pair_id=made.pair_id,
        edition_id=made.edition_id,
        run_id=made.run_id,
        mentor_id=made.mentor_id,
        mentee_id=made.mentee_id,
        mentor_subsidiary=made.mentor_subsidiary,
        mentee_subsidiary=made.mentee_subsidiary,
        policy_version=made.policy_version,
        matched_at=made.matched_at,
    )
    return Outgoing(TOPIC, MATCHED, matched, edition=made.edition_id, subsidiary=made.mentee_subsidiary)
