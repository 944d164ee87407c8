"""What `matching` reads of editions, applications and participations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from services.chassis.wire import Id, Incoming


class EditionOpened(Incoming):
    """What `matching` needs to know of an edition."""

    ends_on: date
    subsidiaries: tuple[Id, ...] = ()
    group_wide: bool | None = None


class EditionClosed(Incoming):
    """People closed an edition; nobody is matched in it any more."""


class EditionChanged(Incoming):
    """Something about an edition changed; its companies are named where a group-wide one took some in."""

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
    """An executive is not to be matched; why is not asked, only whether that has a last day."""

    edition_id: Id
    mentee_id: Id
    until: date | None = None


class MenteeLeft(Incoming):
    """An executive is not in scope any more; why is not asked."""

    edition_id: Id
    mentee_id: Id


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
