"""The wire models of `matching`: strict on the way out, tolerant on the way in."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis import access
from services.matching.contracts import overrides, pairs, policies, runs
from services.matching.contracts.applications import (
    DECLINED,
    EDITION_CHANGED,
    EDITION_CLOSED,
    EDITION_OPENED,
    EXEMPTED,
    FROM_APPLICATIONS,
    LEFT,
    OBLIGED,
    RESERVED,
    SELECTED,
    WITHDRAWN,
    ApplicationWithdrawn,
    EditionChanged,
    EditionClosed,
    EditionOpened,
    MenteeExempted,
    MenteeLeft,
    MenteeObliged,
    MentorDeclined,
    MentorReserved,
    MentorSelected,
)
from services.matching.contracts.overrides import of_overrides
from services.matching.contracts.pairs import ENDED, MATCHED, PairEnded, PairMatched, of_pair
from services.matching.contracts.policies import of_policy
from services.matching.contracts.profiles import OF_PROFILES, PROFILE, PROFILE_UNDATED, Profile
from services.matching.contracts.runs import of_run
from services.matching.contracts.topics import ACCESS, APPLICATIONS, DIRECTORY, PROFILES, TOPIC, TOPICS

__all__ = [
    "ACCESS",
    "APPLICATIONS",
    "DECLINED",
    "DIRECTORY",
    "EDITION_CHANGED",
    "EDITION_CLOSED",
    "EDITION_OPENED",
    "ENDED",
    "EXEMPTED",
    "FROM_APPLICATIONS",
    "LEFT",
    "MATCHED",
    "OBLIGED",
    "OF_PROFILES",
    "PROFILE",
    "PROFILES",
    "PROFILE_UNDATED",
    "PUBLISHES",
    "READS",
    "RESERVED",
    "SELECTED",
    "TOPIC",
    "TOPICS",
    "WITHDRAWN",
    "ApplicationWithdrawn",
    "EditionChanged",
    "EditionClosed",
    "EditionOpened",
    "MenteeExempted",
    "MenteeLeft",
    "MenteeObliged",
    "MentorDeclined",
    "MentorReserved",
    "MentorSelected",
    "PairEnded",
    "PairMatched",
    "Profile",
    "of_overrides",
    "of_pair",
    "of_policy",
    "of_run",
]
PUBLISHES: Mapping[str, type[BaseModel]] = {
    **pairs.PUBLISHES,
    **runs.PUBLISHES,
    **policies.PUBLISHES,
    **overrides.PUBLISHES,
    **access.PUBLISHES,
}
READS: Mapping[str, type[BaseModel]] = {**FROM_APPLICATIONS, **OF_PROFILES}
