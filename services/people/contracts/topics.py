"""The topics of `people`: three state topics, each with its own readers, and what the audit trail is told."""

from __future__ import annotations

from services.chassis.service import Topic

DIRECTORY_TOPIC = "tandem.directory.v1"
CONTACTS_TOPIC = "tandem.contacts.v1"
PROFILES_TOPIC = "tandem.profiles.v1"
ACCESS_TOPIC = "tandem.access.people.v1"
ACCESS_APPLICATIONS = "tandem.access.applications.v1"
ACCESS_MATCHING = "tandem.access.matching.v1"
ACCESS_NOTIFICATIONS = "tandem.access.notifications.v1"
ACCESS_REPORTING = "tandem.access.reporting.v1"
ACCESS_SESSIONS = "tandem.access.sessions.v1"
ACCESS_LOGS = (
    ACCESS_TOPIC,
    ACCESS_APPLICATIONS,
    ACCESS_MATCHING,
    ACCESS_NOTIFICATIONS,
    ACCESS_REPORTING,
    ACCESS_SESSIONS,
)
TOPICS = (
    *(Topic(name, "state") for name in (DIRECTORY_TOPIC, CONTACTS_TOPIC, PROFILES_TOPIC)),
    Topic(ACCESS_TOPIC, "event"),
)
