"""Tasks of the solving process: mentors who know TikTok, executives who wish to learn it, and what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from services.matching.domain import run
from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import NO_OVERRIDES, Override, Overrides
from services.matching.domain.people import Mentee, Mentor, Skill, Wish
from services.matching.domain.policy import STANDARD
from services.matching.solving import proposing
from services.matching.solving.tasks import SolveTask

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
German = {"de": 6}


def considered(
    levels: Mapping[str, int], executives: int, *, places: int = 1, **languages: Mapping[str, int]
) -> Inputs:
    """Mentors by what they know of TikTok, and executives e0, e1 … who wish to learn it; some speak other languages."""
    mentors = {
        id: Mentor(id, "north", languages.get(id, German), skills=(Skill("tiktok", level),), capacity=places)
        for id, level in levels.items()
    }
    mentees = {
        id: Mentee(id, "south", languages.get(id, German), wishes=(Wish("tiktok", 1),))
        for id in (f"e{number}" for number in range(executives))
    }
    slots = {id: tuple(range(1, places + 1)) for id in mentors}
    return Inputs(mentors, mentees, {}, {}, slots, frozenset(), own_places=dict.fromkeys(mentors, places))


def task(inputs: Inputs, *overrides: Override, **more: object) -> SolveTask:
    """What a process is asked about them."""
    stated = Overrides("e", overrides) if overrides else NO_OVERRIDES
    return replace(SolveTask("full", STANDARD, stated, seed=0, inputs=inputs), **more)  # type: ignore[arg-type]


def solved(wanted: SolveTask) -> tuple[run.Found, bytes]:
    """What is found; nobody listens to the progress."""
    return proposing.solved(wanted, lambda told: None)


def laid_down(kind: str, mentor_id: str, mentee_id: str) -> Override:
    """Somebody's word about a pair."""
    return Override(f"{kind} {mentor_id}", kind, mentor_id, mentee_id, None, "Because.", "manager", AT)  # type: ignore[arg-type]


def partners(found: run.Found) -> dict[str, str]:
    """Who is proposed for whom."""
    return {pair.mentee_id: pair.mentor_id for pair in found.proposal.pairs}
