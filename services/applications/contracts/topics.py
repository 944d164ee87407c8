"""The topics of `applications`, and those that it reads."""

from __future__ import annotations

from services.chassis.service import Topic

TOPIC = "tandem.applications.v1"
ACCESS = "tandem.access.applications.v1"
PAIRS = "tandem.pairs.v1"
PROFILES = "tandem.profiles.v1"
TOPICS = (Topic(TOPIC, "event"), Topic(ACCESS, "event"))
