"""The route that counts those who can become pairs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.chassis.errors import NotFound
from services.chassis.http import Permitted
from services.chassis.wire import Strict
from services.matching import access
from services.matching.domain.inputs import ALREADY_PAIRED, UNKNOWN, Inputs, inputs
from services.matching.handlers import Handlers


class CandidatesView(Strict):
    """Who could be matched now: mentors with their free places, and obliged executives who have no mentor yet.

    ``without_profile`` of these executives would be matched without wishes, since their profile has not arrived.
    ``unknown`` counts mentors and executives who cannot be matched because the directory has not told of them yet;
    such executives are among ``executives``.
    """

    edition_id: str
    mentors: int
    places: int
    executives: int
    without_profile: int
    unknown: int


def routes(handlers: Handlers) -> APIRouter:
    """The router over candidates."""
    router = APIRouter(prefix="/candidates", tags=["runs"])

    @router.get("")
    async def count_candidates(edition_id: Annotated[str, Query(max_length=100)], permit: Permitted) -> CandidatesView:
        """How many people a run of this edition would go over now."""
        await access.run_edition(permit, handlers.candidates, edition_id, what="edition", id=edition_id)
        if await handlers.candidates.edition(edition_id) is None:
            raise NotFound(f"There is no edition {edition_id}, or its opening has not arrived here yet.")
        return _counted(edition_id, inputs(await handlers.candidates.facts(edition_id)))

    return router


def _counted(edition_id: str, now: Inputs) -> CandidatesView:
    """Counts of those who could be matched now."""
    absent = [reason for reason in now.mentees_out.values() if reason != ALREADY_PAIRED]
    return CandidatesView(
        edition_id=edition_id,
        mentors=len(now.mentors),
        places=sum(mentor.capacity for mentor in now.mentors.values()),
        executives=len(now.mentees) + len(absent),
        without_profile=len(now.without_profile),
        unknown=[*now.mentors_out.values(), *now.mentees_out.values()].count(UNKNOWN),
    )
