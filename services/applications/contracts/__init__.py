"""The wire models of `applications`: strict on the way out, tolerant on the way in."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.applications.contracts import applications, editions, participations, personal, selection
from services.applications.contracts.applications import of_application
from services.applications.contracts.editions import of_edition
from services.applications.contracts.participations import FROM_PAIRS, PairEnded, PairMatched, of_participation
from services.applications.contracts.personal import PROFILE, PROFILE_UNDATED, Profile
from services.applications.contracts.selection import of_round, of_sheet
from services.applications.contracts.topics import ACCESS, PAIRS, PROFILES, TOPIC, TOPICS
from services.chassis import access

__all__ = [
    "ACCESS",
    "FROM_PAIRS",
    "PAIRS",
    "PROFILE",
    "PROFILES",
    "PROFILE_UNDATED",
    "PUBLISHES",
    "READS",
    "TOPIC",
    "TOPICS",
    "PairEnded",
    "PairMatched",
    "Profile",
    "of_application",
    "of_edition",
    "of_participation",
    "of_round",
    "of_sheet",
]
PUBLISHES: Mapping[str, type[BaseModel]] = {
    **editions.PUBLISHES,
    **applications.PUBLISHES,
    **selection.PUBLISHES,
    **participations.PUBLISHES,
    **access.PUBLISHES,
}
READS: Mapping[str, type[BaseModel]] = {**personal.READS, **FROM_PAIRS}
