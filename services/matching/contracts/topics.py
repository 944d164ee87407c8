"""The topics of `matching`, and those that it reads."""

from __future__ import annotations

from services.chassis import directory
from services.chassis.service import Topic

TOPIC = "tandem.pairs.v1"
APPLICATIONS = "tandem.applications.v1"
PROFILES = "tandem.profiles.v1"
DIRECTORY = directory.TOPIC
ACCESS = "tandem.access.matching.v1"
TOPICS = (Topic(TOPIC, "event"), Topic(ACCESS, "event"))
