"""The documents of `matching`: its aggregates, and what is known of those who can become pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.chassis import access
from services.chassis.service import Index
from services.matching.projections import CANDIDATES
from services.matching.store import candidates, pairs, policies, run_chunks, runs
from services.matching.store.candidates import PROFILES, Candidates, profiles
from services.matching.store.overrides import OVERRIDES
from services.matching.store.overrides import version as overrides_version
from services.matching.store.pairs import PAIRS, is_paired
from services.matching.store.policies import POLICIES, newest_version
from services.matching.store.run_chunks import CERTIFICATE, PEOPLE, RunChunks
from services.matching.store.run_work import Claim, ClaimLost, Progress, Work, progress_of
from services.matching.store.runs import (
    RUNS,
    busy_run,
    drafts,
    due_runs,
    next_number,
    objections,
    of_which,
    previewed,
    shown_to,
)
from services.matching.store.standing import Standings

__all__ = [
    "AGGREGATES",
    "CERTIFICATE",
    "INDEXES",
    "OVERRIDES",
    "PAIRS",
    "PEOPLE",
    "POLICIES",
    "PROFILES",
    "RUNS",
    "Candidates",
    "Claim",
    "ClaimLost",
    "Progress",
    "RunChunks",
    "Standings",
    "Work",
    "busy_run",
    "drafts",
    "due_runs",
    "is_paired",
    "newest_version",
    "next_number",
    "objections",
    "of_which",
    "overrides_version",
    "previewed",
    "profiles",
    "progress_of",
    "shown_to",
]
AGGREGATES = (RUNS.collection, PAIRS.collection, POLICIES.collection, OVERRIDES.collection, access.COLLECTION)
INDEXES: Mapping[str, Sequence[Index]] = {
    RUNS.collection: runs.INDEXES,
    run_chunks.CHUNKS: run_chunks.INDEXES,
    PAIRS.collection: pairs.INDEXES,
    POLICIES.collection: policies.INDEXES,
    CANDIDATES.collection: candidates.INDEXES,
}
