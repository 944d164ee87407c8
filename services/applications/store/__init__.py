"""The documents of `applications`: its aggregates, and its copies of two state topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.applications.store import applications, editions, participations, selection
from services.applications.store.applications import (
    APPLICATIONS,
    PROFILES,
    Watched,
    applied_by,
    asking_waivers,
    group_wide,
    handed_in,
    moved_out_of,
    number_prepared,
    prepared,
    profiles,
    watched_of,
)
from services.applications.store.counting import count_by_status
from services.applications.store.editions import EDITIONS
from services.applications.store.judges import Judges
from services.applications.store.participations import (
    PARTICIPATIONS,
    active,
    count_by_company,
    persons,
    roll,
    running_editions,
    waiting_timers,
)
from services.applications.store.selection import (
    ROUNDS,
    SHEETS,
    applicants_among,
    assessed_by,
    assigned_in,
    candidates_in,
    conflicted_in,
    conflicts_with,
    count_by_assessor,
    counting,
    gone_in,
    named,
    own_sheet,
    rounds_of,
    running_rounds,
    scored,
    sent_in,
    sheet_ids,
    sheets_where,
    took_part,
)
from services.chassis import access, directory, timers
from services.chassis.service import Index

__all__ = [
    "AGGREGATES",
    "APPLICATIONS",
    "EDITIONS",
    "INDEXES",
    "PARTICIPATIONS",
    "PROFILES",
    "ROUNDS",
    "SHEETS",
    "Judges",
    "Watched",
    "active",
    "applicants_among",
    "applied_by",
    "asking_waivers",
    "assessed_by",
    "assigned_in",
    "candidates_in",
    "conflicted_in",
    "conflicts_with",
    "count_by_assessor",
    "count_by_company",
    "count_by_status",
    "counting",
    "gone_in",
    "group_wide",
    "handed_in",
    "moved_out_of",
    "named",
    "number_prepared",
    "own_sheet",
    "persons",
    "prepared",
    "profiles",
    "roll",
    "rounds_of",
    "running_editions",
    "running_rounds",
    "scored",
    "sent_in",
    "sheet_ids",
    "sheets_where",
    "took_part",
    "waiting_timers",
    "watched_of",
]
AGGREGATES = (
    EDITIONS.collection,
    APPLICATIONS.collection,
    ROUNDS.collection,
    SHEETS.collection,
    PARTICIPATIONS.collection,
    access.COLLECTION,
)
INDEXES: Mapping[str, Sequence[Index]] = {
    EDITIONS.collection: editions.INDEXES,
    APPLICATIONS.collection: applications.INDEXES,
    PARTICIPATIONS.collection: participations.INDEXES,
    ROUNDS.collection: selection.ROUND_INDEXES,
    SHEETS.collection: selection.SHEET_INDEXES,
    directory.COLLECTION: directory.INDEXES,
    timers.COLLECTION: participations.TIMER_INDEXES,
}
