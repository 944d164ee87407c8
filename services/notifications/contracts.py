"""The wire models of `notifications`: tolerant on the way in; what it mails is nobody else's business."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis import access, directory
from services.chassis.service import Topic
from services.chassis.wire import GivenInstant, Id, Incoming

PAIRS = "tandem.pairs.v1"
CONTACTS = "tandem.contacts.v1"
DIRECTORY = directory.TOPIC
ACCESS = "tandem.access.notifications.v1"
TOPICS = (Topic(ACCESS, "event"),)


class PairMatched(Incoming):
    """Two people whom to write to, each about the other."""

    pair_id: Id
    edition_id: Id
    mentor_id: Id
    mentee_id: Id
    matched_at: GivenInstant


class PairEnded(Incoming):
    """Two people who are a pair no more; why is not asked."""

    pair_id: Id


class Contact(Incoming):
    """How a person is called and where they get mail, if anywhere."""

    person_id: Id
    name: str
    email: str | None = None


MATCHED = "org.tandem.pair.matched.v1"
ENDED = "org.tandem.pair.ended.v1"
CONTACT = "org.tandem.contacts.person.v1"
CONTACT_UNREACHED = "org.tandem.contacts.person.v2"
PUBLISHES: Mapping[str, type[BaseModel]] = {**access.PUBLISHES}
FROM_PAIRS: Mapping[str, type[BaseModel]] = {MATCHED: PairMatched, ENDED: PairEnded}
OF_CONTACTS: Mapping[str, type[BaseModel]] = {CONTACT: Contact, CONTACT_UNREACHED: Contact}
READS: Mapping[str, type[BaseModel]] = {**FROM_PAIRS, **OF_CONTACTS}
