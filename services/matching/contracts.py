"""The wire models of `matching`: strict on the way out, tolerant on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from services.chassis import directory
from services.chassis.outbox import Outgoing
from services.chassis.service import Topic
from services.chassis.wire import Id, Incoming, Instant, Strict
from services.matching.domain import pair, run, scoring

TOPIC = "tandem.pairs.v1"
APPLICATIONS = "tandem.applications.v1"
PROFILES = "tandem.profiles.v1"
DIRECTORY = directory.TOPIC
TOPICS = (Topic(TOPIC, "event"),)


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


class EditionOpened(Incoming):
    """What `matching` needs to know of an edition."""

    ends_on: date


class MentorSelected(Incoming):
    """An applicant can be matched."""

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
EDITION_OPENED = "org.tandem.edition.opened.v1"
SELECTED = "org.tandem.mentor.selected.v1"
OBLIGED = "org.tandem.mentee.obliged.v1"
EXEMPTED = "org.tandem.mentee.exempted.v1"
PROFILE = "org.tandem.profiles.person.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {MATCHED: PairMatched}
FROM_APPLICATIONS: Mapping[str, type[BaseModel]] = {
    EDITION_OPENED: EditionOpened,
    SELECTED: MentorSelected,
    OBLIGED: MenteeObliged,
    EXEMPTED: MenteeExempted,
}
READS: Mapping[str, type[BaseModel]] = {**FROM_APPLICATIONS, PROFILE: Profile}


def of_run(event: run.Event) -> None:
    """Runs are nobody else's business: what comes of them is told by the pairs."""


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
