"""Tandems of a publication that are kept back: nobody has heard of them, and they can be published too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.portal.clients.matching_records import Report, Run
from services.portal.http.matching_apart import Apart, apart
from services.portal.http.matching_shown import matching
from services.portal.http.page import SignedPage


@dataclass(frozen=True, slots=True)
class Kept:
    """How many tandems of a run are kept back; ``lacking`` are those whose executives have no mentor meanwhile."""

    run_id: str
    count: int
    lacking: int


def last_published(runs: Iterable[Run]) -> Run | None:
    """The run that was published last; of several at one instant the one that was requested last."""
    done = [run for run in runs if run.state == "published" and run.published_at]
    return max(done, key=lambda run: (run.published_at, run.number or 0, run.run_id), default=None)


async def kept_back(page: SignedPage, runs: Iterable[Run]) -> Kept | None:
    """What the last publication kept back; None where that is nothing. Raises ``Refusal``."""
    last = last_published(runs)
    return await kept_in(page, (await matching(page).run(last.run_id)).value) if last else None


async def kept_in(page: SignedPage, one: Report) -> Kept | None:
    """What the publication of this run kept back and can be published still; None where that is nothing."""
    return kept_of(one, await apart(page, one))


def kept_of(one: Report, sides: Apart) -> Kept | None:
    """The same of a run whose tandems were told apart."""
    kept = () if one.draft else sides.others
    return Kept(one.run_id, len(kept), sum(pair.ends is None for pair in kept)) if kept else None
